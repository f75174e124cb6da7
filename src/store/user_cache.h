/* Keeps users in memory as user_record_read has read them, so that to read one again takes no
 * statement. A store keeps none until somebody reads one. Only for the files of store/; the caller
 * holds the store's lock.
 *
 * What is kept is true as long as SQLite has changed no row since. So every write makes kestub
 * forget all users, unless the write says whom it concerns. */
#pragma once

#include <sqlite3.h>

#include "store/store.h"

enum { USER_CACHE_MAX_SIZE = 2048 }; /* bytes of a user */

struct user_cache;

/* Returns the bytes that are kept of the user, or NULL. They are valid until the next call. */
const void *user_cache_find(struct store *store, int64_t user_pk, size_t *ret_size);

/* Keeps a user whom the transaction has just read. Returns room for the bytes, aligned for any
 * type, which the caller fills, or NULL when memory is out, or when the transaction writes: it may
 * be rolled back. */
void *user_cache_add(struct store *store, int64_t user_pk, size_t size);

/* Runs a statement as statement_run does. It writes nothing that any other user shows, and the
 * others are still kept. */
int user_cache_run(struct store *store, sqlite3_stmt *statement, int64_t user_pk);

/* Call this when another state replaces the store's, and at its end. */
void user_cache_free(struct user_cache *cache);
