#include "store/invitation.h"

#include <errno.h>

#include "store/noting.h"
#include "store/statement.h"
#include "util/cleanup.h"
#include "util/fatal.h"

enum {
    INVITATION_INSERT,
    INVITATION_INSERT_GRANT,
    INVITATION_FIND,
    INVITATION_FIND_BY_PK,
    INVITATION_FIND_PENDING,
    INVITATION_LIST_GRANTS,
    INVITATION_ACCEPT,
    INVITATION_DELETE,
    INVITATION_SCAN,
    INVITATION_SCAN_EMAIL,
};

static const char *const sql[] = {
    [INVITATION_INSERT] =
        "INSERT INTO invitations (tenant_pk, super_admin, sent_at, expires_at, id, email) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [INVITATION_INSERT_GRANT] =
        "INSERT INTO invitation_grants (invitation_pk, role_pk, group_pk, namespace) "
        "VALUES (?1, nullif(?2, 0), nullif(?3, 0), ?4)",
    [INVITATION_FIND] = "SELECT pk FROM invitations WHERE id = ?1",
    [INVITATION_FIND_BY_PK] =
        "SELECT i.tenant_pk, i.super_admin, i.sent_at, i.expires_at, i.accepted_at, i.id, "
        "t.id, i.email FROM invitations i JOIN tenants t ON t.pk = i.tenant_pk WHERE i.pk = ?1",
    [INVITATION_FIND_PENDING] = "SELECT 1 FROM invitations WHERE email = ?3 AND tenant_pk = ?1 "
                                "AND accepted_at IS NULL AND expires_at > ?2",
    [INVITATION_LIST_GRANTS] =
        "SELECT ifnull(role_pk, 0), ifnull(group_pk, 0), namespace FROM invitation_grants "
        "WHERE invitation_pk = ?1 ORDER BY pk",
    [INVITATION_ACCEPT] = "UPDATE invitations SET accepted_at = ?2 WHERE pk = ?1",
    [INVITATION_DELETE] = "DELETE FROM invitations WHERE pk = ?1",
    [INVITATION_SCAN] = "SELECT pk, email, CASE WHEN accepted_at IS NOT NULL THEN 'ACCEPTED' "
                        "WHEN expires_at > ?2 THEN 'PENDING' ELSE 'EXPIRED' END, "
                        "strftime('%Y-%m-%dT%H:%M:%SZ', expires_at / 1000, 'unixepoch'), "
                        "iif(super_admin, 'true', 'false'), id FROM invitations WHERE tenant_pk = "
                        "?1 AND pk > ?3 ORDER BY pk",
    [INVITATION_SCAN_EMAIL] =
        "SELECT pk FROM invitations WHERE email = ?2 AND (?1 = 0 OR tenant_pk = ?1) ORDER BY pk",
};
const struct statement_list store_invitation_statements = STATEMENT_LIST(sql);

static sqlite3_stmt *get(struct store *store, int index, int64_t first) {
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_INVITATION, index);
    sqlite3_bind_int64(statement, 1, first);
    return statement;
}

int store_invitation_insert(struct store *store, const struct invitation *invitation,
                            int64_t *ret_pk) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = get(store, INVITATION_INSERT, invitation->tenant_pk);
    sqlite3_bind_int(statement, 2, invitation->super_admin);
    sqlite3_bind_int64(statement, 3, invitation->sent_at);
    sqlite3_bind_int64(statement, 4, invitation->expires_at);
    bind_text(statement, 5, invitation->id);
    bind_text(statement, 6, invitation->email);
    int r = statement_insert(store, statement, ret_pk);
    return r == 0 ? noting_note(store, r,
                                &(struct state_change){.kind = CHANGE_INVITATION, .pk = *ret_pk})
                  : r;
}

int store_invitation_insert_grant(struct store *store, int64_t pk,
                                  const struct invitation_grant *grant) {
    CLEANUP(statement_reset) sqlite3_stmt *statement = get(store, INVITATION_INSERT_GRANT, pk);
    sqlite3_bind_int64(statement, 2, grant->role_pk);
    sqlite3_bind_int64(statement, 3, grant->group_pk);
    bind_text(statement, 4, grant->namespace);
    return statement_run(store, statement);
}

int store_invitation_find(struct store *store, const char *id, int64_t *ret_pk) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_INVITATION, INVITATION_FIND);
    bind_text(statement, 1, id);
    int r = statement_row(store, statement);
    if (r == 0)
        *ret_pk = sqlite3_column_int64(statement, 0);
    return r;
}

int store_invitation_find_by_pk(struct store *store, int64_t pk, struct arena *arena,
                                struct invitation *ret_invitation) {
    CLEANUP(statement_reset) sqlite3_stmt *statement = get(store, INVITATION_FIND_BY_PK, pk);
    int r = statement_row(store, statement);
    if (r != 0)
        return r;
    bool accepted = sqlite3_column_type(statement, 4) != SQLITE_NULL;
    struct invitation invitation = {
        .pk = pk,
        .tenant_pk = sqlite3_column_int64(statement, 0),
        .super_admin = sqlite3_column_int(statement, 1),
        .sent_at = sqlite3_column_int64(statement, 2),
        .expires_at = sqlite3_column_int64(statement, 3),
        .accepted_at = accepted ? sqlite3_column_int64(statement, 4) : INT64_MIN,
    };
    r = column_texts(
        statement, 5, arena,
        (const char **const[]){&invitation.id, &invitation.tenant, &invitation.email, NULL});
    if (r == 0)
        *ret_invitation = invitation;
    return r;
}

int store_invitation_find_pending(struct store *store, int64_t tenant_pk, const char *email,
                                  int64_t now) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = get(store, INVITATION_FIND_PENDING, tenant_pk);
    sqlite3_bind_int64(statement, 2, now);
    bind_text(statement, 3, email);
    return statement_row(store, statement);
}

int store_invitation_list_grants(struct store *store, int64_t pk, struct arena *arena,
                                 struct invitation_grant **ret_grants, size_t *ret_count) {
    CLEANUP(statement_reset) sqlite3_stmt *statement = get(store, INVITATION_LIST_GRANTS, pk);
    struct invitation_grant *items = NULL;
    size_t count = 0;
    size_t capacity = 0;
    int r;
    while ((r = statement_row(store, statement)) == 0) {
        items = arena_grow(arena, items, count, sizeof(*items), &capacity);
        if (!items)
            return FATAL(ENOMEM);
        items[count].role_pk = sqlite3_column_int64(statement, 0);
        items[count].group_pk = sqlite3_column_int64(statement, 1);
        r = column_text(statement, 2, arena, &items[count++].namespace);
        if (r < 0)
            return r;
    }
    if (r < 0)
        return r;
    *ret_grants = items;
    *ret_count = count;
    return 0;
}

int store_invitation_accept(struct store *store, int64_t pk, int64_t accepted_at) {
    CLEANUP(statement_reset) sqlite3_stmt *statement = get(store, INVITATION_ACCEPT, pk);
    sqlite3_bind_int64(statement, 2, accepted_at);
    return noting_note(
        store, statement_run(store, statement),
        &(struct state_change){.kind = CHANGE_INVITATION, .act = CHANGE_UPDATED, .pk = pk});
}

int store_invitation_delete(struct store *store, int64_t pk) {
    CLEANUP(statement_reset) sqlite3_stmt *statement = get(store, INVITATION_DELETE, pk);
    int r = noting_note_removal(store, CHANGE_INVITATION, pk);
    return r == 0 ? statement_run(store, statement) : r;
}

int store_invitation_scan(struct store *store, int64_t tenant_pk, int64_t now, int64_t after,
                          size_t n_columns, store_visit visit, void *cls) {
    CLEANUP(statement_reset) sqlite3_stmt *statement = get(store, INVITATION_SCAN, tenant_pk);
    sqlite3_bind_int64(statement, 2, now);
    sqlite3_bind_int64(statement, 3, after);
    return statement_visit(store, statement, n_columns, visit, cls);
}

int store_invitation_scan_email(struct store *store, int64_t tenant_pk, const char *email,
                                store_visit visit, void *cls) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = get(store, INVITATION_SCAN_EMAIL, tenant_pk);
    bind_text(statement, 2, email);
    return statement_visit(store, statement, 0, visit, cls);
}
