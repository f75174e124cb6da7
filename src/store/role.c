#include "store/role.h"

#include <errno.h>
#include <string.h>

#include "store/noting.h"
#include "store/statement.h"
#include "util/cleanup.h"
#include "util/fatal.h"

enum {
    ROLE_INSERT,
    ROLE_FIND,
    ROLE_FIND_BY_PK,
    ROLE_UPDATE,
    ROLE_CLEAR_DEFAULT,
    ROLE_DELETE,
    ROLE_SCAN,
};

static const char *const sql[] = {
    [ROLE_INSERT] = "INSERT INTO roles (tenant_pk, id, name, description, is_default, permissions) "
                    "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [ROLE_FIND] = "SELECT pk FROM roles WHERE id = ?1 AND tenant_pk = ?2",
    [ROLE_FIND_BY_PK] = "SELECT tenant_pk, is_default, id, name, description, template, "
                        "permissions FROM roles WHERE pk = ?1",
    [ROLE_UPDATE] = "UPDATE roles SET name = ?2, description = ?3, is_default = ?4, "
                    "permissions = ?5 WHERE pk = ?1",
    [ROLE_CLEAR_DEFAULT] =
        "UPDATE roles SET is_default = 0 WHERE tenant_pk = ?1 AND is_default = 1",
    [ROLE_DELETE] = "DELETE FROM roles WHERE pk = ?1",
    [ROLE_SCAN] =
        "SELECT pk, name, description, id, template FROM roles WHERE tenant_pk = ?1 ORDER BY pk",
};
const struct statement_list store_role_statements = STATEMENT_LIST(sql);

int store_role_insert(struct store *store, const struct role *role, int64_t *ret_pk) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_ROLE, ROLE_INSERT);
    sqlite3_bind_int64(statement, 1, role->tenant_pk);
    bind_text(statement, 2, role->id);
    bind_text(statement, 3, role->name);
    bind_text(statement, 4, role->description);
    sqlite3_bind_int(statement, 5, role->is_default);
    bind_text(statement, 6, role->permissions);
    int r = statement_insert(store, statement, ret_pk);
    return r == 0
               ? noting_note(store, r, &(struct state_change){.kind = CHANGE_ROLE, .pk = *ret_pk})
               : r;
}

int store_role_find(struct store *store, int64_t tenant_pk, const char *id, int64_t *ret_pk) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_ROLE, ROLE_FIND);
    bind_text(statement, 1, id);
    sqlite3_bind_int64(statement, 2, tenant_pk);
    int r = statement_row(store, statement);
    if (r == 0)
        *ret_pk = sqlite3_column_int64(statement, 0);
    return r;
}

int store_role_find_by_pk(struct store *store, int64_t pk, struct arena *arena,
                          struct role *ret_role) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_ROLE, ROLE_FIND_BY_PK);
    sqlite3_bind_int64(statement, 1, pk);
    int r = statement_row(store, statement);
    if (r != 0)
        return r;
    struct role role = {
        .pk = pk,
        .tenant_pk = sqlite3_column_int64(statement, 0),
        .is_default = sqlite3_column_int(statement, 1),
    };
    r = column_texts(statement, 2, arena,
                     (const char **const[]){&role.id, &role.name, &role.description, &role.template,
                                            &role.permissions, NULL});
    if (r == 0)
        *ret_role = role;
    return r;
}

int store_role_update(struct store *store, const struct role *role) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_ROLE, ROLE_UPDATE);
    sqlite3_bind_int64(statement, 1, role->pk);
    bind_text(statement, 2, role->name);
    bind_text(statement, 3, role->description);
    sqlite3_bind_int(statement, 4, role->is_default);
    bind_text(statement, 5, role->permissions);
    return noting_note(
        store, statement_run(store, statement),
        &(struct state_change){.kind = CHANGE_ROLE, .act = CHANGE_UPDATED, .pk = role->pk});
}

int store_role_clear_default(struct store *store, int64_t tenant_pk) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_ROLE, ROLE_CLEAR_DEFAULT);
    sqlite3_bind_int64(statement, 1, tenant_pk);
    return statement_run(store, statement);
}

int store_role_delete(struct store *store, int64_t pk) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_ROLE, ROLE_DELETE);
    sqlite3_bind_int64(statement, 1, pk);
    int r = noting_note_removal(store, CHANGE_ROLE, pk);
    return r == 0 ? statement_run(store, statement) : r;
}

int store_role_scan(struct store *store, int64_t tenant_pk, size_t n_columns, store_visit visit,
                    void *cls) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_ROLE, ROLE_SCAN);
    sqlite3_bind_int64(statement, 1, tenant_pk);
    return statement_visit(store, statement, n_columns, visit, cls);
}
