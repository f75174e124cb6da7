/* A store's blocks of users, which of them are stale, and what has not been read yet. Only for the
 * files of store/; the caller holds the store's lock. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct user_block;
struct user_blocks;

struct user_range {
    int64_t first;            /* the block has all users from this key up to the next range */
    struct user_block *block; /* (owned) one reference; NULL: stale */
};

struct user_table {
    struct user_range *ranges; /* (owned) by ascending keys */
    size_t count;
    size_t capacity;
    size_t n_stale;
    int64_t end;               /* the last range ends before this key; 0 while there is none */
    bool complete;             /* there are no users from there on */
    uint64_t changes;          /* grows when anything becomes stale */
    struct user_blocks *taken; /* (owned) one reference; NULL: something is stale */
};

void user_table_deinit(struct user_table *table);

/* Call this when another state replaces the store's. */
void user_table_clear(struct user_table *table);

/* Call these when a user is inserted, or is updated or deleted, even if the transaction is rolled
 * back later. */
void user_table_note_insert(struct user_table *table);
void user_table_note_change(struct user_table *table, int64_t pk);

/* Returns the index of the range that the key is in, or `count` for keys from `end` on. */
size_t user_table_find(const struct user_table *table, int64_t pk);

/* Where the range ends: before this key. */
int64_t user_table_range_end(const struct user_table *table, size_t index);
