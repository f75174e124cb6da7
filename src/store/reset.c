#include "store/reset.h"

#include "store/statement.h"
#include "util/cleanup.h"

enum { RESET_PUT, RESET_FIND, RESET_DELETE, RESET_SCAN };

static const char *const sql[] = {
    [RESET_PUT] = "REPLACE INTO password_resets (user_pk, expires_at, token) VALUES (?1, ?2, ?3)",
    [RESET_FIND] = "SELECT user_pk FROM password_resets WHERE token = ?2 AND expires_at > ?1",
    [RESET_DELETE] = "DELETE FROM password_resets WHERE user_pk = ?1",
    [RESET_SCAN] = "SELECT r.user_pk, u.username, r.token, CAST(r.expires_at AS TEXT) "
                   "FROM password_resets r JOIN users u ON u.pk = r.user_pk "
                   "WHERE r.expires_at > ?1 ORDER BY r.user_pk",
};
const struct statement_list store_reset_statements = STATEMENT_LIST(sql);

static sqlite3_stmt *get(struct store *store, int index, int64_t first) {
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_RESET, index);
    sqlite3_bind_int64(statement, 1, first);
    return statement;
}

int store_reset_put(struct store *store, int64_t user_pk, const char *token, int64_t expires_at) {
    CLEANUP(statement_reset) sqlite3_stmt *statement = get(store, RESET_PUT, user_pk);
    sqlite3_bind_int64(statement, 2, expires_at);
    bind_text(statement, 3, token);
    return statement_run(store, statement);
}

int store_reset_find(struct store *store, const char *token, int64_t now, int64_t *ret_user_pk) {
    CLEANUP(statement_reset) sqlite3_stmt *statement = get(store, RESET_FIND, now);
    bind_text(statement, 2, token);
    int r = statement_row(store, statement);
    if (r == 0)
        *ret_user_pk = sqlite3_column_int64(statement, 0);
    return r;
}

int store_reset_delete(struct store *store, int64_t user_pk) {
    CLEANUP(statement_reset) sqlite3_stmt *statement = get(store, RESET_DELETE, user_pk);
    return statement_run(store, statement);
}

int store_reset_scan(struct store *store, int64_t now, store_visit visit, void *cls) {
    CLEANUP(statement_reset) sqlite3_stmt *statement = get(store, RESET_SCAN, now);
    return statement_visit(store, statement, RESET_N_COLUMNS, visit, cls);
}
