/* A store's blocks of one kind of row, which of them are stale, and what has not been read yet.
 * Only for the files of store/; the caller holds the store's lock. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct row_block;
struct row_blocks;

struct row_range {
    int64_t first;           /* the block has all rows from this key up to the next range */
    struct row_block *block; /* (owned) one reference; NULL: stale */
};

struct row_table {
    struct row_range *ranges; /* (owned) by ascending keys */
    size_t count;
    size_t capacity;
    size_t n_stale;
    int64_t end;              /* the last range ends before this key; 0 while there is none */
    bool complete;            /* there are no rows from there on */
    bool too_large;           /* rows have long texts: keep no blocks */
    uint64_t changes;         /* grows when anything becomes stale */
    struct row_blocks *taken; /* (owned) one reference; NULL: something is stale */
};

/* Forgets all. Call this when another state replaces the store's, and at its end. */
void row_table_clear(struct row_table *table);

/* Call these when a row is inserted, or is updated or deleted, even if the transaction is rolled
 * back later. */
void row_table_note_insert(struct row_table *table);
void row_table_note_change(struct row_table *table, int64_t pk);

/* Returns the index of the range that the key is in, or `count` for keys from `end` on. */
size_t row_table_find(const struct row_table *table, int64_t pk);

/* Where the range ends: before this key. */
int64_t row_table_range_end(const struct row_table *table, size_t index);
