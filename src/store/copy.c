#include "store/copy.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "store/connection.h"
#include "store/lender.h"
#include "store/memory_file.h"
#include "store/statement.h"
#include "store/wal.h"
#include "util/cleanup.h"
#include "util/fatal.h"

struct store_copy {
    struct frozen_file *file; /* (owned) a reference */
    struct lender *lender;    /* (owned) a reference to those for stores of such states */
    uint64_t layout;          /* of the store that it is a copy of */
    int page_size;            /* likewise */
    atomic_int references;
};

/* Offsets in a database's header of how the file is written: with a rollback journal or with
 * WAL. */
enum { WRITE_VERSION = 18, READ_VERSION = 19, WITH_JOURNAL = 1 };

/* A database in memory cannot use WAL. */
static int freeze_file(struct store *store, struct frozen_file **ret_file) {
    sqlite3_int64 size;
    unsigned char *bytes = sqlite3_serialize(store->db, "main", &size, 0);
    if (!bytes)
        return FATAL(ENOMEM);
    bytes[WRITE_VERSION] = bytes[READ_VERSION] = WITH_JOURNAL;
    int r = memory_file_freeze_bytes(bytes, (size_t)size, ret_file);
    sqlite3_free(bytes);
    return r;
}

static int freeze(struct store *store, struct frozen_file **ret_file) {
    if (store->resting) {
        *ret_file = memory_file_share(store->resting);
        return 0;
    }
    sqlite3_db_release_memory(store->db); /* what a large load has left in the cache of pages */
    return store->in_memory ? memory_file_freeze(store->db, ret_file)
                            : freeze_file(store, ret_file);
}

int store_copy_take(struct store *store, struct store_copy **ret_snapshot) {
    struct store_copy *snapshot = calloc(1, sizeof(*snapshot));
    if (!snapshot)
        return FATAL(ENOMEM);
    atomic_init(&snapshot->references, 1);
    struct transaction transaction;
    store_begin_resting(store, &transaction);
    snapshot->layout = store->layout;
    snapshot->page_size = store->page_size;
    int r = store->lender ? 0 : lender_new(&store->lender);
    if (r == 0) {
        snapshot->lender = lender_share(store->lender);
        r = freeze(store, &snapshot->file);
    }
    store_transaction_end(&transaction);
    if (r == 0)
        *ret_snapshot = snapshot;
    else
        store_copy_free(snapshot);
    return r;
}

struct store_copy *store_copy_share(struct store_copy *snapshot) {
    atomic_fetch_add_explicit(&snapshot->references, 1, memory_order_relaxed);
    return snapshot;
}

void store_copy_free(struct store_copy *snapshot) {
    if (!snapshot || atomic_fetch_sub_explicit(&snapshot->references, 1, memory_order_acq_rel) > 1)
        return;
    memory_file_release(snapshot->file);
    lender_release(snapshot->lender);
    free(snapshot);
}

static void close_connection(sqlite3 **db) {
    sqlite3_close(*db);
}

/* Copies page by page into a database of another VFS, whose pages have the same size. */
static int copy(struct store *store, const struct store_copy *snapshot) {
    CLEANUP(close_connection) sqlite3 *source = NULL;
    int rc = sqlite3_open_v2("copy", &source, STATEMENT_OPEN_FLAGS, MEMORY_FILE_VFS);
    if (rc != SQLITE_OK)
        return rc == SQLITE_NOMEM ? FATAL(ENOMEM) : FATAL(EIO);
    int r = memory_file_thaw(source, snapshot->file, NULL);
    if (r < 0)
        return r;
    sqlite3_backup *backup = sqlite3_backup_init(store->db, "main", source, "main");
    if (!backup)
        return FATAL(statement_error(store, sqlite3_errcode(store->db), NULL));
    rc = sqlite3_backup_step(backup, -1);
    int finished = sqlite3_backup_finish(backup);
    if (rc == SQLITE_DONE)
        rc = finished;
    return rc == SQLITE_OK ? 0 : FATAL(statement_error(store, rc, NULL));
}

static int replace(struct store *store, struct frozen_file *content, uint64_t layout) {
    if (store->resting) {
        memory_file_release(store->resting);
        store->resting = memory_file_share(content);
        return 0;
    }
    int r = connection_let_go(store);
    return r == 0 ? connection_load(store, content, layout) : r;
}

int store_copy_restore(struct store *store, const struct store_copy *snapshot) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin_resting(store, &transaction);
    key_cache_clear(store->keys);
    store_forget_state(store);
    wal_pause(store);
    int r =
        store->in_memory ? replace(store, snapshot->file, snapshot->layout) : copy(store, snapshot);
    wal_resume(store);
    if (r == 0)
        store->layout = snapshot->layout;
    return r;
}

int store_open_copy(const struct store_copy *snapshot, struct store **ret_store) {
    return store_open_resting(snapshot->lender, snapshot->file, snapshot->layout,
                              snapshot->page_size, ret_store);
}
