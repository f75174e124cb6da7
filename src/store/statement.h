/* Prepared statements and the parts of a store. Only for the files of store/. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include <sqlite3.h>

#include "store/key_cache.h"
#include "store/key_list.h"
#include "store/names.h"
#include "store/noting.h"
#include "store/row_block.h"
#include "store/row_table.h"
#include "store/store.h"

/* Each file of store/ has a set with its SQL. */
enum statement_set {
    STATEMENTS_TRANSACTION,
    STATEMENTS_TENANT,
    STATEMENTS_ACCESS,
    STATEMENTS_USER,
    STATEMENTS_TOKEN,
    STATEMENTS_GROUP,
    STATEMENTS_MEMBERSHIP,
    STATEMENTS_MEMBERS,
    STATEMENTS_ROLE,
    STATEMENTS_BINDING,
    STATEMENTS_INTEGRATION,
    STATEMENTS_PROVISIONING,
    STATEMENTS_INVITATION,
    STATEMENTS_RESET,
    STATEMENTS_NOTING,
    STATEMENTS_N_SETS,
};

enum { STATEMENTS_MAX = 32 }; /* of one set */

struct lender;
struct frozen_file;

/* The store locks its connection itself. */
enum { STATEMENT_OPEN_FLAGS = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX };

/* What SQLite has of a database: the file, the parsed schema and the prepared statements. */
struct connection {
    sqlite3 *db;     /* (owned) */
    uint64_t layout; /* of the state that it had last; 0: it had none */
    uint32_t cookie; /* the number of the schema in that state */
    sqlite3_stmt *statements[STATEMENTS_N_SETS][STATEMENTS_MAX]; /* (owned) */
};

struct store {
    struct connection *connection; /* (owned) NULL while the store rests */
    sqlite3 *db;                   /* that of the connection, or NULL */
    struct frozen_file *resting;   /* (owned) the state of a store that rests; see lender.h */
    struct lender *lender;         /* (owned) a reference; NULL before the first copy */
    struct store *prev, *next;     /* others that have borrowed a connection */
    bool borrows;                  /* its connection from `lender` */
    bool was_used;                 /* since others looked for a connection to take over */
    bool in_memory;
    uint64_t layout; /* names where the tables are, which copies have in common; 0: unknown */
    int lock_fd;     /* (owned) holds the flock on the database file. Close it after the database:
                      * closing any descriptor of the file drops SQLite's own locks. */
    pthread_mutex_t mutex;
    atomic_uint n_waiting;        /* threads that wait for the mutex */
    int page_size;                /* in bytes */
    struct wal *wal;              /* (owned) NULL in memory */
    struct key_cache *keys;       /* (owned) */
    struct member_index *members; /* (owned) NULL until somebody asks */
    bool members_changed;         /* by this transaction */
    struct row_table rows[ROWS_N_KINDS];
    struct key_list *tenant_users; /* (owned) one reference; NULL: not known */
    int64_t tenant_users_of;       /* the tenant's key */
    uint64_t access_changes;       /* grows when somebody gains or loses access */
    struct noted_changes noted;
    struct row_cache *cached; /* (owned) NULL before the first */
    struct names *names;      /* (owned) NULL before the first */
    bool is_small;            /* one of many */
    char error[STORE_ERROR_SIZE];
};

/* Makes a store of a copy, which rests until it is used; see lender.h. Returns 0 and the store
 * (owned by the caller, store_free), or -ENOMEM. */
int store_open_resting(struct lender *lender, struct frozen_file *content, uint64_t layout,
                       int page_size, struct store **ret_store);

/* As store_begin, but a store that rests goes on resting: it has no `db`. */
void store_begin_resting(struct store *store, struct transaction *ret_transaction);

/* Begins or ends SQLite's transaction. Returns 0 or <0. */
int store_run(struct store *store, int transaction_statement);

/* Drops the index of the users of each group, which must not be used when it may be untrue. */
void store_forget_members(struct store *store);

/* Drops all that the store remembers of its rows but the keys. */
void store_forget_state(struct store *store);

/* Records SQLite's message and the statement, which may be NULL. `rc` is SQLite's result code.
 * Returns the errno for FATAL. */
int statement_error(struct store *store, int rc, sqlite3_stmt *statement);

/* Returns 0 and the statement (owned by the caller), or <0. */
int statement_prepare(struct store *store, const char *sql, sqlite3_stmt **ret_statement);

/* Prepares those statements of the set that are not yet prepared. Returns 0 or <0. */
int statement_prepare_set(struct store *store, enum statement_set set);

/* Proves that the SQL of all sets is valid. Keeps no statement, since most servers need few of
 * them. Returns 0 or <0. */
int statement_prove_all(struct store *store);

struct statement_list {
    const char *const *sql; /* none is NULL */
    int count;
};
#define STATEMENT_LIST(table)                                                                      \
    { (table), sizeof(table) / sizeof((table)[0]) }

enum { TRANSACTION_BEGIN, TRANSACTION_COMMIT, TRANSACTION_ROLLBACK };

extern const struct statement_list store_transaction_statements;
extern const struct statement_list store_tenant_statements;
extern const struct statement_list store_access_statements;
extern const struct statement_list store_user_statements;
extern const struct statement_list store_token_statements;
extern const struct statement_list store_group_statements;
extern const struct statement_list store_membership_statements;
extern const struct statement_list store_members_statements;
extern const struct statement_list store_role_statements;
extern const struct statement_list store_binding_statements;
extern const struct statement_list store_integration_statements;
extern const struct statement_list store_provisioning_statements;
extern const struct statement_list store_invitation_statements;
extern const struct statement_list store_reset_statements;
extern const struct statement_list store_noting_statements;

/* Returns the statement, ready for its parameters, or NULL when memory is out. To step NULL is an
 * error in SQLite. */
sqlite3_stmt *statement_get(struct store *store, enum statement_set set, int index);

/* The same, with the user bound as ?1 and the tenant as ?2. */
sqlite3_stmt *statement_get_for(struct store *store, enum statement_set set, int index,
                                int64_t user_pk, int64_t tenant_pk);

/* Finds the primary key of an id in the cache, or else with the statement, whose first column is
 * the key. Parameter ?1 is the id, and for groups ?2 is the scope. Returns 0, STORE_NOT_FOUND, or
 * <0. */
int statement_find_key(struct store *store, enum key_kind kind, int64_t scope, const char *id,
                       sqlite3_stmt *statement, int64_t *ret_pk);

/* Reads the first column of the first row, a number, and resets the statement. Returns 0,
 * STORE_NOT_FOUND, or <0. */
int statement_find(struct store *store, sqlite3_stmt *statement, int64_t *ret_number);

/* Binds ?1 and ?2 to the first and last key of a range, and ?3 to a number of rows. The range ends
 * before `end`, or not at all when that is INT64_MAX. */
void statement_bind_range(sqlite3_stmt *statement, int64_t first, int64_t end, size_t max);

/* For CLEANUP: resets the statement for its next use. */
void statement_reset(sqlite3_stmt **statement);

void bind_text(sqlite3_stmt *statement, int index, const char *text); /* binds NULL as null */

/* Steps to the next row. Returns 0 when there is one, STORE_NOT_FOUND when there is none, or <0. */
int statement_row(struct store *store, sqlite3_stmt *statement);

/* Runs a statement that returns no rows. Returns 0, STORE_EXISTS, or <0. */
int statement_run(struct store *store, sqlite3_stmt *statement);

/* Runs statements without parameters, whose rows it ignores. Returns 0 or <0. */
int statement_execute(struct store *store, const char *sql);

/* Reads the first column of the statement's row. Returns 0, STORE_NOT_FOUND or <0. */
int statement_read_number(struct store *store, const char *sql, int *ret_number);

/* Runs an INSERT into a table that has a pk, as statement_run does. */
int statement_insert(struct store *store, sqlite3_stmt *statement, int64_t *ret_pk);

/* Runs a DELETE as statement_run does, and clears the key cache. */
int statement_delete(struct store *store, sqlite3_stmt *statement);

/* Forgets who has access to a tenant. Call this when access is written, or when another state
 * replaces the store's. */
void statement_note_access(struct store *store);

/* Passes the pk and the first `n_columns` text columns of each row to `visit`. Stops at the first
 * result other than 0 and returns it. */
int statement_visit(struct store *store, sqlite3_stmt *statement, size_t n_columns,
                    store_visit visit, void *cls);

/* Copies a text column into the arena; null becomes NULL. Returns 0 or -ENOMEM. */
int column_text(sqlite3_stmt *statement, int column, struct arena *arena, const char **ret_text);

/* Does the same for columns that follow each other. The targets end with NULL. */
int column_texts(sqlite3_stmt *statement, int first, struct arena *arena,
                 const char **const *ret_texts);
