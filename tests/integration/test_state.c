/* The state in a file: it survives, only one server can own it, and it may be large. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <sqlite3.h>

#include "http.h"
#include "process.h"
#include "state.h"
#include "suite.h"

#define GRACE "4by6NvSLcPXFhCj8nwbZOM"
#define GRACE_GROUPS "/api/v1/main/users/" GRACE "/groups"

static char directory[64];
static char db[96];

static void setup(void) {
    make_directory(directory);
    snprintf(db, sizeof(db), "%s/state.db", directory);
}

static void teardown(void) {
    remove_directory(directory);
}

static int set_groups(const struct process *server, const char *target, const char *body) {
    struct http_answer answer;
    http_send(server,
              &(struct http_call){
                  .method = "PUT", .target = target, .basic = ROOT, .header = JSON, .body = body},
              &answer);
    int status = answer.status;
    http_answer_deinit(&answer);
    return status;
}

static const struct {
    const char *body;
    const char *groups;
} writes[] = {
    {"{\"groupIds\":[\"7C1klfgdQmLTCyrnlejrtg\"]}", "7C1klfgdQmLTCyrnlejrtg:MEMBER"},
    {"{\"groupIds\":[]}", ""},
};

START_TEST(survives_a_kill) {
    struct process server;
    for (int round = 0; round < 10; round++) {
        process_start(&server, (const char *const[]){"--db", db, NULL});
        ck_assert(strstr(server.ready, " with the state of ") || round == 0);
        ck_assert_int_eq(set_groups(&server, GRACE_GROUPS, writes[round % 2].body), 204);
        ck_assert_int_eq(process_stop(&server, SIGKILL), 128 + SIGKILL);
        char *groups = state_groups(db, GRACE, "main");
        ck_assert_str_eq(groups, writes[round % 2].groups);
        free(groups);
    }
}
END_TEST

START_TEST(has_one_owner) {
    struct process server;
    char out[256];
    char err[512];
    char wanted[256];
    process_start(&server, (const char *const[]){"--db", db, NULL});
    const char *const second[] = {"--db", db, "--port", "0", NULL};
    ck_assert_int_eq(process_run(second, out, sizeof(out), err, sizeof(err)), 2);
    snprintf(wanted, sizeof(wanted), "kestub: --db: %s: another kestub is using it\n", db);
    ck_assert_str_eq(err, wanted);
    ck_assert_int_eq(set_groups(&server, GRACE_GROUPS, writes[0].body), 204);
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
    process_start(&server, (const char *const[]){"--db", db, NULL});
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
}
END_TEST

START_TEST(keeps_state_and_credentials_across_a_restart) {
    struct process server;
    process_start(&server, (const char *const[]){"--db", db, NULL});
    ck_assert_int_eq(set_groups(&server, GRACE_GROUPS, writes[0].body), 204);
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
    process_start(&server, (const char *const[]){"--db", db, "--fixture", "empty", NULL});
    ck_assert_int_eq(set_groups(&server, GRACE_GROUPS, writes[1].body), 204);
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
}
END_TEST

START_TEST(keeps_passwords_of_another_cost) {
    static const char *const costs[] = {"high", "low", "high"};
    struct process server;
    for (int i = 0; i < 3; i++) {
        process_start(&server,
                      (const char *const[]){"--db", db, "--password-cost", costs[i], NULL});
        ck_assert_int_eq(set_groups(&server, GRACE_GROUPS, writes[i % 2].body), 204);
        ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
        char *cost = state_query(db, "SELECT max(password_cost) FROM users");
        ck_assert_str_eq(cost, "35840"); /* 7168 KiB, 5 passes */
        free(cost);
    }
}
END_TEST

START_TEST(keeps_a_world_without_users) {
    char fixture[96];
    struct process server;
    snprintf(fixture, sizeof(fixture), "%s/tenants.json", directory);
    FILE *file = fopen(fixture, "we");
    ck_assert_ptr_nonnull(file);
    fputs("{\"tenants\":[{\"id\":\"only\"}]}", file);
    fclose(file);
    for (int i = 0; i < 2; i++) {
        process_start(&server, (const char *const[]){"--db", db, "--fixture", fixture, NULL});
        ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
    }
}
END_TEST

START_TEST(stores_no_credentials_in_clear_text) {
    static char bytes[1 << 20];
    struct process server;
    process_start(&server, (const char *const[]){"--db", db, NULL});
    ck_assert_int_eq(set_groups(&server, GRACE_GROUPS, writes[0].body), 204);
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
    FILE *file = fopen(db, "re");
    ck_assert_ptr_nonnull(file);
    size_t size = fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    ck_assert_ptr_nonnull(memmem(bytes, size, "root@root.com", 13));
    ck_assert_ptr_nonnull(memmem(bytes, size, "$argon2id$", 10));
    ck_assert_ptr_null(memmem(bytes, size, "Root!1234", 9));
    ck_assert_ptr_null(memmem(bytes, size, "root-token-for", 14));
}
END_TEST

START_TEST(refuses_a_newer_schema) {
    sqlite3 *connection;
    char out[256];
    char err[512];
    ck_assert_int_eq(sqlite3_open(db, &connection), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(connection, "PRAGMA user_version = 99", NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(connection);
    ck_assert_int_eq(
        process_run((const char *const[]){"--db", db, NULL}, out, sizeof(out), err, sizeof(err)),
        2);
    ck_assert_msg(
        strstr(err, "its schema has version 99, but this kestub supports versions up to 10\n"),
        "%s", err);
}
END_TEST

START_TEST(refuses_a_database_of_another_program) {
    sqlite3 *connection;
    char out[256];
    char err[512];
    char wanted[256];
    ck_assert_int_eq(sqlite3_open(db, &connection), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(connection, "CREATE TABLE notes (x)", NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(connection);
    ck_assert_int_eq(
        process_run((const char *const[]){"--db", db, NULL}, out, sizeof(out), err, sizeof(err)),
        2);
    snprintf(wanted, sizeof(wanted), "kestub: --db: %s: it is a database of another program\n", db);
    ck_assert_str_eq(err, wanted);
}
END_TEST

START_TEST(refuses_a_file_that_is_not_a_database) {
    char out[256];
    char err[512];
    FILE *file = fopen(db, "we");
    ck_assert_ptr_nonnull(file);
    for (int i = 0; i < 1000; i++)
        fputs("not a database ", file);
    fclose(file);
    ck_assert_int_eq(
        process_run((const char *const[]){"--db", db, NULL}, out, sizeof(out), err, sizeof(err)),
        2);
    ck_assert_msg(strstr(err, "file is not a database"), "%s", err);
}
END_TEST

START_TEST(a_bad_fixture_leaves_nothing_behind) {
    char fixture[96];
    char out[256];
    char err[512];
    snprintf(fixture, sizeof(fixture), "%s/bad.json", directory);
    FILE *file = fopen(fixture, "we");
    ck_assert_ptr_nonnull(file);
    fputs("{\"tenants\":[{\"id\":\"t\"}],\"users\":[{\"email\":\"a@b.c\",\"tenants\":[\"x\"]}]}",
          file);
    fclose(file);
    const char *const arguments[] = {"--db", db, "--fixture", fixture, NULL};
    ck_assert_int_eq(process_run(arguments, out, sizeof(out), err, sizeof(err)), 2);
    ck_assert_msg(
        strstr(err, "bad.json: $.users[0].tenants[0]: 'x' is not a tenant of this fixture\n"), "%s",
        err);
    char *tenants = state_query(db, "SELECT count(*) FROM tenants");
    ck_assert_str_eq(tenants, "0");
    free(tenants);
}
END_TEST

/* 100,000 users, each in 3 of 10,000 groups, and one list of all groups. */
START_TEST(holds_a_large_world) {
    char fixture[96];
    snprintf(fixture, sizeof(fixture), "%s/large.json", directory);
    FILE *file = fopen(fixture, "we");
    ck_assert_ptr_nonnull(file);
    fputs("{\"tenants\":[{\"id\":\"main\",\"groups\":[", file);
    for (int i = 0; i < 10000; i++)
        fprintf(file, "%s{\"id\":\"g%d\",\"name\":\"group %d\"}", i ? "," : "", i, i);
    fputs("]}],\"users\":[{\"email\":\"root@root.com\",\"superAdmin\":true,\"password\":\"Root!"
          "1234\"}",
          file);
    for (int i = 0; i < 100000; i++)
        fprintf(file,
                ",{\"id\":\"u%d\",\"email\":\"u%d@example.com\",\"groups\":[{\"tenant\":\"main\","
                "\"id\":\"g%d\"},"
                "{\"tenant\":\"main\",\"id\":\"g%d\"},{\"tenant\":\"main\",\"id\":\"g%d\"}]}",
                i, i, i % 10000, (i + 1) % 10000, (i + 2) % 10000);
    fputs("]}", file);
    fclose(file);
    struct process server;
    process_start(&server, (const char *const[]){"--db", db, "--fixture", fixture, NULL});
    char *body = malloc(10000 * 16);
    ck_assert_ptr_nonnull(body);
    char *end = stpcpy(body, "{\"groupIds\":[");
    for (int i = 0; i < 10000; i++)
        end += sprintf(end, "%s\"g%d\"", i ? "," : "", i);
    strcpy(end, "]}");
    ck_assert_int_eq(set_groups(&server, "/api/v1/main/users/u7/groups", body), 204);
    free(body);
    char *count = state_query(
        db,
        "SELECT count(*) FROM memberships WHERE user_pk = (SELECT pk FROM users WHERE id = 'u7')");
    ck_assert_str_eq(count, "10000");
    free(count);
    count = state_query(db, "SELECT count(*) FROM memberships");
    ck_assert_str_eq(count, "309997");
    free(count);
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("state");
    TCase *tcase = suite_add(suite, "state");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, survives_a_kill);
    tcase_add_test(tcase, has_one_owner);
    tcase_add_test(tcase, keeps_state_and_credentials_across_a_restart);
    tcase_add_test(tcase, keeps_passwords_of_another_cost);
    tcase_add_test(tcase, keeps_a_world_without_users);
    tcase_add_test(tcase, stores_no_credentials_in_clear_text);
    tcase_add_test(tcase, refuses_a_newer_schema);
    tcase_add_test(tcase, refuses_a_database_of_another_program);
    tcase_add_test(tcase, refuses_a_file_that_is_not_a_database);
    tcase_add_test(tcase, a_bad_fixture_leaves_nothing_behind);
    tcase_add_test(tcase, holds_a_large_world);
    return suite_run(suite);
}
