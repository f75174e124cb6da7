/* All users or groups of a store in memory, for listings, which read them without the store's lock.
 * The blocks are made when a listing first asks. A write only marks the block that it makes stale,
 * and the next listing reads it again. */
#pragma once

#include "store/row_block.h"
#include "store/store.h"

/* Takes the rows as they are. It reads what is stale under the store's lock, a block at a time, so
 * that others need not wait for long. What is written meanwhile may be missing, but no row is there
 * twice. Takes the lock. Returns 0 and the blocks (owned by the caller, row_blocks_release), <0, or
 * ROW_BLOCKS_TOO_LARGE when rows have texts so long that they are not kept. */
enum { ROW_BLOCKS_TOO_LARGE = STORE_EXISTS + 1 };
int row_blocks_take(struct store *store, enum row_kind kind, struct row_blocks **ret_blocks);

/* Reads the block of the rows from a key on, which nobody keeps. Takes the lock. Returns 0 and the
 * block (owned by the caller, row_block_release), STORE_NOT_FOUND when there are no rows, or <0. */
int row_blocks_read(struct store *store, enum row_kind kind, int64_t first,
                    struct row_block **ret_block);

/* About how many rows there are, and how many of them row_blocks_take would read from the database.
 * Takes the lock. Returns 0 or <0. */
int row_blocks_measure(struct store *store, enum row_kind kind, size_t *ret_rows,
                       size_t *ret_stale);
