/* All users of a store in memory, for listings, which read them without the store's lock. The blocks
 * are made when a listing first asks. A write only marks the block that it makes stale, and the
 * next listing reads it again. */
#pragma once

#include "store/store.h"
#include "store/user_block.h"

/* Takes the users as they are. It reads what is stale under the store's lock, a block at a time, so
 * that others need not wait for long. What is written meanwhile may be missing, but no user is there
 * twice. Takes the lock. Returns 0 and the blocks (owned by the caller, user_blocks_release), or
 * <0. */
int user_blocks_take(struct store *store, struct user_blocks **ret_blocks);

/* About how many users there are, and how many of them user_blocks_take would read from the
 * database. Takes the lock. Returns 0 or <0. */
int user_blocks_measure(struct store *store, size_t *ret_users, size_t *ret_stale);
