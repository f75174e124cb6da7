#include "store/members.h"

#include <errno.h>
#include <string.h>

#include "store/member_index.h"
#include "store/membership_text.h"
#include "store/statement.h"
#include "util/cleanup.h"
#include "util/fatal.h"

enum { MEMBERS_SCAN, MEMBERS_SCAN_USER };

static const char *const sql[] = {
    [MEMBERS_SCAN] =
        "SELECT user_pk, groups FROM tenant_access WHERE groups IS NOT NULL ORDER BY user_pk",
    [MEMBERS_SCAN_USER] = "SELECT user_pk, groups FROM tenant_access WHERE user_pk = ?1 "
                          "AND (tenant_pk = ?2 OR ?2 = 0) AND groups IS NOT NULL",
};
const struct statement_list store_members_statements = STATEMENT_LIST(sql);

static int toggle_all(struct store *store, int64_t user_pk, const struct membership_list *list) {
    int r = 0;
    for (size_t i = 0; r == 0 && i < list->count; i++)
        r = member_index_toggle(store->members, list->items[i].group_pk, user_pk);
    return r;
}

/* Toggles the memberships of all rows. */
static int toggle_rows(struct store *store, sqlite3_stmt *statement) {
    int r;
    while ((r = statement_row(store, statement)) == 0) {
        CLEANUP(arena_deinit) struct arena arena;
        struct membership_list list;
        arena_init(&arena);
        r = column_memberships(store, statement, 1, &arena, &list);
        if (r == 0)
            r = toggle_all(store, sqlite3_column_int64(statement, 0), &list);
        if (r < 0)
            return r;
    }
    return r == STORE_NOT_FOUND ? 0 : r;
}

static int make_index(struct store *store) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_MEMBERS, MEMBERS_SCAN);
    store->members = member_index_new();
    int r = store->members ? toggle_rows(store, statement) : FATAL(ENOMEM);
    if (r < 0)
        store_forget_members(store);
    /* It may contain what this transaction has written. */
    store->members_changed = r == 0;
    return r;
}

int members_find(struct store *store, int64_t group_pk, const int64_t **ret_users,
                 size_t *ret_count) {
    int r = store->members ? 0 : make_index(store);
    if (r == 0) {
        r = member_index_find(store->members, group_pk, ret_users, ret_count);
        if (r < 0)
            store_forget_members(store);
    }
    return r;
}

int members_note_end(struct store *store, int64_t user_pk, int64_t tenant_pk) {
    if (!store->members)
        return 0;
    CLEANUP(statement_reset)
    sqlite3_stmt *statement =
        statement_get_for(store, STATEMENTS_MEMBERS, MEMBERS_SCAN_USER, user_pk, tenant_pk);
    store->members_changed = true;
    int r = toggle_rows(store, statement);
    if (r < 0)
        store_forget_members(store);
    return r;
}

int members_leave_group(struct store *store, int64_t tenant_pk, int64_t group_pk) {
    const struct membership_list left = {&(struct membership){.group_pk = group_pk}, 1};
    const int64_t *users;
    size_t count;
    int r = members_find(store, group_pk, &users, &count);
    if (r != 0 || count == 0)
        return r;
    CLEANUP(arena_deinit) struct arena arena;
    arena_init(&arena);
    int64_t *leaving = arena_alloc(&arena, count * sizeof(*leaving));
    if (!leaving)
        return FATAL(ENOMEM);
    memcpy(leaving, users, count * sizeof(*leaving)); /* each step changes the index */
    store->noted.is_paused = true;                    /* what the group takes with it is not told */
    for (size_t i = 0; r == 0 && i < count; i++)
        r = store_membership_leave(store, leaving[i], tenant_pk, &left);
    store->noted.is_paused = false;
    return r;
}
