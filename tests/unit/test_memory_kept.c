/* What a store keeps in memory, the index of members and the users, equals the rows, whatever
 * happens to both: random changes, transactions that are rolled back, allocations and statements
 * that fail, and states that are replaced. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "sandbox/sandbox.h"
#include "store/access.h"
#include "store/copy.h"
#include "store/group.h"
#include "store/members.h"
#include "store/row_cache.h"
#include "store/statement.h"
#include "store/tenant.h"
#include "store/user_record.h"
#include "suite.h"
#include "torture.h"
#include "util/cleanup.h"

enum { N_TENANTS = 2, N_GROUPS = 6, N_USERS = 8, N_TRANSACTIONS = 3000, MAX_FAILURE = 120 };

/* Some users are too large to be kept, or a few of them for a small store. */
enum { LONG_NAME = 5000 };

static struct store *store;
static unsigned seed;

static unsigned draw(unsigned below) {
    seed = seed * 1103515245 + 12345;
    return (seed >> 16) % below;
}

/* Mostly short. */
static const char *draw_name(void) {
    static char names[4][LONG_NAME + 1];
    static unsigned next;
    char *name = names[next++ % 4];
    unsigned length = draw(8) == 0 ? 0 : 1 + draw(draw(4) ? 10 : LONG_NAME);
    memset(name, 'a' + (int)draw(26), length);
    name[length] = '\0';
    return length > 0 ? name : NULL;
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
    const struct user user = {.id = id, .username = id, .email = id, .first_name = draw_name()};
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

/* Looks at the members of a group, and at a user. */
static int look(int64_t group, int64_t user) {
    CLEANUP(arena_deinit) struct arena arena;
    struct user_record record;
    const int64_t *users;
    size_t count;
    arena_init(&arena);
    int r = members_find(store, group, &users, &count);
    return r == 0 ? user_record_read(store, user, 0, &arena, &record) : r;
}

static int rename_user(unsigned number, int64_t pk) {
    char name[16];
    snprintf(name, sizeof(name), "user%u", number);
    const struct user user = {
        .pk = pk,
        .username = name,
        .email = name,
        .first_name = draw_name(),
        .last_name = draw_name(),
        .is_service_account = draw(2),
        .name = draw_name(),
        .description = draw_name(),
        .super_admin = draw(2),
        .restricted = draw(2),
        .password_hash = draw_name(),
    };
    return store_user_update(store, &user);
}

static int rename_tenant(int64_t pk) {
    const char *name = draw_name();
    const struct tenant tenant = {.name = name ? name : "none"};
    return store_tenant_update(store, pk, &tenant);
}

static int rename_group(int64_t pk) {
    const char *name = draw_name();
    const struct group group = {.pk = pk, .name = name ? name : "none", .description = draw_name()};
    return store_group_update(store, &group);
}

static int change(void) {
    struct membership items[N_GROUPS];
    struct membership_list list = {0};
    int64_t tenant = 0;
    int64_t group = 0;
    int64_t user = 0;
    unsigned number = draw(N_USERS);
    int r = get_tenant(draw(N_TENANTS), &tenant);
    if (r == 0)
        r = get_user(number, tenant, &user);
    if (r == 0)
        r = draw_list(tenant, items, &list);
    if (r == 0)
        r = get_group(tenant, draw(N_GROUPS), &group);
    if (r != 0)
        return r;
    switch (draw(50)) {
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
        return look(group, user);
    case 16 ... 18:
        return store_membership_set_kind(store, user, tenant, group, MEMBERSHIP_OWNER);
    case 19 ... 22:
        return store_membership_leave(store, user, tenant, &list);
    case 23 ... 26:
        return store_membership_append(store, user, tenant, &list);
    case 27 ... 32:
        return store_membership_join(store, user, tenant, &list);
    case 33 ... 35:
        return store_membership_set_external(store, user, tenant, group);
    case 36 ... 37:
        return rename_user(number, user);
    case 38:
        return rename_tenant(tenant);
    case 39:
        return rename_group(group);
    case 40:
        return store_access_ungrant_all(store, user);
    case 41:
        return store_access_delete_all_unused(store, user);
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

static void expect_text(const char *kept, const char *row) {
    ck_assert_int_eq(kept != NULL, row != NULL);
    if (kept)
        ck_assert_str_eq(kept, row);
}

static void expect_user(const struct user *kept, const struct user *row) {
    ck_assert_int_eq(kept->pk, row->pk);
    expect_text(kept->id, row->id);
    expect_text(kept->username, row->username);
    expect_text(kept->email, row->email);
    expect_text(kept->first_name, row->first_name);
    expect_text(kept->last_name, row->last_name);
    expect_text(kept->name, row->name);
    expect_text(kept->description, row->description);
    expect_text(kept->password_hash, row->password_hash);
    ck_assert_int_eq(kept->is_service_account, row->is_service_account);
    ck_assert_int_eq(kept->super_admin, row->super_admin);
    ck_assert_int_eq(kept->restricted, row->restricted);
}

static void expect_group(const struct user_group *kept, const struct user_group *row) {
    ck_assert_int_eq(kept->pk, row->pk);
    ck_assert_int_eq(kept->tenant_pk, row->tenant_pk);
    ck_assert_int_eq(kept->position, row->position);
    ck_assert_int_eq(kept->kind, row->kind);
    ck_assert_int_eq(kept->external, row->external);
    expect_text(kept->id, row->id);
    expect_text(kept->name, row->name);
    expect_text(kept->tenant, row->tenant);
}

/* Compares what is read with what the rows say, and returns 1 if it was kept. */
static size_t compare_user(int64_t pk, int64_t tenant) {
    CLEANUP(arena_deinit) struct arena arena;
    struct user_record kept;
    struct user_record rows;
    size_t size;
    arena_init(&arena);
    size_t was_kept = row_cache_find(store, CACHED_USER, pk, &size) != NULL;
    int r = user_record_read(store, pk, tenant, &arena, &kept);
    struct row_cache *cached = store->cached;
    store->cached = NULL;
    ck_assert_int_eq(user_record_read(store, pk, tenant, &arena, &rows), r);
    row_cache_free(store->cached);
    store->cached = cached;
    ck_assert_int_ge(r, 0);
    if (r == STORE_NOT_FOUND)
        return 0;
    expect_user(&kept.user, &rows.user);
    ck_assert_uint_eq(kept.n_tenants, rows.n_tenants);
    for (size_t i = 0; i < rows.n_tenants; i++) {
        expect_text(kept.tenants[i].id, rows.tenants[i].id);
        expect_text(kept.tenants[i].name, rows.tenants[i].name);
        expect_text(kept.tenants[i].details, rows.tenants[i].details);
    }
    ck_assert_uint_eq(kept.n_groups, rows.n_groups);
    for (size_t i = 0; i < rows.n_groups; i++)
        expect_group(&kept.groups[i], &rows.groups[i]);
    return was_kept;
}

/* Half of the reads have a failure, after which the next one succeeds. */
static void read_failing(int64_t pk) {
    CLEANUP(arena_deinit) struct arena arena;
    struct user_record record;
    arena_init(&arena);
    torture_begin(draw(2) ? (int)draw(MAX_FAILURE) + 1 : 0);
    user_record_read(store, pk, 0, &arena, &record);
    torture_end();
}

/* Compares some of the users. Returns how many were kept. */
static size_t compare_users(void) {
    size_t n_kept = 0;
    int64_t last = 0;
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(store, &transaction);
    ck_assert_int_ge(store_user_find_last(store, &last), 0);
    for (unsigned number = 0; number < N_USERS; number++) {
        char id[16];
        int64_t pk;
        snprintf(id, sizeof(id), "user%u", number);
        if (store_user_find(store, id, &pk) != 0)
            pk = draw((unsigned)last + 2);
        if (draw(4) == 0)
            read_failing(pk);
        n_kept += compare_user(pk, draw(3) ? 0 : 1 + draw(3));
    }
    return n_kept;
}

START_TEST(what_is_kept_equals_the_rows) {
    struct store_copy *snapshot = NULL;
    size_t n_rows = 0;
    size_t n_kept = 0;
    struct store *small = NULL;
    char error[STORE_ERROR_SIZE];
    if (_i % 2)
        ck_assert_int_eq(store_open_scratch(NULL, &small, error), 0);
    store = small ? small : sandbox.iam.store;
    seed = 20 + (unsigned)_i;
    for (int i = 0; i < N_TRANSACTIONS; i++) {
        run_transaction();
        if (draw(3) == 0)
            n_rows += compare();
        if (draw(3) == 0)
            n_kept += compare_users();
        if (draw(100) == 0) {
            store_copy_free(snapshot);
            ck_assert_int_eq(store_copy_take(store, &snapshot), 0);
        } else if (snapshot && draw(100) == 0) {
            ck_assert_int_eq(store_copy_restore(store, snapshot), 0);
            n_rows += compare();
            n_kept += compare_users();
        }
    }
    ck_assert_uint_gt(n_rows, N_TRANSACTIONS);
    ck_assert_uint_gt(n_kept, N_TRANSACTIONS / 10);
    store_copy_free(snapshot);
    store_free(small);
}
END_TEST

/* Renames a user until SQLite has counted so many changes. */
static void rename_until(int64_t pk, int n_changes) {
    struct transaction transaction;
    store_begin(store, &transaction);
    ck_assert_int_eq(store_start_writing(&transaction), 0);
    while (sqlite3_total_changes(store->db) < n_changes)
        ck_assert_int_eq(rename_user(0, pk), 0);
    ck_assert_int_eq(store_commit(&transaction), 0);
}

START_TEST(another_connection_counts_anew) {
    enum { CROWD = 40, TURNS = 2, MANY = 100 };
    struct store *others[CROWD];
    struct store_copy *start;
    struct transaction transaction;
    int64_t tenant;
    int64_t user;
    seed = 1;
    store = sandbox.iam.store;
    store_begin(store, &transaction);
    ck_assert_int_eq(store_start_writing(&transaction), 0);
    ck_assert_int_eq(get_tenant(0, &tenant), 0);
    ck_assert_int_eq(get_user(0, tenant, &user), 0);
    ck_assert_int_eq(store_commit(&transaction), 0);
    ck_assert_int_eq(store_copy_take(store, &start), 0);
    ck_assert_int_eq(store_open_copy(start, &store), 0);
    rename_until(user, MANY);
    compare_users();
    int n_changes = sqlite3_total_changes(store->db);
    for (int i = 0; i < CROWD; i++)
        ck_assert_int_eq(store_open_copy(start, &others[i]), 0);
    for (int i = 0; i < TURNS * CROWD; i++) {
        store_begin(others[i % CROWD], &transaction);
        store_transaction_end(&transaction);
    }
    ck_assert_ptr_nonnull(store->resting);
    rename_until(user, n_changes);
    compare_users();
    for (int i = 0; i < CROWD; i++)
        store_free(others[i]);
    store_free(store);
    store_copy_free(start);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("memory_kept");
    TCase *tcase = suite_add(suite, "kept");
    tcase_add_checked_fixture(tcase, torture_setup, torture_teardown);
    tcase_add_test(tcase, another_connection_counts_anew);
    tcase_add_loop_test(tcase, what_is_kept_equals_the_rows, 0, 6);
    return suite_run(suite);
}
