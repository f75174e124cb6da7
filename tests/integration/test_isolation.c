/* Sandboxes: what happens in one stays in it, even when requests run at the same time. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <curl/curl.h>

#include "steps.h"
#include "suite.h"

#define K "/__admin/kestub"
#define SANDBOXES K "/sandboxes"
#define GROUPS "/api/v1/main/groups"
#define MAIN "/api/v1/tenants/main"
#define TOKEN "the-admin-token"

enum { PARALLEL = 50 };

START_TEST(are_created_listed_and_deleted) {
    STEPS_RUN(
        {"GET", SANDBOXES, NULL, 200, .has = {"{\"sandboxes\":[{\"name\":\"default\"}]}"}},
        {"PUT", SANDBOXES "/a.b-c_9", NULL, 201, .has = {"{\"name\":\"a.b-c_9\","}},
        {"PUT", SANDBOXES "/a.b-c_9", NULL, 409, .has = {"\"code\":409"}},
        {"PUT", SANDBOXES "/default", NULL, 409, .has = {"\"code\":409"}},
        {"PUT", SANDBOXES "/-a", NULL, 400, .has = {"\"code\":400"}},
        {"DELETE", MAIN, NULL, 204, .empty = true},
        {"GET", "/sandbox/a.b-c_9" MAIN, NULL, 200, .has = {"\"Main\""}},
        {"GET", "/sandbox/default" MAIN, NULL, 404, .has = {"\"instance\":\"/sandbox/default/"}},
        {"GET", SANDBOXES, NULL, 200, .has = {"[{\"name\":\"default\"},{\"name\":\"a.b-c_9\"}]"}},
        {"DELETE", "/sandbox/a.b-c_9" MAIN, NULL, 204, .empty = true},
        {"DELETE", SANDBOXES "/a.b-c_9", NULL, 204, .empty = true},
        {"DELETE", SANDBOXES "/a.b-c_9", NULL, 404, .has = {"\"code\":404"}},
        {"DELETE", SANDBOXES "/default", NULL, 404, .has = {"\"code\":404"}},
        {"GET", "/sandbox/a.b-c_9" MAIN, NULL, 200, .has = {"\"Main\""}});
}
END_TEST

START_TEST(start_from_a_fixture_or_a_snapshot) {
    STEPS_RUN(
        {"PUT", SANDBOXES "/f",
         "{\"fixture\":{\"tenants\":[{\"id\":\"only\"}],\"users\":[{\"email\":\"root@root.com\","
         "\"superAdmin\":true,\"password\":\"Root!1234\"}]}}",
         201, .has = {"\"f\""}},
        {"GET", "/sandbox/f" MAIN, NULL, 404, .has = {"main"}},
        {"POST", "/sandbox/f/api/v1/tenants", "{\"id\":\"more\",\"name\":\"More\"}", 200,
         .has = {"more"}},
        {"PUT", "/sandbox/f" K "/clock", "{\"now\":\"2030-01-01T00:00:00Z\",\"frozen\":true}", 200,
         .has = {"2030"}},
        {"POST", "/sandbox/f" K "/snapshots/s", NULL, 201, .has = {"\"s\""}},
        {"POST", "/sandbox/f/__admin/reset", NULL, 200, .has = {"{}"}},
        {"GET", "/sandbox/f/api/v1/tenants/more", NULL, 404, .has = {"more"}},
        {"GET", "/sandbox/f/api/v1/tenants/only", NULL, 200, .has = {"only"}},
        {"PUT", "/sandbox/f" SANDBOXES "/g", "{\"snapshot\":\"s\"}", 201, .has = {"\"g\""}},
        {"DELETE", SANDBOXES "/f", NULL, 204, .empty = true},
        {"GET", "/sandbox/g" K "/clock", NULL, 200, .has = {"2030-01-01T00:00:00Z"}},
        {"DELETE", "/sandbox/g/api/v1/tenants/more", NULL, 204, .empty = true},
        {"POST", "/sandbox/g/__admin/reset", NULL, 200, .has = {"{}"}},
        {"GET", "/sandbox/g/api/v1/tenants/more", NULL, 200, .has = {"More"}},
        {"GET", "/sandbox/g" K "/clock", NULL, 200, .has = {"2030-01-01T00:00:00Z"}},
        {"PUT", SANDBOXES "/h", "{\"snapshot\":\"s\"}", 404,
         .has = {"this sandbox has no snapshot"}},
        {"PUT", SANDBOXES "/h", "{\"snapshot\":\"s\",\"fixture\":{}}", 422,
         .has = {"\"/snapshot\""}},
        {"PUT", SANDBOXES "/h", "{\"fixture\":{\"users\":[{\"email\":\" \"}]}}", 422,
         .has = {"\"/fixture/users/0/email\""}},
        {"PUT", SANDBOXES "/h", "{\"fixture\":{\"users\":[{\"email\":\"a\",\"tenants\":[\"t\"]}]}}",
         422, .has = {"\"/fixture/users/0/tenants/0\""}},
        {"GET", SANDBOXES, NULL, 200, .has = {"[{\"name\":\"default\"},{\"name\":\"g\"}]"}});
}
END_TEST

START_TEST(are_named_by_header_or_prefix) {
    struct http_call call = {.method = "DELETE", .basic = ROOT};
    call.target = MAIN;
    call.header = "X-Kestub-Sandbox: by-header";
    http_expect(steps_server(), &call, 204, "");
    call.target = "/sandbox/by-prefix" MAIN; /* takes precedence over the header */
    http_expect(steps_server(), &call, 204, "");
    STEPS_RUN({"GET", MAIN, NULL, 200, .has = {"Main"}},
              {"GET", "/sandbox/by-header" MAIN, NULL, 404, .has = {"/sandbox/by-header" MAIN}},
              {"GET", "/sandbox/by-prefix" MAIN, NULL, 404, .has = {"/sandbox/by-prefix" MAIN}});
    call = (struct http_call){.method = "GET", .target = "/nowhere", .basic = ROOT};
    static const char *const bad[] = {"X-Kestub-Sandbox: a/b", "X-Kestub-Sandbox: .",
                                      "X-Kestub-Sandbox: \xC3\xA4"};
    for (size_t i = 0; i < 3; i++) {
        call.header = bad[i];
        http_expect(steps_server(), &call, 400, "has 1 to 64");
    }
    call.header = NULL;
    static const char *const bad_prefixes[] = {
        "/sandbox/%2e/nowhere", "/sandbox//nowhere", "/sandbox/a%2Fb/nowhere",
        "/sandbox/12345678901234567890123456789012345678901234567890123456789012345/nowhere"};
    for (size_t i = 0; i < 4; i++) {
        call.target = bad_prefixes[i];
        http_expect(steps_server(), &call, 400, "has 1 to 64");
    }
}
END_TEST

/* This holds however long the path is. */
START_TEST(deep_paths_stay_inside) {
#define DEEP "/1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7/8/9/0/1/2/3"
    STEPS_RUN({"GET", "/sandbox/deep" DEEP, NULL, 404, .has = {"\"instance\":\"/sandbox/deep/1/2"}},
              {"POST", "/sandbox/deep/__admin/requests/count", "{}", 200, .has = {"\"count\":1,"}},
              {"GET", "/__admin" DEEP, NULL, 404, .has = {"\"errors\":["}},
              {"POST", "/__admin/requests/count", "{}", 200, .has = {"\"count\":0,"}});
}
END_TEST

START_TEST(links_redirects_and_cookies_stay_inside) {
    struct http_answer answer;
    const struct http_call log_in = {.method = "POST",
                                     .target = "/sandbox/in/login",
                                     .header = "Content-Type: application/x-www-form-urlencoded",
                                     .body = "username=root@root.com&password=Root!1234"};
    http_send(steps_server(), &log_in, &answer);
    ck_assert_int_eq(answer.status, 303);
    ck_assert_str_eq(http_header(&answer, "Location"), "/sandbox/in/ui/");
    const char *cookie = http_header(&answer, "Set-Cookie");
    ck_assert_ptr_nonnull(strstr(cookie, "; Path=/sandbox/in/;"));
    char header[256];
    ck_assert_int_eq(
        snprintf(header, sizeof(header), "Cookie: %.*s", (int)strcspn(cookie, ";"), cookie) > 0, 1);
    http_answer_deinit(&answer);
    struct http_call call = {.method = "GET", .target = "/sandbox/in/api/v1/me", .header = header};
    http_expect(steps_server(), &call, 200, "root@root.com");
    call.target = "/api/v1/me";
    http_expect(steps_server(), &call, 401, "\"instance\":\"/api/v1/me\"");
}
END_TEST

/* One of many parallel tests. They all use the same names, which mean something else in each
 * sandbox. */
struct scenario {
    int number;
    char problem[256];
};

static bool expect(struct scenario *scenario, const char *method, const char *target,
                   const char *body, int status, const char *text) {
    struct http_answer answer;
    char header[64];
    char prefixed[160];
    bool by_header = scenario->number % 2 == 0;
    snprintf(header, sizeof(header), "X-Kestub-Sandbox: s%d", scenario->number);
    snprintf(prefixed, sizeof(prefixed), "/sandbox/s%d%s", scenario->number, target);
    http_send(steps_server(),
              &(struct http_call){.method = method,
                                  .target = by_header ? target : prefixed,
                                  .header = by_header ? header : NULL,
                                  .basic = ROOT,
                                  .body = body},
              &answer);
    bool right = answer.status == status && strstr(answer.body, text);
    if (!right)
        snprintf(scenario->problem, sizeof(scenario->problem), "%s %s: %d %.150s", method, target,
                 answer.status, answer.body);
    http_answer_deinit(&answer);
    return right;
}

static void *play(void *cls) {
    struct scenario *scenario = cls;
    char shown[32];
    char name[64];
    char clock[96];
    char total[32];
    snprintf(shown, sizeof(shown), "\"name\":\"of %d\"", scenario->number);
    snprintf(name, sizeof(name), "{\"id\":\"mine\",%s}", shown);
    snprintf(clock, sizeof(clock), "{\"now\":\"20%02d-01-01T00:00:00Z\",\"frozen\":true}",
             scenario->number);
    snprintf(total, sizeof(total), "\"total\":%d}", 9 + scenario->number % 5);
    bool good = expect(scenario, "POST", "/api/v1/tenants", name, 200, shown) &&
                expect(scenario, "PUT", K "/clock", clock, 200, clock);
    for (int i = 0; good && i < scenario->number % 5; i++) {
        char group[32];
        snprintf(group, sizeof(group), "{\"name\":\"g%d\"}", i);
        good = expect(scenario, "POST", GROUPS, group, 200, "\"id\"");
    }
    if (good && expect(scenario, "GET", GROUPS "/search", NULL, 200, total) &&
        expect(scenario, "GET", "/api/v1/tenants/mine", NULL, 200, shown) &&
        expect(scenario, "POST", K "/snapshots/s", NULL, 201, "s") &&
        expect(scenario, "DELETE", MAIN, NULL, 204, "") &&
        expect(scenario, "POST", K "/snapshots/s/restore", NULL, 200, "s") &&
        expect(scenario, "GET", GROUPS "/search", NULL, 200, total) &&
        expect(scenario, "POST", "/__admin/reset", NULL, 200, "{}") &&
        expect(scenario, "GET", "/api/v1/tenants/mine", NULL, 404, ""))
        expect(scenario, "GET", GROUPS "/search", NULL, 200, "\"total\":9}");
    return NULL;
}

START_TEST(parallel_tests_see_nothing_of_each_other) {
    static struct scenario scenarios[PARALLEL];
    pthread_t threads[PARALLEL];
    for (int i = 0; i < PARALLEL; i++) {
        scenarios[i].number = i;
        ck_assert_int_eq(pthread_create(&threads[i], NULL, play, &scenarios[i]), 0);
    }
    for (int i = 0; i < PARALLEL; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < PARALLEL; i++)
        ck_assert_msg(!scenarios[i].problem[0], "sandbox %d: %s", i, scenarios[i].problem);
    STEPS_RUN({"GET", "/api/v1/tenants/mine", NULL, 404, .has = {"mine"}},
              {"GET", SANDBOXES, NULL, 200, .counted = "\"name\"", .count = PARALLEL + 1});
}
END_TEST

static atomic_bool stop;

static void *use(void *cls) {
    struct scenario *scenario = cls;
    while (!atomic_load(&stop) && expect(scenario, "PUT", "/api/v1/main/users/ordinary/groups",
                                         "{\"groupIds\":[\"scim\",\"owned-a\"]}", 204, ""))
        ;
    return NULL;
}

START_TEST(can_be_deleted_during_requests) {
    static struct scenario scenarios[4];
    pthread_t threads[4];
    atomic_store(&stop, false);
    for (int i = 0; i < 4; i++) {
        scenarios[i].number = i / 2;
        ck_assert_int_eq(pthread_create(&threads[i], NULL, use, &scenarios[i]), 0);
    }
    for (int i = 0; i < 50; i++) {
        struct http_answer answer;
        http_send(steps_server(),
                  &(struct http_call){.method = "DELETE",
                                      .target = i % 2 ? SANDBOXES "/s0" : SANDBOXES "/s1"},
                  &answer);
        ck_assert_msg(answer.status == 204 || answer.status == 404, "%d", answer.status);
        http_answer_deinit(&answer);
    }
    atomic_store(&stop, true);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        ck_assert_msg(!scenarios[i].problem[0], "%s", scenarios[i].problem);
    }
}
END_TEST

static struct process server;

static void expect_on(const struct http_call *call, int status, const char *text) {
    struct http_answer answer;
    http_send(&server, call, &answer);
    ck_assert_msg(answer.status == status && strstr(answer.body, text), "%s %s: %d: %s",
                  call->method, call->target, answer.status, answer.body);
    if (status == 401)
        ck_assert_str_eq(http_header(&answer, "WWW-Authenticate"), "Bearer realm=\"kestub\"");
    http_answer_deinit(&answer);
}

START_TEST(are_limited_in_number) {
    process_start(&server, (const char *const[]){"--max-sandboxes", "2", "--clock",
                                                 "2024-02-29T00:00:00Z", NULL});
    struct http_call call = {.method = "GET", .basic = ROOT};
    call.target = "/sandbox/a/health";
    expect_on(&call, 200, "UP");
    call.target = "/sandbox/b" K "/clock"; /* the clock is part of the seed */
    expect_on(&call, 200, "2024-02-29T00:00:00Z");
    call.target = "/sandbox/c/nowhere";
    expect_on(&call, 507, "the limit of --max-sandboxes is reached");
    call.target = "/sandbox/c/__admin/nowhere";
    expect_on(&call, 507, "\"code\":507");
    call.target = SANDBOXES "/c";
    call.method = "PUT";
    expect_on(&call, 507, "\"code\":507");
    call.target = SANDBOXES "/a";
    call.method = "DELETE";
    expect_on(&call, 204, "");
    call.target = "/sandbox/c/health";
    call.method = "GET";
    expect_on(&call, 200, "UP");
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
}
END_TEST

/* Every operation of the control plane, in an order in which all succeed. */
static const struct {
    const char *method;
    const char *target;
    const char *body;
    int status;
} operations[] = {
    {"GET", "/__admin/version", NULL, 200},  {"GET", SANDBOXES, NULL, 200},
    {"PUT", SANDBOXES "/a", NULL, 201},      {"GET", SANDBOXES "/a", NULL, 200},
    {"DELETE", SANDBOXES "/a", NULL, 204},   {"GET", K "/password-resets", NULL, 200},
    {"GET", K "/state", NULL, 200},          {"PUT", K "/state", "{}", 200},
    {"POST", "/__admin/reset", NULL, 200},   {"GET", K "/snapshots", NULL, 200},
    {"POST", K "/snapshots/a", NULL, 201},   {"POST", K "/snapshots/a/restore", NULL, 200},
    {"DELETE", K "/snapshots/a", NULL, 204}, {"GET", K "/clock", NULL, 200},
    {"PUT", K "/clock", "{}", 200},          {"DELETE", K "/clock", NULL, 200},
};

START_TEST(the_control_plane_requires_its_token) {
    process_start(&server, (const char *const[]){"--admin-token", TOKEN, NULL});
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
        struct http_call call = {.method = operations[i].method,
                                 .target = operations[i].target,
                                 .body = operations[i].body};
        expect_on(&call, 401, "requires the token of --admin-token");
        call.bearer = "KESTUB-root-token-for-tests-only-0123456789";
        expect_on(&call, 401, "requires the token of --admin-token");
        call.bearer = NULL;
        call.basic = ROOT;
        expect_on(&call, 401, "requires the token of --admin-token");
        call.basic = NULL;
        call.bearer = TOKEN;
        call.header = EVIL_PAGE;
        expect_on(&call, 403, "web page");
        call.header = NULL;
        expect_on(&call, operations[i].status, "");
    }
    expect_on(&(struct http_call){.method = "GET", .target = "/api/v1/me", .basic = ROOT}, 200,
              "root@root.com");
    http_expect(&server,
                &(struct http_call){.method = "GET", .target = "/sandbox/n/__admin/mappings"}, 401,
                "requires the token of --admin-token");
    http_expect(&server, &(struct http_call){.method = "GET", .target = SANDBOXES, .bearer = TOKEN},
                200, "[{\"name\":\"default\"}]");
    struct http_call shutdown = {.method = "POST", .target = "/__admin/shutdown"};
    expect_on(&shutdown, 401, "requires the token of --admin-token");
    shutdown.header = EVIL_PAGE;
    expect_on(&shutdown, 403, "web page");
    shutdown.header = NULL;
    shutdown.bearer = TOKEN;
    expect_on(&shutdown, 200, "");
    ck_assert_int_eq(process_wait(&server), 0);
}
END_TEST

static void setup(void) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    steps_setup();
}

int main(void) {
    Suite *suite = suite_create("sandboxes");
    TCase *tcase = suite_add(suite, "sandboxes");
    tcase_add_checked_fixture(tcase, setup, steps_teardown);
    tcase_add_test(tcase, are_created_listed_and_deleted);
    tcase_add_test(tcase, start_from_a_fixture_or_a_snapshot);
    tcase_add_test(tcase, are_named_by_header_or_prefix);
    tcase_add_test(tcase, deep_paths_stay_inside);
    tcase_add_test(tcase, links_redirects_and_cookies_stay_inside);
    tcase_add_test(tcase, parallel_tests_see_nothing_of_each_other);
    tcase_add_test(tcase, can_be_deleted_during_requests);
    TCase *options = suite_add(suite, "options");
    tcase_add_test(options, are_limited_in_number);
    tcase_add_test(options, the_control_plane_requires_its_token);
    return suite_run(suite);
}
