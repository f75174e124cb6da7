#include "store/copy.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "store/statement.h"
#include "util/cleanup.h"
#include "util/fatal.h"

struct store_copy {
    unsigned char *bytes; /* (owned, sqlite3_free) a whole database */
    sqlite3_int64 size;
    atomic_int references;
};

/* Offsets in a database's header of how the file is written: with a rollback journal or with
 * WAL. */
enum { WRITE_VERSION = 18, READ_VERSION = 19, WITH_JOURNAL = 1 };

int store_copy_take(struct store *store, struct store_copy **ret_snapshot) {
    struct store_copy *snapshot = calloc(1, sizeof(*snapshot));
    if (!snapshot)
        return FATAL(ENOMEM);
    atomic_init(&snapshot->references, 1);
    struct transaction transaction;
    store_begin(store, &transaction);
    snapshot->bytes = sqlite3_serialize(store->db, "main", &snapshot->size, 0);
    store_transaction_end(&transaction);
    if (!snapshot->bytes) {
        store_copy_free(snapshot);
        return FATAL(ENOMEM);
    }
    /* A database in memory cannot use WAL. */
    snapshot->bytes[WRITE_VERSION] = snapshot->bytes[READ_VERSION] = WITH_JOURNAL;
    *ret_snapshot = snapshot;
    return 0;
}

struct store_copy *store_copy_share(struct store_copy *snapshot) {
    atomic_fetch_add_explicit(&snapshot->references, 1, memory_order_relaxed);
    return snapshot;
}

size_t store_copy_size(const struct store_copy *snapshot) {
    return (size_t)snapshot->size;
}

void store_copy_free(struct store_copy *snapshot) {
    if (!snapshot || atomic_fetch_sub_explicit(&snapshot->references, 1, memory_order_acq_rel) > 1)
        return;
    sqlite3_free(snapshot->bytes);
    free(snapshot);
}

static void close_connection(sqlite3 **db) {
    sqlite3_close(*db);
}

static int copy(struct store *store, const void *cls) {
    const struct store_copy *snapshot = cls;
    CLEANUP(close_connection) sqlite3 *source = NULL;
    int rc =
        sqlite3_open_v2(":memory:", &source, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK) /* the connection only reads the bytes and does not free them */
        rc = sqlite3_deserialize(source, "main", snapshot->bytes, snapshot->size, snapshot->size,
                                 SQLITE_DESERIALIZE_READONLY);
    if (rc != SQLITE_OK)
        return rc == SQLITE_NOMEM ? FATAL(ENOMEM) : FATAL(EIO);
    sqlite3_backup *backup = sqlite3_backup_init(store->db, "main", source, "main");
    if (!backup)
        return FATAL(statement_error(store, sqlite3_errcode(store->db), NULL));
    rc = sqlite3_backup_step(backup, -1);
    int finished = sqlite3_backup_finish(backup);
    if (rc == SQLITE_DONE)
        rc = finished;
    return rc == SQLITE_OK ? 0 : FATAL(statement_error(store, rc, NULL));
}

int store_copy_restore(struct store *store, const struct store_copy *snapshot) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(store, &transaction);
    key_cache_clear(store->keys);
    names_clear(store->names);
    return copy(store, snapshot);
}

int store_open_copy(const struct store_copy *snapshot, struct store **ret_store,
                    char reterr_error[STORE_ERROR_SIZE]) {
    return store_open_filled(copy, snapshot, ret_store, reterr_error);
}
