#include "state.h"

#include <check.h>
#include <string.h>

#include <sqlite3.h>

static char *query(const char *db, const char *sql, const char *user, const char *tenant) {
    sqlite3 *connection;
    sqlite3_stmt *statement;
    ck_assert_int_eq(sqlite3_open_v2(db, &connection, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    sqlite3_busy_timeout(connection, 10000);
    ck_assert_msg(sqlite3_prepare_v2(connection, sql, -1, &statement, NULL) == SQLITE_OK, "%s",
                  sqlite3_errmsg(connection));
    sqlite3_bind_text(statement, 1, user, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, tenant, -1, SQLITE_STATIC);
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
    const char *text = (const char *)sqlite3_column_text(statement, 0);
    char *result = strdup(text ? text : "");
    sqlite3_finalize(statement);
    sqlite3_close(connection);
    return result;
}

char *state_groups(const char *db, const char *user, const char *tenant) {
    return query(db,
                 "SELECT group_concat(entry, ' ') FROM (SELECT g.id || ':' || m.kind || "
                 "iif(m.external, '*', '') AS entry FROM memberships m "
                 "JOIN users u ON u.pk = m.user_pk JOIN groups g ON g.pk = m.group_pk "
                 "JOIN tenants t ON t.pk = g.tenant_pk WHERE u.id = ?1 AND t.id = ?2 "
                 "ORDER BY g.id)",
                 user, tenant);
}

char *state_query(const char *db, const char *sql) {
    return query(db, sql, NULL, NULL);
}
