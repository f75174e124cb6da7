#include "iam/listing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util/fatal.h"
#include "util/text_search.h"

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

bool listing_request_searches(const struct listing_request *request) {
    return request->q || request->sort.count > 0 || request->filters.count > 0;
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
    size_t size = (size_t)request->size;
    size_t page = (size_t)request->page - 1;
    listing->start = page > SIZE_MAX / 2 / size ? SIZE_MAX / 2 : page * size;
    listing->end = listing->start + size;
    return request->filters.count > 0
               ? filter_parse(&listing->rows, &request->filters, &listing->filter)
               : 0;
}

/* Allocates only the sort keys that the listing has. */
static struct listing_row *add_row(struct listing *listing) {
    struct arena *arena = listing->rows.arena;
    struct listing_row **kept = arena_grow(arena, listing->kept, listing->n_kept,
                                           sizeof(struct listing_row *), &listing->capacity);
    struct listing_row *row = arena_alloc(arena, offsetof(struct listing_row, keys) +
                                                     listing->n_sorts * sizeof(const char *));
    if (!kept || !row)
        return NULL;
    listing->kept = kept;
    listing->kept[listing->n_kept++] = row;
    return row;
}

static int fill_row(struct listing *listing, struct listing_row *row, int64_t pk,
                    const char *const *columns) {
    row->pk = pk;
    for (size_t i = 0; i < listing->n_sorts; i++) {
        const char *text = columns[listing->sorts[i].column];
        row->keys[i] = text && !listing->texts_stay
                           ? arena_copy(listing->rows.arena, text, strlen(text))
                           : text;
        if (text && !row->keys[i])
            return FATAL(ENOMEM);
    }
    return 0;
}

static int keep(struct listing *listing, int64_t pk, const char *const *columns) {
    struct listing_row *row = add_row(listing);
    return row ? fill_row(listing, row, pk, columns) : FATAL(ENOMEM);
}

static int compare_row_with(const struct listing *listing, int64_t pk, const char *const *columns,
                            const struct listing_row *row) {
    for (size_t i = 0; i < listing->n_sorts; i++) {
        int order = text_compare(columns[listing->sorts[i].column], row->keys[i]);
        if (order != 0)
            return listing->sorts[i].descending ? -order : order;
    }
    return (pk > row->pk) - (pk < row->pk);
}

static int compare_rows(const void *a, const void *b, void *cls) {
    const struct listing *listing = cls;
    const struct listing_row *left = *(struct listing_row *const *)a;
    const struct listing_row *right = *(struct listing_row *const *)b;
    for (size_t i = 0; i < listing->n_sorts; i++) {
        int order = text_compare(left->keys[i], right->keys[i]);
        if (order != 0)
            return listing->sorts[i].descending ? -order : order;
    }
    return (left->pk > right->pk) - (left->pk < right->pk);
}

static int compare_rows_backwards(const void *a, const void *b, void *cls) {
    return compare_rows(b, a, cls);
}

static void sort(struct listing *listing, int (*compare)(const void *a, const void *b, void *cls)) {
    if (listing->n_sorts > 0 && listing->n_kept > 0)
        qsort_r(listing->kept, listing->n_kept, sizeof(struct listing_row *), compare, listing);
}

/* Moves the first row down to its place in the heap, where no row is before those below it. */
static void sink(struct listing *listing) {
    struct listing_row **kept = listing->kept;
    for (size_t i = 0, child; (child = 2 * i + 1) < listing->n_kept; i = child) {
        if (child + 1 < listing->n_kept &&
            compare_rows(&kept[child + 1], &kept[child], listing) > 0)
            child++;
        if (compare_rows(&kept[i], &kept[child], listing) >= 0)
            break;
        struct listing_row *row = kept[i];
        kept[i] = kept[child];
        kept[child] = row;
    }
}

/* With an order, this keeps the first rows up to the end of the page. Once it has as many they form
 * a heap, whose first row gives way to a row that is before it. */
int listing_take(struct listing *listing, int64_t pk, const char *const *columns) {
    size_t number = listing->total++;
    if (listing->n_sorts == 0)
        return number < listing->start || number >= listing->end ? 0 : keep(listing, pk, columns);
    if (listing->n_kept < listing->end) {
        int r = keep(listing, pk, columns);
        if (r == 0 && listing->n_kept == listing->end)
            sort(listing, compare_rows_backwards);
        return r;
    }
    if (compare_row_with(listing, pk, columns, listing->kept[0]) > 0)
        return 0;
    int r = fill_row(listing, listing->kept[0], pk, columns);
    if (r == 0)
        sink(listing);
    return r;
}

bool listing_skips(const struct listing *listing, size_t count, const char *best,
                   int64_t first_pk) {
    if (listing->n_sorts == 0)
        return listing->total >= listing->end || listing->total + count <= listing->start;
    if (listing->n_kept < listing->end)
        return false;
    const struct listing_row *last = listing->kept[0];
    int order = text_compare(best, last->keys[0]);
    if (order == 0)
        return listing->n_sorts == 1 && first_pk > last->pk;
    return listing->sorts[0].descending ? order < 0 : order > 0;
}

void listing_count(struct listing *listing, size_t count) {
    listing->total += count;
}

int listing_visit(void *cls, int64_t pk, const char *const *columns) {
    struct listing *listing = cls;
    int r = listing_rows_visit(&listing->rows);
    if (r != 0)
        return r;
    bool holds = listing_rows_match(&listing->rows, listing->request->q, columns);
    r = holds && listing->filter ? filter_test(listing->filter, &listing->rows, columns, &holds)
                                 : 0;
    return r == 0 && holds ? listing_take(listing, pk, columns) : r;
}

int listing_finish(struct listing *listing, struct listing_result *ret_result) {
    sort(listing, compare_rows);
    size_t start = listing->n_sorts == 0              ? 0
                   : listing->start < listing->n_kept ? listing->start
                                                      : listing->n_kept;
    size_t count = listing->n_kept - start;
    int64_t *pks = arena_alloc(listing->rows.arena, count * sizeof(*pks));
    if (!pks)
        return FATAL(ENOMEM);
    for (size_t i = 0; i < count; i++)
        pks[i] = listing->kept[start + i]->pk;
    *ret_result =
        (struct listing_result){.pks = pks, .count = count, .total = (int64_t)listing->total};
    return 0;
}

/* Ends a scan early. No outcome of a listing has this number. */
enum { PAUSE = IAM_N_OUTCOMES, ROWS_AT_ONCE = 256 };

struct part {
    struct listing *listing;
    int64_t last;
    size_t left;
};

static int visit_part(void *cls, int64_t pk, const char *const *columns) {
    struct part *part = cls;
    int r = listing_visit(part->listing, pk, columns);
    part->last = pk;
    return r == 0 && --part->left == 0 ? PAUSE : r;
}

int listing_run(struct listing *listing, struct store *store, listing_scan scan, const void *cls,
                struct listing_result *ret_result) {
    struct part part = {.listing = listing, .last = INT64_MIN};
    int r;
    do {
        struct transaction transaction;
        part.left = ROWS_AT_ONCE;
        store_give_way(store);
        store_begin(store, &transaction);
        r = scan(store, cls, part.last, listing->n_used, visit_part, &part);
        store_transaction_end(&transaction);
    } while (r == PAUSE);
    return r == 0 ? listing_finish(listing, ret_result) : r;
}
