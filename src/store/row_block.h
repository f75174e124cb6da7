/* Blocks of rows in memory. They never change, and have the rows in the order of their keys. */
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum row_kind {
    ROWS_USERS,  /* and service accounts; the texts are the store's columns up to USER_COLUMN_ID */
    ROWS_GROUPS, /* of all tenants; the texts are the store's columns */
    ROWS_N_KINDS,
};

enum { ROW_IS_SUPER_ADMIN = 1, ROW_IS_SERVICE_ACCOUNT = 2 };

enum { ROW_BLOCK_SIZE = 512, ROW_MAX_TEXTS = 5, ROW_MAX_SORTED = 4 };

struct row {
    int64_t pk;
    uint32_t texts[ROW_MAX_TEXTS]; /* offsets in the block's text; 0: null */
    uint32_t flags;
    int64_t tenant_pk; /* of a group */
};

struct row_block {
    atomic_uint references;
    size_t count;
    uint32_t flags;       /* each that at least one row has */
    int64_t tenant_pk;    /* of all rows, or 0 */
    const char *text;     /* starts with the texts that listings search, row by row */
    size_t searched_size; /* of these; each ends with a NUL, and a NUL is before the first */
    uint16_t lowest[ROW_MAX_SORTED];  /* the row with the column's lowest text */
    uint16_t highest[ROW_MAX_SORTED]; /* as text_compare orders them */
    struct row rows[];
};

struct row_blocks {
    atomic_uint references;
    size_t count;
    struct row_block *items[]; /* none is empty */
};

/* Returns the text of a column of the row, or NULL. */
static inline const char *row_block_text(const struct row_block *block, const struct row *row,
                                         size_t column) {
    return row->texts[column] ? block->text + row->texts[column] : NULL;
}

/* Drop a reference, unless there is NULL. */
void row_block_release(struct row_block *block);
void row_blocks_release(struct row_blocks **blocks);
