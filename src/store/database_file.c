#include "store/database_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "util/cleanup.h"
#include "util/fatal.h"

enum { MIN_SIZE = 512 }; /* of a database with at least one page */

static int refuse(char reterr_error[STORE_ERROR_SIZE], int code, const char *problem) {
    snprintf(reterr_error, STORE_ERROR_SIZE, "%s", problem);
    return FATAL(code);
}

static int lock_file(const char *path, int *ret_fd, off_t *ret_size,
                     char reterr_error[STORE_ERROR_SIZE]) {
    struct stat status;
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode))
        return refuse(reterr_error, EINVAL,
                      S_ISDIR(status.st_mode) ? "it is a directory" : "it is not a regular file");
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || fstat(fd, &status) < 0)
        return refuse(reterr_error, errno, strerror(errno));
    *ret_fd = fd;
    *ret_size = status.st_size;
    if (!(status.st_mode & 0222)) /* root could open it for writing nevertheless */
        return refuse(reterr_error, EACCES, "it is read-only");
    if (flock(fd, LOCK_EX | LOCK_NB) < 0)
        return refuse(reterr_error, EBUSY, "another kestub is using it");
    return 0;
}

static void close_connection(sqlite3 **db) {
    sqlite3_close(*db);
}

static int fail(sqlite3 *db, int rc, char reterr_error[STORE_ERROR_SIZE]) {
    snprintf(reterr_error, STORE_ERROR_SIZE, "SQLite: %s",
             db ? sqlite3_errmsg(db) : sqlite3_errstr(rc));
    return rc == SQLITE_NOMEM ? FATAL(ENOMEM) : FATAL(EIO);
}

/* Returns the path as a URI for SQLite (owned by the caller, sqlite3_free), or NULL when memory is
 * out. */
static char *format_uri(const char *path, const char *parameters) {
    sqlite3_str *uri = sqlite3_str_new(NULL);
    sqlite3_str_appendall(uri, "file:");
    for (; *path; path++) {
        if (strchr("%?#", *path))
            sqlite3_str_appendf(uri, "%%%02X", *path);
        else
            sqlite3_str_appendchar(uri, 1, *path);
    }
    sqlite3_str_appendall(uri, parameters);
    return sqlite3_str_finish(uri);
}

/* Opens the database without changing it. A WAL that was not merged yet is part of the state, and
 * SQLite needs the files next to the database to read it. When there is no WAL, `immutable` keeps
 * SQLite from creating these files. Returns SQLite's result code. */
static int open_to_look(const char *path, sqlite3 **ret_db) {
    char log[PATH_MAX + 8];
    char real[PATH_MAX];
    struct stat status;
    if (!realpath(path, real))
        return SQLITE_CANTOPEN;
    snprintf(log, sizeof(log), "%s-wal", real);
    bool has_log = stat(log, &status) == 0 && status.st_size > 0;
    char *uri = format_uri(real, has_log ? "?mode=ro" : "?mode=ro&immutable=1");
    if (!uri)
        return SQLITE_NOMEM;
    int rc = sqlite3_open_v2(uri, ret_db,
                             SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);
    sqlite3_free(uri);
    return rc;
}

/* Reads the first column of the first row. Returns SQLite's result code. */
static int read_number(sqlite3 *db, const char *sql, int64_t *ret_number) {
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW)
        *ret_number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

/* Recognizes databases that kestub made before it set an application id: they have all tables of
 * the first schema. */
static bool has_our_tables(sqlite3 *db) {
    int64_t number;
    return read_number(db,
                       "SELECT count(*) FROM (SELECT m.kind, m.external, u.password_hash, t.salt, "
                       "g.description, a.user_pk, e.name FROM memberships m, users u, "
                       "api_tokens t, groups g, tenant_access a, tenants e LIMIT 1)",
                       &number) == SQLITE_OK;
}

static int look(const char *path, int max_version, char reterr_error[STORE_ERROR_SIZE]) {
    CLEANUP(close_connection) sqlite3 *db = NULL;
    int64_t application = 0;
    int64_t version = 0;
    int64_t tables = 0;
    int rc = open_to_look(path, &db);
    if (rc == SQLITE_OK)
        rc = read_number(db, "PRAGMA application_id", &application);
    if (rc == SQLITE_OK)
        rc = read_number(db, "PRAGMA user_version", &version);
    if (rc == SQLITE_OK)
        rc = read_number(db, "SELECT count(*) FROM sqlite_schema", &tables);
    if (rc != SQLITE_OK)
        return fail(db, rc, reterr_error);
    bool is_empty = application == 0 && tables == 0;
    bool is_ours = application == strtol(DATABASE_FILE_APPLICATION, NULL, 0) ||
                   (application == 0 && version > 0 && has_our_tables(db));
    bool is_known = version >= 0 && version <= max_version;
    if (!is_ours && (!is_empty || (is_known && version > 0)))
        return refuse(reterr_error, EINVAL, "it is a database of another program");
    if (!is_known) {
        snprintf(reterr_error, STORE_ERROR_SIZE,
                 "its schema has version %lld, but this kestub supports versions up to %d",
                 (long long)version, max_version);
        return FATAL(EINVAL);
    }
    return 0;
}

int database_file_open(const char *path, int max_version, int *ret_fd,
                       char reterr_error[STORE_ERROR_SIZE]) {
    off_t size;
    *ret_fd = -1;
    int r = lock_file(path, ret_fd, &size, reterr_error);
    if (r < 0 || size == 0)
        return r;
    if (size < MIN_SIZE) /* SQLite treats a file of one byte as empty */
        return refuse(reterr_error, EINVAL, "file is not a database");
    return look(path, max_version, reterr_error);
}
