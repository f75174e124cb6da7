/* Which files store_open takes, and that it leaves others as they are. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "embedded.h"
#include "store/user.h"
#include "suite.h"

enum { OUR_APPLICATION = 0x6b737462, NEWEST = 10 };

static struct store *store;
static char error[STORE_ERROR_SIZE];
static char directory[64];
static char path[96];

static void setup(void) {
    strcpy(directory, "/tmp/kestub-file-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(path, sizeof(path), "%s/a b?c#d%%41.db", directory);
}

static void teardown(void) {
    char command[96];
    snprintf(command, sizeof(command), "rm -r %s", directory);
    ck_assert_int_eq(system(command), 0);
}

static void execute(sqlite3 *connection, const char *sql) {
    ck_assert_msg(sqlite3_exec(connection, sql, NULL, NULL, NULL) == SQLITE_OK, "%s: %s", sql,
                  sqlite3_errmsg(connection));
}

static sqlite3 *make_database(const char *sql) {
    sqlite3 *connection;
    ck_assert_int_eq(sqlite3_open(path, &connection), SQLITE_OK);
    execute(connection, sql);
    return connection;
}

static int64_t read_number(const char *sql) {
    sqlite3 *connection;
    sqlite3_stmt *statement;
    ck_assert_int_eq(sqlite3_open(path, &connection), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(connection, sql, -1, &statement, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
    int64_t number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(connection);
    return number;
}

/* Returns the text of the first row (owned by the caller). */
static char *read_text(sqlite3 *connection, const char *sql) {
    sqlite3_stmt *statement;
    ck_assert_int_eq(sqlite3_prepare_v2(connection, sql, -1, &statement, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
    char *text = strdup((const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    return text;
}

static void expect_to_be_ours(bool has_user) {
    struct transaction transaction;
    int64_t pk;
    int r = store_open(path, &store, error);
    ck_assert_msg(r == 0, "%s", error);
    store_begin(store, &transaction);
    ck_assert_int_eq(store_user_find(store, "u", &pk), has_user ? 0 : STORE_NOT_FOUND);
    store_transaction_end(&transaction);
    store_free(store);
    ck_assert_int_eq(read_number("PRAGMA application_id"), OUR_APPLICATION);
    ck_assert_int_eq(read_number("PRAGMA user_version"), NEWEST);
}

START_TEST(marks_a_new_file) {
    expect_to_be_ours(false);
    expect_to_be_ours(false);
}
END_TEST

/* A file of an earlier kestub, which has no application id. */
static sqlite3 *make_old_file(int version) {
    static const char *const migrations[] = {
        embedded_001_init,           embedded_002_access,        embedded_003_tokens,
        embedded_004_tenant_details, embedded_005_password_cost, embedded_006_membership_order,
        embedded_007_roles,          embedded_008_invitations,   embedded_009_scim};
    char set_version[64];
    sqlite3 *connection = make_database("PRAGMA journal_mode = WAL");
    for (int i = 0; i < version; i++)
        execute(connection, migrations[i]);
    execute(connection, "INSERT INTO users (id, username, email) VALUES ('u', 'u', 'u')");
    snprintf(set_version, sizeof(set_version), "PRAGMA user_version = %d", version);
    execute(connection, set_version);
    return connection;
}

/* Before version 10 each membership was a row. */
START_TEST(packs_the_memberships_of_an_old_file) {
    static const char show[] = "SELECT group_concat(m, ';') FROM (SELECT user_pk || ',' || "
                               "tenant_pk || ',' || group_pk || ',' || kind || ',' || external || "
                               "',' || position AS m FROM memberships "
                               "ORDER BY user_pk, tenant_pk, group_pk)";
    sqlite3 *connection = make_old_file(9);
    execute(connection,
            "INSERT INTO users (id, username, email) VALUES ('v', 'v', 'v'), ('w', 'w', 'w');"
            "INSERT INTO tenants (id, name) VALUES ('a', 'a'), ('b', 'b');"
            "INSERT INTO groups (tenant_pk, id, name) VALUES (1, 'a', 'a'), (1, 'b', 'b'), "
            "(1, 'c', 'c'), (2, 'd', 'd');"
            "INSERT INTO tenant_access (user_pk, tenant_pk) VALUES (1, 1), (1, 2), (2, 1), (3, 1);"
            "INSERT INTO memberships VALUES (1, 1, 1, 'MEMBER', 0, 1), (1, 1, 2, 'MEMBER', 0, 0), "
            "(1, 1, 3, 'OWNER', 0, 2), (1, 2, 4, 'MEMBER', 1, 0), (2, 1, 1, 'MEMBER', 0, 5), "
            "(2, 1, 3, 'OWNER', 1, 5)");
    char *before = read_text(connection, show);
    sqlite3_close(connection);
    expect_to_be_ours(true);
    connection = make_database("");
    char *after = read_text(connection, show);
    char *packed = read_text(connection, "SELECT group_concat(ifnull(groups, 'null'), ' ') FROM "
                                         "(SELECT groups FROM tenant_access ORDER BY user_pk)");
    ck_assert_str_eq(before, after);
    ck_assert_str_eq(packed, "[2,1,[3,2,1,0]] [[4,0,0,1]] [[1,5,0,0],[3,5,1,1]] null");
    free(before);
    free(after);
    free(packed);
    sqlite3_close(connection);
}
END_TEST

START_TEST(takes_a_file_of_each_earlier_version) {
    sqlite3_close(make_old_file(_i));
    expect_to_be_ours(true);
    expect_to_be_ours(true);
}
END_TEST

static void copy(const char *from, const char *to) {
    char command[512];
    snprintf(command, sizeof(command), "cp '%s' '%s'", from, to);
    ck_assert_int_eq(system(command), 0);
}

/* All that a killed process wrote is in the log beside the file, which says nothing itself. */
START_TEST(takes_a_file_that_was_not_closed) {
    char killed[112];
    char log[128];
    char killed_log[128];
    sqlite3 *connection = make_old_file(4);
    snprintf(killed, sizeof(killed), "%s.killed", path);
    snprintf(log, sizeof(log), "%s-wal", path);
    snprintf(killed_log, sizeof(killed_log), "%s-wal", killed);
    copy(path, killed);
    copy(log, killed_log);
    sqlite3_close(connection);
    strcpy(path, killed);
    expect_to_be_ours(true);
}
END_TEST

START_TEST(takes_an_empty_file) {
    FILE *file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    fclose(file);
    expect_to_be_ours(false);
}
END_TEST

START_TEST(takes_an_empty_database) {
    sqlite3_close(make_database("CREATE TABLE x (y); DROP TABLE x"));
    expect_to_be_ours(false);
}
END_TEST

/* What is in the directory, name and bytes of each file, and when the file was written. */
static size_t read_all(char *out, size_t size) {
    struct dirent **entries;
    struct stat status;
    size_t length = 0;
    int n = scandir(directory, &entries, NULL, alphasort);
    ck_assert_int_ge(n, 0);
    for (int i = 0; i < n; i++) {
        char name[400];
        snprintf(name, sizeof(name), "%s/%s", directory, entries[i]->d_name);
        ck_assert_int_eq(lstat(name, &status), 0);
        length += (size_t)snprintf(out + length, size - length, "%s %o %lld\n", entries[i]->d_name,
                                   status.st_mode, (long long)status.st_size);
        FILE *file = S_ISREG(status.st_mode) ? fopen(name, "re") : NULL;
        if (file) {
            length += (size_t)snprintf(out + length, size - length, "%lld.%09ld\n",
                                       (long long)status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
            length += fread(out + length, 1, size - length, file);
            fclose(file);
        }
        free(entries[i]);
    }
    free(entries);
    return length;
}

static void expect_refusal(const char *text) {
    static char before[1 << 20];
    static char after[1 << 20];
    size_t size = read_all(before, sizeof(before));
    ck_assert_uint_lt(size, sizeof(before));
    ck_assert_int_lt(store_open(path, &store, error), 0);
    ck_assert_msg(strstr(error, text), "%s", error);
    ck_assert_ptr_null(strchr(error, '\n'));
    ck_assert_uint_eq(read_all(after, sizeof(after)), size);
    ck_assert(memcmp(before, after, size) == 0);
}

#define OTHER "it is a database of another program"

static const struct {
    const char *sql;
    const char *text;
} strangers[] = {
    {"CREATE TABLE notes (x)", OTHER},
    {"PRAGMA journal_mode = WAL; CREATE TABLE notes (x)", OTHER},
    {"PRAGMA user_version = 3", OTHER},
    {"PRAGMA user_version = 99",
     "its schema has version 99, but this kestub supports versions up to 10"},
    {"PRAGMA user_version = 99; CREATE TABLE users (id)", OTHER},
    {"PRAGMA user_version = 4; CREATE TABLE users (id); CREATE TABLE groups (id);"
     "CREATE TABLE tenants (id); CREATE TABLE memberships (id); CREATE TABLE api_tokens (id);"
     "CREATE TABLE tenant_access (id)",
     OTHER},
    {"PRAGMA application_id = 252006673", OTHER},
    {"PRAGMA application_id = 252006673; CREATE TABLE notes (x)", OTHER},
    {"PRAGMA application_id = 0x6b737462; PRAGMA user_version = 99",
     "its schema has version 99, but this kestub supports versions up to 10"},
    {"PRAGMA application_id = 0x6b737462; PRAGMA user_version = 11; PRAGMA journal_mode = WAL",
     "its schema has version 11, but this kestub supports versions up to 10"},
    {"PRAGMA application_id = 0x6b737462; PRAGMA user_version = -1", "version -1"},
};

START_TEST(leaves_a_stranger_alone) {
    sqlite3_close(make_database(strangers[_i].sql));
    expect_refusal(strangers[_i].text);
}
END_TEST

static const struct {
    const char *bytes;
    size_t size;
} texts[] = {
    {"x", 1},
    {"not a database, though it is a text of some length\n", 51},
    {"SQLite format 3", 16},
    {"SQLite format 3\0\x10\0\1\1\0\x40\x20\x20", 24},
};

START_TEST(leaves_other_files_alone) {
    FILE *file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(texts[_i].bytes, 1, texts[_i].size, file), texts[_i].size);
    for (int i = 0; _i == 1 && i < 1000; i++)
        fputs(texts[_i].bytes, file);
    fclose(file);
    expect_refusal("file is not a database");
}
END_TEST

START_TEST(leaves_a_read_only_file_alone) {
    ck_assert_int_eq(store_open(path, &store, error), 0);
    store_free(store);
    ck_assert_int_eq(chmod(path, 0444), 0);
    expect_refusal(geteuid() == 0 ? "it is read-only" : "Permission denied");
}
END_TEST

START_TEST(takes_no_directory_and_no_pipe) {
    ck_assert_int_eq(mkdir(path, 0700), 0);
    expect_refusal("it is a directory");
    ck_assert_int_eq(rmdir(path), 0);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    expect_refusal("it is not a regular file");
    strcpy(path, "/dev/null");
    expect_refusal("it is not a regular file");
    strcpy(path, "/nowhere/state.db");
    expect_refusal("No such file or directory");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("database_file");
    TCase *tcase = suite_add(suite, "database_file");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, marks_a_new_file);
    tcase_add_test(tcase, packs_the_memberships_of_an_old_file);
    tcase_add_loop_test(tcase, takes_a_file_of_each_earlier_version, 1, NEWEST);
    tcase_add_test(tcase, takes_a_file_that_was_not_closed);
    tcase_add_test(tcase, takes_an_empty_file);
    tcase_add_test(tcase, takes_an_empty_database);
    suite_add_rows(tcase, leaves_a_stranger_alone, strangers);
    suite_add_rows(tcase, leaves_other_files_alone, texts);
    tcase_add_test(tcase, leaves_a_read_only_file_alone);
    tcase_add_test(tcase, takes_no_directory_and_no_pipe);
    return suite_run(suite);
}
