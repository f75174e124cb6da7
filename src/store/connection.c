#include "store/connection.h"

#include <errno.h>
#include <stdlib.h>

#include "store/row_cache.h"
#include "store/wal.h"
#include "util/fatal.h"

static const char IN_MEMORY[] = "memory"; /* for MEMORY_FILE_VFS */

void connection_put(struct store *store, struct connection *connection) {
    store->connection = connection;
    store->db = connection->db;
}

static int open_database(struct store *store, const char *path) {
    struct connection *connection = store->connection;
    int rc = sqlite3_open_v2(path ? path : IN_MEMORY, &connection->db, STATEMENT_OPEN_FLAGS,
                             path ? NULL : MEMORY_FILE_VFS);
    store->db = connection->db;
    if (rc != SQLITE_OK)
        return FATAL(statement_error(store, rc, NULL));
    sqlite3_extended_result_codes(store->db, 1);
    sqlite3_busy_timeout(store->db, 1000);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    return 0;
}

int connection_open(struct store *store, const char *path) {
    static const char settings[] = "PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = ON";
    static const char in_memory[] = "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF";
    int r = memory_file_register();
    if (r < 0)
        return r;
    store->connection = calloc(1, sizeof(*store->connection));
    if (!store->connection)
        return FATAL(ENOMEM);
    r = open_database(store, path);
    if (r == 0)
        r = statement_execute(store, settings);
    return r == 0 && !path ? statement_execute(store, in_memory) : r;
}

/* Also what the parameters were. What is kept of rows is true by the changes that this connection
 * has counted. */
struct connection *connection_take(struct store *store) {
    struct connection *connection = store->connection;
    row_cache_free(store->cached);
    store->cached = NULL;
    for (int set = 0; set < STATEMENTS_N_SETS; set++)
        for (int i = 0; i < STATEMENTS_MAX; i++)
            if (connection->statements[set][i])
                sqlite3_clear_bindings(connection->statements[set][i]);
    memory_file_clear(connection->db);
    sqlite3_file_control(connection->db, "main", SQLITE_FCNTL_RESET_CACHE, NULL);
    store->connection = NULL;
    store->db = NULL;
    return connection;
}

void connection_free(struct connection *connection) {
    if (!connection)
        return;
    for (int set = 0; set < STATEMENTS_N_SETS; set++)
        for (int i = 0; i < STATEMENTS_MAX; i++)
            sqlite3_finalize(connection->statements[set][i]);
    sqlite3_close(connection->db);
    free(connection);
}

void connection_close(struct store *store) {
    wal_stop(store);
    connection_free(store->connection);
    store->connection = NULL;
    store->db = NULL;
}

/* SQLite remembers the size of the file and some pages while it has the lock, which it keeps in the
 * exclusive mode. */
int connection_let_go(struct store *store) {
    int r = statement_execute(store, "PRAGMA locking_mode = NORMAL; PRAGMA application_id;"
                                     "PRAGMA locking_mode = EXCLUSIVE");
    if (r == 0)
        store->connection->cookie = memory_file_cookie(store->db);
    return r;
}

/* SQLite keeps the parsed schema and the prepared statements as long as the number of the schema is
 * the same. So a schema of another layout, which has its tables in other places, gets a number that
 * the connection never had, and one of the same layout the same number. */
int connection_load(struct store *store, struct frozen_file *content, uint64_t layout) {
    struct connection *connection = store->connection;
    uint32_t cookie = connection->cookie + (connection->layout != layout);
    int r = memory_file_thaw(store->db, content, connection->layout ? &cookie : NULL);
    if (r < 0)
        return r;
    connection->layout = layout;
    sqlite3_file_control(store->db, "main", SQLITE_FCNTL_RESET_CACHE, NULL);
    return 0;
}
