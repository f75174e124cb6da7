#include "store/statement.h"

#include <errno.h>
#include <stdio.h>

#include "util/cleanup.h"
#include "util/fatal.h"

int statement_error(struct store *store, int rc, sqlite3_stmt *statement) {
    const char *sql = sqlite3_sql(statement);
    snprintf(store->error, sizeof(store->error), "SQLite: %s%s%s", sqlite3_errmsg(store->db),
             sql ? " in " : "", sql ? sql : "");
    if (!store->db) /* it could not have a connection */
        return ENOMEM;
    switch (rc & 0xff) {
    case SQLITE_NOMEM:
        return ENOMEM;
    case SQLITE_FULL:
        return ENOSPC;
    default:
        return EIO;
    }
}

static const struct statement_list *const lists[STATEMENTS_N_SETS] = {
    [STATEMENTS_TRANSACTION] = &store_transaction_statements,
    [STATEMENTS_TENANT] = &store_tenant_statements,
    [STATEMENTS_ACCESS] = &store_access_statements,
    [STATEMENTS_USER] = &store_user_statements,
    [STATEMENTS_TOKEN] = &store_token_statements,
    [STATEMENTS_GROUP] = &store_group_statements,
    [STATEMENTS_MEMBERSHIP] = &store_membership_statements,
    [STATEMENTS_MEMBERS] = &store_members_statements,
    [STATEMENTS_ROLE] = &store_role_statements,
    [STATEMENTS_BINDING] = &store_binding_statements,
    [STATEMENTS_INTEGRATION] = &store_integration_statements,
    [STATEMENTS_PROVISIONING] = &store_provisioning_statements,
    [STATEMENTS_INVITATION] = &store_invitation_statements,
    [STATEMENTS_RESET] = &store_reset_statements,
    [STATEMENTS_NOTING] = &store_noting_statements,
};

int statement_prepare(struct store *store, const char *sql, sqlite3_stmt **ret_statement) {
    int rc = sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, ret_statement, NULL);
    return rc == SQLITE_OK ? 0 : FATAL(statement_error(store, rc, NULL));
}

static int prepare_once(struct store *store, enum statement_set set, int index) {
    sqlite3_stmt **statement = &store->connection->statements[set][index];
    return *statement ? 0 : statement_prepare(store, lists[set]->sql[index], statement);
}

int statement_prepare_set(struct store *store, enum statement_set set) {
    int r = 0;
    for (int i = 0; r == 0 && i < lists[set]->count; i++)
        r = prepare_once(store, set, i);
    return r;
}

static int prove(struct store *store, const struct statement_list *list) {
    int r = list->count <= STATEMENTS_MAX ? 0 : FATAL(EINVAL);
    for (int i = 0; r == 0 && i < list->count; i++) {
        sqlite3_stmt *statement = NULL;
        r = statement_prepare(store, list->sql[i], &statement);
        sqlite3_finalize(statement);
    }
    return r;
}

int statement_prove_all(struct store *store) {
    int r = 0;
    for (int set = 0; r == 0 && set < STATEMENTS_N_SETS; set++)
        r = prove(store, lists[set]);
    return r;
}

sqlite3_stmt *statement_get(struct store *store, enum statement_set set, int index) {
    bool is_ready = store->connection && prepare_once(store, set, index) == 0;
    return is_ready ? store->connection->statements[set][index] : NULL;
}

sqlite3_stmt *statement_get_for(struct store *store, enum statement_set set, int index,
                                int64_t user_pk, int64_t tenant_pk) {
    sqlite3_stmt *statement = statement_get(store, set, index);
    sqlite3_bind_int64(statement, 1, user_pk);
    sqlite3_bind_int64(statement, 2, tenant_pk);
    return statement;
}

int statement_find_key(struct store *store, enum key_kind kind, int64_t scope, const char *id,
                       sqlite3_stmt *statement, int64_t *ret_pk) {
    struct key_digest digest = key_cache_digest(store->keys, kind, scope, id);
    int64_t known = key_cache_get(store->keys, &digest);
    if (known) {
        *ret_pk = known;
        return 0;
    }
    CLEANUP(statement_reset) sqlite3_stmt *run = statement;
    bind_text(run, 1, id);
    if (kind == KEY_GROUP)
        sqlite3_bind_int64(run, 2, scope);
    int r = statement_row(store, run);
    if (r == 0) {
        *ret_pk = sqlite3_column_int64(run, 0);
        key_cache_put(store->keys, &digest, *ret_pk);
    }
    return r;
}

int statement_find(struct store *store, sqlite3_stmt *statement, int64_t *ret_number) {
    CLEANUP(statement_reset) sqlite3_stmt *run = statement;
    int r = statement_row(store, run);
    if (r == 0)
        *ret_number = sqlite3_column_int64(run, 0);
    return r;
}

void statement_bind_range(sqlite3_stmt *statement, int64_t first, int64_t end, size_t max) {
    sqlite3_bind_int64(statement, 1, first);
    sqlite3_bind_int64(statement, 2, end < INT64_MAX ? end - 1 : end);
    sqlite3_bind_int64(statement, 3, (int64_t)max);
}

void statement_reset(sqlite3_stmt **statement) {
    sqlite3_reset(*statement);
}

void bind_text(sqlite3_stmt *statement, int index, const char *text) {
    sqlite3_bind_text(statement, index, text, -1, SQLITE_STATIC);
}

int statement_row(struct store *store, sqlite3_stmt *statement) {
    int rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW)
        return 0;
    return rc == SQLITE_DONE ? STORE_NOT_FOUND : FATAL(statement_error(store, rc, statement));
}

int statement_run(struct store *store, sqlite3_stmt *statement) {
    int rc = sqlite3_step(statement);
    if (rc == SQLITE_DONE)
        return 0;
    if (rc == SQLITE_CONSTRAINT_UNIQUE || rc == SQLITE_CONSTRAINT_PRIMARYKEY)
        return STORE_EXISTS;
    return FATAL(statement_error(store, rc, statement));
}

int statement_execute(struct store *store, const char *sql) {
    int rc = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? 0 : FATAL(statement_error(store, rc, NULL));
}

int statement_read_number(struct store *store, const char *sql, int *ret_number) {
    sqlite3_stmt *statement = NULL;
    int r = statement_prepare(store, sql, &statement);
    if (r == 0)
        r = statement_row(store, statement);
    if (r == 0)
        *ret_number = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return r;
}

int statement_insert(struct store *store, sqlite3_stmt *statement, int64_t *ret_pk) {
    int r = statement_run(store, statement);
    if (r == 0)
        *ret_pk = sqlite3_last_insert_rowid(store->db);
    return r;
}

int statement_delete(struct store *store, sqlite3_stmt *statement) {
    key_cache_clear(store->keys);
    names_clear(store->names);
    return statement_run(store, statement);
}

void statement_note_access(struct store *store) {
    store->access_changes++;
    key_list_release(&store->tenant_users);
    store->tenant_users = NULL;
}

int statement_visit(struct store *store, sqlite3_stmt *statement, size_t n_columns,
                    store_visit visit, void *cls) {
    const char *columns[STORE_MAX_COLUMNS] = {0};
    int r;
    while ((r = statement_row(store, statement)) == 0) {
        for (int i = 0; i < (int)n_columns; i++) {
            columns[i] = (const char *)sqlite3_column_text(statement, i + 1);
            if (!columns[i] && sqlite3_errcode(store->db) == SQLITE_NOMEM)
                return FATAL(ENOMEM);
        }
        r = visit(cls, sqlite3_column_int64(statement, 0), columns);
        if (r != 0)
            return r;
    }
    return r == STORE_NOT_FOUND ? 0 : r;
}

int column_text(sqlite3_stmt *statement, int column, struct arena *arena, const char **ret_text) {
    if (sqlite3_column_type(statement, column) == SQLITE_NULL) {
        *ret_text = NULL;
        return 0;
    }
    const char *text = (const char *)sqlite3_column_text(statement, column);
    const char *copy =
        text ? arena_copy(arena, text, (size_t)sqlite3_column_bytes(statement, column)) : NULL;
    if (!copy)
        return FATAL(ENOMEM);
    *ret_text = copy;
    return 0;
}

int column_texts(sqlite3_stmt *statement, int first, struct arena *arena,
                 const char **const *ret_texts) {
    int r = 0;
    for (int column = first; *ret_texts && r == 0; column++)
        r = column_text(statement, column, arena, *ret_texts++);
    return r;
}
