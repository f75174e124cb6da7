#include "store/user.h"

#include <errno.h>

#include "store/access.h"
#include "store/members.h"
#include "store/noting.h"
#include "store/statement.h"
#include "store/tenant.h"
#include "util/cleanup.h"
#include "util/fatal.h"

enum {
    USER_INSERT,
    USER_UPDATE,
    USER_DELETE,
    USER_FIND_BY_PK,
    USER_FIND_BY_USERNAME,
    USER_FIND,
    USER_FIND_STANDARD,
    USER_FIND_ACCOUNT,
    USER_FIND_BY_EMAIL,
    USER_SCAN,
    USER_SCAN_RANGE,
    USER_FIND_SUPER_ADMIN,
    USER_FIND_ANY,
    USER_FIND_COSTLIEST_HASH,
    USER_COUNT,
    USER_FIND_LAST,
    FIND_ANY,
};

#define USER_COLUMNS                                                                               \
    "pk, id, username, email, first_name, last_name, super_admin, restricted, password_hash, "     \
    "type = 'SERVICE_ACCOUNT', name, description"

#define USER_SCAN_COLUMNS                                                                          \
    "u.pk, ifnull(u.name, u.username), iif(u.name IS NULL, u.email, NULL), u.first_name, "         \
    "u.last_name, u.id, iif(u.super_admin, 'true', 'false'), u.type"

static const char *const sql[] = {
    [USER_INSERT] =
        "INSERT INTO users (id, username, email, first_name, last_name, super_admin, restricted, "
        "password_hash, name, description, type) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
        "iif(?9 IS NULL, 'STANDARD', 'SERVICE_ACCOUNT'))",
    [USER_UPDATE] = "UPDATE users SET username = ?2, email = ?3, first_name = ?4, last_name = ?5, "
                    "super_admin = ?6, restricted = ?7, password_hash = ?8, name = ?9, "
                    "description = ?10 WHERE pk = ?1",
    [USER_DELETE] = "DELETE FROM users WHERE pk = ?1",
    [USER_SCAN] = "SELECT " USER_SCAN_COLUMNS " FROM users u WHERE u.type = ?1 ORDER BY u.pk",
    [USER_SCAN_RANGE] = "SELECT " USER_SCAN_COLUMNS " FROM users u WHERE u.pk BETWEEN ?1 AND ?2 "
                        "ORDER BY u.pk LIMIT ?3",
    [USER_FIND_BY_EMAIL] = "SELECT pk FROM users WHERE email = ?1 AND type = 'STANDARD'",
    [USER_FIND_BY_PK] = "SELECT " USER_COLUMNS " FROM users WHERE pk = ?1",
    [USER_FIND_BY_USERNAME] = "SELECT " USER_COLUMNS " FROM users WHERE username = ?1",
    [USER_FIND] = "SELECT pk FROM users WHERE id = ?1",
    [USER_FIND_STANDARD] = "SELECT pk FROM users WHERE id = ?1 AND type = 'STANDARD'",
    [USER_FIND_ACCOUNT] = "SELECT pk FROM users WHERE id = ?1 AND type = 'SERVICE_ACCOUNT'",
    [USER_FIND_SUPER_ADMIN] = "SELECT pk FROM users WHERE super_admin = 1 AND type = 'STANDARD' "
                              "ORDER BY pk LIMIT 1",
    [USER_FIND_ANY] = "SELECT 1 FROM users WHERE type = 'STANDARD' LIMIT 1",
    [USER_FIND_COSTLIEST_HASH] = "SELECT password_hash FROM users WHERE password_cost > 8 "
                                 "AND password_cost <= 1048576 ORDER BY password_cost DESC LIMIT 1",
    [USER_COUNT] = "SELECT count(*) FROM users WHERE type = 'STANDARD'",
    [USER_FIND_LAST] = "SELECT pk FROM users ORDER BY pk DESC LIMIT 1",
    [FIND_ANY] = "SELECT 1 FROM users UNION ALL SELECT 1 FROM tenants LIMIT 1",
};
const struct statement_list store_user_statements = STATEMENT_LIST(sql);

/* Binds the parameters ?2 to ?10, which INSERT and UPDATE share. */
static void bind_user(sqlite3_stmt *statement, const struct user *user) {
    bind_text(statement, 2, user->username);
    bind_text(statement, 3, user->email);
    bind_text(statement, 4, user->first_name);
    bind_text(statement, 5, user->last_name);
    sqlite3_bind_int(statement, 6, user->super_admin);
    sqlite3_bind_int(statement, 7, user->restricted);
    bind_text(statement, 8, user->password_hash);
    bind_text(statement, 9, user->is_service_account ? user->name : NULL);
    bind_text(statement, 10, user->description);
}

int store_user_insert(struct store *store, const struct user *user, int64_t *ret_pk) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_USER, USER_INSERT);
    bind_text(statement, 1, user->id);
    bind_user(statement, user);
    row_table_note_insert(&store->rows[ROWS_USERS]);
    int r = statement_insert(store, statement, ret_pk);
    return r == 0
               ? noting_note(store, r, &(struct state_change){.kind = CHANGE_USER, .pk = *ret_pk})
               : r;
}

int store_user_update(struct store *store, const struct user *user) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_USER, USER_UPDATE);
    sqlite3_bind_int64(statement, 1, user->pk);
    bind_user(statement, user);
    row_table_note_change(&store->rows[ROWS_USERS], user->pk);
    return noting_note(
        store, statement_run(store, statement),
        &(struct state_change){.kind = CHANGE_USER, .act = CHANGE_UPDATED, .pk = user->pk});
}

int store_user_delete(struct store *store, int64_t pk) {
    int r = members_note_end(store, pk, 0);
    if (r < 0)
        return r;
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_USER, USER_DELETE);
    sqlite3_bind_int64(statement, 1, pk);
    row_table_note_change(&store->rows[ROWS_USERS], pk);
    statement_note_access(store);
    r = noting_note_removal(store, CHANGE_USER, pk);
    return r == 0 ? statement_delete(store, statement) : r;
}

int store_user_scan(struct store *store, bool service_accounts, size_t n_columns, store_visit visit,
                    void *cls) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_USER, USER_SCAN);
    bind_text(statement, 1, service_accounts ? "SERVICE_ACCOUNT" : "STANDARD");
    return statement_visit(store, statement, n_columns, visit, cls);
}

int store_user_scan_range(struct store *store, int64_t first, int64_t end, size_t max,
                          store_visit visit, void *cls) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_USER, USER_SCAN_RANGE);
    statement_bind_range(statement, first, end, max);
    return statement_visit(store, statement, ACCESS_N_COLUMNS, visit, cls);
}

static int read_user(struct store *store, sqlite3_stmt *statement, struct arena *arena,
                     struct user *ret_user) {
    int r = statement_row(store, statement);
    if (r != 0)
        return r;
    struct user user = {
        .pk = sqlite3_column_int64(statement, 0),
        .super_admin = sqlite3_column_int(statement, 6),
        .restricted = sqlite3_column_int(statement, 7),
        .is_service_account = sqlite3_column_int(statement, 9),
    };
    r = column_texts(statement, 1, arena,
                     (const char **const[]){&user.id, &user.username, &user.email, &user.first_name,
                                            &user.last_name, NULL});
    if (r == 0)
        r = column_text(statement, 8, arena, &user.password_hash);
    if (r == 0)
        r = column_texts(statement, 10, arena,
                         (const char **const[]){&user.name, &user.description, NULL});
    if (r == 0)
        *ret_user = user;
    return r;
}

int store_user_find_by_pk(struct store *store, int64_t pk, struct arena *arena,
                          struct user *ret_user) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_USER, USER_FIND_BY_PK);
    sqlite3_bind_int64(statement, 1, pk);
    return read_user(store, statement, arena, ret_user);
}

int store_user_find_by_username(struct store *store, const char *username, struct arena *arena,
                                struct user *ret_user) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_USER, USER_FIND_BY_USERNAME);
    bind_text(statement, 1, username);
    return read_user(store, statement, arena, ret_user);
}

int store_user_find(struct store *store, const char *id, int64_t *ret_pk) {
    return statement_find_key(store, KEY_USER, 0, id,
                              statement_get(store, STATEMENTS_USER, USER_FIND), ret_pk);
}

int store_user_find_of_type(struct store *store, bool service_account, const char *id,
                            int64_t *ret_pk) {
    return service_account
               ? statement_find_key(store, KEY_SERVICE_ACCOUNT, 0, id,
                                    statement_get(store, STATEMENTS_USER, USER_FIND_ACCOUNT),
                                    ret_pk)
               : statement_find_key(store, KEY_STANDARD_USER, 0, id,
                                    statement_get(store, STATEMENTS_USER, USER_FIND_STANDARD),
                                    ret_pk);
}

int store_user_find_by_email(struct store *store, const char *email, int64_t *ret_pk) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_USER, USER_FIND_BY_EMAIL);
    bind_text(statement, 1, email);
    int r = statement_row(store, statement);
    if (r == 0)
        *ret_pk = sqlite3_column_int64(statement, 0);
    return r;
}

int store_user_find_in_tenant(struct store *store, const char *id, int64_t tenant_pk,
                              int64_t *ret_pk) {
    int64_t pk;
    int r = store_user_find(store, id, &pk);
    if (r == 0)
        r = store_access_find(store, pk, tenant_pk);
    if (r == 0)
        *ret_pk = pk;
    return r;
}

int store_user_find_super_admin(struct store *store, int64_t *ret_pk) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_USER, USER_FIND_SUPER_ADMIN);
    int r = statement_row(store, statement);
    if (r == 0)
        *ret_pk = sqlite3_column_int64(statement, 0);
    return r;
}

int store_user_find_last(struct store *store, int64_t *ret_pk) {
    return statement_find(store, statement_get(store, STATEMENTS_USER, USER_FIND_LAST), ret_pk);
}

int store_user_find_any(struct store *store) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_USER, USER_FIND_ANY);
    return statement_row(store, statement);
}

int store_user_find_costliest_hash(struct store *store, struct arena *arena,
                                   const char **ret_hash) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_USER, USER_FIND_COSTLIEST_HASH);
    int r = statement_row(store, statement);
    if (r == 0)
        return column_text(statement, 0, arena, ret_hash);
    if (r < 0)
        return r;
    *ret_hash = NULL;
    return 0;
}

int store_user_count(struct store *store, int64_t *ret_count) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_USER, USER_COUNT);
    int r = statement_row(store, statement);
    if (r == 0)
        *ret_count = sqlite3_column_int64(statement, 0);
    return r;
}

int store_find_any(struct store *store) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_USER, FIND_ANY);
    return statement_row(store, statement);
}
