#include "iam/listing_rows.h"

#include <string.h>
#include <strings.h>

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
    if (timestamp_monotonic_us() <= rows->deadline)
        return 0;
    *rows->reterr_problem = "the search takes too long";
    return IAM_INVALID_FILTER;
}

int listing_rows_visit(struct listing_rows *rows) {
    if (rows->n_visited++ == 0)
        rows->deadline = timestamp_monotonic_us() + SEARCH_TIME_US;
    return rows->n_visited % ROWS_PER_LOOK == 0 ? listing_rows_check_time(rows) : 0;
}

static bool is_word(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (unsigned char)c >= 0x80;
}

static bool contains(const char *text, const char *word, size_t length) {
    for (; *text; text++)
        if (strncasecmp(text, word, length) == 0)
            return true;
    return false;
}

bool listing_rows_match_words(const char *q, const char *const *texts, size_t n_texts) {
    bool any_word = false;
    if (!q || *q == '\0' || strcmp(q, "*") == 0)
        return true;
    while (*q) {
        size_t length = 0;
        bool found = false;
        while (*q && !is_word(*q))
            q++;
        while (is_word(q[length]))
            length++;
        if (length == 0)
            break;
        for (size_t i = 0; !found && i < n_texts; i++)
            found = texts[i] && contains(texts[i], q, length);
        if (!found)
            return false;
        any_word = true;
        q += length;
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
