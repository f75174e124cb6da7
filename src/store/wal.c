#include "store/wal.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "util/fatal.h"

/* The log grows to this size, unless another process reads for long. A page that changes often is
 * then written back once. */
enum { MAX_LOG_SIZE = 16 << 20, WRITE_LOCK = 0 };

struct wal {
    sqlite3_io_methods methods;        /* in place of `genuine`, for `file` */
    const sqlite3_io_methods *genuine; /* SQLite's own */
    sqlite3_file *file;                /* the database */
    bool keeps_lock;                   /* SQLite has released the lock, and this keeps it */
    sqlite3_stmt *reader;              /* (owned) holds the read transaction open */
    int n_frames, max_frames;          /* pages in the log */
};

static int lock_shared_memory(sqlite3_file *file, int offset, int n, int flags) {
    struct wal *wal = (struct wal *)((uintptr_t)file->pMethods - offsetof(struct wal, methods));
    if (offset != WRITE_LOCK || n != 1 || !(flags & SQLITE_SHM_EXCLUSIVE))
        return wal->genuine->xShmLock(file, offset, n, flags);
    bool has_lock = wal->keeps_lock;
    wal->keeps_lock = flags & SQLITE_SHM_UNLOCK;
    return has_lock || wal->keeps_lock ? SQLITE_OK : wal->genuine->xShmLock(file, offset, n, flags);
}

static int note_frames(void *cls, sqlite3 *db, const char *database, int n_frames) {
    struct wal *wal = cls;
    (void)db;
    (void)database;
    wal->n_frames = n_frames;
    return SQLITE_OK;
}

/* A file system without shared memory has none. */
static int find_log(struct store *store, bool *ret_has_log) {
    sqlite3_stmt *statement = NULL;
    int r = statement_prepare(store, "PRAGMA journal_mode", &statement);
    if (r == 0)
        r = statement_row(store, statement);
    if (r == 0) {
        const char *mode = (const char *)sqlite3_column_text(statement, 0);
        *ret_has_log = mode && strcmp(mode, "wal") == 0;
    }
    sqlite3_finalize(statement);
    return r;
}

static void use_file(struct store *store, struct wal *wal) {
    sqlite3_file_control(store->db, "main", SQLITE_FCNTL_FILE_POINTER, &wal->file);
    wal->genuine = wal->file->pMethods;
    wal->methods = *wal->genuine;
    wal->methods.xShmLock = lock_shared_memory;
    wal->file->pMethods = &wal->methods;
    sqlite3_wal_hook(store->db, note_frames, wal);
}

/* Nobody else may write behind the read transaction. */
static int take_lock(struct store *store) {
    struct transaction transaction = {.store = store};
    int r = store_start_writing(&transaction);
    if (r == 0)
        r = store_run(store, TRANSACTION_COMMIT);
    return r;
}

int wal_start(struct store *store) {
    bool has_log;
    int r = find_log(store, &has_log);
    if (r != 0 || !has_log)
        return r;
    struct wal *wal = calloc(1, sizeof(*wal));
    if (!wal)
        return FATAL(ENOMEM);
    wal->max_frames = MAX_LOG_SIZE / store->page_size;
    store->wal = wal;
    use_file(store, wal);
    r = take_lock(store);
    if (r == 0)
        r = statement_prepare(store, "SELECT 1 FROM sqlite_schema", &wal->reader);
    if (r == 0)
        wal_resume(store);
    return r;
}

void wal_stop(struct store *store) {
    struct wal *wal = store->wal;
    if (!wal)
        return;
    sqlite3_finalize(wal->reader);
    sqlite3_wal_hook(store->db, NULL, NULL);
    wal->file->pMethods = wal->genuine;
    if (wal->keeps_lock)
        wal->genuine->xShmLock(wal->file, WRITE_LOCK, 1, SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE);
    free(wal);
    store->wal = NULL;
}

void wal_pause(struct store *store) {
    if (store->wal)
        sqlite3_reset(store->wal->reader);
}

void wal_resume(struct store *store) {
    if (store->wal)
        sqlite3_step(store->wal->reader);
}

void wal_limit(struct store *store) {
    if (!store->wal || store->wal->n_frames < store->wal->max_frames)
        return;
    wal_pause(store);
    sqlite3_wal_checkpoint_v2(store->db, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    wal_resume(store);
}
