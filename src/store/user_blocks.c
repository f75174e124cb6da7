#include "store/user_blocks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/statement.h"
#include "store/user.h"
#include "util/buffer.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/text_search.h"

_Static_assert((int)USER_BLOCK_N_SEARCHED == (int)USER_COLUMN_ID &&
                   (int)USER_BLOCK_N_TEXTS == (int)USER_COLUMN_SUPER_ADMIN,
               "the blocks have the texts of the store's columns");

/* Offsets are 32 bits wide. */
enum { MAX_TEXT = INT32_MAX };

enum { MAX_RESTARTS = 3 };

/* Rows that are read for a block. */
struct reading {
    struct buffer rows;
    struct buffer searched; /* starts with a byte that no offset names */
    struct buffer ids;
    size_t n_service_accounts;
};

static void reading_deinit(struct reading *reading) {
    buffer_deinit(&reading->rows);
    buffer_deinit(&reading->searched);
    buffer_deinit(&reading->ids);
}

static int append_text(struct buffer *buffer, const char *text, uint32_t *ret_offset) {
    size_t offset = buffer->size;
    if (buffer_append(buffer, text, strlen(text) + 1, MAX_TEXT) != 0)
        return FATAL(ENOMEM);
    *ret_offset = (uint32_t)offset;
    return 0;
}

/* Most users have their e-mail address as username. It is kept once. */
static int add_row(void *cls, int64_t pk, const char *const *columns) {
    struct reading *reading = cls;
    struct user_row row = {
        .pk = pk,
        .super_admin = columns[USER_COLUMN_SUPER_ADMIN][0] == 't',
        .is_service_account = columns[USER_COLUMN_TYPE][1] == 'E',
    };
    int r = 0;
    if (reading->searched.size == 0)
        r = append_text(&reading->searched, "", &row.texts[0]);
    for (size_t i = 0; r == 0 && i < USER_BLOCK_N_SEARCHED; i++) {
        if (i == USER_COLUMN_EMAIL && columns[i] &&
            strcmp(columns[i], columns[USER_COLUMN_USERNAME]) == 0)
            row.texts[i] = row.texts[USER_COLUMN_USERNAME];
        else if (columns[i])
            r = append_text(&reading->searched, columns[i], &row.texts[i]);
    }
    if (r == 0)
        r = append_text(&reading->ids, columns[USER_COLUMN_ID], &row.texts[USER_COLUMN_ID]);
    if (r == 0 && buffer_append(&reading->rows, (const char *)&row, sizeof(row), SIZE_MAX) != 0)
        r = FATAL(ENOMEM);
    reading->n_service_accounts += row.is_service_account;
    return r;
}

static void find_extremes(struct user_block *block) {
    for (size_t column = 0; column < USER_BLOCK_N_SEARCHED; column++) {
        const char *lowest = user_block_text(block, &block->rows[0], column);
        const char *highest = lowest;
        for (size_t i = 1; i < block->count; i++) {
            const char *text = user_block_text(block, &block->rows[i], column);
            if (text_compare(text, lowest) < 0) {
                lowest = text;
                block->lowest[column] = (uint16_t)i;
            } else if (text_compare(text, highest) > 0) {
                highest = text;
                block->highest[column] = (uint16_t)i;
            }
        }
    }
}

static struct user_block *make_block(const struct reading *reading) {
    size_t size = sizeof(struct user_block) + reading->rows.size;
    struct user_block *block = malloc(size + reading->searched.size + reading->ids.size);
    if (!block)
        return NULL;
    memset(block, 0, sizeof(*block));
    atomic_init(&block->references, 1);
    block->count = reading->rows.size / sizeof(struct user_row);
    block->n_service_accounts = reading->n_service_accounts;
    block->searched_size = reading->searched.size;
    char *text = (char *)block + size;
    block->text = text;
    if (block->count == 0)
        return block;
    memcpy(block->rows, reading->rows.bytes, reading->rows.size);
    memcpy(text, reading->searched.bytes, reading->searched.size);
    memcpy(text + reading->searched.size, reading->ids.bytes, reading->ids.size);
    for (size_t i = 0; i < block->count; i++)
        block->rows[i].texts[USER_COLUMN_ID] += (uint32_t)reading->searched.size;
    find_extremes(block);
    return block;
}

/* Reads the block of the users from `first` on, before `end`. */
static int read_block(struct store *store, int64_t first, int64_t end,
                      struct user_block **ret_block) {
    CLEANUP(reading_deinit) struct reading reading = {0};
    int r = store_user_scan_range(store, first, end, USER_BLOCK_ROWS, add_row, &reading);
    if (r != 0)
        return r;
    struct user_block *block = make_block(&reading);
    if (!block)
        return FATAL(ENOMEM);
    *ret_block = block;
    return 0;
}

static int refresh(struct store *store, size_t index) {
    struct user_table *table = &store->users;
    struct user_range *range = &table->ranges[index];
    int r = read_block(store, range->first, user_table_range_end(table, index), &range->block);
    if (r == 0)
        table->n_stale--;
    return r;
}

static int make_room(struct user_table *table) {
    if (table->count < table->capacity)
        return 0;
    size_t capacity = table->capacity ? 2 * table->capacity : 4;
    struct user_range *ranges = realloc(table->ranges, capacity * sizeof(*ranges));
    if (!ranges)
        return FATAL(ENOMEM);
    table->ranges = ranges;
    table->capacity = capacity;
    return 0;
}

static bool has_room(const struct user_table *table, size_t index) {
    const struct user_block *block = index < table->count ? table->ranges[index].block : NULL;
    return index + 1 == table->count && block && block->count < USER_BLOCK_ROWS;
}

/* Reads the users beyond the ranges. They go into the last block while that has room. */
static int extend(struct store *store) {
    struct user_table *table = &store->users;
    struct user_block *block;
    bool widens = has_room(table, table->count - 1);
    int64_t first = widens             ? table->ranges[table->count - 1].first
                    : table->count > 0 ? table->end
                                       : INT64_MIN;
    int r = make_room(table);
    if (r == 0)
        r = read_block(store, first, INT64_MAX, &block);
    if (r != 0)
        return r;
    if (widens)
        user_block_release(table->ranges[--table->count].block);
    table->ranges[table->count++] = (struct user_range){first, block};
    int64_t last = block->count > 0 ? block->rows[block->count - 1].pk : first;
    table->complete = block->count < USER_BLOCK_ROWS || last == INT64_MAX;
    table->end = last == INT64_MAX ? last : last + 1;
    return 0;
}

/* The way of a listing through the ranges. */
struct taking {
    struct user_blocks *blocks; /* (owned) */
    size_t capacity;
    int64_t next; /* it has all users before this key */
    uint64_t changes;
    unsigned n_restarts;
    bool done;
};

static void taking_deinit(struct taking *taking) {
    user_blocks_release(&taking->blocks);
}

static int start(struct taking *taking, const struct user_table *table) {
    taking_deinit(taking);
    taking->capacity = 0;
    taking->next = INT64_MIN;
    taking->changes = table->changes;
    taking->blocks = calloc(1, sizeof(*taking->blocks));
    if (!taking->blocks)
        return FATAL(ENOMEM);
    atomic_init(&taking->blocks->references, 1);
    return 0;
}

static int append_block(struct taking *taking, struct user_block *block) {
    struct user_blocks *blocks = taking->blocks;
    if (blocks->count == taking->capacity) {
        size_t capacity = taking->capacity ? 2 * taking->capacity : 4;
        blocks = realloc(blocks, sizeof(*blocks) + capacity * sizeof(blocks->items[0]));
        if (!blocks)
            return FATAL(ENOMEM);
        taking->blocks = blocks;
        taking->capacity = capacity;
    }
    atomic_fetch_add_explicit(&block->references, 1, memory_order_relaxed);
    blocks->items[blocks->count++] = block;
    blocks->n_users += block->count - block->n_service_accounts;
    return 0;
}

/* Makes the range at the index fresh, or adds one there. Returns 0, STORE_NOT_FOUND when there are
 * no more users, or <0. */
static int read_range(struct store *store, size_t index) {
    struct user_table *table = &store->users;
    if (!table->complete && (index == table->count || has_room(table, index)))
        return extend(store);
    return index < table->count ? refresh(store, index) : STORE_NOT_FOUND;
}

/* Takes the fresh blocks that come next, and reads at most one. */
static int take_some(struct store *store, struct taking *taking) {
    struct user_table *table = &store->users;
    size_t index = user_table_find(table, taking->next);
    for (bool has_read = false;; index++) {
        bool is_fresh = index < table->count && table->ranges[index].block &&
                        (table->complete || !has_room(table, index));
        if (!is_fresh && has_read && !(table->complete && index == table->count))
            return 0;
        int r = is_fresh ? 0 : read_range(store, index);
        has_read |= !is_fresh;
        if (r == STORE_NOT_FOUND)
            taking->done = true;
        if (r == 0)
            r = append_block(taking, table->ranges[index].block);
        if (r != 0)
            return r < 0 ? r : 0;
        taking->next = user_table_range_end(table, index);
    }
}

/* Ranges only change by becoming wider at the end, or all at once. If that has happened to where
 * the listing was, or will happen, it starts again. */
static bool is_lost(const struct taking *taking, const struct user_table *table) {
    size_t index = user_table_find(table, taking->next);
    if (index < table->count)
        return table->ranges[index].first != taking->next;
    return taking->next != table->end || (!table->complete && has_room(table, index - 1));
}

int user_blocks_take(struct store *store, struct user_blocks **ret_blocks) {
    CLEANUP(taking_deinit) struct taking taking = {0};
    int r = 0;
    for (bool started = false; r == 0 && !taking.done; started = true) {
        if (started)
            store_give_way(store);
        CLEANUP(store_transaction_end) struct transaction transaction;
        struct user_table *table = &store->users;
        store_begin(store, &transaction);
        if (!started && table->taken) {
            atomic_fetch_add_explicit(&table->taken->references, 1, memory_order_relaxed);
            *ret_blocks = table->taken;
            return 0;
        }
        if (!started || is_lost(&taking, table)) {
            r = start(&taking, table);
            taking.n_restarts++;
        }
        do {
            r = r == 0 ? take_some(store, &taking) : r;
        } while (r == 0 && !taking.done && taking.n_restarts > MAX_RESTARTS);
        if (r == 0 && taking.done && taking.changes == table->changes && !table->taken) {
            table->taken = taking.blocks;
            atomic_fetch_add_explicit(&taking.blocks->references, 1, memory_order_relaxed);
        }
    }
    if (r == 0)
        *ret_blocks = TAKE(taking.blocks);
    return r;
}

int user_blocks_measure(struct store *store, size_t *ret_users, size_t *ret_stale) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    const struct user_table *table = &store->users;
    int64_t last = 0;
    store_begin(store, &transaction);
    int r = table->complete ? 0 : store_user_find_last(store, &last);
    if (r < 0)
        return r;
    size_t n_unread = last > table->end ? (size_t)(last - table->end) : 0;
    *ret_users = table->count * USER_BLOCK_ROWS + n_unread;
    *ret_stale = table->n_stale * USER_BLOCK_ROWS + n_unread;
    return 0;
}
