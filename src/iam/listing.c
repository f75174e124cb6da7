#include "iam/listing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "iam/filter.h"
#include "util/timestamp.h"

enum { LISTING_TIME_US = 2000000 };

struct listing_row {
    int64_t pk;
    const char *keys[LISTING_MAX_SORTS]; /* what it is sorted by */
};

static int find_column(const struct listing *listing, const char *name, size_t length,
                       size_t *ret_column) {
    for (size_t i = 0; i < listing->n_columns; i++) {
        const char *known = listing->columns[i].name;
        if (!listing->columns[i].no_sort && strlen(known) == length &&
            strncmp(known, name, length) == 0) {
            *ret_column = i;
            return 0;
        }
    }
    return IAM_INVALID_SORT;
}

int listing_request_filter(struct listing_request *request, const char *field, const char *value,
                           struct arena *arena) {
    if (!value)
        return 0;
    size_t count = request->filters.count;
    struct name_value *pairs = arena_alloc(arena, (count + 1) * sizeof(*pairs));
    const char *name = arena_format(arena, "filters[%s][EQUALS]", field);
    if (!pairs || !name)
        return -ENOMEM;
    if (count > 0)
        memcpy(pairs, request->filters.items, count * sizeof(*pairs));
    pairs[count] = (struct name_value){name, value};
    request->filters = (struct name_value_list){count + 1, pairs};
    return 0;
}

static size_t count_used(const struct listing *listing) {
    size_t count = listing->request->filters.count > 0 ? listing->n_columns : 0;
    for (size_t i = count; listing->request->q && i < listing->n_columns; i++)
        if (listing->columns[i].searched)
            count = i + 1;
    for (size_t i = 0; i < listing->n_sorts; i++)
        if (listing->sorts[i].column >= count)
            count = listing->sorts[i].column + 1;
    return count;
}

int listing_init(struct listing *listing, const struct listing_request *request,
                 const struct listing_column *columns, size_t n_columns, struct arena *arena,
                 const char **ret_problem) {
    *listing = (struct listing){.request = request,
                                .columns = columns,
                                .n_columns = n_columns,
                                .arena = arena,
                                .regex_budget = {.left = SIZE_MAX},
                                .deadline = INT64_MAX,
                                .ret_problem = ret_problem};
    for (size_t i = 0; i < request->sort.count; i++) {
        const char *sort = request->sort.items[i];
        const char *colon = strchr(sort, ':');
        if (!colon || i == LISTING_MAX_SORTS)
            return IAM_INVALID_SORT;
        int r = find_column(listing, sort, (size_t)(colon - sort), &listing->sorts[i].column);
        if (r != 0)
            return r;
        listing->sorts[i].descending = strcasecmp(colon + 1, "asc") != 0;
        listing->n_sorts++;
    }
    listing->n_used = count_used(listing);
    return request->filters.count > 0 ? filter_parse(listing, &request->filters, &listing->filter)
                                      : 0;
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

bool listing_matches(const char *q, const char *const *texts, size_t n_texts) {
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

bool listing_search(const struct listing *listing, const char *q, const char *const *columns) {
    const char *searched[STORE_MAX_COLUMNS];
    size_t count = 0;
    for (size_t i = 0; i < listing->n_columns; i++)
        if (listing->columns[i].searched)
            searched[count++] = columns[i];
    return listing_matches(q, searched, count);
}

static int make_room(struct listing *listing) {
    struct listing_row **rows = arena_grow(listing->arena, listing->rows, listing->count,
                                           sizeof(struct listing_row *), &listing->capacity);
    if (!rows)
        return -ENOMEM;
    listing->rows = rows;
    return 0;
}

int listing_check_time(const struct listing *listing) {
    if (timestamp_monotonic_us() <= listing->deadline)
        return 0;
    *listing->ret_problem = "the search takes too long";
    return IAM_INVALID_FILTER;
}

/* Looks at the clock for some rows only, which are cheap as a rule. */
static int check_time_now_and_then(struct listing *listing) {
    if (listing->n_visited++ == 0)
        listing->deadline = timestamp_monotonic_us() + LISTING_TIME_US;
    return listing->n_visited % 64 == 0 ? listing_check_time(listing) : 0;
}

int listing_visit(void *cls, int64_t pk, const char *const *columns) {
    struct listing *listing = cls;
    int r = check_time_now_and_then(listing);
    if (r != 0)
        return r;
    bool holds = listing_search(listing, listing->request->q, columns);
    r = holds && listing->filter ? filter_test(listing->filter, listing, columns, &holds) : 0;
    if (r != 0 || !holds)
        return r;
    /* A row ends after the keys that it has. */
    size_t size = offsetof(struct listing_row, keys) + listing->n_sorts * sizeof(const char *);
    struct listing_row *row = arena_alloc(listing->arena, size);
    if (!row || make_room(listing) < 0)
        return -ENOMEM;
    row->pk = pk;
    for (size_t i = 0; i < listing->n_sorts; i++) {
        const char *text = columns[listing->sorts[i].column];
        row->keys[i] = text ? arena_copy(listing->arena, text, strlen(text)) : NULL;
        if (text && !row->keys[i])
            return -ENOMEM;
    }
    listing->rows[listing->count++] = row;
    return 0;
}

/* As people sort: without ASCII case, unless that is all that differs. Null comes first. */
static int compare_texts(const char *a, const char *b) {
    if (!a || !b)
        return (a != NULL) - (b != NULL);
    int order = strcasecmp(a, b);
    return order != 0 ? order : strcmp(a, b);
}

static int compare_rows(const void *a, const void *b, void *cls) {
    const struct listing *listing = cls;
    const struct listing_row *left = *(struct listing_row *const *)a;
    const struct listing_row *right = *(struct listing_row *const *)b;
    for (size_t i = 0; i < listing->n_sorts; i++) {
        int order = compare_texts(left->keys[i], right->keys[i]);
        if (order != 0)
            return listing->sorts[i].descending ? -order : order;
    }
    return (left->pk > right->pk) - (left->pk < right->pk);
}

int listing_finish(struct listing *listing, struct listing_result *ret_result) {
    if (listing->n_sorts > 0 && listing->count > 0)
        qsort_r(listing->rows, listing->count, sizeof(struct listing_row *), compare_rows, listing);
    size_t size = (size_t)listing->request->size;
    size_t page = (size_t)listing->request->page - 1;
    size_t start = page > listing->count / size ? listing->count : page * size;
    if (start > listing->count)
        start = listing->count;
    size_t count = listing->count - start < size ? listing->count - start : size;
    int64_t *pks = arena_alloc(listing->arena, count * sizeof(*pks));
    if (!pks)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++)
        pks[i] = listing->rows[start + i]->pk;
    *ret_result =
        (struct listing_result){.pks = pks, .count = count, .total = (int64_t)listing->count};
    return 0;
}
