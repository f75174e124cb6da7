/* kestub keeps the lock for writing and a read transaction; others read what it commits. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <sqlite3.h>

#include "store/copy.h"
#include "store/store.h"
#include "store/user.h"
#include "suite.h"

static struct store *store;
static sqlite3 *other;
static char error[STORE_ERROR_SIZE];
static char directory[64];
static char path[96];

static void setup(void) {
    strcpy(directory, "/tmp/kestub-wal-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(path, sizeof(path), "%s/state.db", directory);
    ck_assert_msg(store_open(path, &store, error) == 0, "%s", error);
    ck_assert_int_eq(sqlite3_open(path, &other), SQLITE_OK);
}

static void teardown(void) {
    char command[96];
    sqlite3_close(other);
    store_free(store);
    snprintf(command, sizeof(command), "rm -r %s", directory);
    ck_assert_int_eq(system(command), 0);
}

static int64_t insert_user(const char *id, bool commits) {
    const struct user user = {.id = id, .username = id, .email = id};
    struct transaction transaction;
    int64_t pk;
    store_begin(store, &transaction);
    ck_assert_int_eq(store_start_writing(&transaction), 0);
    ck_assert_int_eq(store_user_insert(store, &user, &pk), 0);
    if (commits)
        ck_assert_int_eq(store_commit(&transaction), 0);
    store_transaction_end(&transaction);
    return pk;
}

static int count_users(void) {
    sqlite3_stmt *statement;
    ck_assert_int_eq(sqlite3_prepare_v2(other, "SELECT count(*) FROM users", -1, &statement, NULL),
                     SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
    int count = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return count;
}

START_TEST(others_read_each_commit) {
    for (int i = 0; i < 20; i++) {
        char id[8];
        snprintf(id, sizeof(id), "u%d", i);
        insert_user("never", false);
        ck_assert_int_eq(count_users(), i);
        insert_user(id, true);
        ck_assert_int_eq(count_users(), i + 1);
    }
}
END_TEST

START_TEST(others_write_only_when_the_store_is_closed) {
    static const char write[] = "UPDATE users SET first_name = 'x'";
    ck_assert_int_eq(sqlite3_exec(other, write, NULL, NULL, NULL), SQLITE_BUSY);
    insert_user("u", true);
    ck_assert_int_eq(sqlite3_exec(other, write, NULL, NULL, NULL), SQLITE_BUSY);
    store_free(store);
    store = NULL;
    ck_assert_int_eq(sqlite3_exec(other, write, NULL, NULL, NULL), SQLITE_OK);
}
END_TEST

START_TEST(others_keep_what_they_read) {
    ck_assert_int_eq(sqlite3_exec(other, "BEGIN", NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(count_users(), 0);
    insert_user("u", true);
    ck_assert_int_eq(count_users(), 0);
    ck_assert_int_eq(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(count_users(), 1);
}
END_TEST

START_TEST(a_replaced_state_is_read_too) {
    struct store_copy *snapshot;
    ck_assert_int_eq(store_copy_take(store, &snapshot), 0);
    for (int i = 0; i < 3; i++) {
        insert_user("u", true);
        ck_assert_int_eq(count_users(), 1);
        ck_assert_int_eq(store_copy_restore(store, snapshot), 0);
        ck_assert_int_eq(count_users(), 0);
    }
    store_copy_free(snapshot);
}
END_TEST

static off_t measure(const char *suffix) {
    char name[112];
    struct stat status;
    snprintf(name, sizeof(name), "%s%s", path, suffix);
    ck_assert_int_eq(stat(name, &status), 0);
    return status.st_size;
}

/* Each commit adds at least a page of 1 KiB to the log. */
START_TEST(the_log_has_a_limit) {
    enum { LIMIT = 17 << 20, N_WRITES = 50000 };
    off_t longest = 0;
    struct user user = {.id = "u", .username = "u", .email = "u", .pk = insert_user("u", true)};
    for (int i = 0; i < N_WRITES; i++) {
        struct transaction transaction;
        user.first_name = i % 2 ? "a" : "b";
        store_begin(store, &transaction);
        ck_assert_int_eq(store_start_writing(&transaction), 0);
        ck_assert_int_eq(store_user_update(store, &user), 0);
        ck_assert_int_eq(store_commit(&transaction), 0);
        if (i % 1000 == 0 && measure("-wal") > longest)
            longest = measure("-wal");
    }
    ck_assert_int_gt(longest, 8 << 20);
    ck_assert_int_lt(longest, LIMIT);
    ck_assert_int_eq(count_users(), 1);
}
END_TEST

/* A file of an earlier kestub has larger pages. */
START_TEST(a_state_fits_into_larger_pages) {
    struct store *scratch;
    struct store_copy *state;
    store_free(store);
    ck_assert_int_eq(sqlite3_exec(other,
                                  "PRAGMA journal_mode = DELETE; PRAGMA page_size = 4096; VACUUM",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    ck_assert_msg(store_open(path, &store, error) == 0, "%s", error);
    insert_user("u", true);
    ck_assert_int_eq(store_open_scratch(store, &scratch, error), 0);
    ck_assert_int_eq(store_copy_take(scratch, &state), 0);
    ck_assert_int_eq(store_copy_restore(store, state), 0);
    ck_assert_int_eq(count_users(), 0);
    store_free(scratch);
    ck_assert_int_eq(store_open_copy(state, &scratch), 0);
    store_free(scratch);
    store_copy_free(state);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("wal");
    TCase *tcase = suite_add(suite, "wal");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, others_read_each_commit);
    tcase_add_test(tcase, others_write_only_when_the_store_is_closed);
    tcase_add_test(tcase, others_keep_what_they_read);
    tcase_add_test(tcase, a_replaced_state_is_read_too);
    tcase_add_test(tcase, the_log_has_a_limit);
    tcase_add_test(tcase, a_state_fits_into_larger_pages);
    return suite_run(suite);
}
