/* What all listings share: search, filters, order, page. */
#pragma once

#include "contract/contract.h"
#include "iam/iam.h"
#include "util/budget.h"

struct filter;

struct listing_request {
    int64_t page; /* from 1 */
    int64_t size;
    const char *q;                  /* NULL: all */
    struct string_list sort;        /* "field:asc" */
    struct name_value_list filters; /* see iam/filter.h */
};

/* The columns that the store shows, in their order. */
struct listing_column {
    const char *name;          /* as a field of filters, and a sort key */
    bool searched;             /* by q */
    bool any_case;             /* whether filters compare it without ASCII case */
    bool no_sort;              /* no sort key */
    const char *const *values; /* all that it can be, ends with NULL; NULL: any text */
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
    const struct filter *filter; /* NULL: none */
    struct budget regex_budget;
    size_t n_visited;
    int64_t deadline;         /* in microseconds; set when the first row is visited */
    const char **ret_problem; /* what is wrong with the filters */
    size_t n_used; /* columns, from the first, that it looks at; it needs to be shown no more */
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

/* Adds the filter `field` EQUALS `value` to the request, for a parameter of its own that says the
 * same; NULL adds none. 0 or -ENOMEM. */
int listing_request_filter(struct listing_request *request, const char *field, const char *value,
                           struct arena *arena);

/* 0; IAM_INVALID_SORT for a sort that is no "field:direction" of a known field; IAM_INVALID_FILTER
 * and a sentence in *ret_problem; -ENOMEM. All that is given lives as long as the listing; what it
 * makes lies in the arena. */
int listing_init(struct listing *listing, const struct listing_request *request,
                 const struct listing_column *columns, size_t n_columns, struct arena *arena,
                 const char **ret_problem);

/* A search with hostile words or expressions over many rows is given up after two seconds, for
 * others wait: 0, or IAM_INVALID_FILTER and a sentence in *listing->ret_problem. */
int listing_check_time(const struct listing *listing);

/* A store_visit: takes the row when it matches. `cls` is the listing. IAM_INVALID_FILTER ends it
 * when the filters take too long. */
int listing_visit(void *cls, int64_t pk, const char *const *columns);

/* Orders what was taken and cuts the page out; rows that compare equal stay in the store's order.
 * 0 or -ENOMEM. */
int listing_finish(struct listing *listing, struct listing_result *ret_result);

/* Whether a row matches q, by the columns that are searched. */
bool listing_search(const struct listing *listing, const char *q, const char *const *columns);

/* Whether all words of q occur in the texts together, in any ASCII case; NULL texts are skipped. A
 * q that is NULL, empty or "*" matches everything, one without words nothing. */
bool listing_matches(const char *q, const char *const *texts, size_t n_texts);
