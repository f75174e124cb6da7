#include "store/integration.h"

#include "store/noting.h"
#include "store/statement.h"
#include "util/cleanup.h"

enum {
    INTEGRATION_INSERT,
    INTEGRATION_FIND,
    INTEGRATION_FIND_BY_PK,
    INTEGRATION_ENABLE,
    INTEGRATION_DELETE,
    INTEGRATION_SCAN,
};

#define COLUMNS "pk, tenant_pk, id, name, description, enabled, user_pk, role_pk"

static const char *const sql[] = {
    [INTEGRATION_INSERT] = "INSERT INTO integrations (tenant_pk, id, name, description, user_pk, "
                           "role_pk, enabled) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [INTEGRATION_FIND] = "SELECT " COLUMNS " FROM integrations WHERE tenant_pk = ?1 AND id = ?2",
    [INTEGRATION_FIND_BY_PK] = "SELECT " COLUMNS " FROM integrations WHERE pk = ?1",
    [INTEGRATION_ENABLE] = "UPDATE integrations SET enabled = ?2 WHERE pk = ?1",
    [INTEGRATION_DELETE] = "DELETE FROM integrations WHERE pk = ?1",
    [INTEGRATION_SCAN] = "SELECT pk, name, description, id, 'SCIM', iif(enabled, 'true', 'false') "
                         "FROM integrations WHERE tenant_pk = ?1 ORDER BY pk",
};
const struct statement_list store_integration_statements = STATEMENT_LIST(sql);

static void bind_key(sqlite3_stmt *statement, int index, int64_t pk) {
    if (pk)
        sqlite3_bind_int64(statement, index, pk);
    else
        sqlite3_bind_null(statement, index);
}

int store_integration_insert(struct store *store, const struct integration *integration) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_INTEGRATION, INTEGRATION_INSERT);
    sqlite3_bind_int64(statement, 1, integration->tenant_pk);
    bind_text(statement, 2, integration->id);
    bind_text(statement, 3, integration->name);
    bind_text(statement, 4, integration->description);
    bind_key(statement, 5, integration->user_pk);
    bind_key(statement, 6, integration->role_pk);
    sqlite3_bind_int(statement, 7, integration->enabled);
    int64_t pk = 0;
    int r = statement_insert(store, statement, &pk);
    return noting_note(store, r, &(struct state_change){.kind = CHANGE_INTEGRATION, .pk = pk});
}

static int read_integration(struct store *store, sqlite3_stmt *statement, struct arena *arena,
                            struct integration *ret_integration) {
    int r = statement_row(store, statement);
    if (r != 0)
        return r;
    struct integration integration = {
        .pk = sqlite3_column_int64(statement, 0),
        .tenant_pk = sqlite3_column_int64(statement, 1),
        .enabled = sqlite3_column_int(statement, 5),
        .user_pk = sqlite3_column_int64(statement, 6),
        .role_pk = sqlite3_column_int64(statement, 7),
    };
    r = column_texts(
        statement, 2, arena,
        (const char **const[]){&integration.id, &integration.name, &integration.description, NULL});
    if (r == 0)
        *ret_integration = integration;
    return r;
}

int store_integration_find(struct store *store, int64_t tenant_pk, const char *id,
                           struct arena *arena, struct integration *ret_integration) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_INTEGRATION, INTEGRATION_FIND);
    sqlite3_bind_int64(statement, 1, tenant_pk);
    bind_text(statement, 2, id);
    return read_integration(store, statement, arena, ret_integration);
}

int store_integration_find_by_pk(struct store *store, int64_t pk, struct arena *arena,
                                 struct integration *ret_integration) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_INTEGRATION, INTEGRATION_FIND_BY_PK);
    sqlite3_bind_int64(statement, 1, pk);
    return read_integration(store, statement, arena, ret_integration);
}

int store_integration_enable(struct store *store, int64_t pk, bool enabled) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_INTEGRATION, INTEGRATION_ENABLE);
    sqlite3_bind_int64(statement, 1, pk);
    sqlite3_bind_int(statement, 2, enabled);
    return noting_note(
        store, statement_run(store, statement),
        &(struct state_change){.kind = CHANGE_INTEGRATION, .act = CHANGE_UPDATED, .pk = pk});
}

int store_integration_delete(struct store *store, int64_t pk) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_INTEGRATION, INTEGRATION_DELETE);
    sqlite3_bind_int64(statement, 1, pk);
    int r = noting_note_removal(store, CHANGE_INTEGRATION, pk);
    return r == 0 ? statement_run(store, statement) : r;
}

int store_integration_scan(struct store *store, int64_t tenant_pk, size_t n_columns,
                           store_visit visit, void *cls) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_INTEGRATION, INTEGRATION_SCAN);
    sqlite3_bind_int64(statement, 1, tenant_pk);
    return statement_visit(store, statement, n_columns, visit, cls);
}
