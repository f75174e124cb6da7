#include "store/membership.h"

#include <errno.h>
#include <string.h>

#include "store/noting.h"
#include "store/statement.h"
#include "util/cleanup.h"
#include "util/fatal.h"

enum {
    MEMBERSHIP_INSERT,
    MEMBERSHIP_APPEND,
    MEMBERSHIP_DELETE,
    MEMBERSHIP_LIST,
    MEMBERSHIP_LIST_GROUPS,
    MEMBERSHIP_FIND,
    MEMBERSHIP_FIND_OWNED,
    MEMBERSHIP_SET_KIND,
    MEMBERSHIP_MOVE,
    MEMBERSHIP_SET_EXTERNAL,
};

static const char *const sql[] = {
    [MEMBERSHIP_INSERT] =
        "INSERT INTO memberships (user_pk, tenant_pk, group_pk, kind, external, position) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [MEMBERSHIP_APPEND] =
        "INSERT INTO memberships (user_pk, tenant_pk, group_pk, kind, external, position) "
        "SELECT ?1, ?2, ?3, ?4, ?5, IFNULL(MAX(position) + 1, 0) FROM memberships WHERE user_pk = "
        "?1",
    [MEMBERSHIP_DELETE] =
        "DELETE FROM memberships WHERE user_pk = ?1 AND tenant_pk = ?2 AND group_pk = ?3",
    [MEMBERSHIP_LIST] = "SELECT group_pk, kind = 'OWNER', external, position FROM memberships "
                        "WHERE user_pk = ?1 AND tenant_pk = ?2 ORDER BY group_pk",
    [MEMBERSHIP_LIST_GROUPS] =
        "SELECT g.id, g.name, t.id, m.kind = 'OWNER', m.external, g.pk, t.pk FROM memberships m "
        "JOIN groups g ON g.pk = m.group_pk JOIN tenants t ON t.pk = g.tenant_pk "
        "WHERE m.user_pk = ?1 AND (m.tenant_pk = ?2 OR ?2 = 0) ORDER BY m.position, g.pk",
    [MEMBERSHIP_FIND] = "SELECT kind = 'OWNER' FROM memberships WHERE user_pk = ?1 "
                        "AND tenant_pk = ?2 AND group_pk = ?3",
    [MEMBERSHIP_SET_KIND] = "UPDATE memberships SET kind = ?4 WHERE user_pk = ?1 "
                            "AND tenant_pk = ?2 AND group_pk = ?3",
    [MEMBERSHIP_MOVE] = "UPDATE memberships SET position = ?4 WHERE user_pk = ?1 "
                        "AND tenant_pk = ?2 AND group_pk = ?3",
    [MEMBERSHIP_SET_EXTERNAL] = "UPDATE memberships SET external = 1 WHERE user_pk = ?1 "
                                "AND tenant_pk = ?2 AND group_pk = ?3",
    [MEMBERSHIP_FIND_OWNED] = "SELECT 1 FROM memberships WHERE user_pk = ?1 AND tenant_pk = ?2 "
                              "AND kind = 'OWNER' LIMIT 1",
};
const struct statement_list store_membership_statements = STATEMENT_LIST(sql);

const char *membership_kind_name(enum membership_kind kind) {
    return kind == MEMBERSHIP_OWNER ? "OWNER" : "MEMBER";
}

enum membership_kind membership_kind_of(const char *name) {
    return strcmp(name, membership_kind_name(MEMBERSHIP_OWNER)) == 0 ? MEMBERSHIP_OWNER
                                                                     : MEMBERSHIP_MEMBER;
}

/* Binds all but the position. */
static sqlite3_stmt *bind_membership(struct store *store, int index, int64_t user_pk,
                                     int64_t tenant_pk, const struct membership *membership) {
    sqlite3_stmt *statement =
        statement_get_for(store, STATEMENTS_MEMBERSHIP, index, user_pk, tenant_pk);
    sqlite3_bind_int64(statement, 3, membership->group_pk);
    bind_text(statement, 4, membership_kind_name(membership->kind));
    sqlite3_bind_int(statement, 5, membership->external);
    return statement;
}

static int note(struct store *store, int r, enum change_act act, int64_t user_pk, int64_t group_pk,
                const char *membership) {
    return noting_note(store, r,
                       &(struct state_change){.kind = CHANGE_MEMBERSHIP,
                                              .act = act,
                                              .pk = user_pk,
                                              .other_pk = group_pk,
                                              .membership = membership});
}

int store_membership_insert(struct store *store, int64_t user_pk, int64_t tenant_pk,
                            const struct membership *membership) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement =
        bind_membership(store, MEMBERSHIP_INSERT, user_pk, tenant_pk, membership);
    sqlite3_bind_int64(statement, 6, membership->position);
    return note(store, statement_run(store, statement), CHANGE_ADDED, user_pk, membership->group_pk,
                membership_kind_name(membership->kind));
}

int store_membership_append(struct store *store, int64_t user_pk, int64_t tenant_pk,
                            const struct membership *membership) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement =
        bind_membership(store, MEMBERSHIP_APPEND, user_pk, tenant_pk, membership);
    return note(store, statement_run(store, statement), CHANGE_ADDED, user_pk, membership->group_pk,
                membership_kind_name(membership->kind));
}

int store_membership_delete(struct store *store, int64_t user_pk, int64_t tenant_pk,
                            int64_t group_pk) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement =
        statement_get_for(store, STATEMENTS_MEMBERSHIP, MEMBERSHIP_DELETE, user_pk, tenant_pk);
    sqlite3_bind_int64(statement, 3, group_pk);
    return note(store, statement_run(store, statement), CHANGE_REMOVED, user_pk, group_pk, NULL);
}

int store_membership_list(struct store *store, int64_t user_pk, int64_t tenant_pk,
                          struct arena *arena, struct membership **ret_memberships,
                          size_t *ret_count) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement =
        statement_get_for(store, STATEMENTS_MEMBERSHIP, MEMBERSHIP_LIST, user_pk, tenant_pk);
    struct membership *items = NULL;
    size_t count = 0;
    size_t capacity = 0;
    int r;
    while ((r = statement_row(store, statement)) == 0) {
        items = arena_grow(arena, items, count, sizeof(*items), &capacity);
        if (!items)
            return FATAL(ENOMEM);
        items[count++] = (struct membership){
            .group_pk = sqlite3_column_int64(statement, 0),
            .kind = sqlite3_column_int(statement, 1) ? MEMBERSHIP_OWNER : MEMBERSHIP_MEMBER,
            .external = sqlite3_column_int(statement, 2),
            .position = sqlite3_column_int64(statement, 3),
        };
    }
    if (r < 0)
        return r;
    *ret_memberships = items;
    *ret_count = count;
    return 0;
}

int store_membership_list_groups(struct store *store, int64_t user_pk, int64_t tenant_pk,
                                 struct arena *arena, struct user_group **ret_groups,
                                 size_t *ret_count) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement =
        statement_get_for(store, STATEMENTS_MEMBERSHIP, MEMBERSHIP_LIST_GROUPS, user_pk, tenant_pk);
    struct user_group *items = NULL;
    size_t count = 0;
    size_t capacity = 0;
    int r;
    while ((r = statement_row(store, statement)) == 0) {
        items = arena_grow(arena, items, count, sizeof(*items), &capacity);
        if (!items)
            return FATAL(ENOMEM);
        struct user_group *group = &items[count++];
        r = column_texts(statement, 0, arena,
                         (const char **const[]){&group->id, &group->name, &group->tenant, NULL});
        if (r < 0)
            return r;
        group->kind = sqlite3_column_int(statement, 3) ? MEMBERSHIP_OWNER : MEMBERSHIP_MEMBER;
        group->external = sqlite3_column_int(statement, 4);
        group->pk = sqlite3_column_int64(statement, 5);
        group->tenant_pk = sqlite3_column_int64(statement, 6);
    }
    if (r < 0)
        return r;
    *ret_groups = items;
    *ret_count = count;
    return 0;
}

int store_membership_find(struct store *store, int64_t user_pk, int64_t tenant_pk, int64_t group_pk,
                          enum membership_kind *ret_kind) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement =
        statement_get_for(store, STATEMENTS_MEMBERSHIP, MEMBERSHIP_FIND, user_pk, tenant_pk);
    sqlite3_bind_int64(statement, 3, group_pk);
    int r = statement_row(store, statement);
    if (r == 0)
        *ret_kind = sqlite3_column_int(statement, 0) ? MEMBERSHIP_OWNER : MEMBERSHIP_MEMBER;
    return r;
}

int store_membership_set_kind(struct store *store, int64_t user_pk, int64_t tenant_pk,
                              int64_t group_pk, enum membership_kind kind) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement =
        statement_get_for(store, STATEMENTS_MEMBERSHIP, MEMBERSHIP_SET_KIND, user_pk, tenant_pk);
    sqlite3_bind_int64(statement, 3, group_pk);
    bind_text(statement, 4, membership_kind_name(kind));
    return note(store, statement_run(store, statement), CHANGE_UPDATED, user_pk, group_pk,
                membership_kind_name(kind));
}

int store_membership_move(struct store *store, int64_t user_pk, int64_t tenant_pk,
                          const struct membership *membership) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement =
        statement_get_for(store, STATEMENTS_MEMBERSHIP, MEMBERSHIP_MOVE, user_pk, tenant_pk);
    sqlite3_bind_int64(statement, 3, membership->group_pk);
    sqlite3_bind_int64(statement, 4, membership->position);
    return statement_run(store, statement);
}

int store_membership_set_external(struct store *store, int64_t user_pk, int64_t tenant_pk,
                                  int64_t group_pk) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get_for(store, STATEMENTS_MEMBERSHIP,
                                                MEMBERSHIP_SET_EXTERNAL, user_pk, tenant_pk);
    sqlite3_bind_int64(statement, 3, group_pk);
    return note(store, statement_run(store, statement), CHANGE_UPDATED, user_pk, group_pk,
                "EXTERNAL");
}

int store_membership_find_owned(struct store *store, int64_t user_pk, int64_t tenant_pk) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement =
        statement_get_for(store, STATEMENTS_MEMBERSHIP, MEMBERSHIP_FIND_OWNED, user_pk, tenant_pk);
    return statement_row(store, statement);
}
