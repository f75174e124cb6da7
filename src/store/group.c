#include "store/group.h"

#include "store/statement.h"
#include "util/cleanup.h"

enum { GROUP_INSERT, GROUP_FIND };

static const char *const sql[] = {
    [GROUP_INSERT] =
        "INSERT INTO groups (tenant_pk, id, name, description) VALUES (?1, ?2, ?3, ?4)",
    [GROUP_FIND] = "SELECT pk FROM groups WHERE id = ?1 AND tenant_pk = ?2",
};
const struct statement_list store_group_statements = STATEMENT_LIST(sql);

int store_group_insert(struct store *store, int64_t tenant_pk, const char *id, const char *name,
                       const char *description, int64_t *ret_pk) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_GROUP, GROUP_INSERT);
    sqlite3_bind_int64(statement, 1, tenant_pk);
    bind_text(statement, 2, id);
    bind_text(statement, 3, name);
    bind_text(statement, 4, description);
    return statement_insert(store, statement, ret_pk);
}

int store_group_find(struct store *store, int64_t tenant_pk, const char *id, int64_t *ret_pk) {
    return statement_find_key(store, KEY_GROUP, tenant_pk, id,
                              statement_get(store, STATEMENTS_GROUP, GROUP_FIND), ret_pk);
}
