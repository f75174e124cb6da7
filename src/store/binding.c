#include "store/binding.h"

#include <errno.h>

#include "store/noting.h"
#include "store/statement.h"
#include "util/cleanup.h"
#include "util/fatal.h"

enum {
    BINDING_INSERT,
    BINDING_FIND,
    BINDING_FIND_BY_PK,
    BINDING_DELETE,
    BINDING_DELETE_OF_USER,
    BINDING_SCAN,
    BINDING_LIST_ROLES,
};

static const char *const sql[] = {
    [BINDING_INSERT] =
        "INSERT INTO bindings (tenant_pk, role_pk, user_pk, group_pk, id, namespace) "
        "VALUES (?1, ?2, nullif(?3, 0), nullif(?4, 0), ?5, ?6)",
    [BINDING_FIND] = "SELECT pk FROM bindings WHERE id = ?1 AND tenant_pk = ?2",
    [BINDING_FIND_BY_PK] =
        "SELECT tenant_pk, role_pk, ifnull(user_pk, 0), ifnull(group_pk, 0), id, "
        "namespace FROM bindings WHERE pk = ?1",
    [BINDING_DELETE] = "DELETE FROM bindings WHERE pk = ?1",
    [BINDING_DELETE_OF_USER] = "DELETE FROM bindings WHERE user_pk = ?1 AND tenant_pk = ?2",
    /* The plus makes SQLite go on from the key, instead of sorting the tenant's bindings. */
    [BINDING_SCAN] =
        "SELECT b.pk, iif(b.user_pk IS NULL, 'GROUP', 'USER'), b.namespace, b.id, "
        "ifnull(u.id, g.id), r.id, iif(u.pk IS NULL, 'group', iif(u.type = 'STANDARD', 'user', "
        "'serviceAccount')) FROM bindings b JOIN roles r ON r.pk = b.role_pk "
        "LEFT JOIN users u ON u.pk = b.user_pk LEFT JOIN groups g ON g.pk = b.group_pk "
        "WHERE +b.tenant_pk = ?1 AND b.pk > ?2 ORDER BY b.pk",
    [BINDING_LIST_ROLES] =
        "SELECT r.id, r.name, r.template, r.permissions, b.namespace, b.id, NULL, 0, b.pk "
        "FROM bindings b JOIN roles r ON r.pk = b.role_pk WHERE b.user_pk = ?1 AND b.tenant_pk = "
        "?2 UNION ALL "
        "SELECT r.id, r.name, r.template, r.permissions, b.namespace, b.id, g.id, g.pk, "
        "b.pk FROM memberships m JOIN bindings b ON b.group_pk = m.group_pk "
        "JOIN roles r ON r.pk = b.role_pk JOIN groups g ON g.pk = m.group_pk "
        "WHERE m.user_pk = ?1 AND m.tenant_pk = ?2 ORDER BY 8, 9",
};
const struct statement_list store_binding_statements = STATEMENT_LIST(sql);

int store_binding_insert(struct store *store, const struct binding *binding, int64_t *ret_pk) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_BINDING, BINDING_INSERT);
    sqlite3_bind_int64(statement, 1, binding->tenant_pk);
    sqlite3_bind_int64(statement, 2, binding->role_pk);
    sqlite3_bind_int64(statement, 3, binding->user_pk);
    sqlite3_bind_int64(statement, 4, binding->group_pk);
    bind_text(statement, 5, binding->id);
    bind_text(statement, 6, binding->namespace);
    int r = statement_insert(store, statement, ret_pk);
    return r == 0 ? noting_note(store, r,
                                &(struct state_change){.kind = CHANGE_BINDING, .pk = *ret_pk})
                  : r;
}

int store_binding_find(struct store *store, int64_t tenant_pk, const char *id, int64_t *ret_pk) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_BINDING, BINDING_FIND);
    bind_text(statement, 1, id);
    sqlite3_bind_int64(statement, 2, tenant_pk);
    int r = statement_row(store, statement);
    if (r == 0)
        *ret_pk = sqlite3_column_int64(statement, 0);
    return r;
}

int store_binding_find_by_pk(struct store *store, int64_t pk, struct arena *arena,
                             struct binding *ret_binding) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_BINDING, BINDING_FIND_BY_PK);
    sqlite3_bind_int64(statement, 1, pk);
    int r = statement_row(store, statement);
    if (r != 0)
        return r;
    struct binding binding = {
        .pk = pk,
        .tenant_pk = sqlite3_column_int64(statement, 0),
        .role_pk = sqlite3_column_int64(statement, 1),
        .user_pk = sqlite3_column_int64(statement, 2),
        .group_pk = sqlite3_column_int64(statement, 3),
    };
    r = column_texts(statement, 4, arena,
                     (const char **const[]){&binding.id, &binding.namespace, NULL});
    if (r == 0)
        *ret_binding = binding;
    return r;
}

int store_binding_delete(struct store *store, int64_t pk) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_BINDING, BINDING_DELETE);
    sqlite3_bind_int64(statement, 1, pk);
    int r = noting_note_removal(store, CHANGE_BINDING, pk);
    return r == 0 ? statement_run(store, statement) : r;
}

int store_binding_delete_of_user(struct store *store, int64_t user_pk, int64_t tenant_pk) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement =
        statement_get_for(store, STATEMENTS_BINDING, BINDING_DELETE_OF_USER, user_pk, tenant_pk);
    return noting_note(
        store, statement_run(store, statement),
        &(struct state_change){
            .kind = CHANGE_BINDINGS, .act = CHANGE_REMOVED, .pk = user_pk, .other_pk = tenant_pk});
}

int store_binding_scan(struct store *store, int64_t tenant_pk, int64_t after, size_t n_columns,
                       store_visit visit, void *cls) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_BINDING, BINDING_SCAN);
    sqlite3_bind_int64(statement, 1, tenant_pk);
    sqlite3_bind_int64(statement, 2, after);
    return statement_visit(store, statement, n_columns, visit, cls);
}

int store_binding_list_roles(struct store *store, int64_t user_pk, int64_t tenant_pk,
                             struct arena *arena, struct role_assignment **ret_roles,
                             size_t *ret_count) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement =
        statement_get_for(store, STATEMENTS_BINDING, BINDING_LIST_ROLES, user_pk, tenant_pk);
    struct role_assignment *items = NULL;
    size_t count = 0;
    size_t capacity = 0;
    int r;
    while ((r = statement_row(store, statement)) == 0) {
        items = arena_grow(arena, items, count, sizeof(*items), &capacity);
        if (!items)
            return FATAL(ENOMEM);
        struct role_assignment *role = &items[count++];
        r = column_texts(statement, 0, arena,
                         (const char **const[]){&role->role_id, &role->role_name, &role->template,
                                                &role->permissions, &role->namespace,
                                                &role->binding_id, &role->group_id, NULL});
        if (r < 0)
            return r;
    }
    if (r < 0)
        return r;
    *ret_roles = items;
    *ret_count = count;
    return 0;
}
