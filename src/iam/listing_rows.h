/* The rows of a listing: their columns, and a limit on the time that a search may take. */
#pragma once

#include "iam/iam.h"
#include "util/budget.h"

/* Describes a column, in the order of the store's columns. */
struct listing_column {
    const char *name;          /* for filters and as a sort key */
    bool searched;             /* whether q searches it */
    bool any_case;             /* whether filters ignore ASCII case */
    bool no_sort;              /* whether it cannot be a sort key */
    const char *const *values; /* all possible values, ending with NULL; NULL: any text */
};

struct listing_rows {
    const struct listing_column *columns;
    size_t n_columns;
    struct arena *arena;
    struct budget regex_budget;
    size_t n_visited;
    int64_t deadline;            /* of timestamp_thread_us; set at the first row */
    const char **reterr_problem; /* what is wrong with the filters, or that the search took too
                                  * long */
};

/* The arguments must outlive the rows. */
void listing_rows_init(struct listing_rows *rows, const struct listing_column *columns,
                       size_t n_columns, struct arena *arena, const char **reterr_problem);

/* Call this for each row. It checks the time at only some of them, since most rows are cheap.
 * Returns as listing_rows_check_time. */
int listing_rows_visit(struct listing_rows *rows);

/* Gives up a search that has had a processor for two seconds: hostile words or expressions over
 * many rows take long. Returns 0, or IAM_INVALID_FILTER and a sentence in *reterr_problem. */
int listing_rows_check_time(const struct listing_rows *rows);

/* Whether q matches the searched columns of a row. */
bool listing_rows_match(const struct listing_rows *rows, const char *q, const char *const *row);

/* Whether each word of q occurs in one of the texts, ignoring ASCII case. Skips texts that are
 * NULL. A q that is NULL, empty or "*" matches everything; a q without words matches nothing. */
bool listing_rows_match_words(const char *q, const char *const *texts, size_t n_texts);

/* Moves *q to its next word, and returns the length of that, or 0 at the end. */
size_t listing_rows_next_word(const char **q);

/* Whether q matches everything. */
bool listing_rows_match_all(const char *q);
