/* Keeps users and groups in memory as they were read, so that to read one again takes no statement.
 * A store keeps none until somebody reads one. Only for the files of store/; the caller holds the
 * store's lock.
 *
 * What is kept is true as long as SQLite has changed no row since. So every write makes kestub
 * forget all, unless the write says whom it concerns. */
#pragma once

#include <sqlite3.h>

#include "store/store.h"

enum cached_kind {
    CACHED_USER,  /* see user_record.c */
    CACHED_GROUP, /* see membership.c */
    CACHED_N_KINDS,
};

enum { ROW_CACHE_MAX_SIZE = 2048 }; /* in bytes */

struct row_cache;

/* Returns the bytes that are kept, or NULL. They are valid until the next call. */
const void *row_cache_find(struct store *store, enum cached_kind kind, int64_t pk,
                           size_t *ret_size);

/* Keeps what the transaction has just read. Returns room for the bytes, aligned for any type, which
 * the caller fills, or NULL when memory is out, or when the transaction writes: it may be rolled
 * back. */
void *row_cache_add(struct store *store, enum cached_kind kind, int64_t pk, size_t size);

/* Runs a statement as statement_run does. It writes nothing that groups or other users show, and
 * these are still kept. */
int row_cache_run(struct store *store, sqlite3_stmt *statement, int64_t user_pk);

/* Call this when another state replaces the store's, and at its end. */
void row_cache_free(struct row_cache *cache);
