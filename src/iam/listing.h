/* What all listings share: search, filters, order, page. */
#pragma once

#include "contract/contract.h"
#include "iam/filter.h"

struct listing_request {
    int64_t page; /* from 1 */
    int64_t size;
    const char *q;                  /* NULL: all */
    struct string_list sort;        /* "field:asc" */
    struct name_value_list filters; /* see iam/filter.h */
};

enum { LISTING_MAX_SORTS = 8 };

struct listing {
    const struct listing_request *request;
    struct listing_rows rows;
    struct {
        size_t column;
        bool descending;
    } sorts[LISTING_MAX_SORTS];
    size_t n_sorts;
    const struct filter *filter; /* NULL: none */
    size_t n_used; /* columns, from the first, that it looks at; it needs to be shown no more */
    struct listing_row **taken;
    size_t count;
    size_t capacity;
};

/* What a listing found: the keys on the page, and how many there are on all. */
struct listing_result {
    const int64_t *pks;
    size_t count;
    int64_t total;
};

/* Adds the filter `field` EQUALS `value` to the request, for a parameter of its own that says the
 * same; NULL adds none. 0 or -ENOMEM. */
int listing_request_filter(struct listing_request *request, const char *field, const char *value,
                           struct arena *arena);

/* 0; IAM_INVALID_SORT for a sort that is no "field:direction" of a known field; IAM_INVALID_FILTER
 * and a sentence in *reterr_problem; -ENOMEM. All that is given lives as long as the listing; what
 * it makes lies in the arena. */
int listing_init(struct listing *listing, const struct listing_request *request,
                 const struct listing_column *columns, size_t n_columns, struct arena *arena,
                 const char **reterr_problem);

/* A store_visit: takes the row when it matches. `cls` is the listing. IAM_INVALID_FILTER ends it
 * when the filters take too long. */
int listing_visit(void *cls, int64_t pk, const char *const *columns);

/* Orders what was taken and cuts the page out; rows that compare equal stay in the store's order.
 * 0 or -ENOMEM. */
int listing_finish(struct listing *listing, struct listing_result *ret_result);
