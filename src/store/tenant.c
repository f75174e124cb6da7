#include "store/tenant.h"

#include <errno.h>

#include "store/noting.h"
#include "store/statement.h"
#include "util/cleanup.h"
#include "util/fatal.h"

enum {
    TENANT_INSERT,
    TENANT_INSERT_ROLES,
    TENANT_FIND,
    TENANT_FIND_BY_PK,
    TENANT_UPDATE,
    TENANT_DELETE_ROLES,
    TENANT_DELETE_ACCESS,
    TENANT_DELETE_ACCOUNTS,
    TENANT_DELETE,
    TENANT_SCAN,
};

static const char *const sql[] = {
    [TENANT_INSERT] = "INSERT INTO tenants (id, name) VALUES (?1, ?2)",
    [TENANT_INSERT_ROLES] =
        ("INSERT INTO roles (tenant_pk, id, name, template) SELECT ?1, lower(column1) || '_' || "
         "?2, "
         "substr(column1, 1, 1) || lower(substr(column1, 2)), column1 "
         "FROM (VALUES ('ADMIN'), ('DEVELOPER'), ('EDITOR'), ('LAUNCHER'), ('VIEWER'))"),
    [TENANT_FIND] = "SELECT pk FROM tenants WHERE id = ?1",
    [TENANT_FIND_BY_PK] = "SELECT id, name, details FROM tenants WHERE pk = ?1",
    [TENANT_UPDATE] = "UPDATE tenants SET name = ?2, details = ?3 WHERE pk = ?1",
    [TENANT_DELETE_ROLES] = "DELETE FROM roles WHERE tenant_pk = ?1",
    [TENANT_DELETE_ACCESS] = "DELETE FROM tenant_access WHERE tenant_pk = ?1",
    [TENANT_DELETE_ACCOUNTS] =
        "DELETE FROM users WHERE pk IN (SELECT user_pk FROM integrations WHERE tenant_pk = ?1)",
    [TENANT_DELETE] = "DELETE FROM tenants WHERE pk = ?1",
    [TENANT_SCAN] = "SELECT pk, id, name FROM tenants ORDER BY pk",
};
const struct statement_list store_tenant_statements = STATEMENT_LIST(sql);

static int insert_tenant(struct store *store, const char *id, const char *name, int64_t *ret_pk) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_TENANT, TENANT_INSERT);
    bind_text(statement, 1, id);
    bind_text(statement, 2, name);
    int r = statement_insert(store, statement, ret_pk);
    return r == 0
               ? noting_note(store, r, &(struct state_change){.kind = CHANGE_TENANT, .pk = *ret_pk})
               : r;
}

static int insert_managed_roles(struct store *store, int64_t pk, const char *id) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_TENANT, TENANT_INSERT_ROLES);
    sqlite3_bind_int64(statement, 1, pk);
    bind_text(statement, 2, id);
    return statement_run(store, statement);
}

int store_tenant_insert(struct store *store, const char *id, const char *name, int64_t *ret_pk) {
    int r = insert_tenant(store, id, name, ret_pk);
    return r == 0 ? insert_managed_roles(store, *ret_pk, id) : r;
}

int store_tenant_find(struct store *store, const char *id, int64_t *ret_pk) {
    return statement_find_key(store, KEY_TENANT, 0, id,
                              statement_get(store, STATEMENTS_TENANT, TENANT_FIND), ret_pk);
}

int store_tenant_find_by_pk(struct store *store, int64_t pk, struct arena *arena,
                            struct tenant *ret_tenant) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_TENANT, TENANT_FIND_BY_PK);
    sqlite3_bind_int64(statement, 1, pk);
    int r = statement_row(store, statement);
    if (r != 0)
        return r;
    struct tenant tenant;
    r = column_texts(statement, 0, arena,
                     (const char **const[]){&tenant.id, &tenant.name, &tenant.details, NULL});
    if (r == 0)
        *ret_tenant = tenant;
    return r;
}

int store_tenant_check(struct store *store, int64_t pk) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_TENANT, TENANT_FIND_BY_PK);
    sqlite3_bind_int64(statement, 1, pk);
    return statement_row(store, statement);
}

int store_tenant_update(struct store *store, int64_t pk, const struct tenant *tenant) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_TENANT, TENANT_UPDATE);
    sqlite3_bind_int64(statement, 1, pk);
    bind_text(statement, 2, tenant->name);
    bind_text(statement, 3, tenant->details);
    return noting_note(
        store, statement_run(store, statement),
        &(struct state_change){.kind = CHANGE_TENANT, .act = CHANGE_UPDATED, .pk = pk});
}

static int delete_by_tenant(struct store *store, int index, int64_t pk) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_TENANT, index);
    sqlite3_bind_int64(statement, 1, pk);
    return statement_delete(store, statement);
}

int store_tenant_delete(struct store *store, int64_t pk) {
    store_forget_members(store);
    statement_note_access(store);
    row_table_clear(&store->rows[ROWS_GROUPS]);
    row_table_clear(&store->rows[ROWS_USERS]); /* accounts of integrations go with the tenant */
    int r = noting_note_removal(store, CHANGE_TENANT, pk);
    if (r == 0)
        r = delete_by_tenant(store, TENANT_DELETE_ROLES, pk);
    if (r == 0)
        r = delete_by_tenant(store, TENANT_DELETE_ACCESS, pk);
    if (r == 0)
        r = delete_by_tenant(store, TENANT_DELETE_ACCOUNTS, pk);
    return r == 0 ? delete_by_tenant(store, TENANT_DELETE, pk) : r;
}

int store_tenant_scan(struct store *store, size_t n_columns, store_visit visit, void *cls) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_TENANT, TENANT_SCAN);
    return statement_visit(store, statement, n_columns, visit, cls);
}
