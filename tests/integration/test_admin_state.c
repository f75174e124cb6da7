/* The control plane shows, replaces, saves and restores the state of a sandbox, and sets its
 * clock. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "steps.h"
#include "suite.h"

#define K "/__admin/kestub"
#define STATE K "/state"
#define SNAPSHOTS K "/snapshots"
#define CLOCK K "/clock"
#define RESET "/__admin/reset"
#define USERS "/api/v1/users"
#define ORDINARY_TOKEN "ORDINA-token-0123456789"
#define ERROR_AT(pointer) "{\"errors\":[{\"source\":{\"pointer\":\"" pointer "\"},\"code\":422,"

/* Returns the body of the answer (owned by the caller, free). */
static char *fetch(const char *method, const char *target, const char *body) {
    struct http_answer answer;
    http_send(steps_server(),
              &(struct http_call){.method = method, .target = target, .basic = ROOT, .body = body},
              &answer);
    ck_assert_msg(answer.status == 200, "%s %s: %d: %s", method, target, answer.status,
                  answer.body);
    free(answer.headers);
    return answer.body;
}

static void expect_state(const char *target, const char *state) {
    char *now = fetch("GET", target, NULL);
    ck_assert_str_eq(now, state);
    free(now);
}

static void expect_token(const char *target, const char *token, int status) {
    struct http_answer answer;
    http_send(steps_server(),
              &(struct http_call){.method = "GET", .target = target, .bearer = token}, &answer);
    ck_assert_msg(answer.status == status, "%s: %d instead of %d", token, answer.status, status);
    http_answer_deinit(&answer);
}

/* Makes changes of every kind that a dump shows. */
static void make_a_mess(void) {
    STEPS_RUN(
        {"POST", "/api/v1/tenants",
         "{\"id\":\"t\",\"name\":\" T\",\"quotas\":[1.5,{\"a\":\"\xC3\xBC\"}]}", 200, .has = {"{"}},
        {"POST", "/api/v1/other/groups", "{\"name\":\" \",\"membersId\":[\"both\"]}", 200,
         .keep = 1},
        {"POST", "/api/v1/main/groups", "{\"name\":\"later\",\"membersId\":[\"both\"]}", 200,
         .has = {"{"}},
        {"POST", "/api/v1/other/groups", "{\"name\":\"last\",\"membersId\":[\"both\"]}", 200,
         .has = {"{"}},
        {"PUT", "/api/v1/other/groups/{1}", "{\"name\":\" \",\"description\":\"\"}", 200,
         .has = {"{"}},
        {"PUT", "/api/v1/main/users/ordinary/groups", "{\"groupIds\":[]}", 204, .empty = true},
        {"POST", USERS "/ordinary/api-tokens",
         "{\"name\":\"short\",\"maxAge\":\"P1DT0.25S\",\"extended\":true,\"description\":\"d\"}",
         201, .has = {"{"}},
        {"PATCH", USERS "/owner/restricted", "{\"restricted\":true}", 200, .empty = true},
        {"PATCH", USERS "/owner", "{\"firstName\":\"\",\"lastName\":\"\\u2028\\\"\"}", 200,
         .has = {"{"}});
}

START_TEST(a_dump_loads_as_the_same_state) {
    make_a_mess();
    expect_token("/api/v1/me", ORDINARY_TOKEN, 200); /* sets when the token was last used */
    char *state = fetch("GET", STATE, NULL);
    ck_assert_ptr_nonnull(strstr(state, "\"otherTenants\":[\"main\"]"));
    ck_assert_ptr_nonnull(strstr(state, "\"lastUsed\":"));
    ck_assert_ptr_nonnull(strstr(state, "\"details\":{\"quotas\":[1.5,{\"a\":\"\xC3\xBC\"}]}"));
    ck_assert_ptr_null(strstr(state, ORDINARY_TOKEN));
    free(fetch("PUT", STATE, state));
    expect_state(STATE, state);
    char *summary = fetch("PUT", "/sandbox/copy" STATE, state);
    ck_assert_str_eq(summary, "{\"tenants\":3,\"groups\":14,\"roles\":0,\"bindings\":0,"
                              "\"invitations\":0,\"securityIntegrations\":0,\"users\":8,"
                              "\"serviceAccounts\":0,\"memberships\":10,"
                              "\"tokens\":5}\n");
    free(summary);
    expect_state("/sandbox/copy" STATE, state);
    expect_token("/api/v1/me", ORDINARY_TOKEN, 200);
    expect_token("/sandbox/copy/api/v1/me", ORDINARY_TOKEN, 200);
    STEPS_RUN({"GET", "/sandbox/copy/api/v1/me", NULL, 200, OWNER, .has = {"\"owner\""}},
              {"GET", "/sandbox/copy/api/v1/t/groups/search", NULL, 200, .has = {"\"total\":0"}});
    free(state);
}
END_TEST

static const struct {
    const char *body;
    const char *error;
} bad_states[] = {
    {"{", ERROR_AT("")},
    {"[]", ERROR_AT("")},
    {"{\"user\":[]}", ERROR_AT("/user")},
    {"{\"a~/b\":[]}", ERROR_AT("/a~0~1b")},
    {"{\"users\":[{\"email\":\"a\"},{}]}", ERROR_AT("/users/1/email")},
    {"{\"users\":[{\"email\":\"a\"},{\"email\":\"A\"}]}", ERROR_AT("/users/1")},
    {"{\"users\":[{\"email\":\"a\",\"otherTenants\":[\"x\"]}]}",
     ERROR_AT("/users/0/otherTenants/0")},
    {"{\"users\":[{\"email\":\"a\",\"tokens\":[{\"name\":\"n\",\"prefix\":\"012345\"}]}]}",
     ERROR_AT("/users/0/tokens/0")},
    {"{\"tenants\":[{\"id\":\"t\",\"nam\":1}],\"users\":[{\"email\":\"a\",\"tenants\":[\"u\",\"t\"]"
     "}]}",
     "{\"errors\":[{\"source\":{\"pointer\":\"/tenants/0/nam\"},\"code\":422,\"title\":\"Invalid "
     "entity\",\"detail\":\"unknown; did you mean name?\"},{\"source\":{\"pointer\":"
     "\"/users/0/tenants/0\"},\"code\":422,\"title\":\"Invalid entity\",\"detail\":\"'u' is not a "
     "tenant of this fixture\"}]}\n"},
};

START_TEST(a_bad_state_changes_nothing) {
    char *before = fetch("GET", STATE, NULL);
    STEPS_RUN({"PUT", STATE, NULL, 422, .has = {ERROR_AT("")}});
    steps_expect(&(struct http_call){.method = "PUT", .target = STATE, .body = bad_states[_i].body},
                 422, bad_states[_i].error);
    expect_state(STATE, before);
    free(before);
}
END_TEST

START_TEST(a_new_state_takes_effect_at_once) {
    expect_token("/api/v1/me", ORDINARY_TOKEN, 200);
    STEPS_RUN(
        {"GET", "/api/v1/main/groups/main-only", NULL, 200, .has = {"{"}},
        {"PUT", STATE,
         "{\"tenants\":[{\"id\":\"main\"}],\"users\":[{\"email\":\"new@example.com\","
         "\"superAdmin\":true,\"password\":\"x\"}]}",
         200, .has = {"{"}},
        {"GET", "/api/v1/main/groups/main-only", NULL, 401, .has = {"{"}},
        {"GET", "/api/v1/main/groups/main-only", NULL, 404, "new@example.com:x", .has = {"{"}});
    expect_token("/api/v1/me", ORDINARY_TOKEN, 401);
    STEPS_RUN(
        {"POST", RESET, NULL, 200, .has = {"{}"}},
        {"GET", "/api/v1/main/groups/main-only", NULL, 401, "new@example.com:x", .has = {"{"}},
        {"GET", "/api/v1/main/groups/main-only", NULL, 200, .has = {"{"}});
    expect_token("/api/v1/me", ORDINARY_TOKEN, 200);
}
END_TEST

START_TEST(a_new_state_survives_a_kill) {
    struct process server;
    char directory[64];
    char db[96];
    struct http_answer answer;
    const struct http_call call = {.method = "PUT",
                                   .target = STATE,
                                   .body = "{\"tenants\":[{\"id\":\"kept\"}],\"users\":[{"
                                           "\"email\":\"root@root.com\",\"superAdmin\":true,"
                                           "\"password\":\"Root!1234\"}]}"};
    make_directory(directory);
    snprintf(db, sizeof(db), "%s/state.db", directory);
    process_start(&server, (const char *const[]){"--db", db, NULL});
    http_send(&server, &call, &answer);
    ck_assert_int_eq(answer.status, 200);
    http_answer_deinit(&answer);
    ck_assert_int_eq(process_stop(&server, SIGKILL), 128 + SIGKILL);
    process_start(&server, (const char *const[]){"--db", db, NULL});
    http_send(&server,
              &(struct http_call){.method = "GET", .target = "/api/v1/tenants/kept", .basic = ROOT},
              &answer);
    ck_assert_int_eq(answer.status, 200);
    http_answer_deinit(&answer);
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
    remove_directory(directory);
}
END_TEST

START_TEST(a_reset_returns_to_the_start) {
    char *start = fetch("GET", STATE, NULL);
    make_a_mess();
    STEPS_RUN(
        {"PUT", CLOCK, "{\"now\":\"2030-01-01T00:00:00Z\",\"frozen\":true}", 200, .has = {"{"}},
        {"POST", RESET, NULL, 200, .has = {"{}"}},
        {"GET", CLOCK, NULL, 200, .has = {"\"frozen\":false"}, .lacks = {"2030"}});
    expect_state(STATE, start);
    free(start);
}
END_TEST

START_TEST(snapshots_keep_state_and_clock) {
    STEPS_RUN(
        {"GET", SNAPSHOTS, NULL, 200, .has = {"{\"snapshots\":[]}"}},
        {"PUT", CLOCK, "{\"now\":\"2030-01-01T00:00:00Z\",\"frozen\":true}", 200, .has = {"{"}},
        {"POST", SNAPSHOTS "/b", NULL, 201, .has = {"{\"name\":\"b\"}"}});
    char *saved = fetch("GET", STATE, NULL);
    make_a_mess();
    STEPS_RUN(
        {"DELETE", CLOCK, NULL, 200, .has = {"{"}},
        {"POST", SNAPSHOTS "/a", NULL, 201, .has = {"{"}},
        {"GET", SNAPSHOTS, NULL, 200,
         .has = {"{\"snapshots\":[{\"name\":\"b\"},{\"name\":\"a\"}]}"}},
        {"POST", SNAPSHOTS "/b/restore", NULL, 200, .has = {"{\"name\":\"b\"}"}},
        {"GET", CLOCK, NULL, 200, .has = {"{\"now\":\"2030-01-01T00:00:00Z\",\"frozen\":true}"}});
    expect_state(STATE, saved);
    STEPS_RUN({"DELETE", "/api/v1/tenants/main", NULL, 204, .empty = true},
              {"POST", SNAPSHOTS "/b", NULL, 201, .has = {"{"}}, /* replaces the first one */
              {"POST", RESET, NULL, 200, .has = {"{"}},          /* keeps the snapshots */
              {"POST", SNAPSHOTS "/b/restore", NULL, 200, .has = {"{"}},
              {"GET", "/api/v1/tenants/main", NULL, 404, .has = {"{"}},
              {"POST", SNAPSHOTS "/a/restore", NULL, 200, .has = {"{"}},
              {"GET", "/api/v1/tenants/t", NULL, 200, .has = {"{"}},
              {"DELETE", SNAPSHOTS "/b", NULL, 204, .empty = true},
              {"DELETE", SNAPSHOTS "/b", NULL, 404, .has = {"this sandbox has no snapshot"}},
              {"POST", SNAPSHOTS "/b/restore", NULL, 404, .has = {"this sandbox has no snapshot"}},
              {"GET", SNAPSHOTS, NULL, 200, .has = {"[{\"name\":\"a\"}]"}},
              {"POST", "/sandbox/x" SNAPSHOTS "/a/restore", NULL, 404, .has = {"{"}},
              {"POST", SNAPSHOTS "/no%20name", NULL, 400, .has = {"\"code\":400"}});
    free(saved);
}
END_TEST

START_TEST(snapshots_are_bounded) {
    char target[64];
    for (int i = 0; i < 32; i++) {
        snprintf(target, sizeof(target), SNAPSHOTS "/s%d", i);
        steps_expect(&(struct http_call){.method = "POST", .target = target}, 201, "\"name\"");
    }
    STEPS_RUN({"POST", SNAPSHOTS "/s32", NULL, 507,
               .has = {"\"code\":507", "a sandbox holds at most 32 snapshots; delete one first"}},
              {"POST", SNAPSHOTS "/s7", NULL, 201, .has = {"{"}},
              {"DELETE", SNAPSHOTS "/s0", NULL, 204, .empty = true},
              {"POST", SNAPSHOTS "/s32", NULL, 201, .has = {"{"}});
}
END_TEST

START_TEST(the_clock_is_set) {
    STEPS_RUN(
        {"PUT", CLOCK, "{\"now\":\"2030-01-01T01:00:00+01:00\",\"frozen\":true}", 200,
         .has = {"{\"now\":\"2030-01-01T00:00:00Z\",\"frozen\":true}"}},
        {"PUT", CLOCK, "{\"advance\":\"P1DT0.5S\"}", 200,
         .has = {"{\"now\":\"2030-01-02T00:00:00.500Z\",\"frozen\":true}"}},
        {"PUT", CLOCK, "{\"now\":\"2031-01-01T00:00:00Z\",\"advance\":\"PT1H\"}", 200,
         .has = {"{\"now\":\"2031-01-01T01:00:00Z\",\"frozen\":true}"}},
        {"PUT", CLOCK, "{\"frozen\":false}", 200, .has = {"2031-01-01T01:0", "\"frozen\":false"}},
        {"PUT", CLOCK, "{\"advance\":\"P1D\"}", 200, .has = {"2031-01-02T01:0"}},
        {"PUT", CLOCK, "{}", 200, .has = {"2031-01-02T01:0", "\"frozen\":false"}},
        {"PUT", CLOCK, "{\"frozen\":true}", 200, .has = {"2031-01-02T01:0", "\"frozen\":true"}},
        {"PUT", CLOCK, "{\"now\":\"9999-12-31T23:59:59Z\",\"advance\":\"PT1S\"}", 422,
         .has = {ERROR_AT("")}},
        {"PUT", CLOCK, "{\"advance\":\"-PT1S\"}", 422, .has = {ERROR_AT("/advance")}},
        {"PUT", CLOCK, "{\"now\":\"noon\"}", 422, .has = {ERROR_AT("/now")}},
        {"PUT", CLOCK, "{\"freeze\":true}", 422, .has = {ERROR_AT("/freeze")}},
        {"GET", CLOCK, NULL, 200, .has = {"2031-01-02T01:0", "\"frozen\":true"}},
        {"DELETE", CLOCK, NULL, 200, .has = {"\"frozen\":false"}, .lacks = {"2031-01-02"}});
}
END_TEST

START_TEST(tokens_expire_when_the_clock_says_so) {
    struct http_answer made;
    char token[128];
    http_send(steps_server(),
              &(struct http_call){.method = "POST",
                                  .target = USERS "/ordinary/api-tokens",
                                  .basic = ROOT,
                                  .body = "{\"name\":\"day\",\"maxAge\":\"P1D\"}"},
              &made);
    ck_assert_int_eq(made.status, 201);
    const char *full = strstr(made.body, "\"fullToken\":\"");
    ck_assert_ptr_nonnull(full);
    ck_assert_int_eq(sscanf(full, "\"fullToken\":\"%127[^\"]", token), 1);
    http_answer_deinit(&made);
    expect_token("/api/v1/me", token, 200);
    STEPS_RUN({"PUT", CLOCK, "{\"advance\":\"P1D\"}", 200, .has = {"{"}});
    expect_token("/api/v1/me", token, 401);
    STEPS_RUN({"DELETE", CLOCK, NULL, 200, .has = {"{"}});
    expect_token("/api/v1/me", token, 200);
}
END_TEST

static const struct {
    const char *method;
    const char *target;
    const char *body;
} operations[] = {
    {"PUT", STATE, "{}"},
    {"PUT", CLOCK, "{}"},
    {"PUT", K "/sandboxes/x", "{}"},
};

/* What --max-body allows the clients of the API does not bound what they write in all. */
START_TEST(takes_a_large_dump) {
    enum { GROUPS = 30000 };
    char *body = malloc(GROUPS * 64);
    ck_assert_ptr_nonnull(body);
    char *end = stpcpy(body, "{\"tenants\":[\n{\"id\":\"main\",\"name\":\"main\",\"groups\":[");
    for (int i = 0; i < GROUPS; i++)
        end += sprintf(end, "%s{\"id\":\"group-%d\",\"name\":\"group %d\"}", i ? "," : "", i, i);
    strcpy(end, "]}],\n\"users\":[]}\n");
    ck_assert_uint_gt(strlen(body), 1024 * 1024);
    steps_expect(&(struct http_call){.method = "PUT", .target = STATE, .body = body}, 200,
                 "\"groups\":30000");
    struct http_answer answer;
    http_send(steps_server(), &(struct http_call){.method = "GET", .target = STATE}, &answer);
    ck_assert(strcmp(answer.body, body) == 0);
    http_answer_deinit(&answer);
    free(body);
}
END_TEST

/* A text that would become a tree of half a gigabyte. */
START_TEST(a_state_beyond_the_memory_changes_nothing) {
    enum { SIZE = 8 << 20 };
    static char body[SIZE + 1];
    struct process server;
    struct http_answer before;
    struct http_answer after;
    char *end = stpcpy(body, "{\"users\":[1");
    while (end < body + SIZE - 4)
        end = stpcpy(end, ",1");
    strcpy(end, "]}");
    process_start(&server, (const char *const[]){"--max-memory", "512m", NULL});
    http_send(&server, &(struct http_call){.method = "GET", .target = STATE}, &before);
    http_expect(&server, &(struct http_call){.method = "PUT", .target = STATE, .body = body}, 507,
                "--max-memory, which is 512 MiB, leaves no room for this request");
    http_send(&server, &(struct http_call){.method = "GET", .target = STATE}, &after);
    ck_assert_str_eq(before.body, after.body);
    http_answer_deinit(&before);
    http_answer_deinit(&after);
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
}
END_TEST

START_TEST(refuses_bad_bodies) {
    struct http_call call = {.method = operations[_i].method,
                             .target = operations[_i].target,
                             .header = "Content-Type: text/plain",
                             .body = operations[_i].body};
    call.body = "[]";
    steps_expect(&call, 422, "must be an object");
    steps_exceed_limit(&call, strcmp(call.target, K "/clock") != 0);
    steps_expect(&call, 413, "\"code\":413");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("admin_state");
    TCase *tcase = suite_add(suite, "admin_state");
    tcase_add_checked_fixture(tcase, steps_setup, steps_teardown);
    tcase_add_test(tcase, a_dump_loads_as_the_same_state);
    suite_add_rows(tcase, a_bad_state_changes_nothing, bad_states);
    tcase_add_test(tcase, a_new_state_takes_effect_at_once);
    tcase_add_test(tcase, a_new_state_survives_a_kill);
    tcase_add_test(tcase, a_reset_returns_to_the_start);
    tcase_add_test(tcase, snapshots_keep_state_and_clock);
    tcase_add_test(tcase, snapshots_are_bounded);
    tcase_add_test(tcase, the_clock_is_set);
    tcase_add_test(tcase, tokens_expire_when_the_clock_says_so);
    tcase_add_test(tcase, takes_a_large_dump);
    tcase_add_test(tcase, a_state_beyond_the_memory_changes_nothing);
    suite_add_rows(tcase, refuses_bad_bodies, operations);
    return suite_run(suite);
}
