#include "store/tenant.h"

#include "store/statement.h"
#include "util/cleanup.h"

enum { TENANT_INSERT, TENANT_FIND, ACCESS_INSERT, ACCESS_FIND };

static const char *const sql[] = {
    [TENANT_INSERT] = "INSERT INTO tenants (id, name) VALUES (?1, ?2)",
    [TENANT_FIND] = "SELECT pk FROM tenants WHERE id = ?1",
    [ACCESS_INSERT] = "INSERT INTO tenant_access (user_pk, tenant_pk) VALUES (?1, ?2)",
    [ACCESS_FIND] = "SELECT 1 FROM tenant_access WHERE user_pk = ?1 AND tenant_pk = ?2",
};
const struct statement_list store_tenant_statements = STATEMENT_LIST(sql);

int store_tenant_insert(struct store *store, const char *id, const char *name, int64_t *ret_pk) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_TENANT, TENANT_INSERT);
    bind_text(statement, 1, id);
    bind_text(statement, 2, name);
    return statement_insert(store, statement, ret_pk);
}

int store_tenant_find(struct store *store, const char *id, int64_t *ret_pk) {
    return statement_find_key(store, KEY_TENANT, 0, id,
                              statement_get(store, STATEMENTS_TENANT, TENANT_FIND), ret_pk);
}

int store_access_insert(struct store *store, int64_t user_pk, int64_t tenant_pk) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_TENANT, ACCESS_INSERT);
    sqlite3_bind_int64(statement, 1, user_pk);
    sqlite3_bind_int64(statement, 2, tenant_pk);
    return statement_run(store, statement);
}

int store_access_find(struct store *store, int64_t user_pk, int64_t tenant_pk) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_TENANT, ACCESS_FIND);
    sqlite3_bind_int64(statement, 1, user_pk);
    sqlite3_bind_int64(statement, 2, tenant_pk);
    return statement_row(store, statement);
}
