/* Copies of a whole state. A snapshot never changes, so that threads share it without a lock; it
 * ends with the last reference to it. */
#pragma once

#include "store/store.h"

struct store_copy;

/* Copies what the store holds. Takes the lock. 0 and a reference (owned by the caller,
 * store_copy_free), or <0. */
int store_copy_take(struct store *store, struct store_copy **ret_snapshot);

/* One more reference (owned by the caller). */
struct store_copy *store_copy_share(struct store_copy *snapshot);
void store_copy_free(struct store_copy *snapshot);

/* Replaces what the store holds, all or nothing. Takes the lock. 0 or <0. */
int store_copy_restore(struct store *store, const struct store_copy *snapshot);

/* A new store in memory that starts as the snapshot; as store_open. */
int store_open_copy(const struct store_copy *snapshot, struct store **ret_store,
                    char reterr_error[STORE_ERROR_SIZE]);
