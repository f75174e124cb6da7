#include "store/access.h"

#include <errno.h>

#include "store/members.h"
#include "store/noting.h"
#include "store/statement.h"
#include "util/cleanup.h"
#include "util/fatal.h"

enum {
    ACCESS_INSERT,
    ACCESS_GRANT,
    ACCESS_UNGRANT_ALL,
    ACCESS_DELETE,
    ACCESS_DELETE_UNUSED,
    ACCESS_DELETE_ALL_UNUSED,
    ACCESS_FIND,
    ACCESS_FIND_ANY,
    ACCESS_LIST,
    ACCESS_SCAN_OWN,
    ACCESS_SCAN_USERS,
};

static const char *const sql[] = {
    [ACCESS_INSERT] = "INSERT INTO tenant_access (user_pk, tenant_pk, granted) VALUES (?1, ?2, ?3)",
    [ACCESS_GRANT] = "UPDATE tenant_access SET granted = 1 WHERE user_pk = ?1 AND tenant_pk = ?2",
    [ACCESS_DELETE] = "DELETE FROM tenant_access WHERE user_pk = ?1 AND tenant_pk = ?2",
    [ACCESS_DELETE_UNUSED] =
        ("DELETE FROM tenant_access WHERE user_pk = ?1 AND tenant_pk = ?2 AND granted = 0 "
         "AND groups IS NULL"),
    [ACCESS_UNGRANT_ALL] = "UPDATE tenant_access SET granted = 0 WHERE user_pk = ?1",
    [ACCESS_DELETE_ALL_UNUSED] =
        ("DELETE FROM tenant_access WHERE user_pk = ?1 AND granted = 0 AND groups IS NULL"),
    [ACCESS_FIND_ANY] = "SELECT 1 FROM tenant_access WHERE user_pk = ?1 LIMIT 1",
    [ACCESS_LIST] =
        ("SELECT t.id, t.name FROM tenant_access a JOIN tenants t ON t.pk = a.tenant_pk "
         "WHERE a.user_pk = ?1 ORDER BY t.pk"),
    [ACCESS_SCAN_OWN] =
        ("SELECT t.pk, t.id, iif(a.granted, 'true', 'false') FROM tenant_access a "
         "JOIN tenants t ON t.pk = a.tenant_pk WHERE a.user_pk = ?1 AND (a.granted OR "
         "a.groups IS NULL) ORDER BY t.pk"),
    [ACCESS_SCAN_USERS] = ("SELECT user_pk FROM tenant_access WHERE tenant_pk = ?1 "
                           "AND user_pk > ?2 ORDER BY user_pk LIMIT ?3"),
    [ACCESS_FIND] = "SELECT 1 FROM tenant_access WHERE user_pk = ?1 AND tenant_pk = ?2",
};
const struct statement_list store_access_statements = STATEMENT_LIST(sql);

/* Runs a statement that may have changed who has access. */
static int run_change(struct store *store, sqlite3_stmt *statement) {
    int r = statement_run(store, statement);
    if (r == 0 && sqlite3_changes(store->db) > 0)
        statement_note_access(store);
    return r;
}

int store_access_insert(struct store *store, int64_t user_pk, int64_t tenant_pk, bool granted) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement =
        statement_get_for(store, STATEMENTS_ACCESS, ACCESS_INSERT, user_pk, tenant_pk);
    sqlite3_bind_int(statement, 3, granted);
    return noting_note(
        store, run_change(store, statement),
        &(struct state_change){
            .kind = CHANGE_ACCESS, .act = CHANGE_ADDED, .pk = user_pk, .other_pk = tenant_pk});
}

int store_access_grant(struct store *store, int64_t user_pk, int64_t tenant_pk) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement =
        statement_get_for(store, STATEMENTS_ACCESS, ACCESS_GRANT, user_pk, tenant_pk);
    return noting_note(
        store, statement_run(store, statement),
        &(struct state_change){
            .kind = CHANGE_ACCESS, .act = CHANGE_UPDATED, .pk = user_pk, .other_pk = tenant_pk});
}

int store_access_delete(struct store *store, int64_t user_pk, int64_t tenant_pk) {
    int r = members_note_end(store, user_pk, tenant_pk);
    if (r < 0)
        return r;
    CLEANUP(statement_reset)
    sqlite3_stmt *statement =
        statement_get_for(store, STATEMENTS_ACCESS, ACCESS_DELETE, user_pk, tenant_pk);
    return noting_note(
        store, run_change(store, statement),
        &(struct state_change){
            .kind = CHANGE_ACCESS, .act = CHANGE_REMOVED, .pk = user_pk, .other_pk = tenant_pk});
}

int store_access_delete_unused(struct store *store, int64_t user_pk, int64_t tenant_pk) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement =
        statement_get_for(store, STATEMENTS_ACCESS, ACCESS_DELETE_UNUSED, user_pk, tenant_pk);
    return noting_note(
        store, run_change(store, statement),
        &(struct state_change){
            .kind = CHANGE_ACCESS, .act = CHANGE_REMOVED, .pk = user_pk, .other_pk = tenant_pk});
}

static int change_access(struct store *store, int index, int64_t user_pk) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_ACCESS, index);
    sqlite3_bind_int64(statement, 1, user_pk);
    return run_change(store, statement);
}

int store_access_ungrant_all(struct store *store, int64_t user_pk) {
    return change_access(store, ACCESS_UNGRANT_ALL, user_pk);
}

int store_access_delete_all_unused(struct store *store, int64_t user_pk) {
    return noting_note(
        store, change_access(store, ACCESS_DELETE_ALL_UNUSED, user_pk),
        &(struct state_change){.kind = CHANGE_ACCESSES, .act = CHANGE_REMOVED, .pk = user_pk});
}

int store_access_find(struct store *store, int64_t user_pk, int64_t tenant_pk) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement =
        statement_get_for(store, STATEMENTS_ACCESS, ACCESS_FIND, user_pk, tenant_pk);
    return statement_row(store, statement);
}

int store_access_find_any(struct store *store, int64_t user_pk) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_ACCESS, ACCESS_FIND_ANY);
    sqlite3_bind_int64(statement, 1, user_pk);
    return statement_row(store, statement);
}

int store_access_scan_own(struct store *store, int64_t user_pk, store_visit visit, void *cls) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_ACCESS, ACCESS_SCAN_OWN);
    sqlite3_bind_int64(statement, 1, user_pk);
    return statement_visit(store, statement, ACCESS_OWN_N_COLUMNS, visit, cls);
}

int store_access_list(struct store *store, int64_t user_pk, struct arena *arena,
                      struct tenant **ret_tenants, size_t *ret_count) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_ACCESS, ACCESS_LIST);
    sqlite3_bind_int64(statement, 1, user_pk);
    struct tenant *tenants = NULL;
    size_t count = 0;
    size_t capacity = 0;
    int r;
    while ((r = statement_row(store, statement)) == 0) {
        tenants = arena_grow(arena, tenants, count, sizeof(*tenants), &capacity);
        if (!tenants)
            return FATAL(ENOMEM);
        struct tenant *tenant = &tenants[count++];
        r = column_texts(statement, 0, arena,
                         (const char **const[]){&tenant->id, &tenant->name, NULL});
        if (r < 0)
            return r;
    }
    if (r < 0)
        return r;
    *ret_tenants = tenants;
    *ret_count = count;
    return 0;
}

int store_access_scan_users(struct store *store, int64_t tenant_pk, int64_t after, size_t max,
                            store_visit visit, void *cls) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_ACCESS, ACCESS_SCAN_USERS);
    sqlite3_bind_int64(statement, 1, tenant_pk);
    sqlite3_bind_int64(statement, 2, after);
    sqlite3_bind_int64(statement, 3, (int64_t)max);
    return statement_visit(store, statement, 0, visit, cls);
}
