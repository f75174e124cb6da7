/* Prepared statements, and what a store consists of, for the files of store/ only. */
#pragma once

#include <pthread.h>

#include <sqlite3.h>

#include "store/key_cache.h"
#include "store/store.h"

/* The SQL of one file of store/, in a table of its own. */
enum statement_set {
    STATEMENTS_TENANT,
    STATEMENTS_ACCESS,
    STATEMENTS_USER,
    STATEMENTS_TOKEN,
    STATEMENTS_GROUP,
    STATEMENTS_MEMBERSHIP,
    STATEMENTS_N_SETS,
};

enum { STATEMENTS_MAX = 32 }; /* in one set */

struct store {
    sqlite3 *db; /* (owned) */
    int lock_fd; /* (owned) holds the file's flock; closed after the database, since closing any
                    descriptor of the file drops SQLite's own locks */
    pthread_mutex_t mutex;
    struct key_cache *keys;                                      /* (owned) */
    sqlite3_stmt *begin;                                         /* (owned) */
    sqlite3_stmt *commit;                                        /* (owned) */
    sqlite3_stmt *rollback;                                      /* (owned) */
    sqlite3_stmt *statements[STATEMENTS_N_SETS][STATEMENTS_MAX]; /* (owned) */
    char error[STORE_ERROR_SIZE];
};

/* Keeps what SQLite says of a failure, and of which statement, which may be NULL. The errno, for
 * FATAL; `rc` is SQLite's. */
int statement_error(struct store *store, int rc, sqlite3_stmt *statement);

/* 0 and the statement (owned by the caller), or <0. */
int statement_prepare(struct store *store, const char *sql, sqlite3_stmt **ret_statement);

/* Prepares all of all sets, which proves that they are good. 0 or <0. */
int statement_prepare_all(struct store *store);

struct statement_list {
    const char *const *sql; /* none is NULL */
    int count;
};
#define STATEMENT_LIST(table)                                                                      \
    { (table), sizeof(table) / sizeof((table)[0]) }

extern const struct statement_list store_tenant_statements;
extern const struct statement_list store_access_statements;
extern const struct statement_list store_user_statements;
extern const struct statement_list store_token_statements;
extern const struct statement_list store_group_statements;
extern const struct statement_list store_membership_statements;

/* The statement, ready to be bound. */
sqlite3_stmt *statement_get(struct store *store, enum statement_set set, int index);

/* The key of an id by a statement whose columns start with it, or from memory. The parameters are
 * ?1 the id and, for groups, ?2 the scope. 0, STORE_NOT_FOUND, or <0. */
int statement_find_key(struct store *store, enum key_kind kind, int64_t scope, const char *id,
                       sqlite3_stmt *statement, int64_t *ret_pk);

/* A CLEANUP that makes the statement ready for its next use. */
void statement_reset(sqlite3_stmt **statement);

void bind_text(sqlite3_stmt *statement, int index, const char *text); /* NULL is null */

/* One step: 0 when there is a row, STORE_NOT_FOUND when there is none, or <0. */
int statement_row(struct store *store, sqlite3_stmt *statement);

/* Runs a statement that returns no rows: 0, STORE_EXISTS, or <0. */
int statement_run(struct store *store, sqlite3_stmt *statement);

/* statement_run for an INSERT into a table that has a pk. */
int statement_insert(struct store *store, sqlite3_stmt *statement, int64_t *ret_pk);

/* statement_run for the DELETE of something that has an id, whose key nobody shall remember. */
int statement_delete(struct store *store, sqlite3_stmt *statement);

/* Turns foreign keys off, and on again. To be off only around a statement that breaks none: SQLite
 * prepares all statements anew. */
void statement_set_references(struct store *store, bool on);

/* Shows each row of a statement to `visit`: pk first, then the first `n_columns` texts. Stops at a
 * result other than 0, which it returns. */
int statement_visit(struct store *store, sqlite3_stmt *statement, size_t n_columns,
                    store_visit visit, void *cls);

/* A copy of a text column; null gives NULL. 0 or -ENOMEM. */
int column_text(sqlite3_stmt *statement, int column, struct arena *arena, const char **ret_text);
