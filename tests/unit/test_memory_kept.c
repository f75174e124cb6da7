/* The index of members equals the rows, whatever happens to both: random changes, transactions that
 * are rolled back, allocations and statements that fail, and states that are replaced. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "sandbox/sandbox.h"
#include "store/access.h"
#include "store/copy.h"
#include "store/group.h"
#include "store/members.h"
#include "store/statement.h"
#include "store/tenant.h"
#include "store/user.h"
#include "suite.h"
#include "torture.h"
#include "util/cleanup.h"

enum { N_TENANTS = 2, N_GROUPS = 6, N_USERS = 8, N_TRANSACTIONS = 3000, MAX_FAILURE = 120 };

static struct store *store;
static unsigned seed;

static unsigned draw(unsigned below) {
    seed = seed * 1103515245 + 12345;
    return (seed >> 16) % below;
}

/* Each finds a thing by its number, or makes it. */
static int get_tenant(unsigned number, int64_t *ret_pk) {
    char id[16];
    snprintf(id, sizeof(id), "tenant%u", number);
    int r = store_tenant_find(store, id, ret_pk);
    return r == STORE_NOT_FOUND ? store_tenant_insert(store, id, id, ret_pk) : r;
}

static int get_group(int64_t tenant, unsigned number, int64_t *ret_pk) {
    char id[16];
    snprintf(id, sizeof(id), "group%u", number);
    int r = store_group_find(store, tenant, id, ret_pk);
    return r == STORE_NOT_FOUND ? store_group_insert(store, tenant, id, id, NULL, ret_pk) : r;
}

static int get_user(unsigned number, int64_t tenant, int64_t *ret_pk) {
    char id[16];
    snprintf(id, sizeof(id), "user%u", number);
    const struct user user = {.id = id, .username = id, .email = id};
    int r = store_user_find(store, id, ret_pk);
    if (r == STORE_NOT_FOUND)
        r = store_user_insert(store, &user, ret_pk);
    if (r == 0)
        r = store_access_insert(store, *ret_pk, tenant, draw(2));
    return r == STORE_EXISTS ? 0 : r;
}

static int draw_list(int64_t tenant, struct membership items[N_GROUPS],
                     struct membership_list *ret_list) {
    *ret_list = (struct membership_list){.items = items};
    for (unsigned i = 0; i < N_GROUPS; i++) {
        if (draw(2))
            continue;
        items[ret_list->count] =
            (struct membership){.kind = draw(4) ? MEMBERSHIP_MEMBER : MEMBERSHIP_OWNER,
                                .external = draw(4) == 0,
                                .position = draw(N_GROUPS)};
        int r = get_group(tenant, i, &items[ret_list->count++].group_pk);
        if (r < 0)
            return r;
    }
    qsort(items, ret_list->count, sizeof(*items), membership_compare);
    return 0;
}

static int replace(int64_t user, int64_t tenant, const struct membership_list *to) {
    CLEANUP(arena_deinit) struct arena arena;
    struct membership_list from;
    arena_init(&arena);
    int r = store_membership_list(store, user, tenant, &arena, &from);
    return r == 0 ? store_membership_replace(store, user, tenant, &from, to) : r;
}

static int look(int64_t group) {
    const int64_t *users;
    size_t count;
    return members_find(store, group, &users, &count);
}

static int change(void) {
    struct membership items[N_GROUPS];
    struct membership_list list = {0};
    int64_t tenant = 0;
    int64_t group = 0;
    int64_t user = 0;
    int r = get_tenant(draw(N_TENANTS), &tenant);
    if (r == 0)
        r = get_user(draw(N_USERS), tenant, &user);
    if (r == 0)
        r = draw_list(tenant, items, &list);
    if (r == 0)
        r = get_group(tenant, draw(N_GROUPS), &group);
    if (r != 0)
        return r;
    switch (draw(40)) {
    case 0:
        return store_user_delete(store, user);
    case 1:
        return store_tenant_delete(store, tenant);
    case 2 ... 4:
        return store_access_delete(store, user, tenant);
    case 5 ... 8:
        return store_group_delete(store, tenant, group);
    case 9 ... 11:
        return store_access_delete_unused(store, user, tenant);
    case 12 ... 15:
        return look(group);
    case 16 ... 18:
        return store_membership_set_kind(store, user, tenant, group, MEMBERSHIP_OWNER);
    case 19 ... 22:
        return store_membership_leave(store, user, tenant, &list);
    case 23 ... 26:
        return store_membership_append(store, user, tenant, &list);
    case 27 ... 32:
        return store_membership_join(store, user, tenant, &list);
    default:
        return replace(user, tenant, &list);
    }
}

/* Makes some changes. Half of the transactions have a failure, if they take so many allocations. */
static void run_transaction(void) {
    struct transaction transaction;
    unsigned n_changes = 1 + draw(3);
    torture_begin(draw(2) ? (int)draw(MAX_FAILURE) + 1 : 0);
    store_begin(store, &transaction);
    int r = store_start_writing(&transaction);
    for (unsigned i = 0; r == 0 && i < n_changes; i++)
        r = change();
    if (r == 0 && draw(4))
        store_commit(&transaction);
    torture_end(); /* a rollback always succeeds */
    store_transaction_end(&transaction);
}

static sqlite3_stmt *query(const char *sql) {
    sqlite3_stmt *statement;
    ck_assert_int_eq(sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL), SQLITE_OK);
    return statement;
}

static void expect_no_rows(const char *sql) {
    sqlite3_stmt *statement = query(sql);
    ck_assert_msg(sqlite3_step(statement) == SQLITE_DONE, "%s", sql);
    sqlite3_finalize(statement);
}

/* Compares the index with the rows that the view shows. */
static size_t compare(void) {
    struct transaction transaction;
    size_t n_rows = 0;
    store_begin(store, &transaction);
    expect_no_rows("SELECT 1 FROM memberships m LEFT JOIN groups g ON g.pk = m.group_pk "
                   "WHERE g.tenant_pk IS NOT m.tenant_pk");
    sqlite3_stmt *groups = query("SELECT pk FROM groups UNION SELECT group_pk FROM memberships");
    sqlite3_stmt *rows =
        query("SELECT user_pk FROM memberships WHERE group_pk = ?1 ORDER BY user_pk");
    while (sqlite3_step(groups) == SQLITE_ROW) {
        CLEANUP(key_list_release) struct key_list *users = NULL;
        int64_t group = sqlite3_column_int64(groups, 0);
        ck_assert_int_eq(store_group_take_members(store, group, &users), 0);
        sqlite3_bind_int64(rows, 1, group);
        for (size_t i = 0; i < users->count; i++) {
            ck_assert_int_eq(sqlite3_step(rows), SQLITE_ROW);
            ck_assert_int_eq(sqlite3_column_int64(rows, 0), users->pks[i]);
        }
        ck_assert_int_eq(sqlite3_step(rows), SQLITE_DONE);
        sqlite3_reset(rows);
        n_rows += users->count;
    }
    sqlite3_finalize(groups);
    sqlite3_finalize(rows);
    store_transaction_end(&transaction);
    return n_rows;
}

START_TEST(the_index_equals_the_rows) {
    struct store_copy *snapshot = NULL;
    size_t n_rows = 0;
    store = sandbox.iam.store;
    seed = 20 + (unsigned)_i;
    for (int i = 0; i < N_TRANSACTIONS; i++) {
        run_transaction();
        if (draw(3) == 0)
            n_rows += compare();
        if (draw(100) == 0) {
            store_copy_free(snapshot);
            ck_assert_int_eq(store_copy_take(store, &snapshot), 0);
        } else if (snapshot && draw(100) == 0) {
            ck_assert_int_eq(store_copy_restore(store, snapshot), 0);
            n_rows += compare();
        }
    }
    ck_assert_uint_gt(n_rows, N_TRANSACTIONS);
    store_copy_free(snapshot);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("memory_members");
    TCase *tcase = suite_add(suite, "members");
    tcase_add_checked_fixture(tcase, torture_setup, torture_teardown);
    tcase_add_loop_test(tcase, the_index_equals_the_rows, 0, 4);
    return suite_run(suite);
}
