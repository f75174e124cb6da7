/* The state in SQLite. One connection, one lock: a transaction takes the lock, and every other
 * function of store/ is called inside a transaction.
 *
 * Results: <0 is a failure of the database (-ENOMEM, -ENOSPC, -EIO), 0 success, STORE_NOT_FOUND
 * and STORE_EXISTS outcomes. Strings that a function returns lie in the arena it was given. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/arena.h"

enum {
    STORE_NOT_FOUND = 1,
    STORE_EXISTS = 2, /* something that must be unique is taken; nothing was written */
};

enum { STORE_ERROR_SIZE = 512 };

struct store;

/* Tunes SQLite; once, before the first store_open. 0 or <0. */
int store_initialize(void);

/* Which SQLite is loaded. */
const char *store_library_version(void);

/* Opens a database file and brings it to the newest schema; `path` NULL is a database in memory.
 * A file belongs to one process at a time. 0 and the store (owned by the caller, store_free); <0
 * with a sentence for people in `reterr_error`. */
int store_open(const char *path, struct store **ret_store, char reterr_error[STORE_ERROR_SIZE]);
void store_free(struct store *store);

/* An empty one in memory, quickly opened for a short use; as store_open. */
int store_open_scratch(struct store **ret_store, char reterr_error[STORE_ERROR_SIZE]);

/* Opens a store in memory whose tables `fill` makes; else as store_open. Its statements are
 * prepared when they are first used: all of them would be half of what a small store takes, and any
 * other store has proven that they are good. */
typedef int (*store_fill)(struct store *store, const void *cls);
int store_open_filled(store_fill fill, const void *cls, struct store **ret_store,
                      char reterr_error[STORE_ERROR_SIZE]);

/* Is shown one row: its key and some text columns, NULL for null, that live until it returns. 0, or
 * what ends the scan. */
typedef int (*store_visit)(void *cls, int64_t pk, const char *const *columns);

enum { STORE_MAX_COLUMNS = 8 };

/* What the last failure was, and of which statement, for a log. Takes the lock. */
void store_describe_error(struct store *store, char out[STORE_ERROR_SIZE]);

struct transaction {
    struct store *store; /* NULL once it has ended */
    bool writing;
};

/* Takes the lock. End it with store_commit; with store_transaction_end it is rolled back, which
 * also serves as its CLEANUP. Nothing is written before store_start_writing. */
void store_begin(struct store *store, struct transaction *ret_transaction);
int store_start_writing(struct transaction *transaction);
int store_commit(struct transaction *transaction);
void store_transaction_end(struct transaction *transaction);
