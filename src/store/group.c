#include "store/group.h"

#include <errno.h>

#include "store/noting.h"
#include "store/statement.h"
#include "util/cleanup.h"
#include "util/fatal.h"

enum {
    GROUP_INSERT,
    GROUP_FIND,
    GROUP_FIND_BY_PK,
    GROUP_FIND_FOR_USER,
    GROUP_UPDATE,
    GROUP_DELETE,
    GROUP_SCAN,
};

static const char *const sql[] = {
    [GROUP_INSERT] =
        "INSERT INTO groups (tenant_pk, id, name, description) VALUES (?1, ?2, ?3, ?4)",
    [GROUP_FIND] = "SELECT pk FROM groups WHERE id = ?1 AND tenant_pk = ?2",
    [GROUP_FIND_BY_PK] = "SELECT tenant_pk, id, name, description FROM groups WHERE pk = ?1",
    [GROUP_FIND_FOR_USER] =
        ("SELECT g.pk, g.tenant_pk FROM groups g LEFT JOIN tenant_access a ON a.user_pk = ?2 "
         "AND a.tenant_pk = g.tenant_pk LEFT JOIN memberships m ON m.user_pk = ?2 "
         "AND m.tenant_pk = g.tenant_pk AND m.group_pk = g.pk WHERE g.id = ?1 "
         "ORDER BY m.user_pk IS NULL, ifnull(a.granted, 0) DESC, g.pk LIMIT 1"),
    [GROUP_UPDATE] = "UPDATE groups SET name = ?2, description = ?3 WHERE pk = ?1",
    [GROUP_DELETE] = "DELETE FROM groups WHERE pk = ?1",
    /* SQLite sorts only the keys, instead of whole rows. */
    [GROUP_SCAN] = ("SELECT pk, name, description, id FROM groups "
                    "WHERE pk IN (SELECT pk FROM groups WHERE tenant_pk = ?1) ORDER BY pk"),
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
    int r = statement_insert(store, statement, ret_pk);
    return r == 0
               ? noting_note(store, r, &(struct state_change){.kind = CHANGE_GROUP, .pk = *ret_pk})
               : r;
}

int store_group_find(struct store *store, int64_t tenant_pk, const char *id, int64_t *ret_pk) {
    return statement_find_key(store, KEY_GROUP, tenant_pk, id,
                              statement_get(store, STATEMENTS_GROUP, GROUP_FIND), ret_pk);
}

int store_group_find_by_pk(struct store *store, int64_t pk, struct arena *arena,
                           struct group *ret_group) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_GROUP, GROUP_FIND_BY_PK);
    sqlite3_bind_int64(statement, 1, pk);
    int r = statement_row(store, statement);
    if (r != 0)
        return r;
    struct group group = {.pk = pk, .tenant_pk = sqlite3_column_int64(statement, 0)};
    r = column_texts(statement, 1, arena,
                     (const char **const[]){&group.id, &group.name, &group.description, NULL});
    if (r == 0)
        *ret_group = group;
    return r;
}

int store_group_find_for_user(struct store *store, const char *id, int64_t user_pk, int64_t *ret_pk,
                              int64_t *ret_tenant_pk) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_GROUP, GROUP_FIND_FOR_USER);
    bind_text(statement, 1, id);
    sqlite3_bind_int64(statement, 2, user_pk);
    int r = statement_row(store, statement);
    if (r == 0) {
        *ret_pk = sqlite3_column_int64(statement, 0);
        *ret_tenant_pk = sqlite3_column_int64(statement, 1);
    }
    return r;
}

int store_group_update(struct store *store, const struct group *group) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_GROUP, GROUP_UPDATE);
    sqlite3_bind_int64(statement, 1, group->pk);
    bind_text(statement, 2, group->name);
    bind_text(statement, 3, group->description);
    return noting_note(
        store, statement_run(store, statement),
        &(struct state_change){.kind = CHANGE_GROUP, .act = CHANGE_UPDATED, .pk = group->pk});
}

int store_group_delete(struct store *store, int64_t pk) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_GROUP, GROUP_DELETE);
    sqlite3_bind_int64(statement, 1, pk);
    int r = noting_note_removal(store, CHANGE_GROUP, pk);
    return r == 0 ? statement_delete(store, statement) : r;
}

int store_group_scan(struct store *store, int64_t tenant_pk, size_t n_columns, store_visit visit,
                     void *cls) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_GROUP, GROUP_SCAN);
    sqlite3_bind_int64(statement, 1, tenant_pk);
    return statement_visit(store, statement, n_columns, visit, cls);
}
