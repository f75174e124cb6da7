/* What listings of SCIM share: filter, order and page. */
#pragma once

#include "api/scim_answer.h"
#include "scim/scim_filter.h"

struct scim_query {
    struct string_list attributes;
    struct string_list excluded;
    const char *filter;     /* or NULL */
    const char *sort_by;    /* or NULL */
    const char *sort_order; /* or NULL */
    int64_t start_index;
    int64_t count;
};

/* What a listing asks for, of the query of its contract input. */
#define SCIM_QUERY(in)                                                                             \
    {                                                                                              \
        .attributes = (in).attributes, .excluded = (in).excluded_attributes,                       \
        .filter = (in).filter, .sort_by = (in).sort_by, .sort_order = (in).sort_order,             \
        .start_index = (in).start_index, .count = (in).count                                       \
    }

/* Reads a query from the body. Returns 0, EXCHANGE_ANSWERED or <0. */
int scim_query_read(struct exchange *exchange, struct scim_query *ret_query);

struct scim_row;

struct scim_place {
    cJSON *resource; /* (owned) NULL: not found yet */
};

struct scim_listing {
    struct exchange *exchange;
    const struct scim_resource_type *type;
    const struct scim_query *query;
    const struct scim_filter *filter; /* NULL: all */
    const char *key;                  /* the only name that can match; NULL: any */
    struct scim_path sort;            /* without an attribute: no order */
    struct budget budget;
    int64_t first, end; /* the page, counted from 0 */
    int64_t total;
    struct scim_row *rows; /* all that match, when there is an order, and then those of the page */
    size_t n_rows, capacity;
    struct scim_place *page; /* (owned) */
    size_t n_page;
    bool collects; /* the rows are known; now collect the page */
};

/* `name` is the attribute that identifies a resource for people. Returns 0, EXCHANGE_ANSWERED or
 * <0. The listing needs scim_listing_deinit in each case. */
int scim_listing_init(struct scim_listing *listing, struct exchange *exchange,
                      const struct scim_resource_type *type, const char *name,
                      const struct scim_query *query);
void scim_listing_deinit(struct scim_listing *listing);

/* Shows the listing all resources, in the order of the store: first their names, and each that it
 * wants as a tree, whose root it may take over. Returns 0, IAM_REFUSED when the filter takes too
 * long, or <0. */
bool scim_listing_wants(struct scim_listing *listing, const char *name);
int scim_listing_take(struct scim_listing *listing, const char *name, struct scim_tree *tree);

/* Whether the listing must see all resources once more. */
bool scim_listing_goes_on(struct scim_listing *listing);

/* Answers after the last look. `r` is what it has returned. */
int scim_listing_answer(struct scim_listing *listing, int r);
