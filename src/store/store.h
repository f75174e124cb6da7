/* The state, in SQLite. A store has one connection and one lock. A transaction takes the lock; call
 * all other functions of store/ within a transaction, unless they say that they take the lock.
 *
 * Functions return <0 when the database fails (-ENOMEM, -ENOSPC, -EIO), 0 for success, or the
 * outcomes STORE_NOT_FOUND and STORE_EXISTS. The strings that a function returns lie in its
 * arena. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/arena.h"

enum {
    STORE_NOT_FOUND = 1,
    STORE_EXISTS = 2, /* a value that must be unique is taken; nothing was written */
};

enum { STORE_ERROR_SIZE = 512 };

struct store;

/* Configures SQLite. Call it once, before the first store_open. Returns 0 or <0. */
int store_initialize(void);

/* The version of the SQLite library in use. */
const char *store_library_version(void);

/* Opens a database file, or a database in memory when `path` is NULL, and migrates it to the newest
 * schema. Only one process at a time can open a file. Returns 0 and the store (owned by the caller,
 * store_free), or <0 and a sentence for the user in `reterr_error`. */
int store_open(const char *path, struct store **ret_store, char reterr_error[STORE_ERROR_SIZE]);
void store_free(struct store *store);

/* Opens an empty store in memory, quickly, for a short use. Its contents can replace those of
 * `like`, which may be NULL. Otherwise as store_open. */
int store_open_scratch(const struct store *like, struct store **ret_store,
                       char reterr_error[STORE_ERROR_SIZE]);

/* Gets one row: its key and some text columns, with NULL for null, that are valid during the call.
 * Returns 0 to go on, or the result that ends the scan. */
typedef int (*store_visit)(void *cls, int64_t pk, const char *const *columns);

enum { STORE_MAX_COLUMNS = 8 };

/* Describes the last failure and its statement, for a log. Takes the lock. */
void store_describe_error(struct store *store, char out[STORE_ERROR_SIZE]);

/* Returns the bytes of the whole database. Takes the lock. Returns 0 or <0. */
int store_measure(struct store *store, size_t *ret_bytes);

/* Turns the checks of references off or on, which take a tenth of the time of a large load. Turn
 * them off only while each row refers to rows that the same transaction has found. */
void store_check_references(struct store *store, bool checks);
struct changes;

struct transaction {
    struct store *store; /* NULL once the transaction has ended */
    bool writing;
};

/* store_begin takes the lock. Call store_start_writing before the first write. store_commit ends
 * the transaction; store_transaction_end, which is also its CLEANUP, rolls it back unless it has
 * ended. */
void store_begin(struct store *store, struct transaction *ret_transaction);
int store_start_writing(struct transaction *transaction);
int store_commit(struct transaction *transaction);
void store_transaction_end(struct transaction *transaction);

/* Lets those who wait for the lock have it first. Long work that takes the lock again and again
 * calls this in between. */
void store_give_way(struct store *store);
/* Commits, and then appends to the list what has changed, unless it is NULL. */
int store_commit_telling(struct transaction *transaction, struct changes *changes);
