#include "store/store.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "embedded.h"
#include "store/connection.h"
#include "store/database_file.h"
#include "store/lender.h"
#include "store/member_index.h"
#include "store/memory_file.h"
#include "store/row_cache.h"
#include "store/statement.h"
#include "store/wal.h"
#include "util/cleanup.h"
#include "util/fatal.h"

/* Unused slots cost only address space, but there may be thousands of small stores. */
enum { MANY_KEYS = 1 << 18, FEW_KEYS = 1 << 6 };

/* A request changes one page, which is copied whole. */
enum { PAGE_SIZE = 1024 };

/* Schema version N is the result of the first N migrations. */
static const char *const migrations[] = {
    embedded_001_init,          embedded_002_access,
    embedded_003_tokens,        embedded_004_tenant_details,
    embedded_005_password_cost, embedded_006_membership_order,
    embedded_007_roles,         embedded_008_invitations,
    embedded_009_scim,          embedded_010_packed_memberships,
};
enum { N_MIGRATIONS = sizeof(migrations) / sizeof(migrations[0]) };

static const char *const sql[] = {
    [TRANSACTION_BEGIN] = "BEGIN IMMEDIATE",
    [TRANSACTION_COMMIT] = "COMMIT",
    [TRANSACTION_ROLLBACK] = "ROLLBACK",
};
const struct statement_list store_transaction_statements = STATEMENT_LIST(sql);

/* Writes only when there is something to change, as the disk may be full. */
static int mark_as_ours(struct store *store) {
    int application = 0;
    int r = statement_read_number(store, "PRAGMA application_id", &application);
    return r == 0 && application == 0
               ? statement_execute(store, "PRAGMA application_id = " DATABASE_FILE_APPLICATION)
               : r;
}

static int migrate(struct store *store) {
    int version = 0;
    int r = statement_read_number(store, "PRAGMA user_version", &version);
    for (; r == 0 && version < N_MIGRATIONS; version++) {
        char set_version[64];
        snprintf(set_version, sizeof(set_version), "PRAGMA user_version = %d; COMMIT", version + 1);
        r = statement_execute(store, "BEGIN IMMEDIATE");
        if (r == 0)
            r = statement_execute(store, migrations[version]);
        if (r == 0)
            r = statement_execute(store, set_version);
    }
    return r;
}

/* WAL with synchronous NORMAL loses no committed transaction when the process is killed. */
static const char SETTINGS_IN_FILE[] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
                                       "PRAGMA cache_size = -32768";

/* Nobody else sees a database in memory. */
static const char ALONE[] = "PRAGMA locking_mode = EXCLUSIVE";

/* Pages of a file that exists stay as they are. A file is marked before it is in WAL mode, so that
 * the mark is never in a log beside it only. */
static int create(struct store *store) {
    char set_page_size[64];
    snprintf(set_page_size, sizeof(set_page_size), "PRAGMA page_size = %d", store->page_size);
    int r = statement_execute(store, set_page_size);
    if (r == 0)
        r = mark_as_ours(store);
    if (r == 0)
        r = statement_execute(store, store->in_memory ? ALONE : SETTINGS_IN_FILE);
    if (r == 0)
        r = migrate(store);
    if (r == 0)
        r = statement_read_number(store, "PRAGMA page_size", &store->page_size);
    randombytes_buf(&store->layout, sizeof(store->layout));
    store->connection->layout = store->layout;
    return r;
}

static int open_database(struct store *store, const char *path, int page_size) {
    store->page_size = page_size;
    store->in_memory = !path;
    int r = path ? database_file_open(path, N_MIGRATIONS, &store->lock_fd, store->error) : 0;
    if (r == 0)
        r = connection_open(store, path);
    if (r == 0)
        r = create(store);
    if (r == 0)
        r = statement_prepare_set(store, STATEMENTS_TRANSACTION);
    return r == 0 && path ? wal_start(store) : r;
}

/* Each store has one connection and locks it itself. SQLite's memory statistics would take a lock
 * that all stores share, at every allocation. */
int store_initialize(void) {
    int rc = sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    if (rc == SQLITE_OK)
        rc = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    if (rc == SQLITE_OK) /* a small store does not need the 20 pages that SQLite allocates ahead */
        rc = sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);
    return rc == SQLITE_OK ? 0 : FATAL(EINVAL);
}

const char *store_library_version(void) {
    return sqlite3_libversion();
}

static struct store *new_store(size_t n_keys) {
    struct store *store = calloc(1, sizeof(*store));
    if (!store)
        return NULL;
    store->lock_fd = -1;
    store->keys = key_cache_new(n_keys);
    store->is_small = n_keys == FEW_KEYS;
    pthread_mutex_init(&store->mutex, NULL);
    if (store->keys)
        return store;
    store_free(store);
    return NULL;
}

static int open_store(const char *path, int page_size, size_t n_keys, struct store **ret_store,
                      char reterr_error[STORE_ERROR_SIZE]) {
    struct store *store = new_store(n_keys);
    int r = store ? open_database(store, path, page_size) : FATAL(ENOMEM);
    if (r < 0) {
        snprintf(reterr_error, STORE_ERROR_SIZE, "%s",
                 store && store->error[0] ? store->error : "out of memory");
        store_free(store);
        return r;
    }
    *ret_store = store;
    return 0;
}

static void cleanup_store(struct store **store) {
    store_free(*store);
}

int store_open(const char *path, struct store **ret_store, char reterr_error[STORE_ERROR_SIZE]) {
    CLEANUP(cleanup_store) struct store *store = NULL;
    if (path && strcmp(path, ":memory:") == 0)
        path = NULL;
    int r = open_store(path, PAGE_SIZE, MANY_KEYS, &store, reterr_error);
    if (r < 0)
        return r;
    r = statement_prove_all(store);
    if (r < 0) {
        snprintf(reterr_error, STORE_ERROR_SIZE, "%s", store->error);
        return r;
    }
    *ret_store = store;
    store = NULL;
    return 0;
}

int store_open_scratch(const struct store *like, struct store **ret_store,
                       char reterr_error[STORE_ERROR_SIZE]) {
    return open_store(NULL, like ? like->page_size : PAGE_SIZE, FEW_KEYS, ret_store, reterr_error);
}

int store_open_resting(struct lender *lender, struct frozen_file *content, uint64_t layout,
                       int page_size, struct store **ret_store) {
    struct store *store = new_store(FEW_KEYS);
    if (!store)
        return FATAL(ENOMEM);
    store->in_memory = true;
    store->borrows = true;
    store->lender = lender_share(lender);
    store->resting = memory_file_share(content);
    store->layout = layout;
    store->page_size = page_size;
    *ret_store = store;
    return 0;
}

void store_free(struct store *store) {
    if (!store)
        return;
    if (store->borrows)
        lender_take_back(store);
    connection_close(store);
    lender_release(store->lender);
    memory_file_release(store->resting);
    key_cache_free(store->keys);
    store_forget_state(store);
    buffer_deinit(&store->noted.packed);
    names_free(store->names);
    if (store->lock_fd >= 0)
        close(store->lock_fd);
    pthread_mutex_destroy(&store->mutex);
    free(store);
}

static void pause_briefly(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* The lock is held for about ten microseconds, and sleeping and waking up costs as much. So this
 * spins for a few times as long first; with two threads that serves a quarter more requests. */
static void wait_for_lock(struct store *store) {
    enum { TRIES = 1000, PAUSES = 8 };
    for (int i = 0; i < TRIES; i++) {
        for (int j = 0; j < PAUSES; j++)
            pause_briefly();
        if (pthread_mutex_trylock(&store->mutex) == 0)
            return;
    }
    pthread_mutex_lock(&store->mutex);
}

static void lock(struct store *store) {
    if (pthread_mutex_trylock(&store->mutex) == 0)
        return;
    atomic_fetch_add_explicit(&store->n_waiting, 1, memory_order_relaxed);
    wait_for_lock(store);
    atomic_fetch_sub_explicit(&store->n_waiting, 1, memory_order_relaxed);
}

void store_give_way(struct store *store) {
    enum { TRIES = 100 };
    for (int i = 0; i < TRIES; i++) {
        if (atomic_load_explicit(&store->n_waiting, memory_order_relaxed) == 0)
            return;
        sched_yield();
    }
}

void store_describe_error(struct store *store, char out[STORE_ERROR_SIZE]) {
    lock(store);
    memcpy(out, store->error, STORE_ERROR_SIZE);
    pthread_mutex_unlock(&store->mutex);
}

void store_begin_resting(struct store *store, struct transaction *ret_transaction) {
    lock(store);
    noting_forget(store);
    *ret_transaction = (struct transaction){.store = store};
}

/* Without a connection the first statement fails, since memory is out. */
void store_begin(struct store *store, struct transaction *ret_transaction) {
    store_begin_resting(store, ret_transaction);
    if (store->resting)
        lender_borrow(store);
    store->was_used = true;
}

int store_run(struct store *store, int transaction_statement) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_TRANSACTION, transaction_statement);
    return statement_run(store, statement);
}

int store_start_writing(struct transaction *transaction) {
    if (transaction->writing)
        return 0;
    int r = store_run(transaction->store, TRANSACTION_BEGIN);
    transaction->writing = r == 0;
    return r;
}

void store_forget_members(struct store *store) {
    member_index_free(store->members);
    store->members = NULL;
}

void store_forget_state(struct store *store) {
    store_forget_members(store);
    row_cache_free(store->cached);
    store->cached = NULL;
    names_clear(store->names);
    for (int kind = 0; kind < ROWS_N_KINDS; kind++)
        row_table_clear(&store->rows[kind]);
    statement_note_access(store);
}

static void end_changes(struct store *store, bool rolled_back) {
    if (rolled_back && store->members_changed)
        store_forget_members(store);
    store->members_changed = false;
}

static void unlock(struct transaction *transaction) {
    pthread_mutex_unlock(&transaction->store->mutex);
    transaction->store = NULL;
}

int store_commit(struct transaction *transaction) {
    return store_commit_telling(transaction, NULL);
}

int store_commit_telling(struct transaction *transaction, struct changes *changes) {
    int r = changes && transaction->writing ? noting_tell(transaction->store, changes) : 0;
    if (r == 0 && transaction->writing)
        r = store_run(transaction->store, TRANSACTION_COMMIT);
    if (r < 0) {
        store_transaction_end(transaction);
        return r;
    }
    if (transaction->writing)
        wal_limit(transaction->store);
    if (changes)
        changes->total += transaction->store->noted.total;
    end_changes(transaction->store, false);
    unlock(transaction);
    return 0;
}

void store_transaction_end(struct transaction *transaction) {
    if (!transaction->store)
        return;
    if (transaction->writing) {
        key_cache_clear(transaction->store->keys);
        names_clear(transaction->store->names);
    }
    /* SQLite has already rolled back after some failures, such as a full disk. */
    if (transaction->writing && !sqlite3_get_autocommit(transaction->store->db))
        store_run(transaction->store, TRANSACTION_ROLLBACK);
    /* After some failures SQLite does nothing until all transactions have ended. */
    if (transaction->writing) {
        wal_pause(transaction->store);
        wal_resume(transaction->store);
    }
    end_changes(transaction->store, transaction->writing);
    unlock(transaction);
}

void store_check_references(struct store *store, bool checks) {
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_ENABLE_FKEY, (int)checks, NULL);
}

int store_measure(struct store *store, size_t *ret_bytes) {
    int n_pages = 0;
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(store, &transaction);
    int r = statement_read_number(store, "PRAGMA page_count", &n_pages);
    if (r == 0)
        *ret_bytes = (size_t)n_pages * (size_t)store->page_size;
    return r;
}
