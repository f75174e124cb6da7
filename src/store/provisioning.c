#include "store/provisioning.h"

#include <errno.h>
#include <stdlib.h>

#include "store/members.h"
#include "store/membership_text.h"
#include "store/statement.h"
#include "util/cleanup.h"
#include "util/fatal.h"

enum {
    PROVISIONED_USER,
    PROVISIONED_GROUP,
    PROVISIONED_LIST,
    PROVISION_USER,
    PROVISION_GROUP,
    PROVISIONED_MEMBERS,
    PROVISIONED_MEMBER,
};

#define MEMBER_SELECT                                                                              \
    "SELECT a.user_pk, a.groups, u.id, coalesce(nullif(trim(ifnull(u.first_name, '') || ' ' || "   \
    "ifnull(u.last_name, '')), ''), u.username) FROM tenant_access a "                             \
    "JOIN users u ON u.pk = a.user_pk WHERE a.tenant_pk = ?1 AND u.type = 'STANDARD'"

static const char *const sql[] = {
    [PROVISIONED_USER] = "SELECT attributes, created_at, modified_at FROM scim_users "
                         "WHERE user_pk = ?1 AND tenant_pk = ?2",
    [PROVISIONED_GROUP] =
        "SELECT attributes, created_at, modified_at FROM scim_groups WHERE group_pk = ?1",
    [PROVISIONED_LIST] =
        "SELECT s.attributes, s.created_at, s.modified_at, t.id FROM scim_users s "
        "JOIN tenants t ON t.pk = s.tenant_pk WHERE s.user_pk = ?1 ORDER BY s.tenant_pk",
    [PROVISION_USER] = "REPLACE INTO scim_users (attributes, created_at, modified_at, user_pk, "
                       "tenant_pk) VALUES (?1, ?2, ?3, ?4, ?5)",
    [PROVISION_GROUP] = "REPLACE INTO scim_groups (attributes, created_at, modified_at, group_pk) "
                        "VALUES (?1, ?2, ?3, ?4)",
    [PROVISIONED_MEMBERS] = MEMBER_SELECT " AND a.groups IS NOT NULL",
    [PROVISIONED_MEMBER] = MEMBER_SELECT " AND a.user_pk = ?2",
};
const struct statement_list store_provisioning_statements = STATEMENT_LIST(sql);

static int64_t column_time(sqlite3_stmt *statement, int column) {
    return sqlite3_column_type(statement, column) == SQLITE_NULL
               ? INT64_MIN
               : sqlite3_column_int64(statement, column);
}

static void bind_time(sqlite3_stmt *statement, int index, int64_t time) {
    if (time == INT64_MIN)
        sqlite3_bind_null(statement, index);
    else
        sqlite3_bind_int64(statement, index, time);
}

/* Reads the first three columns of a row. */
static int column_provisioned(sqlite3_stmt *statement, struct arena *arena,
                              struct provisioned *ret_provisioned) {
    ret_provisioned->created_at = column_time(statement, 1);
    ret_provisioned->modified_at = column_time(statement, 2);
    return column_text(statement, 0, arena, &ret_provisioned->attributes);
}

static int read_provisioned(struct store *store, sqlite3_stmt *statement, struct arena *arena,
                            struct provisioned *ret_provisioned) {
    *ret_provisioned = (struct provisioned){NULL, INT64_MIN, INT64_MIN};
    int r = statement_row(store, statement);
    if (r != 0)
        return r == STORE_NOT_FOUND ? 0 : r;
    return column_provisioned(statement, arena, ret_provisioned);
}

int store_provisioned_user(struct store *store, int64_t user_pk, int64_t tenant_pk,
                           struct arena *arena, struct provisioned *ret_provisioned) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement =
        statement_get_for(store, STATEMENTS_PROVISIONING, PROVISIONED_USER, user_pk, tenant_pk);
    return read_provisioned(store, statement, arena, ret_provisioned);
}

int store_provisioned_group(struct store *store, int64_t group_pk, struct arena *arena,
                            struct provisioned *ret_provisioned) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_PROVISIONING, PROVISIONED_GROUP);
    sqlite3_bind_int64(statement, 1, group_pk);
    return read_provisioned(store, statement, arena, ret_provisioned);
}

int store_provisioned_list(struct store *store, int64_t user_pk, struct arena *arena,
                           struct provision **ret_provisions, size_t *ret_count) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_PROVISIONING, PROVISIONED_LIST);
    sqlite3_bind_int64(statement, 1, user_pk);
    struct provision *items = NULL;
    size_t count = 0;
    size_t capacity = 0;
    int r;
    while ((r = statement_row(store, statement)) == 0) {
        items = arena_grow(arena, items, count, sizeof(*items), &capacity);
        if (!items)
            return FATAL(ENOMEM);
        r = column_text(statement, 3, arena, &items[count].tenant);
        if (r == 0)
            r = column_provisioned(statement, arena, &items[count++].provisioned);
        if (r < 0)
            return r;
    }
    if (r < 0)
        return r;
    *ret_provisions = items;
    *ret_count = count;
    return 0;
}

static sqlite3_stmt *bind_provisioned(struct store *store, int index, int64_t pk,
                                      const struct provisioned *provisioned) {
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_PROVISIONING, index);
    bind_text(statement, 1, provisioned->attributes);
    bind_time(statement, 2, provisioned->created_at);
    bind_time(statement, 3, provisioned->modified_at);
    sqlite3_bind_int64(statement, 4, pk);
    return statement;
}

int store_provision_user(struct store *store, int64_t user_pk, int64_t tenant_pk,
                         const struct provisioned *provisioned) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = bind_provisioned(store, PROVISION_USER, user_pk, provisioned);
    sqlite3_bind_int64(statement, 5, tenant_pk);
    return statement_run(store, statement);
}

int store_provision_group(struct store *store, int64_t group_pk,
                          const struct provisioned *provisioned) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = bind_provisioned(store, PROVISION_GROUP, group_pk, provisioned);
    return statement_run(store, statement);
}

/* A list that grows in the arena. */
struct member_list {
    struct arena *arena;
    struct member *items;
    size_t count;
    size_t capacity;
};

/* Appends the user of the row, as a member of one group, or of all its groups when `group_pk` is
 * 0. */
static int append_members(struct store *store, sqlite3_stmt *statement, int64_t group_pk,
                          struct member_list *members) {
    CLEANUP(arena_deinit) struct arena arena;
    struct membership_list list;
    struct member member = {.user_pk = sqlite3_column_int64(statement, 0)};
    arena_init(&arena);
    int r = column_memberships(store, statement, 1, &arena, &list);
    if (r == 0)
        r = column_texts(statement, 2, members->arena,
                         (const char **const[]){&member.id, &member.display, NULL});
    for (size_t i = 0; r == 0 && i < list.count; i++) {
        member.group_pk = list.items[i].group_pk;
        member.external = list.items[i].external;
        if (group_pk != 0 && group_pk != member.group_pk)
            continue;
        members->items = arena_grow(members->arena, members->items, members->count, sizeof(member),
                                    &members->capacity);
        if (!members->items)
            return FATAL(ENOMEM);
        members->items[members->count++] = member;
    }
    return r;
}

/* Appends the users of the rows; the caller has bound the parameters. */
static int append_all(struct store *store, sqlite3_stmt *statement, int64_t group_pk,
                      struct member_list *members) {
    CLEANUP(statement_reset) sqlite3_stmt *rows = statement;
    int r;
    while ((r = statement_row(store, rows)) == 0) {
        r = append_members(store, rows, group_pk, members);
        if (r < 0)
            return r;
    }
    return r == STORE_NOT_FOUND ? 0 : r;
}

static int append_group(struct store *store, int64_t tenant_pk, int64_t group_pk,
                        struct member_list *members) {
    const int64_t *users;
    size_t count;
    int r = members_find(store, group_pk, &users, &count);
    for (size_t i = 0; r == 0 && i < count; i++) {
        sqlite3_stmt *statement = statement_get(store, STATEMENTS_PROVISIONING, PROVISIONED_MEMBER);
        sqlite3_bind_int64(statement, 1, tenant_pk);
        sqlite3_bind_int64(statement, 2, users[i]);
        r = append_all(store, statement, group_pk, members);
    }
    return r;
}

static int compare_members(const void *a, const void *b) {
    const struct member *left = a;
    const struct member *right = b;
    return left->group_pk != right->group_pk
               ? (left->group_pk > right->group_pk) - (left->group_pk < right->group_pk)
               : (left->user_pk > right->user_pk) - (left->user_pk < right->user_pk);
}

static int append_tenant(struct store *store, int64_t tenant_pk, struct member_list *members) {
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_PROVISIONING, PROVISIONED_MEMBERS);
    sqlite3_bind_int64(statement, 1, tenant_pk);
    int r = append_all(store, statement, 0, members);
    if (r == 0 && members->count > 0)
        qsort(members->items, members->count, sizeof(*members->items), compare_members);
    return r;
}

int store_provisioned_members(struct store *store, int64_t tenant_pk, int64_t group_pk,
                              struct arena *arena, struct member **ret_members, size_t *ret_count) {
    struct member_list members = {.arena = arena};
    int r = group_pk != 0 ? append_group(store, tenant_pk, group_pk, &members)
                          : append_tenant(store, tenant_pk, &members);
    if (r == 0) {
        *ret_members = members.items;
        *ret_count = members.count;
    }
    return r;
}
