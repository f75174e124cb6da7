/* What all listings share: search, filters, sorting and paging. */
#pragma once

#include "contract/contract.h"
#include "iam/filter.h"

struct listing_request {
    int64_t page; /* starts at 1 */
    int64_t size;
    const char *q;                  /* NULL: no search */
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
    size_t n_used;               /* number of leading columns that the listing needs to see */
    bool texts_stay;             /* what it sees outlives it, so that it need not copy anything */
    size_t start, end;           /* the page, counted from 0 */
    size_t total;                /* rows that matched so far */
    struct listing_row **kept;   /* those that may be on the page */
    size_t n_kept;
    size_t capacity;
};

/* The keys of the rows on the page, and the number of rows on all pages. */
struct listing_result {
    const int64_t *pks;
    size_t count;
    int64_t total;
};

/* Whether it searches, filters or sorts. */
bool listing_request_searches(const struct listing_request *request);

/* Adds the filter `field` EQUALS `value` to the request, for a query parameter that means the same.
 * NULL adds no filter. Returns 0 or -ENOMEM. */
int listing_request_filter(struct listing_request *request, const char *field, const char *value,
                           struct arena *arena);

/* Returns 0; IAM_INVALID_SORT when a sort is not "field:direction" or the field is unknown;
 * IAM_INVALID_FILTER and a sentence in *reterr_problem; or -ENOMEM. The arguments must outlive the
 * listing, whose memory comes from the arena. */
int listing_init(struct listing *listing, const struct listing_request *request,
                 const struct listing_column *columns, size_t n_columns, struct arena *arena,
                 const char **reterr_problem);

/* A store_visit that takes the row when it matches. `cls` is the listing. Returns
 * IAM_INVALID_FILTER when the filters take too long. */
int listing_visit(void *cls, int64_t pk, const char *const *columns);

/* Takes a row that matches. Without an order, rows come in the order of their keys. Returns 0 or
 * -ENOMEM. */
int listing_take(struct listing *listing, int64_t pk, const char *const *columns);

/* Whether the next `count` rows that match can only count, because they would not be on the page.
 * No key among theirs is below `first_pk`, and no first sort key before `best`. */
bool listing_skips(const struct listing *listing, size_t count, const char *best, int64_t first_pk);
void listing_count(struct listing *listing, size_t count);

/* Sorts the rows and cuts out the page. Rows that compare equal have the order of their keys.
 * Returns 0 or -ENOMEM. */
int listing_finish(struct listing *listing, struct listing_result *ret_result);

/* Visits rows of the store by ascending keys, from those after a key on, as its scans do. */
typedef int (*listing_scan)(struct store *store, const void *cls, int64_t after, size_t n_columns,
                            store_visit visit, void *visit_cls);

/* Shows the listing what `scan` visits, and finishes it. It has the store's lock, which this takes,
 * for some rows at a time: what is written meanwhile may be missing, but no row is there twice.
 * Returns as listing_visit. */
int listing_run(struct listing *listing, struct store *store, listing_scan scan, const void *cls,
                struct listing_result *ret_result);
