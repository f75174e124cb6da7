/* What all listings share: search, order, page. */
#pragma once

#include "contract.h"
#include "iam/iam.h"

struct listing_request {
    int64_t page; /* from 1 */
    int64_t size;
    const char *q;           /* NULL: all */
    struct string_list sort; /* "field:asc" */
};

/* The columns that the store shows, in their order. */
struct listing_column {
    const char *name; /* as a sort key */
    bool searched;    /* by q */
};

enum { LISTING_MAX_SORTS = 8 };

struct listing {
    const struct listing_request *request;
    const struct listing_column *columns;
    size_t n_columns;
    struct arena *arena;
    struct {
        size_t column;
        bool descending;
    } sorts[LISTING_MAX_SORTS];
    size_t n_sorts;
    struct listing_row **rows;
    size_t count;
    size_t capacity;
};

/* What a listing found: the keys on the page, and how many there are on all. */
struct listing_result {
    const int64_t *pks;
    size_t count;
    int64_t total;
};

/* 0, or IAM_INVALID_SORT for a sort that is no "field:direction" of a known field. All that is
 * given lives as long as the listing; what it makes lies in the arena. */
int listing_init(struct listing *listing, const struct listing_request *request,
                 const struct listing_column *columns, size_t n_columns, struct arena *arena);

/* A store_visit: takes the row when it matches. `cls` is the listing. */
int listing_visit(void *cls, int64_t pk, const char *const *columns);

/* Orders what was taken and cuts the page out; rows that compare equal stay in the store's order.
 * 0 or -ENOMEM. */
int listing_finish(struct listing *listing, struct listing_result *ret_result);

/* Whether all words of q occur in the texts together, in any ASCII case; NULL texts are skipped. A
 * q that is NULL, empty or "*" matches everything, one without words nothing. */
bool listing_matches(const char *q, const char *const *texts, size_t n_texts);
