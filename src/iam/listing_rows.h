/* A look at the rows of a listing: which columns they have, and how long it may take. */
#pragma once

#include "iam/iam.h"
#include "util/budget.h"

/* The columns that the store shows, in their order. */
struct listing_column {
    const char *name;          /* as a field of filters, and a sort key */
    bool searched;             /* by q */
    bool any_case;             /* whether filters compare it without ASCII case */
    bool no_sort;              /* no sort key */
    const char *const *values; /* all that it can be, ends with NULL; NULL: any text */
};

struct listing_rows {
    const struct listing_column *columns;
    size_t n_columns;
    struct arena *arena;
    struct budget regex_budget;
    size_t n_visited;
    int64_t deadline;            /* in microseconds; set when the first row is visited */
    const char **reterr_problem; /* what is wrong with the filters, or that it took too long */
};

/* All that is given lives as long as the search. */
void listing_rows_init(struct listing_rows *rows, const struct listing_column *columns,
                       size_t n_columns, struct arena *arena, const char **reterr_problem);

/* To be called for each row: looks at the clock for some of them only, since most are cheap. 0, or
 * as search_check_time. */
int listing_rows_visit(struct listing_rows *rows);

/* A search with hostile words or expressions over many rows is given up after two seconds, since
 * others wait: 0, or IAM_INVALID_FILTER and a sentence in *reterr_problem. */
int listing_rows_check_time(const struct listing_rows *rows);

/* Whether a row matches q, by the columns that are searched. */
bool listing_rows_match(const struct listing_rows *rows, const char *q, const char *const *row);

/* Whether all words of q occur in the texts together, in any ASCII case; NULL texts are skipped. A
 * q that is NULL, empty or "*" matches everything, one without words nothing. */
bool listing_rows_match_words(const char *q, const char *const *texts, size_t n_texts);
