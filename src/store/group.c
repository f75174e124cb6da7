#include "store/group.h"

#include <errno.h>
#include <string.h>

#include "store/members.h"
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
    GROUP_SCAN_RANGE,
    GROUP_FIND_LAST,
};

static const char *const sql[] = {
    [GROUP_INSERT] =
        "INSERT INTO groups (tenant_pk, id, name, description) VALUES (?1, ?2, ?3, ?4)",
    [GROUP_FIND] = "SELECT pk FROM groups WHERE id = ?1 AND tenant_pk = ?2",
    [GROUP_FIND_BY_PK] = "SELECT tenant_pk, id, name, description FROM groups WHERE pk = ?1",
    [GROUP_FIND_FOR_USER] =
        ("SELECT g.pk, g.tenant_pk FROM groups g LEFT JOIN tenant_access a ON a.user_pk = ?2 "
         "AND a.tenant_pk = g.tenant_pk WHERE g.id = ?1 ORDER BY ifnull(a.granted, 0) DESC, g.pk"),
    [GROUP_UPDATE] = "UPDATE groups SET name = ?2, description = ?3 WHERE pk = ?1",
    [GROUP_DELETE] = "DELETE FROM groups WHERE pk = ?1",
    /* SQLite sorts only the keys, instead of whole rows. */
    [GROUP_SCAN] = ("SELECT pk, name, description, id FROM groups "
                    "WHERE pk IN (SELECT pk FROM groups WHERE tenant_pk = ?1) ORDER BY pk"),
    [GROUP_SCAN_RANGE] = ("SELECT pk, name, description, id, tenant_pk FROM groups "
                          "WHERE pk BETWEEN ?1 AND ?2 ORDER BY pk LIMIT ?3"),
    [GROUP_FIND_LAST] = "SELECT pk FROM groups ORDER BY pk DESC LIMIT 1",
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
    row_table_note_insert(&store->rows[ROWS_GROUPS]);
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

int store_group_find_for_user(struct store *store, const char *id, int64_t user_pk,
                              const struct membership_list *own, int64_t *ret_pk,
                              int64_t *ret_tenant_pk) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_GROUP, GROUP_FIND_FOR_USER);
    bind_text(statement, 1, id);
    sqlite3_bind_int64(statement, 2, user_pk);
    int64_t pk = 0;
    int64_t tenant_pk = 0;
    bool is_own = false;
    int r;
    while ((r = statement_row(store, statement)) == 0 && !is_own) {
        int64_t found = sqlite3_column_int64(statement, 0);
        is_own = membership_list_find(own, found);
        if (pk == 0 || is_own) {
            pk = found;
            tenant_pk = sqlite3_column_int64(statement, 1);
        }
    }
    if (r < 0 || pk == 0)
        return r;
    *ret_pk = pk;
    *ret_tenant_pk = tenant_pk;
    return 0;
}

int store_group_update(struct store *store, const struct group *group) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_GROUP, GROUP_UPDATE);
    sqlite3_bind_int64(statement, 1, group->pk);
    bind_text(statement, 2, group->name);
    bind_text(statement, 3, group->description);
    row_table_note_change(&store->rows[ROWS_GROUPS], group->pk);
    return noting_note(
        store, statement_run(store, statement),
        &(struct state_change){.kind = CHANGE_GROUP, .act = CHANGE_UPDATED, .pk = group->pk});
}

int store_group_delete(struct store *store, int64_t tenant_pk, int64_t pk) {
    int r = members_leave_group(store, tenant_pk, pk);
    if (r < 0)
        return r;
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_GROUP, GROUP_DELETE);
    sqlite3_bind_int64(statement, 1, pk);
    row_table_note_change(&store->rows[ROWS_GROUPS], pk);
    r = noting_note_removal(store, CHANGE_GROUP, pk);
    return r == 0 ? statement_delete(store, statement) : r;
}

int store_group_take_members(struct store *store, int64_t group_pk, struct key_list **ret_members) {
    const int64_t *users;
    size_t count;
    int r = members_find(store, group_pk, &users, &count);
    if (r < 0)
        return r;
    struct key_list *members = key_list_new(count);
    if (!members)
        return FATAL(ENOMEM);
    if (count > 0)
        memcpy(members->pks, users, count * sizeof(*users));
    members->count = count;
    *ret_members = members;
    return 0;
}

int store_group_scan(struct store *store, int64_t tenant_pk, size_t n_columns, store_visit visit,
                     void *cls) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_GROUP, GROUP_SCAN);
    sqlite3_bind_int64(statement, 1, tenant_pk);
    return statement_visit(store, statement, n_columns, visit, cls);
}

int store_group_scan_range(struct store *store, int64_t first, int64_t end, size_t max,
                           store_visit visit, void *cls) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_GROUP, GROUP_SCAN_RANGE);
    statement_bind_range(statement, first, end, max);
    return statement_visit(store, statement, GROUP_ALL_N_COLUMNS, visit, cls);
}

int store_group_find_last(struct store *store, int64_t *ret_pk) {
    return statement_find(store, statement_get(store, STATEMENTS_GROUP, GROUP_FIND_LAST), ret_pk);
}
