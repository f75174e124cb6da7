#include "iam/user_listing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/user_blocks.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/text_search.h"

/* How many users a listing may search, or read from the database, before other requests on the same
 * thread should not wait for it, and how many it views while it has the lock. */
enum { MANY_SEARCHED = 5000, MANY_STALE = 2 * USER_BLOCK_ROWS, VIEWED_AT_ONCE = 32 };

static const char *const flags[] = {"true", "false", NULL};
static const char *const types[] = {"STANDARD", "SERVICE_ACCOUNT", NULL};

/* The version gives the privilege its name. */
static const struct listing_column user_columns[ACCESS_N_COLUMNS] = {
    [USER_COLUMN_USERNAME] = {"username", true, .any_case = true},
    [USER_COLUMN_EMAIL] = {"email", true, .any_case = true},
    [USER_COLUMN_FIRST_NAME] = {"firstName", true},
    [USER_COLUMN_LAST_NAME] = {"lastName", true},
    [USER_COLUMN_ID] = {"id", .no_sort = true},
    [USER_COLUMN_SUPER_ADMIN] = {.any_case = true, .no_sort = true, .values = flags},
    [USER_COLUMN_TYPE] = {"type", .no_sort = true, .values = types},
};

/* A block, and the text that its best row has in the first column of the order. */
struct place {
    const struct user_block *block;
    const char *best;
};

struct scan {
    struct listing *listing;
    const struct user_selection *selection;
    struct place *places;
    size_t n_places;
    const char *word; /* the longest word of q; NULL: everybody matches */
    size_t length;    /* 0: nobody matches */
    bool has_more_words;
    bool included[USER_BLOCK_ROWS]; /* rows of the block that the selection has */
};

int user_listing_init(const struct iam *iam, struct listing *listing,
                      const struct listing_request *request, size_t n_columns, struct arena *arena,
                      const char **reterr_problem) {
    struct listing_column *named = arena_alloc(arena, sizeof(user_columns));
    if (!named)
        return FATAL(ENOMEM);
    memcpy(named, user_columns, sizeof(user_columns));
    named[USER_COLUMN_SUPER_ADMIN].name = iam->version->privilege;
    return listing_init(listing, request, named, n_columns, arena, reterr_problem);
}

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

/* With an order, the block with the best row comes first. Then the first blocks fill the page, and
 * the others can be skipped. */
static int order_blocks(struct scan *scan, const struct user_blocks *blocks) {
    const struct listing *listing = scan->listing;
    size_t column = listing->n_sorts > 0 ? listing->sorts[0].column : 0;
    struct place *places = arena_alloc(listing->rows.arena, blocks->count * sizeof(*places));
    if (!places)
        return FATAL(ENOMEM);
    for (size_t i = 0; i < blocks->count; i++) {
        const struct user_block *block = blocks->items[i];
        size_t best = 0;
        if (block->count == 0)
            continue;
        if (listing->n_sorts > 0)
            best = listing->sorts[0].descending ? block->highest[column] : block->lowest[column];
        places[scan->n_places++] =
            (struct place){block, user_block_text(block, &block->rows[best], column)};
    }
    if (listing->n_sorts > 0)
        qsort_r(places, scan->n_places, sizeof(*places), compare_places, scan->listing);
    scan->places = places;
    return 0;
}

/* Returns the index of the first selected key that is not below `pk`. */
static size_t find_pk(const struct user_selection *selection, int64_t pk) {
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

/* Sets `included`. Returns how many rows of the block the selection has. */
static size_t include_rows(struct scan *scan, const struct user_block *block) {
    const struct user_selection *selection = scan->selection;
    bool wants_kind = selection->kind == IAM_USER && block->n_service_accounts > 0;
    size_t next = selection->pks ? find_pk(selection, block->rows[0].pk) : 0;
    size_t count = 0;
    memset(scan->included, !wants_kind && !selection->pks, sizeof(scan->included));
    if (!wants_kind && !selection->pks)
        return block->count;
    for (size_t i = 0; i < block->count; i++) {
        const struct user_row *row = &block->rows[i];
        while (selection->pks && next < selection->n_pks && selection->pks[next] < row->pk)
            next++;
        bool is_selected = !selection->pks || (next < selection->n_pks &&
                                               selection->pks[next] == row->pk);
        scan->included[i] = is_selected && !(wants_kind && row->is_service_account);
        count += scan->included[i];
    }
    return count;
}

static void read_columns(const struct user_block *block, const struct user_row *row,
                         const char *columns[ACCESS_N_COLUMNS]) {
    for (size_t i = 0; i < USER_BLOCK_N_TEXTS; i++)
        columns[i] = user_block_text(block, row, i);
    columns[USER_COLUMN_SUPER_ADMIN] = row->super_admin ? "true" : "false";
    columns[USER_COLUMN_TYPE] = row->is_service_account ? "SERVICE_ACCOUNT" : "STANDARD";
}

static int visit_all(struct scan *scan, const struct user_block *block) {
    const char *columns[ACCESS_N_COLUMNS];
    int r = 0;
    for (size_t i = 0; r == 0 && i < block->count; i++) {
        if (!scan->included[i])
            continue;
        read_columns(block, &block->rows[i], columns);
        r = scan->listing->filter ? listing_visit(scan->listing, block->rows[i].pk, columns)
                                  : listing_take(scan->listing, block->rows[i].pk, columns);
    }
    return r;
}

static int take_hit(struct scan *scan, const struct user_block *block, size_t index, bool counts) {
    const struct user_row *row = &block->rows[index];
    const char *columns[ACCESS_N_COLUMNS];
    int r = listing_rows_visit(&scan->listing->rows);
    if (r != 0 || !scan->included[index])
        return r;
    if (counts && !scan->has_more_words) {
        listing_count(scan->listing, 1);
        return 0;
    }
    read_columns(block, row, columns);
    return listing_rows_match(&scan->listing->rows, scan->listing->request->q, columns)
               ? listing_take(scan->listing, row->pk, columns)
               : 0;
}

/* The searched texts of a row follow each other and end with NULs, which no word has. So one search
 * goes through all of the block, and a hit lies within one text. */
static int visit_hits(struct scan *scan, const struct user_block *block, bool counts) {
    const char *end = block->text + block->searched_size;
    const char *at = block->text;
    const char *hit;
    int r = listing_rows_visit(&scan->listing->rows);
    for (size_t i = 0; r == 0 && i < block->count; i++) {
        hit = text_search(at, (size_t)(end - at), scan->word, scan->length);
        if (!hit)
            break;
        size_t offset = (size_t)(hit - block->text);
        while (i + 1 < block->count && block->rows[i + 1].texts[USER_COLUMN_USERNAME] <= offset)
            i++;
        r = take_hit(scan, block, i, counts);
        at = i + 1 < block->count ? block->text + block->rows[i + 1].texts[USER_COLUMN_USERNAME]
                                  : end;
    }
    return r;
}

static int visit_block(struct scan *scan, const struct place *place) {
    struct listing *listing = scan->listing;
    size_t count = include_rows(scan, place->block);
    bool skips = listing_skips(listing, count, place->best, place->block->rows[0].pk);
    if (!listing->filter && scan->word)
        return scan->length > 0 ? visit_hits(scan, place->block, skips) : 0;
    if (listing->filter || !skips)
        return visit_all(scan, place->block);
    listing_count(listing, count);
    return 0;
}

int user_listing_run(struct iam *iam, const struct user_selection *selection,
                     struct listing *listing, struct listing_result *ret_result) {
    CLEANUP(user_blocks_release) struct user_blocks *blocks = NULL;
    struct scan scan = {.listing = listing, .selection = selection};
    listing->texts_stay = true;
    int r = user_blocks_take(iam->store, &blocks);
    if (r == 0)
        r = order_blocks(&scan, blocks);
    read_words(&scan);
    for (size_t i = 0; r == 0 && i < scan.n_places; i++)
        r = visit_block(&scan, &scan.places[i]);
    return r == 0 ? listing_finish(listing, ret_result) : r;
}

/* Views up to `max` users. */
static int view_some(struct iam *iam, const struct listing_result *result, int64_t tenant_pk,
                     size_t max, size_t *next, struct arena *arena, struct user_page *page) {
    for (size_t i = 0; i < max && *next < result->count; i++) {
        int r = iam_view_user(iam, result->pks[(*next)++], tenant_pk, arena,
                              &page->users[page->count]);
        if (r < 0)
            return r;
        if (r == 0)
            page->count++;
        else
            page->total--;
    }
    return 0;
}

static int init_page(const struct listing_result *result, struct arena *arena,
                     struct user_page *ret_page) {
    struct user_view *users = arena_alloc(arena, result->count * sizeof(*users));
    *ret_page = (struct user_page){.users = users, .total = result->total};
    return users ? 0 : FATAL(ENOMEM);
}

int iam_view_users(struct iam *iam, const struct listing_result *result, int64_t tenant_pk,
                   struct arena *arena, struct user_page *ret_page) {
    struct user_page page;
    size_t next = 0;
    int r = init_page(result, arena, &page);
    if (r == 0)
        r = view_some(iam, result, tenant_pk, result->count, &next, arena, &page);
    if (r == 0)
        *ret_page = page;
    return r;
}

int user_listing_view(struct iam *iam, const struct listing_result *result, int64_t tenant_pk,
                      struct arena *arena, struct user_page *ret_page) {
    struct user_page page;
    int r = init_page(result, arena, &page);
    for (size_t next = 0; r == 0 && next < result->count;) {
        struct transaction transaction;
        store_give_way(iam->store);
        store_begin(iam->store, &transaction);
        r = view_some(iam, result, tenant_pk, VIEWED_AT_ONCE, &next, arena, &page);
        store_transaction_end(&transaction);
    }
    if (r == 0)
        *ret_page = page;
    return r;
}

bool user_listing_is_long(struct iam *iam, const struct listing_request *request) {
    size_t n_users;
    size_t n_stale;
    if (user_blocks_measure(iam->store, &n_users, &n_stale) != 0)
        return false;
    bool searches = request->q || request->sort.count > 0 || request->filters.count > 0;
    return n_stale > MANY_STALE || (searches && n_users > MANY_SEARCHED);
}

int iam_list_users(struct iam *iam, const struct listing_request *request, struct arena *arena,
                   struct user_page *ret_page, const char **reterr_problem) {
    const struct user_selection selection = {.kind = IAM_USER};
    struct listing listing;
    struct listing_result result;
    int r = user_listing_init(iam, &listing, request, USER_N_COLUMNS, arena, reterr_problem);
    if (r == 0)
        r = user_listing_run(iam, &selection, &listing, &result);
    return r == 0 ? user_listing_view(iam, &result, 0, arena, ret_page) : r;
}
