/* Blocks of users in memory: rows that never change, in the order of their keys. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    USER_BLOCK_ROWS = 512,
    USER_BLOCK_N_SEARCHED = 4, /* the first columns of the store, up to USER_COLUMN_ID */
    USER_BLOCK_N_TEXTS,        /* and the id */
};

struct user_row {
    int64_t pk;
    uint32_t texts[USER_BLOCK_N_TEXTS]; /* offsets of the columns in the block's text; 0: null */
    bool super_admin;
    bool is_service_account;
};

struct user_block {
    atomic_uint references;
    size_t count;
    size_t n_service_accounts;
    const char *text;     /* starts with a NUL, and then the searched columns, row by row */
    size_t searched_size; /* bytes up to where the ids begin */
    uint16_t lowest[USER_BLOCK_N_SEARCHED]; /* the row with the column's lowest text */
    uint16_t highest[USER_BLOCK_N_SEARCHED]; /* as text_compare orders them */
    struct user_row rows[];
};

struct user_blocks {
    atomic_uint references;
    size_t n_users; /* of all blocks, service accounts left out */
    size_t count;
    struct user_block *items[];
};

/* Returns the text of a column of the row, or NULL. */
static inline const char *user_block_text(const struct user_block *block,
                                          const struct user_row *row, size_t column) {
    return row->texts[column] ? block->text + row->texts[column] : NULL;
}

/* Drop a reference, unless there is NULL. */
void user_block_release(struct user_block *block);
void user_blocks_release(struct user_blocks **blocks);
