/* API tokens of any user and of the caller. kestub shows a token once. It works at once, until it
 * expires or is deleted. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session.h"
#include "steps.h"
#include "suite.h"

#define USERS "/api/v1/users"
#define ROOTS USERS "/root/api-tokens"
#define NOBODYS USERS "/nobody/api-tokens"
#define MINE "/api/v1/me/api-tokens"
#define NO_USER "User does not exist for id 'nobody'"
#define NO_TOKEN "Token does not exist for id 'nope'"
#define ERRORS "\"errors\":[{"
#define CI "{\"name\":\"ci-token\"}"
#define S63 "a123456789a123456789a123456789a123456789a123456789a123456789abc"

static const struct {
    const char *method;
    const char *path;
    const char *body; /* NULL: it takes no body */
    bool own;
} operations[] = {
    {"GET", ROOTS, NULL, false}, {"POST", ROOTS, CI, false}, {"DELETE", ROOTS "/nope", NULL, false},
    {"GET", MINE, NULL, true},   {"POST", MINE, CI, true},   {"DELETE", MINE "/nope", NULL, true},
};

START_TEST(refuses_without_permission) {
    struct http_call call = {.method = operations[_i].method,
                             .target = operations[_i].path,
                             .body = operations[_i].body};
    steps_expect(&call, 401, NULL);
    call.bearer = "EXPIRE-token-of-root-0123456789";
    steps_expect(&call, 401, NULL);
    call.bearer = NULL;
    call.basic = ORDINARY;
    if (!operations[_i].own)
        steps_expect(&call, 403, NULL);
    STEPS_RUN({"GET", ROOTS, NULL, 200, .has = {"\"total\":3"}});
}
END_TEST

START_TEST(refuses_bad_bodies) {
    steps_refuse_bodies(operations[_i].method, operations[_i].path, operations[_i].body);
    STEPS_RUN({"GET", ROOTS, NULL, 200, .has = {"\"total\":3"}});
}
END_TEST

static const struct step refused[] = {
    {"GET", NOBODYS, NULL, 404, .has = {NO_USER}},
    {"POST", NOBODYS, CI, 404, .has = {NO_USER}},
    {"DELETE", NOBODYS "/nope", NULL, 404, .has = {NO_USER}},
    {"DELETE", ROOTS "/nope", NULL, 404, .has = {NO_TOKEN}},
    {"DELETE", MINE "/nope", NULL, 404, .has = {NO_TOKEN}},
    {"POST", ROOTS, "{}", 422, .has = {ERRORS, "createApiTokensForUser.request.name"}},
    {"POST", MINE, "{}", 422, .has = {ERRORS, "createApiTokenForCurrentUser.request.name"}},
    {"POST", MINE, "[]", 422, .unreadable = "", .has = {"must be an object"}},
    {"POST", MINE, NULL, 422, .type = "invalid-request-body", .basic = NULL},
    {"POST", MINE, "{\"name\":null}", 422, .has = {".name\""}},
    {"POST", MINE, "{\"name\":7}", 422, .unreadable = "name", .has = {".name\""}},
    {"POST", MINE, "{\"name\":\"\"}", 422, .has = {".name\""}},
    {"POST", MINE, "{\"name\":\"CI\"}", 422, .has = {".name\""}},
    {"POST", MINE, "{\"name\":\"a--b\"}", 422, .has = {".name\""}},
    {"POST", MINE, "{\"name\":\"-a\"}", 422, .has = {".name\""}},
    {"POST", MINE, "{\"name\":\"a-\"}", 422, .has = {".name\""}},
    {"POST", MINE, "{\"name\":\"a b\"}", 422, .has = {".name\""}},
    {"POST", MINE, "{\"name\":\"a\\n\"}", 422, .has = {".name\""}},
    {"POST", MINE, "{\"name\":\"é\"}", 422, .has = {".name\""}},
    {"POST", MINE, "{\"name\":\"" S63 "d\"}", 422, .has = {".name\""}},
    {"POST", MINE, "{\"name\":\"a\",\"description\":7}", 422, .unreadable = "description",
     .has = {".description\""}},
    {"POST", MINE, "{\"name\":\"a\",\"extended\":\"yes\"}", 422, .unreadable = "extended",
     .has = {".extended\""}},
    {"POST", MINE, "{\"name\":\"a\",\"maxAge\":86400}", 422, .unreadable = "maxAge",
     .has = {".maxAge\""}},
    {"POST", MINE, "{\"name\":\"a\",\"maxAge\":\"\"}", 422, .unreadable = "maxAge",
     .has = {".maxAge\""}},
    {"POST", MINE, "{\"name\":\"a\",\"maxAge\":\"1D\"}", 422, .unreadable = "maxAge",
     .has = {".maxAge\""}},
    {"POST", MINE, "{\"name\":\"a\",\"maxAge\":\"PT\"}", 422, .unreadable = "maxAge",
     .has = {".maxAge\""}},
    {"POST", MINE, "{\"name\":\"a\",\"maxAge\":\"-P1D\"}", 422, .unreadable = "maxAge",
     .has = {".maxAge\""}},
    {"POST", MINE, "{\"name\":\"a\",\"maxAge\":\"P-1D\"}", 422, .unreadable = "maxAge",
     .has = {".maxAge\""}},
    {"POST", MINE, "{\"name\":\"a\",\"maxAge\":\"P1Y\"}", 422, .unreadable = "maxAge",
     .has = {".maxAge\""}},
    {"POST", MINE, "{\"name\":\"a\",\"maxAge\":\"P9999999D\"}", 422, .unreadable = "maxAge",
     .has = {".maxAge\""}},
};

START_TEST(refuses_and_changes_nothing) {
    steps_run(&refused[_i], 1);
    STEPS_RUN({"GET", ROOTS, NULL, 200, .has = {"\"total\":3"}});
}
END_TEST

START_TEST(lists_creates_and_deletes) {
    STEPS_RUN(
        {"GET", ROOTS, NULL, 200,
         .has = {"\"total\":3", "\"prefix\":\"VALID0\"",
                 "\"iat\":\"2024-01-01T00:00:00Z\",\"exp\":\"2024-01-02T00:00:00Z\","
                 "\"extended\":false,\"expired\":true"},
         .lacks = {"-token-of-root", "null", "hash"},
         .order = {"\"name\":\"expired\"", "\"name\":\"same-prefix\""}},
        {"GET", USERS "/both/api-tokens", NULL, 200, .has = {"{\"total\":0,\"results\":[]}"}},
        {"POST", USERS "/both/api-tokens", CI, 200, .versions = BEFORE_1_3, .keep = 1},
        {"POST", USERS "/both/api-tokens", CI, 200, .versions = BEFORE_1_3, .keep = 2},
        {"POST", USERS "/both/api-tokens", CI, 201, .versions = SINCE_1_3, .keep = 1},
        {"POST", USERS "/both/api-tokens", CI, 201, .versions = SINCE_1_3, .keep = 2},
        {"GET", USERS "/both/api-tokens", NULL, 200,
         .has = {"\"total\":2", "\"id\":\"{1}\"", "\"id\":\"{2}\""},
         .lacks = {"description", "\"exp\"", "lastUsed"}},
        {"DELETE", ROOTS "/{1}", NULL, 404, .has = {"Token does not exist for id '{1}'"}},
        {"DELETE", MINE "/{1}", NULL, 404, .has = {"Token does not exist for id '{1}'"}},
        {"DELETE", USERS "/both/api-tokens/{1}", NULL, 204, .empty = true},
        {"DELETE", USERS "/both/api-tokens/{1}", NULL, 404, .basic = NULL},
        {"GET", USERS "/both/api-tokens", NULL, 200, .has = {"\"total\":1", "\"id\":\"{2}\""}},
        {"POST", MINE, "{\"name\":\"" S63 "\",\"description\":\"\"}", 200, .basic = ORDINARY,
         .keep = 3},
        {"GET", MINE, NULL, 200, .basic = ORDINARY,
         .has = {"\"total\":2", "\"id\":\"{3}\"", "\"description\":\"\""}},
        {"GET", USERS "/ordinary/api-tokens", NULL, 200, .has = {"\"id\":\"{3}\""}},
        {"DELETE", MINE "/{3}", NULL, 200, .basic = ORDINARY, .empty = true},
        {"GET", MINE, NULL, 200, .basic = ORDINARY, .has = {"\"total\":1"}});
}
END_TEST

/* The paths to create and delete a token, and the status of each call. */
static const struct {
    const char *path;
    int created;
    int deleted;
} ways[] = {{ROOTS, 201, 204}, {MINE, 200, 200}};

START_TEST(shows_a_token_once_and_accepts_it_at_once) {
    const struct process *server = steps_server();
    char secret[SECRET_SIZE];
    char id[SECRET_SIZE];
    char prefix[32];
    char path[256];
    char *body = session_call(
        server,
        &(struct http_call){.method = "POST", .target = ways[_i].path, .basic = ROOT, .body = CI},
        version_is_in(SINCE_1_3) ? ways[_i].created : 200);
    session_member(body, "fullToken", secret);
    session_member(body, "id", id);
    free(body);
    ck_assert_uint_eq(strlen(secret), 64);
    ck_assert_int_eq(session_bearer_status(server, secret), 200);
    body = session_call(
        server, &(struct http_call){.method = "GET", .target = ways[_i].path, .basic = ROOT}, 200);
    snprintf(prefix, sizeof(prefix), "\"prefix\":\"%.6s\"", secret);
    ck_assert_ptr_nonnull(strstr(body, prefix));
    ck_assert_ptr_null(strstr(body, secret + 6));
    ck_assert_ptr_nonnull(strstr(body, "\"lastUsed\""));
    free(body);
    /* A prefix is not accepted, nor a token with another end. */
    secret[63] = secret[63] == 'a' ? 'b' : 'a';
    ck_assert_int_eq(session_bearer_status(server, secret), 401);
    secret[63] = '\0';
    ck_assert_int_eq(session_bearer_status(server, secret), 401);
    snprintf(path, sizeof(path), "%s/%s", ways[_i].path, id);
    session_expect(server, &(struct http_call){.method = "DELETE", .target = path, .basic = ROOT},
                   ways[_i].deleted);
}
END_TEST

START_TEST(a_deleted_token_fails_at_the_next_request) {
    const struct process *server = steps_server();
    char secret[SECRET_SIZE];
    char id[SECRET_SIZE];
    char path[256];
    char *body = session_call(
        server, &(struct http_call){.method = "POST", .target = MINE, .basic = ROOT, .body = CI},
        200);
    session_member(body, "fullToken", secret);
    session_member(body, "id", id);
    free(body);
    for (int i = 0; i < 3; i++) /* the cache answers from the second time on */
        ck_assert_int_eq(session_bearer_status(server, secret), 200);
    snprintf(path, sizeof(path), MINE "/%s", id);
    session_expect(server,
                   &(struct http_call){.method = "DELETE", .target = path, .bearer = secret}, 200);
    ck_assert_int_eq(session_bearer_status(server, secret), 401);
    ck_assert_int_eq(session_bearer_status(server, "VALID0-token-of-root-0123456789"), 200);
}
END_TEST

START_TEST(tokens_end_with_their_user) {
    const struct process *server = steps_server();
    ck_assert_int_eq(session_bearer_status(server, "ORDINA-token-0123456789"), 200);
    STEPS_RUN({"DELETE", USERS "/ordinary", NULL, 204, .empty = true});
    ck_assert_int_eq(session_bearer_status(server, "ORDINA-token-0123456789"), 401);
}
END_TEST

static char directory[64];
static char db[96];
static char fixture[512];
static struct process server;

static void setup(void) {
    make_directory(directory);
    snprintf(db, sizeof(db), "%s/state.db", directory);
    snprintf(fixture, sizeof(fixture), "%s/edge.json", getenv("KESTUB_FIXTURES"));
}

static void teardown(void) {
    remove_directory(directory);
}

/* The server restarts with the same state at another time. */
static void start_at(const char *instant) {
    process_start(
        &server, (const char *const[]){"--db", db, "--fixture", fixture, "--clock", instant, NULL});
}

static void stop(void) {
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
}

static void expect_in_list(const char *text) {
    char *body = session_call(
        &server, &(struct http_call){.method = "GET", .target = MINE, .basic = ROOT}, 200);
    ck_assert_msg(strstr(body, text), "no %s in %s", text, body);
    free(body);
}

static const struct {
    const char *clock;
    int status;
} instants[] = {
    {"1969-12-31T23:59:59.999Z", 200}, {"2024-01-01T23:59:59.999Z", 200},
    {"2024-01-02T00:00:00Z", 401},     {"2024-01-02T01:00:00+01:00", 401},
    {"9999-12-31T23:59:59Z", 401},
};

START_TEST(a_token_of_the_fixture_expires) {
    start_at(instants[_i].clock);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(session_bearer_status(&server, "EXPIRE-token-of-root-0123456789"),
                         instants[_i].status);
    stop();
}
END_TEST

static void create(const char *body, char secret[SECRET_SIZE]) {
    char *answer = session_call(
        &server, &(struct http_call){.method = "POST", .target = MINE, .basic = ROOT, .body = body},
        200);
    session_member(answer, "fullToken", secret);
    free(answer);
}

START_TEST(a_token_of_the_fixture_is_extended) {
    snprintf(fixture, sizeof(fixture), "%s/fixture.json", directory);
    FILE *file = fopen(fixture, "we");
    ck_assert_ptr_nonnull(file);
    fputs("{\"users\":[{\"email\":\"root@root.com\",\"superAdmin\":true,\"password\":\"Root!1234\","
          "\"tokens\":[{\"name\":\"x\",\"token\":\"EXTEND-0123456789\",\"extended\":true,"
          "\"issuedAt\":\"2026-01-01T00:00:00Z\",\"expiresAt\":\"2026-01-01T01:00:00Z\","
          "\"lastUsed\":\"2026-01-01T00:30:00Z\"}]}]}",
          file);
    fclose(file);
    start_at("2026-01-01T00:59:00Z");
    expect_in_list("\"prefix\":\"EXTEND\",\"iat\":\"2026-01-01T00:00:00Z\","
                   "\"exp\":\"2026-01-01T01:00:00Z\",\"lastUsed\":\"2026-01-01T00:30:00Z\","
                   "\"extended\":true,\"expired\":false");
    ck_assert_int_eq(session_bearer_status(&server, "EXTEND-0123456789"), 200);
    expect_in_list("\"exp\":\"2026-01-01T01:59:00Z\",\"lastUsed\":\"2026-01-01T00:59:00Z\"");
    stop();
}
END_TEST

static const struct {
    const char *body;
    const char *listed;
    int status;
} ages[] = {
    {"{\"name\":\"a\",\"description\":\"d\",\"maxAge\":\"P1D\"}",
     "\"iat\":\"2026-02-28T12:00:00Z\",\"exp\":\"2026-03-01T12:00:00Z\",\"extended\":false,"
     "\"expired\":false",
     200},
    {"{\"name\":\"a\",\"maxAge\":\"P1DT1H1M1.5S\",\"extended\":true}",
     "\"exp\":\"2026-03-01T13:01:01.500Z\",\"extended\":true,\"expired\":false", 200},
    {"{\"name\":\"a\",\"maxAge\":\"PT0S\"}",
     "\"exp\":\"2026-02-28T12:00:00Z\",\"extended\":false,\"expired\":true", 401},
    {"{\"name\":\"a\",\"maxAge\":\"PT0S\",\"extended\":true}",
     "\"exp\":\"2026-02-28T12:00:00Z\",\"extended\":true,\"expired\":true", 401},
    {"{\"name\":\"a\",\"maxAge\":null,\"extended\":true,\"description\":null}",
     "\"iat\":\"2026-02-28T12:00:00Z\",\"extended\":true,\"expired\":false", 200},
    {"{\"name\":\"a\",\"maxAge\":\"P366000D\"}", "\"exp\":\"3028-", 200},
};

START_TEST(max_age_decides_when_it_expires) {
    char secret[SECRET_SIZE];
    start_at("2026-02-28T12:00:00Z");
    create(ages[_i].body, secret);
    expect_in_list(ages[_i].listed);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(session_bearer_status(&server, secret), ages[_i].status);
    stop();
}
END_TEST

START_TEST(use_is_noted_and_extends_an_extended_token) {
    char extended[SECRET_SIZE];
    char fixed[SECRET_SIZE];
    start_at("2026-01-01T00:00:00Z");
    create("{\"name\":\"extended\",\"maxAge\":\"PT1H\",\"extended\":true}", extended);
    create("{\"name\":\"fixed\",\"maxAge\":\"PT1H\"}", fixed);
    stop();
    start_at("2026-01-01T00:59:59.999Z");
    ck_assert_int_eq(session_bearer_status(&server, extended), 200);
    ck_assert_int_eq(session_bearer_status(&server, fixed), 200);
    expect_in_list("\"exp\":\"2026-01-01T01:59:59.999Z\",\"lastUsed\":\"2026-01-01T00:59:59.999Z\","
                   "\"extended\":true");
    expect_in_list("\"exp\":\"2026-01-01T01:00:00Z\",\"lastUsed\":\"2026-01-01T00:59:59.999Z\","
                   "\"extended\":false");
    stop();
    start_at("2026-01-01T01:59:00Z");
    ck_assert_int_eq(session_bearer_status(&server, extended), 200);
    ck_assert_int_eq(session_bearer_status(&server, fixed), 401);
    expect_in_list("\"lastUsed\":\"2026-01-01T00:59:59.999Z\",\"extended\":false,\"expired\":true");
    stop();
    start_at("2026-01-01T02:59:00Z");
    ck_assert_int_eq(session_bearer_status(&server, extended), 401);
    expect_in_list("\"lastUsed\":\"2026-01-01T01:59:00Z\",\"extended\":true,\"expired\":true");
    stop();
}
END_TEST

int main(void) {
    Suite *suite = suite_create("tokens");
    TCase *rows = suite_add(suite, "rows");
    tcase_add_checked_fixture(rows, steps_setup, steps_teardown);
    suite_add_rows(rows, refuses_without_permission, operations);
    suite_add_rows(rows, refuses_bad_bodies, operations);
    suite_add_rows(rows, refuses_and_changes_nothing, refused);
    tcase_add_test(rows, lists_creates_and_deletes);
    suite_add_rows(rows, shows_a_token_once_and_accepts_it_at_once, ways);
    tcase_add_test(rows, a_deleted_token_fails_at_the_next_request);
    tcase_add_test(rows, tokens_end_with_their_user);
    TCase *times = suite_add(suite, "times");
    tcase_add_checked_fixture(times, setup, teardown);
    suite_add_rows(times, a_token_of_the_fixture_expires, instants);
    tcase_add_test(times, a_token_of_the_fixture_is_extended);
    suite_add_rows(times, max_age_decides_when_it_expires, ages);
    tcase_add_test(times, use_is_noted_and_extends_an_extended_token);
    return suite_run(suite);
}
