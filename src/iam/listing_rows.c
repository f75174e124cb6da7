#include "iam/listing_rows.h"

#include <string.h>

#include "util/text_search.h"
#include "util/timestamp.h"

enum { SEARCH_TIME_US = 2000000, ROWS_PER_LOOK = 64 };

void listing_rows_init(struct listing_rows *rows, const struct listing_column *columns,
                       size_t n_columns, struct arena *arena, const char **reterr_problem) {
    *rows = (struct listing_rows){
        .columns = columns,
        .n_columns = n_columns,
        .arena = arena,
        .regex_budget = {.left = SIZE_MAX},
        .deadline = INT64_MAX,
        .reterr_problem = reterr_problem,
    };
}

int listing_rows_check_time(const struct listing_rows *rows) {
    if (timestamp_thread_us() <= rows->deadline)
        return 0;
    *rows->reterr_problem = "the search takes too long";
    return IAM_INVALID_FILTER;
}

int listing_rows_visit(struct listing_rows *rows) {
    if (rows->n_visited++ == 0)
        rows->deadline = timestamp_thread_us() + SEARCH_TIME_US;
    return rows->n_visited % ROWS_PER_LOOK == 0 ? listing_rows_check_time(rows) : 0;
}

static bool is_word(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (unsigned char)c >= 0x80;
}

bool listing_rows_match_all(const char *q) {
    return !q || *q == '\0' || strcmp(q, "*") == 0;
}

size_t listing_rows_next_word(const char **q) {
    size_t length = 0;
    while (**q && !is_word(**q))
        ++*q;
    while (is_word((*q)[length]))
        length++;
    return length;
}

bool listing_rows_match_words(const char *q, const char *const *texts, size_t n_texts) {
    bool any_word = false;
    size_t length;
    if (listing_rows_match_all(q))
        return true;
    for (; (length = listing_rows_next_word(&q)) > 0; q += length) {
        bool found = false;
        for (size_t i = 0; !found && i < n_texts; i++)
            found = texts[i] && text_search(texts[i], strlen(texts[i]), q, length);
        if (!found)
            return false;
        any_word = true;
    }
    return any_word;
}

bool listing_rows_match(const struct listing_rows *rows, const char *q, const char *const *row) {
    const char *searched[STORE_MAX_COLUMNS];
    size_t count = 0;
    for (size_t i = 0; i < rows->n_columns; i++)
        if (rows->columns[i].searched)
            searched[count++] = row[i];
    return listing_rows_match_words(q, searched, count);
}
