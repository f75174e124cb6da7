#include "iam/listing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util/fatal.h"

struct listing_row {
    int64_t pk;
    const char *keys[LISTING_MAX_SORTS]; /* the sort keys */
};

static int find_column(const struct listing *listing, const char *name, size_t length,
                       size_t *ret_column) {
    for (size_t i = 0; i < listing->rows.n_columns; i++) {
        const char *known = listing->rows.columns[i].name;
        if (!listing->rows.columns[i].no_sort && strlen(known) == length &&
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
        return FATAL(ENOMEM);
    if (count > 0)
        memcpy(pairs, request->filters.items, count * sizeof(*pairs));
    pairs[count] = (struct name_value){name, value};
    request->filters = (struct name_value_list){count + 1, pairs};
    return 0;
}

static size_t count_used(const struct listing *listing) {
    size_t count = listing->request->filters.count > 0 ? listing->rows.n_columns : 0;
    for (size_t i = count; listing->request->q && i < listing->rows.n_columns; i++)
        if (listing->rows.columns[i].searched)
            count = i + 1;
    for (size_t i = 0; i < listing->n_sorts; i++)
        if (listing->sorts[i].column >= count)
            count = listing->sorts[i].column + 1;
    return count;
}

int listing_init(struct listing *listing, const struct listing_request *request,
                 const struct listing_column *columns, size_t n_columns, struct arena *arena,
                 const char **reterr_problem) {
    *listing = (struct listing){.request = request};
    listing_rows_init(&listing->rows, columns, n_columns, arena, reterr_problem);
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
    return request->filters.count > 0
               ? filter_parse(&listing->rows, &request->filters, &listing->filter)
               : 0;
}

static int make_room(struct listing *listing) {
    struct listing_row **taken = arena_grow(listing->rows.arena, listing->taken, listing->count,
                                            sizeof(struct listing_row *), &listing->capacity);
    if (!taken)
        return FATAL(ENOMEM);
    listing->taken = taken;
    return 0;
}

int listing_visit(void *cls, int64_t pk, const char *const *columns) {
    struct listing *listing = cls;
    int r = listing_rows_visit(&listing->rows);
    if (r != 0)
        return r;
    bool holds = listing_rows_match(&listing->rows, listing->request->q, columns);
    r = holds && listing->filter ? filter_test(listing->filter, &listing->rows, columns, &holds)
                                 : 0;
    if (r != 0 || !holds)
        return r;
    /* Allocates only the sort keys that the listing has. */
    size_t size = offsetof(struct listing_row, keys) + listing->n_sorts * sizeof(const char *);
    struct listing_row *row = arena_alloc(listing->rows.arena, size);
    if (!row)
        return FATAL(ENOMEM);
    r = make_room(listing);
    if (r < 0)
        return r;
    row->pk = pk;
    for (size_t i = 0; i < listing->n_sorts; i++) {
        const char *text = columns[listing->sorts[i].column];
        row->keys[i] = text ? arena_copy(listing->rows.arena, text, strlen(text)) : NULL;
        if (text && !row->keys[i])
            return FATAL(ENOMEM);
    }
    listing->taken[listing->count++] = row;
    return 0;
}

/* Ignores ASCII case, unless the texts differ in nothing else. Null comes first. */
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
        qsort_r(listing->taken, listing->count, sizeof(struct listing_row *), compare_rows,
                listing);
    size_t size = (size_t)listing->request->size;
    size_t page = (size_t)listing->request->page - 1;
    size_t start = page > listing->count / size ? listing->count : page * size;
    if (start > listing->count)
        start = listing->count;
    size_t count = listing->count - start < size ? listing->count - start : size;
    int64_t *pks = arena_alloc(listing->rows.arena, count * sizeof(*pks));
    if (!pks)
        return FATAL(ENOMEM);
    for (size_t i = 0; i < count; i++)
        pks[i] = listing->taken[start + i]->pk;
    *ret_result =
        (struct listing_result){.pks = pks, .count = count, .total = (int64_t)listing->count};
    return 0;
}
