#include "iam/block_listing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/row_blocks.h"
#include "util/fatal.h"
#include "util/text_search.h"

/* How many rows a listing may search, or read from the database, before other requests on the same
 * thread should not wait for it. */
enum { MANY_SEARCHED = 5000, MANY_STALE = 2 * ROW_BLOCK_SIZE };

/* A block, and the text that its best row has in the first column of the order. */
struct place {
    const struct row_block *block;
    const char *best;
};

struct scan {
    struct listing *listing;
    const struct row_selection *selection;
    struct place *places;
    const char *word; /* the longest word of q; NULL: every row matches */
    size_t length;    /* 0: no row matches */
    bool has_more_words;
    store_visit visit; /* of block_listing_scan */
    void *cls;
    bool included[ROW_BLOCK_SIZE]; /* rows of the block that the selection has */
};

static void read_words(struct scan *scan) {
    const char *q = scan->listing->request->q;
    size_t length;
    if (listing_rows_match_all(q))
        return;
    scan->word = q;
    for (size_t n = 0; (length = listing_rows_next_word(&q)) > 0; q += length) {
        scan->has_more_words = n++ > 0;
        if (length > scan->length) {
            scan->word = q;
            scan->length = length;
        }
    }
}

static int compare_places(const void *a, const void *b, void *cls) {
    const struct listing *listing = cls;
    const struct place *left = a;
    const struct place *right = b;
    int order = text_compare(left->best, right->best);
    if (order != 0)
        return listing->sorts[0].descending ? -order : order;
    int64_t pk = left->block->rows[0].pk;
    int64_t other = right->block->rows[0].pk;
    return (pk > other) - (pk < other);
}

static struct place place_of(const struct scan *scan, const struct row_block *block) {
    const struct listing *listing = scan->listing;
    if (listing->n_sorts == 0 || !scan->selection->has_same_texts)
        return (struct place){.block = block};
    size_t column = listing->sorts[0].column;
    size_t best = listing->sorts[0].descending ? block->highest[column] : block->lowest[column];
    return (struct place){block, row_block_text(block, &block->rows[best], column)};
}

/* With an order, the block with the best row comes first. Then the first blocks fill the page, and
 * the others can be skipped. */
static int order_blocks(struct scan *scan, const struct row_blocks *blocks) {
    struct place *places = arena_alloc(scan->listing->rows.arena, blocks->count * sizeof(*places));
    if (!places)
        return FATAL(ENOMEM);
    for (size_t i = 0; i < blocks->count; i++)
        places[i] = place_of(scan, blocks->items[i]);
    if (scan->listing->n_sorts > 0 && scan->selection->has_same_texts)
        qsort_r(places, blocks->count, sizeof(*places), compare_places, scan->listing);
    scan->places = places;
    return 0;
}

/* Returns the index of the first selected key that is not below `pk`. */
static size_t find_pk(const struct row_selection *selection, int64_t pk) {
    size_t low = 0;
    size_t high = selection->n_pks;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (selection->pks[middle] < pk)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool selects_all(const struct row_selection *selection, const struct row_block *block) {
    return !selection->pks &&
           (selection->tenant_pk == 0 || selection->tenant_pk == block->tenant_pk) &&
           selection->required == 0 && (selection->excluded & block->flags) == 0;
}

static bool selects(const struct row_selection *selection, const struct row *row) {
    return (selection->tenant_pk == 0 || row->tenant_pk == selection->tenant_pk) &&
           (row->flags & selection->required) == selection->required &&
           (row->flags & selection->excluded) == 0;
}

/* Sets `included`. Returns how many rows of the block the selection has. */
static size_t include_rows(struct scan *scan, const struct row_block *block) {
    const struct row_selection *selection = scan->selection;
    bool all = selects_all(selection, block);
    size_t next = selection->pks ? find_pk(selection, block->rows[0].pk) : 0;
    size_t count = 0;
    memset(scan->included, all, sizeof(scan->included));
    if (all || (selection->required & ~block->flags) != 0)
        return all ? block->count : 0;
    if (selection->pks &&
        (next == selection->n_pks || selection->pks[next] > block->rows[block->count - 1].pk))
        return 0;
    for (size_t i = 0; i < block->count; i++) {
        const struct row *row = &block->rows[i];
        while (selection->pks && next < selection->n_pks && selection->pks[next] < row->pk)
            next++;
        bool is_listed =
            !selection->pks || (next < selection->n_pks && selection->pks[next] == row->pk);
        scan->included[i] = is_listed && selects(selection, row);
        count += scan->included[i];
    }
    return count;
}

static int visit_included(const struct scan *scan, const struct row_block *block, store_visit visit,
                          void *cls) {
    const char *columns[STORE_MAX_COLUMNS];
    int r = 0;
    for (size_t i = 0; r == 0 && i < block->count; i++) {
        if (!scan->included[i])
            continue;
        scan->selection->read(block, &block->rows[i], columns);
        r = visit(cls, block->rows[i].pk, columns);
    }
    return r;
}

/* Without an order, only the rows of the page are read. */
static int take_page(const struct scan *scan, const struct row_block *block) {
    struct listing *listing = scan->listing;
    const char *columns[STORE_MAX_COLUMNS];
    int r = 0;
    for (size_t i = 0; r == 0 && i < block->count; i++) {
        if (!scan->included[i])
            continue;
        if (listing->total < listing->start || listing->total >= listing->end) {
            listing_count(listing, 1);
            continue;
        }
        scan->selection->read(block, &block->rows[i], columns);
        r = listing_take(listing, block->rows[i].pk, columns);
    }
    return r;
}

typedef int (*visit_one)(struct scan *scan, const struct row_block *block);

/* Reads blocks that are not kept, so that each lives only while it is visited. */
static int read_all(struct scan *scan, visit_one visit) {
    const struct row_selection *selection = scan->selection;
    int64_t next = INT64_MIN;
    int r = 0;
    while (r == 0) {
        struct row_block *block;
        r = row_blocks_read(selection->store, selection->kind, next, &block);
        if (r != 0)
            return r == STORE_NOT_FOUND ? 0 : r;
        int64_t last = block->rows[block->count - 1].pk;
        r = visit(scan, block);
        row_block_release(block);
        if (last == INT64_MAX)
            break;
        next = last + 1;
    }
    return r;
}

static int scan_block(struct scan *scan, const struct row_block *block) {
    return include_rows(scan, block) > 0 ? visit_included(scan, block, scan->visit, scan->cls) : 0;
}

int block_listing_scan(const struct row_blocks *blocks, const struct row_selection *selection,
                       store_visit visit, void *cls) {
    struct scan scan = {.selection = selection, .visit = visit, .cls = cls};
    int r = 0;
    if (!blocks)
        return read_all(&scan, scan_block);
    for (size_t i = 0; r == 0 && i < blocks->count; i++)
        r = scan_block(&scan, blocks->items[i]);
    return r;
}

static int take(void *cls, int64_t pk, const char *const *columns) {
    return listing_take(cls, pk, columns);
}

static int take_hit(struct scan *scan, const struct row_block *block, size_t index, bool counts) {
    const struct row *row = &block->rows[index];
    const char *columns[STORE_MAX_COLUMNS];
    int r = listing_rows_visit(&scan->listing->rows);
    if (r != 0 || !scan->included[index])
        return r;
    if (counts && !scan->has_more_words) {
        listing_count(scan->listing, 1);
        return 0;
    }
    scan->selection->read(block, row, columns);
    return listing_rows_match(&scan->listing->rows, scan->listing->request->q, columns)
               ? listing_take(scan->listing, row->pk, columns)
               : 0;
}

static size_t start_of(const struct row_block *block, size_t index) {
    return index < block->count ? block->rows[index].texts[0] : block->searched_size;
}

/* The searched texts of a row follow each other, and no word has a NUL. So one search goes through
 * all of the block, and a hit lies within one text. */
static int visit_hits(struct scan *scan, const struct row_block *block, bool counts) {
    size_t at = 0;
    const char *hit;
    int r = listing_rows_visit(&scan->listing->rows);
    for (size_t i = 0; r == 0 && i < block->count; at = start_of(block, ++i)) {
        hit = text_search(block->text + at, block->searched_size - at, scan->word, scan->length);
        if (!hit)
            break;
        while (start_of(block, i + 1) <= (size_t)(hit - block->text))
            i++;
        r = take_hit(scan, block, i, counts);
    }
    return r;
}

static int visit_block(struct scan *scan, const struct place *place) {
    struct listing *listing = scan->listing;
    const struct row_block *block = place->block;
    size_t count = include_rows(scan, block);
    bool is_plain = !listing->filter && scan->selection->has_same_texts;
    if (count == 0)
        return 0;
    if (!is_plain)
        return visit_included(scan, block, listing_visit, listing);
    bool skips = listing_skips(listing, count, place->best, block->rows[0].pk);
    if (scan->word)
        return scan->length > 0 ? visit_hits(scan, block, skips) : 0;
    if (!skips)
        return listing->n_sorts == 0 ? take_page(scan, block)
                                     : visit_included(scan, block, take, listing);
    listing_count(listing, count);
    return 0;
}

static int visit_read_block(struct scan *scan, const struct row_block *block) {
    const struct place place = place_of(scan, block);
    return visit_block(scan, &place);
}

int block_listing_run(struct listing *listing, const struct row_blocks *blocks,
                      const struct row_selection *selection, struct listing_result *ret_result) {
    struct scan scan = {.listing = listing, .selection = selection};
    listing->texts_stay = blocks != NULL;
    read_words(&scan);
    int r = blocks ? order_blocks(&scan, blocks) : read_all(&scan, visit_read_block);
    for (size_t i = 0; r == 0 && blocks && i < blocks->count; i++)
        r = visit_block(&scan, &scan.places[i]);
    return r == 0 ? listing_finish(listing, ret_result) : r;
}

static int compare_keys(const void *a, const void *b) {
    int64_t pk = ((const struct row *)a)->pk;
    int64_t other = ((const struct row *)b)->pk;
    return (pk > other) - (pk < other);
}

const struct row *block_listing_find(const struct row_blocks *blocks, int64_t pk,
                                     const struct row_block **ret_block) {
    size_t low = 0;
    size_t high = blocks->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (blocks->items[middle]->rows[0].pk <= pk)
            low = middle;
        else
            high = middle;
    }
    const struct row_block *block = low < high ? blocks->items[low] : NULL;
    const struct row wanted = {.pk = pk};
    const struct row *row =
        block ? bsearch(&wanted, block->rows, block->count, sizeof(wanted), compare_keys) : NULL;
    if (row)
        *ret_block = block;
    return row;
}

bool block_listing_is_long(struct store *store, enum row_kind kind,
                           const struct listing_request *request) {
    size_t n_rows;
    size_t n_stale;
    if (row_blocks_measure(store, kind, &n_rows, &n_stale) != 0)
        return false;
    return n_stale > MANY_STALE || (n_rows > MANY_SEARCHED && listing_request_searches(request));
}
