#include "store/row_blocks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/group.h"
#include "store/statement.h"
#include "store/user.h"
#include "util/buffer.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/text_search.h"

/* Offsets are 32 bits wide. */
enum { MAX_TEXT = INT32_MAX };

/* A block whose texts take more is not kept. */
enum { MAX_BLOCK_TEXT = 256 * 1024 };

enum { MAX_RESTARTS = 3 };

struct row_source {
    size_t n_texts;    /* the first columns */
    size_t n_searched; /* the first of these; the very first is not null */
    size_t n_sorted;   /* likewise */
    int (*scan)(struct store *store, int64_t first, int64_t end, size_t max, store_visit visit,
                void *cls);
    int (*find_last)(struct store *store, int64_t *ret_pk);
    void (*complete)(struct row *row, const char *const *columns);
};

/* Any column may be null in a damaged database. */
static bool is(const char *column, const char *text) {
    return column && strcmp(column, text) == 0;
}

static void complete_user(struct row *row, const char *const *columns) {
    row->flags |= is(columns[USER_COLUMN_SUPER_ADMIN], "true") ? ROW_IS_SUPER_ADMIN : 0;
    row->flags |= is(columns[USER_COLUMN_TYPE], "SERVICE_ACCOUNT") ? ROW_IS_SERVICE_ACCOUNT : 0;
}

static void complete_group(struct row *row, const char *const *columns) {
    const char *tenant = columns[GROUP_COLUMN_TENANT];
    row->tenant_pk = tenant ? strtoll(tenant, NULL, 10) : 0;
}

static const struct row_source sources[ROWS_N_KINDS] = {
    [ROWS_USERS] = {USER_COLUMN_SUPER_ADMIN, USER_COLUMN_ID, USER_COLUMN_ID, store_user_scan_range,
                    store_user_find_last, complete_user},
    [ROWS_GROUPS] = {GROUP_N_COLUMNS, GROUP_COLUMN_DESCRIPTION, GROUP_COLUMN_ID,
                     store_group_scan_range, store_group_find_last, complete_group},
};

/* Rows that are read for a block. The texts start with a byte that no offset names. */
struct reading {
    const struct row_source *source;
    struct buffer rows;
    struct buffer searched;
    struct buffer others;
    uint32_t flags;
};

static void reading_deinit(struct reading *reading) {
    buffer_deinit(&reading->rows);
    buffer_deinit(&reading->searched);
    buffer_deinit(&reading->others);
}

static int append_text(struct buffer *buffer, const char *text, uint32_t *ret_offset) {
    if (buffer->size == 0 && buffer_append(buffer, "", 1, MAX_TEXT) != 0)
        return FATAL(ENOMEM);
    size_t offset = buffer->size;
    if (buffer_append(buffer, text, strlen(text) + 1, MAX_TEXT) != 0)
        return FATAL(ENOMEM);
    *ret_offset = (uint32_t)offset;
    return 0;
}

/* Most users have their e-mail address as username. It is kept once. */
static int add_row(void *cls, int64_t pk, const char *const *columns) {
    struct reading *reading = cls;
    const struct row_source *source = reading->source;
    struct row row = {.pk = pk};
    int r = 0;
    for (size_t i = 0; r == 0 && i < source->n_texts; i++) {
        bool is_searched = i < source->n_searched;
        if (columns[i] && i > 0 && is_searched && is(columns[0], columns[i]))
            row.texts[i] = row.texts[0];
        else if (columns[i])
            r = append_text(is_searched ? &reading->searched : &reading->others, columns[i],
                            &row.texts[i]);
    }
    source->complete(&row, columns);
    reading->flags |= row.flags;
    if (r == 0 && buffer_append(&reading->rows, (const char *)&row, sizeof(row), SIZE_MAX) != 0)
        r = FATAL(ENOMEM);
    bool is_large = reading->searched.size + reading->others.size > MAX_BLOCK_TEXT;
    return r == 0 && is_large ? ROW_BLOCKS_TOO_LARGE : r;
}

static void find_extremes(struct row_block *block, size_t n_sorted) {
    for (size_t column = 0; column < n_sorted; column++) {
        const char *lowest = row_block_text(block, &block->rows[0], column);
        const char *highest = lowest;
        for (size_t i = 1; i < block->count; i++) {
            const char *text = row_block_text(block, &block->rows[i], column);
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

static int64_t common_tenant(const struct row_block *block) {
    for (size_t i = 1; i < block->count; i++)
        if (block->rows[i].tenant_pk != block->rows[0].tenant_pk)
            return 0;
    return block->rows[0].tenant_pk;
}

static struct row_block *make_block(const struct reading *reading) {
    const struct row_source *source = reading->source;
    size_t size = sizeof(struct row_block) + reading->rows.size;
    struct row_block *block = malloc(size + reading->searched.size + reading->others.size);
    if (!block)
        return NULL;
    memset(block, 0, sizeof(*block));
    atomic_init(&block->references, 1);
    block->count = reading->rows.size / sizeof(struct row);
    block->flags = reading->flags;
    block->searched_size = reading->searched.size;
    char *text = (char *)block + size;
    block->text = text;
    if (block->count == 0)
        return block;
    memcpy(block->rows, reading->rows.bytes, reading->rows.size);
    memcpy(text, reading->searched.bytes, reading->searched.size);
    memcpy(text + reading->searched.size, reading->others.bytes, reading->others.size);
    for (size_t i = 0; i < block->count; i++)
        for (size_t j = source->n_searched; j < source->n_texts; j++)
            if (block->rows[i].texts[j])
                block->rows[i].texts[j] += (uint32_t)reading->searched.size;
    find_extremes(block, source->n_sorted);
    block->tenant_pk = common_tenant(block);
    return block;
}

/* Reads the block of the rows from `first` on, before `end`. */
static int read_block(struct store *store, enum row_kind kind, int64_t first, int64_t end,
                      struct row_block **ret_block) {
    CLEANUP(reading_deinit) struct reading reading = {.source = &sources[kind]};
    int r = sources[kind].scan(store, first, end, ROW_BLOCK_SIZE, add_row, &reading);
    if (r != 0)
        return r;
    struct row_block *block = make_block(&reading);
    if (!block)
        return FATAL(ENOMEM);
    *ret_block = block;
    return 0;
}

static int refresh(struct store *store, enum row_kind kind, size_t index) {
    struct row_table *table = &store->rows[kind];
    struct row_range *range = &table->ranges[index];
    int r = read_block(store, kind, range->first, row_table_range_end(table, index), &range->block);
    if (r == 0)
        table->n_stale--;
    return r;
}

static int make_room(struct row_table *table) {
    if (table->count < table->capacity)
        return 0;
    size_t capacity = table->capacity ? 2 * table->capacity : 4;
    struct row_range *ranges = realloc(table->ranges, capacity * sizeof(*ranges));
    if (!ranges)
        return FATAL(ENOMEM);
    table->ranges = ranges;
    table->capacity = capacity;
    return 0;
}

static bool has_room(const struct row_table *table, size_t index) {
    const struct row_block *block = index < table->count ? table->ranges[index].block : NULL;
    return index + 1 == table->count && block && block->count < ROW_BLOCK_SIZE;
}

/* Reads the rows beyond the ranges. They go into the last block while that has room. */
static int extend(struct store *store, enum row_kind kind) {
    struct row_table *table = &store->rows[kind];
    struct row_block *block = NULL;
    bool widens = has_room(table, table->count - 1);
    int64_t first = widens             ? table->ranges[table->count - 1].first
                    : table->count > 0 ? table->end
                                       : INT64_MIN;
    int r = make_room(table);
    if (r == 0)
        r = read_block(store, kind, first, INT64_MAX, &block);
    if (r != 0 || !block)
        return r;
    if (widens)
        row_block_release(table->ranges[--table->count].block);
    table->ranges[table->count++] = (struct row_range){first, block};
    int64_t last = block->count > 0 ? block->rows[block->count - 1].pk : first;
    table->complete = block->count < ROW_BLOCK_SIZE || last == INT64_MAX;
    table->end = last == INT64_MAX ? last : last + 1;
    return 0;
}

/* The way of a listing through the ranges. */
struct taking {
    struct row_blocks *blocks; /* (owned) */
    size_t capacity;
    int64_t next; /* it has all rows before this key */
    uint64_t changes;
    unsigned n_restarts;
    bool done;
};

static void taking_deinit(struct taking *taking) {
    row_blocks_release(&taking->blocks);
}

static int start(struct taking *taking, const struct row_table *table) {
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

static int append_block(struct taking *taking, struct row_block *block) {
    struct row_blocks *blocks = taking->blocks;
    if (block->count == 0)
        return 0;
    if (blocks->count == taking->capacity) {
        size_t capacity = taking->capacity ? 2 * taking->capacity : 4;
        struct row_blocks *grown =
            realloc(blocks, sizeof(*blocks) + capacity * sizeof(struct row_block *));
        if (!grown)
            return FATAL(ENOMEM);
        taking->blocks = blocks = grown;
        taking->capacity = capacity;
    }
    atomic_fetch_add_explicit(&block->references, 1, memory_order_relaxed);
    blocks->items[blocks->count++] = block;
    return 0;
}

/* Makes the range at the index fresh, or adds one there. Returns 0, STORE_NOT_FOUND when there are
 * no more rows, or <0. */
static int read_range(struct store *store, enum row_kind kind, size_t index) {
    struct row_table *table = &store->rows[kind];
    if (!table->complete && (index == table->count || has_room(table, index)))
        return extend(store, kind);
    return index < table->count ? refresh(store, kind, index) : STORE_NOT_FOUND;
}

/* Takes the fresh blocks that come next, and reads at most one. */
static int take_some(struct store *store, enum row_kind kind, struct taking *taking) {
    struct row_table *table = &store->rows[kind];
    size_t index = row_table_find(table, taking->next);
    for (bool has_read = false;; index++) {
        bool is_fresh = index < table->count && table->ranges[index].block &&
                        (table->complete || !has_room(table, index));
        if (!is_fresh && has_read && !(table->complete && index == table->count))
            return 0;
        int r = is_fresh ? 0 : read_range(store, kind, index);
        has_read |= !is_fresh;
        if (r == STORE_NOT_FOUND)
            taking->done = true;
        if (r == 0)
            r = append_block(taking, table->ranges[index].block);
        if (r != 0)
            return taking->done ? 0 : r;
        taking->next = row_table_range_end(table, index);
    }
}

/* Ranges only change by becoming wider at the end, or all at once. If that has happened to where
 * the listing was, or will happen, it starts again. */
static bool is_lost(const struct taking *taking, const struct row_table *table) {
    size_t index = row_table_find(table, taking->next);
    if (index < table->count)
        return table->ranges[index].first != taking->next;
    return taking->next != table->end || (!table->complete && has_room(table, index - 1));
}

int row_blocks_read(struct store *store, enum row_kind kind, int64_t first,
                    struct row_block **ret_block) {
    CLEANUP(reading_deinit) struct reading reading = {.source = &sources[kind]};
    struct transaction transaction;
    store_give_way(store);
    store_begin(store, &transaction);
    int r = sources[kind].scan(store, first, INT64_MAX, ROW_BLOCK_SIZE, add_row, &reading);
    store_transaction_end(&transaction);
    if (r < 0)
        return r;
    if (reading.rows.size == 0)
        return STORE_NOT_FOUND;
    *ret_block = make_block(&reading);
    return *ret_block ? 0 : FATAL(ENOMEM);
}

int row_blocks_take(struct store *store, enum row_kind kind, struct row_blocks **ret_blocks) {
    CLEANUP(taking_deinit) struct taking taking = {0};
    int r = 0;
    for (bool started = false; r == 0 && !taking.done; started = true) {
        if (started)
            store_give_way(store);
        CLEANUP(store_transaction_end) struct transaction transaction;
        struct row_table *table = &store->rows[kind];
        store_begin(store, &transaction);
        if (table->too_large)
            return ROW_BLOCKS_TOO_LARGE;
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
            r = r == 0 ? take_some(store, kind, &taking) : r;
        } while (r == 0 && !taking.done && taking.n_restarts > MAX_RESTARTS);
        if (r == ROW_BLOCKS_TOO_LARGE) {
            row_table_clear(table);
            table->too_large = true;
        }
        if (r == 0 && taking.done && taking.changes == table->changes && !table->taken) {
            table->taken = taking.blocks;
            atomic_fetch_add_explicit(&taking.blocks->references, 1, memory_order_relaxed);
        }
    }
    if (r == 0)
        *ret_blocks = TAKE(taking.blocks);
    return r;
}

int row_blocks_measure(struct store *store, enum row_kind kind, size_t *ret_rows,
                       size_t *ret_stale) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    const struct row_table *table = &store->rows[kind];
    int64_t last = 0;
    store_begin(store, &transaction);
    int r = table->complete ? 0 : sources[kind].find_last(store, &last);
    if (r < 0)
        return r;
    size_t n_unread = last > table->end ? (size_t)(last - table->end) : 0;
    *ret_rows = table->count * ROW_BLOCK_SIZE + n_unread;
    *ret_stale = table->n_stale * ROW_BLOCK_SIZE + n_unread;
    return 0;
}
