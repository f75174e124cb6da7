/* Copies of a whole database. A snapshot never changes, so threads share it without a lock. It is
 * reference-counted. */
#pragma once

#include "store/store.h"

struct store_copy;

/* Copies the whole database. Takes the lock. Returns 0 and a reference (owned by the caller,
 * store_copy_free), or <0. */
int store_copy_take(struct store *store, struct store_copy **ret_snapshot);

/* Returns one more reference (owned by the caller). */
struct store_copy *store_copy_share(struct store_copy *snapshot);

void store_copy_free(struct store_copy *snapshot);

/* Replaces the whole database with the snapshot, whose pages have the same size, or changes
 * nothing. Takes the lock. Returns 0 or <0. */
int store_copy_restore(struct store *store, const struct store_copy *snapshot);

/* Makes a new store in memory with the contents of the snapshot. Returns 0 and the store (owned by
 * the caller, store_free), or -ENOMEM. */
int store_open_copy(const struct store_copy *snapshot, struct store **ret_store);
