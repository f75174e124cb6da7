#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "store/access.h"
#include "store/changes.h"
#include "store/group.h"
#include "store/key_cache.h"
#include "store/membership.h"
#include "store/store.h"
#include "store/tenant.h"
#include "store/user.h"
#include "suite.h"
#include "util/fatal.h"

static struct store *store;
static char error[STORE_ERROR_SIZE];

static void setup(void) {
    ck_assert_int_eq(store_open(NULL, &store, error), 0);
}

static void teardown(void) {
    store_free(store);
}

static int64_t insert_user(const char *id) {
    int64_t pk;
    ck_assert_int_eq(
        store_user_insert(store, &(struct user){.id = id, .username = id, .email = id}, &pk), 0);
    return pk;
}

START_TEST(rolls_back_what_is_not_committed) {
    struct transaction transaction;
    int64_t pk;
    store_begin(store, &transaction);
    ck_assert_int_eq(store_start_writing(&transaction), 0);
    insert_user("u");
    store_transaction_end(&transaction);
    store_transaction_end(&transaction); /* has no effect */
    store_begin(store, &transaction);
    ck_assert_int_eq(store_find_any(store), STORE_NOT_FOUND);
    ck_assert_int_eq(store_start_writing(&transaction), 0);
    insert_user("u");
    ck_assert_int_eq(store_commit(&transaction), 0);
    store_begin(store, &transaction);
    ck_assert_int_eq(store_find_any(store), 0);
    ck_assert_int_eq(store_tenant_find(store, "t", &pk), STORE_NOT_FOUND);
    ck_assert_int_eq(store_commit(&transaction), 0);
}
END_TEST

/* A user whose memberships the tests change and read as JSON. */
struct told {
    int64_t user_pk, tenant_pk;
    struct membership has[2];
    struct membership_list list;
    struct changes changes;
};

static void begin_writing(struct transaction *transaction) {
    store_begin(store, transaction);
    ck_assert_int_eq(store_start_writing(transaction), 0);
}

static void setup_told(struct told *told, const char *const names[2]) {
    struct transaction transaction;
    *told = (struct told){.list.items = told->has};
    begin_writing(&transaction);
    told->user_pk = insert_user("u");
    ck_assert_int_eq(store_tenant_insert(store, "t", "T", &told->tenant_pk), 0);
    ck_assert_int_eq(store_access_insert(store, told->user_pk, told->tenant_pk, true), 0);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(store_group_insert(store, told->tenant_pk, i ? "h" : "g", names[i], "",
                                            &told->has[i].group_pk),
                         0);
    ck_assert_int_eq(store_commit(&transaction), 0);
}

/* The user is in all groups, or in none. */
static void change_memberships(struct told *told, size_t from, size_t to) {
    struct transaction transaction;
    struct membership_list before = {.items = told->has, .count = from};
    struct membership_list after = {.items = told->has, .count = to};
    begin_writing(&transaction);
    ck_assert_int_eq(
        store_membership_replace(store, told->user_pk, told->tenant_pk, &before, &after), 0);
    ck_assert_int_eq(store_commit_telling(&transaction, &told->changes), 0);
}

static void expect_told(struct told *told, const char *wanted) {
    struct buffer json = {0};
    ck_assert_int_eq(changes_print(told->changes.packed.bytes, SIZE_MAX, &json), 0);
    ck_assert_str_eq(json.bytes, wanted);
    ck_assert_uint_eq(told->changes.printed_size, json.size);
    struct buffer cut = {0};
    ck_assert_int_gt(changes_print(told->changes.packed.bytes, json.size - 1, &cut), 0);
    buffer_deinit(&cut);
    buffer_deinit(&json);
}

#define TOLD(act, group, name, rest)                                                               \
    "{\"kind\":\"MEMBERSHIP\",\"change\":\"" act "\",\"user\":{\"id\":\"u\",\"name\":\"u\"},"      \
    "\"group\":{\"id\":\"" group "\",\"name\":\"" name "\"},\"tenant\":\"t\"" rest "}"

START_TEST(tells_what_changed_with_the_names_of_then) {
    struct told told;
    struct transaction transaction;
    setup_told(&told, (const char *const[]){"A \"\1", "B"});
    change_memberships(&told, 0, 2);
    begin_writing(&transaction);
    ck_assert_int_eq(
        store_group_update(
            store,
            &(struct group){.pk = told.has[1].group_pk, .id = "h", .name = "C", .description = ""}),
        0);
    ck_assert_int_eq(store_commit(&transaction), 0);
    change_memberships(&told, 2, 0);
    expect_told(&told,
                TOLD("ADDED", "g", "A \\\"\\u0001", ",\"membership\":\"MEMBER\"") "," TOLD(
                    "ADDED", "h", "B",
                    ",\"membership\":\"MEMBER\"") "," TOLD("REMOVED", "g", "A \\\"\\u0001",
                                                           "") "," TOLD("REMOVED", "h", "C", ""));
    ck_assert_uint_eq(told.changes.total, 4);
    changes_deinit(&told.changes);
}
END_TEST

static void expect_joins_and_leaves(struct told *told, const char *id, const char *name) {
    static const char format[] = "{\"kind\":\"MEMBERSHIP\",\"change\":\"%s\",\"user\":{\"id\":"
                                 "\"%s\",\"name\":\"%s\"},\"group\":{\"id\":\"g\",\"name\":\"A\"},"
                                 "\"tenant\":\"t\"%s}";
    char wanted[CHANGES_MAX_BYTES];
    change_memberships(told, 0, 1);
    change_memberships(told, 1, 0);
    int length =
        snprintf(wanted, sizeof(wanted), format, "ADDED", id, name, ",\"membership\":\"MEMBER\"");
    wanted[length++] = ',';
    snprintf(wanted + length, sizeof(wanted) - (size_t)length, format, "REMOVED", id, name, "");
    expect_told(told, wanted);
    changes_deinit(&told->changes);
    told->changes = (struct changes){0};
}

/* More than are kept at first, or so long that not all can be. Each comes up twice, and one has
 * another name then. */
START_TEST(tells_the_names_of_many_users) {
    enum { MANY = 3500, RENAMED = 7, LONG = 2500 };
    static int64_t pks[MANY];
    struct told told;
    struct transaction transaction;
    int width = _i ? LONG : 1;
    char id[LONG + 16];
    setup_told(&told, (const char *const[]){"A", "B"});
    begin_writing(&transaction);
    for (int i = 0; i < MANY; i++) {
        snprintf(id, sizeof(id), "user%0*d", width, i);
        pks[i] = insert_user(id);
        ck_assert_int_eq(store_access_insert(store, pks[i], told.tenant_pk, true), 0);
    }
    ck_assert_int_eq(store_commit(&transaction), 0);
    for (int i = 0; i < 2 * MANY; i++) {
        told.user_pk = pks[i % MANY];
        snprintf(id, sizeof(id), "user%0*d", width, i % MANY);
        expect_joins_and_leaves(&told, id, i == MANY + RENAMED ? "new" : id);
        if (i != MANY - 1)
            continue;
        begin_writing(&transaction);
        ck_assert_int_eq(
            store_user_update(
                store, &(struct user){.pk = pks[RENAMED], .username = "new", .email = "new"}),
            0);
        ck_assert_int_eq(store_commit(&transaction), 0);
    }
}
END_TEST

/* How long the name of the first group is, and whether there is room for it, and for the second. */
static const struct {
    size_t length;
    bool is_told, is_other_told;
} long_names[] = {
    {1, true, true},
    {CHANGES_MAX_BYTES - 264, true, true},
    {CHANGES_MAX_BYTES - 263, true, false},
    {CHANGES_MAX_BYTES - 131, true, false},
    {CHANGES_MAX_BYTES - 130, false, true},
    {CHANGES_MAX_BYTES, false, true},
    {2 * CHANGES_MAX_BYTES, false, true},
};

START_TEST(tells_what_there_is_room_for) {
    static char name[2 * CHANGES_MAX_BYTES + 1];
    static char wanted[4 * CHANGES_MAX_BYTES];
    const char *added = ",\"membership\":\"MEMBER\"}";
    struct told told;
    memset(name, 'x', long_names[_i].length);
    name[long_names[_i].length] = '\0';
    setup_told(&told, (const char *const[]){name, "B"});
    change_memberships(&told, 0, 2);
    strcpy(wanted, "");
    if (long_names[_i].is_told)
        snprintf(wanted, sizeof(wanted), "%.*s%s\"},\"tenant\":\"t\"%s",
                 (int)strlen(TOLD("ADDED", "g", "", "")) - 16, TOLD("ADDED", "g", "", ""), name,
                 added);
    if (long_names[_i].is_other_told)
        snprintf(wanted + strlen(wanted), sizeof(wanted) - strlen(wanted), "%s%s",
                 *wanted ? "," : "", TOLD("ADDED", "h", "B", ",\"membership\":\"MEMBER\""));
    expect_told(&told, wanted);
    ck_assert_uint_eq(told.changes.total, 2);
    changes_deinit(&told.changes);
}
END_TEST

START_TEST(enforces_uniqueness) {
    struct transaction transaction;
    int64_t pk, other;
    store_begin(store, &transaction);
    insert_user("u");
    ck_assert_int_eq(
        store_user_insert(store, &(struct user){.id = "v", .username = "U", .email = "v"}, &pk),
        STORE_EXISTS);
    ck_assert_int_eq(
        store_user_insert(store, &(struct user){.id = "v", .username = "v", .email = "U"}, &pk),
        STORE_EXISTS);
    ck_assert_int_eq(
        store_user_insert(store, &(struct user){.id = "U", .username = "v", .email = "v"}, &pk), 0);
    ck_assert_int_eq(store_tenant_insert(store, "t", "t", &pk), 0);
    ck_assert_int_eq(store_tenant_insert(store, "t", "t", &other), STORE_EXISTS);
    ck_assert_int_eq(store_tenant_insert(store, "o", "t", &other), 0);
    int64_t group;
    ck_assert_int_eq(store_group_insert(store, pk, "g", "n", NULL, &group), 0);
    ck_assert_int_eq(store_group_insert(store, pk, "g", "m", NULL, &group), STORE_EXISTS);
    ck_assert_int_eq(store_group_insert(store, pk, "h", "n", NULL, &group), STORE_EXISTS);
    ck_assert_int_eq(store_group_insert(store, pk, "h", "N", NULL, &group), 0);
    ck_assert_int_eq(store_group_insert(store, other, "g", "n", NULL, &group), 0);
    store_transaction_end(&transaction);
}
END_TEST

START_TEST(forgets_the_keys_of_what_was_rolled_back) {
    struct transaction transaction;
    int64_t pk, found;
    store_begin(store, &transaction);
    ck_assert_int_eq(store_start_writing(&transaction), 0);
    ck_assert_int_eq(store_tenant_insert(store, "t", "t", &pk), 0);
    ck_assert_int_eq(store_tenant_find(store, "t", &found), 0);
    ck_assert_int_eq(store_tenant_find(store, "t", &found), 0); /* from the cache */
    ck_assert_int_eq(found, pk);
    store_transaction_end(&transaction);
    store_begin(store, &transaction);
    ck_assert_int_eq(store_tenant_find(store, "t", &found), STORE_NOT_FOUND);
    store_transaction_end(&transaction);
}
END_TEST

START_TEST(keys_of_other_kinds_and_scopes_differ) {
    enum { N_SCOPES = 8 };
    struct key_cache *cache = key_cache_new(1 << 10);
    struct key_digest digests[KEY_N_KINDS * N_SCOPES];
    for (int i = 0; i < KEY_N_KINDS * N_SCOPES; i++) {
        digests[i] = key_cache_digest(cache, i % KEY_N_KINDS, i / KEY_N_KINDS, "id");
        for (int k = 0; k < i; k++)
            ck_assert_mem_ne(&digests[i], &digests[k], sizeof(digests[i]));
    }
    key_cache_free(cache);
}
END_TEST

START_TEST(remembers_keys_until_it_is_cleared) {
    struct key_cache *cache = key_cache_new(1);
    struct key_digest digest = key_cache_digest(cache, KEY_GROUP, 1, "g");
    ck_assert_int_eq(key_cache_get(cache, &digest), 0);
    key_cache_put(cache, &digest, 7);
    ck_assert_int_eq(key_cache_get(cache, &digest), 7);
    struct key_digest other = key_cache_digest(cache, KEY_GROUP, 2, "g");
    ck_assert_int_eq(key_cache_get(cache, &other), 0);
    key_cache_clear(cache);
    digest = key_cache_digest(cache, KEY_GROUP, 1, "g");
    ck_assert_int_eq(key_cache_get(cache, &digest), 0);
    key_cache_free(cache);
}
END_TEST

/* The cache grows while there is room, and keeps what it had. */
START_TEST(remembers_many_keys) {
    enum { MANY = 3000 };
    struct key_cache *cache = key_cache_new(1 << 14);
    char id[16];
    int n_found = 0;
    for (int round = 0; round < 2; round++)
        for (int64_t pk = 1; pk <= MANY; pk++) {
            snprintf(id, sizeof(id), "g%d", (int)pk);
            struct key_digest digest = key_cache_digest(cache, KEY_GROUP, 1, id);
            int64_t found = key_cache_get(cache, &digest);
            ck_assert(found == 0 || found == pk);
            n_found += found != 0;
            if (round == 0)
                key_cache_put(cache, &digest, pk);
        }
    ck_assert_int_gt(n_found, MANY * 7 / 10); /* the others share slots */
    key_cache_clear(cache);
    struct key_digest digest = key_cache_digest(cache, KEY_GROUP, 1, id);
    ck_assert_int_eq(key_cache_get(cache, &digest), 0);
    key_cache_free(cache);
}
END_TEST

START_TEST(tells_long_ids_and_scopes_apart) {
    struct transaction transaction;
    int64_t tenants[2], groups[4], found;
    char ids[2][200];
    memset(ids, 'x', sizeof(ids));
    strcpy(ids[0] + 150, "a");
    strcpy(ids[1] + 150, "b");
    store_begin(store, &transaction);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(store_tenant_insert(store, ids[i], "t", &tenants[i]), 0);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(
            store_group_insert(store, tenants[i / 2], ids[i % 2], ids[i % 2], NULL, &groups[i]), 0);
    for (int i = 0; i < 8; i++) { /* the second time from the cache */
        ck_assert_int_eq(store_tenant_find(store, ids[i % 2], &found), 0);
        ck_assert_int_eq(found, tenants[i % 2]);
        ck_assert_int_eq(store_group_find(store, tenants[i % 4 / 2], ids[i % 2], &found), 0);
        ck_assert_int_eq(found, groups[i % 4]);
    }
    store_transaction_end(&transaction);
}
END_TEST

static int join(int64_t user, int64_t tenant, const struct membership *membership) {
    struct membership copy = *membership;
    return store_membership_join(store, user, tenant, &(struct membership_list){&copy, 1});
}

START_TEST(enforces_foreign_keys) {
    struct transaction transaction;
    store_begin(store, &transaction);
    ck_assert_int_eq(fatal_errno(store_access_insert(store, 1, 1, true)), EIO);
    ck_assert_int_eq(fatal_errno(join(1, 1, &(struct membership){.group_pk = 1})), EIO);
    ck_assert_int_eq(fatal_errno(store_access_insert(store, 1, 1, true)), EIO);
    store_transaction_end(&transaction);
    store_describe_error(store, error);
    ck_assert_ptr_nonnull(strstr(error, "FOREIGN KEY constraint failed"));
}
END_TEST

START_TEST(lists_memberships_of_one_tenant) {
    struct transaction transaction;
    struct arena arena;
    int64_t tenants[2], groups[40];
    struct membership_list list;
    arena_init(&arena);
    store_begin(store, &transaction);
    int64_t user = insert_user("u");
    ck_assert_int_eq(store_tenant_insert(store, "a", "a", &tenants[0]), 0);
    ck_assert_int_eq(store_tenant_insert(store, "b", "b", &tenants[1]), 0);
    ck_assert_int_eq(store_access_insert(store, user, tenants[0], true), 0);
    ck_assert_int_eq(store_access_insert(store, user, tenants[1], true), 0);
    for (int i = 39; i >= 0; i--) {
        char id[8];
        snprintf(id, sizeof(id), "g%d", i);
        ck_assert_int_eq(store_group_insert(store, tenants[i % 2], id, id, NULL, &groups[i]), 0);
        const struct membership membership = {.group_pk = groups[i],
                                              .kind = i % 4 ? MEMBERSHIP_MEMBER : MEMBERSHIP_OWNER,
                                              .external = i % 3 == 0};
        ck_assert_int_eq(join(user, tenants[i % 2], &membership), 0);
    }
    ck_assert_int_eq(store_membership_list(store, user, tenants[0], &arena, &list), 0);
    ck_assert_uint_eq(list.count, 20);
    for (size_t i = 1; i < list.count; i++)
        ck_assert_int_lt(list.items[i - 1].group_pk, list.items[i].group_pk);
    ck_assert_int_eq(list.items[19].group_pk, groups[0]);
    ck_assert(list.items[19].kind == MEMBERSHIP_OWNER && list.items[19].external);
    ck_assert_int_eq(store_membership_find_owned(store, user, tenants[0]), 0);
    ck_assert_int_eq(store_membership_find_owned(store, user, tenants[1]), STORE_NOT_FOUND);
    ck_assert_int_eq(store_membership_list(store, user + 1, tenants[0], &arena, &list),
                     STORE_NOT_FOUND);
    store_transaction_end(&transaction);
    arena_deinit(&arena);
}
END_TEST

START_TEST(deletes_a_tenant_and_enforces_foreign_keys) {
    struct transaction transaction;
    struct arena arena;
    int64_t tenants[2], groups[2], found;
    struct user_group *list;
    size_t count;
    arena_init(&arena);
    store_begin(store, &transaction);
    ck_assert_int_eq(store_start_writing(&transaction), 0);
    int64_t user = insert_user("u");
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(store_tenant_insert(store, i ? "b" : "a", "t", &tenants[i]), 0);
        ck_assert_int_eq(store_group_insert(store, tenants[i], "g", "g", NULL, &groups[i]), 0);
        ck_assert_int_eq(store_access_insert(store, user, tenants[i], i), 0);
        ck_assert_int_eq(join(user, tenants[i], &(struct membership){.group_pk = groups[i]}), 0);
        ck_assert_int_eq(store_group_find(store, tenants[i], "g", &found), 0);
    }
    ck_assert_int_eq(store_tenant_delete(store, tenants[0]), 0);
    ck_assert_int_eq(store_tenant_check(store, tenants[0]), STORE_NOT_FOUND);
    ck_assert_int_eq(store_tenant_check(store, tenants[1]), 0);
    ck_assert_int_eq(store_tenant_find(store, "a", &found), STORE_NOT_FOUND);
    ck_assert_int_eq(store_group_find(store, tenants[0], "g", &found), STORE_NOT_FOUND);
    ck_assert_int_eq(store_group_find_by_pk(store, groups[0], &arena, &(struct group){0}),
                     STORE_NOT_FOUND);
    ck_assert_int_eq(store_membership_list_groups(store, user, 0, &arena, &list, &count), 0);
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(list[0].pk, groups[1]);
    ck_assert_int_eq(list[0].tenant_pk, tenants[1]);
    ck_assert_int_eq(fatal_errno(store_access_insert(store, user, tenants[0], true)), EIO);
    ck_assert_int_eq(store_group_delete(store, tenants[1], groups[1]), 0); /* cascades still work */
    ck_assert_int_eq(store_membership_list_groups(store, user, 0, &arena, &list, &count), 0);
    ck_assert_uint_eq(count, 0);
    ck_assert_int_eq(store_commit(&transaction), 0);
    arena_deinit(&arena);
}
END_TEST

/* This name is SQLite's for a database in memory. It names no file, not even one to lock. */
START_TEST(memory_is_not_a_file) {
    struct store *opened;
    unlink(":memory:");
    ck_assert_int_eq(store_open(":memory:", &opened, error), 0);
    ck_assert_int_lt(access(":memory:", F_OK), 0);
    store_free(opened);
}
END_TEST

START_TEST(configures_before_the_first_use_only) {
    ck_assert_int_eq(fatal_errno(store_initialize()), EINVAL);
}
END_TEST

/* An allocator for SQLite that fails at the Nth allocation. */
static sqlite3_mem_methods genuine;
static int until_failure;

static bool fails_now(void) {
    return until_failure > 0 && --until_failure == 0;
}

static void *failing_malloc(int size) {
    return fails_now() ? NULL : genuine.xMalloc(size);
}

static void *failing_realloc(void *memory, int size) {
    return fails_now() ? NULL : genuine.xRealloc(memory, size);
}

static void setup_allocator(void) {
    sqlite3_shutdown();
    ck_assert_int_eq(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &genuine), SQLITE_OK);
    sqlite3_mem_methods failing = genuine;
    failing.xMalloc = failing_malloc;
    failing.xRealloc = failing_realloc;
    ck_assert_int_eq(sqlite3_config(SQLITE_CONFIG_MALLOC, &failing), SQLITE_OK);
}

static int visit_text(void *cls, int64_t pk, const char *const *columns) {
    (void)cls;
    (void)pk;
    ck_assert_ptr_nonnull(columns[0]);
    return 0;
}

/* SQLite needs memory for a long text. Without it, the text must not look like null. */
START_TEST(a_failed_allocation_is_not_null) {
    char id[5000] = "";
    struct transaction transaction;
    memset(id, 'x', sizeof(id) - 1);
    setup();
    store_begin(store, &transaction);
    insert_user(id);
    int failures = 0;
    for (int n = 1; n < 100; n++) {
        until_failure = n;
        failures += store_user_scan(store, false, 1, visit_text, NULL) < 0;
        until_failure = 0;
    }
    ck_assert_int_gt(failures, 0);
    store_transaction_end(&transaction);
    teardown();
}
END_TEST

START_TEST(survives_every_failed_allocation_at_open) {
    char directory[] = "/tmp/kestub-test-XXXXXX";
    char path[64];
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(path, sizeof(path), "%s/db", directory);
    int failures = 0;
    for (int n = 1;; n += n < 200 ? 1 : 7) {
        struct store *opened = NULL;
        until_failure = n;
        int r = store_open(path, &opened, error);
        bool reached = until_failure == 0;
        until_failure = 0;
        ck_assert_msg(r == 0 || (r < 0 && *error), "%d", r);
        store_free(opened);
        failures += r < 0;
        if (!reached)
            break;
    }
    ck_assert_int_gt(failures, 50);
    unlink(path);
    ck_assert_int_eq(rmdir(directory), 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("store");
    TCase *tcase = suite_add(suite, "store");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, rolls_back_what_is_not_committed);
    tcase_add_test(tcase, tells_what_changed_with_the_names_of_then);
    tcase_add_loop_test(tcase, tells_the_names_of_many_users, 0, 2);
    suite_add_rows(tcase, tells_what_there_is_room_for, long_names);
    tcase_add_test(tcase, enforces_uniqueness);
    tcase_add_test(tcase, forgets_the_keys_of_what_was_rolled_back);
    tcase_add_test(tcase, keys_of_other_kinds_and_scopes_differ);
    tcase_add_test(tcase, remembers_keys_until_it_is_cleared);
    tcase_add_test(tcase, remembers_many_keys);
    tcase_add_test(tcase, tells_long_ids_and_scopes_apart);
    tcase_add_test(tcase, enforces_foreign_keys);
    tcase_add_test(tcase, lists_memberships_of_one_tenant);
    tcase_add_test(tcase, deletes_a_tenant_and_enforces_foreign_keys);
    tcase_add_test(tcase, memory_is_not_a_file);
    tcase_add_test(tcase, configures_before_the_first_use_only);
    TCase *memory = suite_add(suite, "memory");
    tcase_add_checked_fixture(memory, setup_allocator, NULL);
    tcase_add_test(memory, a_failed_allocation_is_not_null);
    tcase_add_test(memory, survives_every_failed_allocation_at_open);
    return suite_run(suite);
}
