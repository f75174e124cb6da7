/* The operations on stub mappings, scenarios and settings, with every status. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "process.h"
#include "steps.h"
#include "suite.h"
#include "util/text.h"

#define MAPPINGS "/__admin/mappings"
#define ID "6f1e1f1c-0d34-4a8e-9d63-2f8f6f0c6c01"
#define OTHER "6f1e1f1c-0d34-4a8e-9d63-2f8f6f0c6c02"
#define ADMIN_TOKEN "admin-token-for-tests"

static struct process server;

static void setup(void) {
    process_start(&server, (const char *const[]){"--threads", "2", NULL});
}

static void teardown(void) {
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
}

/* Makes one call. Fails unless the answer has the status and contains the text; "" means no
 * body. */
static void expect(const struct http_call *call, int status, const char *text) {
    struct http_answer answer;
    http_send(&server, call, &answer);
    ck_assert_msg(answer.status == status, "%s %s: %d instead of %d: %s", call->method,
                  call->target, answer.status, status, answer.body);
    ck_assert(text_is_utf8(answer.body, answer.body_size));
    if (text && !*text)
        ck_assert_msg(answer.body_size == 0, "%s %s: has a body: %s", call->method, call->target,
                      answer.body);
    else
        ck_assert_msg(!text || strstr(answer.body, text), "%s %s: no %s in %s", call->method,
                      call->target, text, answer.body);
    http_answer_deinit(&answer);
}

struct row {
    const char *method;
    const char *target;
    const char *body;
    int status;
    const char *text; /* NULL: any body; "": no body */
};

static void run(const struct row *rows, size_t n) {
    for (size_t i = 0; i < n; i++)
        expect(&(struct http_call){.method = rows[i].method,
                                   .target = rows[i].target,
                                   .body = rows[i].body},
               rows[i].status, rows[i].text);
}
#define RUN(...)                                                                                   \
    do {                                                                                           \
        static const struct row rows[] = {__VA_ARGS__};                                            \
        run(rows, sizeof(rows) / sizeof(rows[0]));                                                 \
    } while (0)

START_TEST(creates_shows_and_deletes) {
    RUN({"GET", MAPPINGS, NULL, 200, "{\"mappings\":[],\"meta\":{\"total\":0}}"},
        {"POST", MAPPINGS, "{\"id\":\"" ID "\",\"name\":\"a\"}", 201,
         "{\"id\":\"" ID "\",\"name\":\"a\",\"uuid\":\"" ID "\"}"},
        {"POST", MAPPINGS, "{}", 201, "\"id\":\""},
        {"POST", MAPPINGS, "{\"id\":\"" ID "\",\"name\":\"z\"}", 422,
         "{\"errors\":[{\"code\":109,\"title\":\"Duplicate stub mapping ID\",\"detail\":\"ID of "
         "the "
         "provided stub mapping '" ID "' is already taken by another stub mapping\"}]}"},
        {"GET", MAPPINGS, NULL, 200, "\"total\":2"},
        {"GET", MAPPINGS "?limit=1&offset=1", NULL, 200,
         "{\"mappings\":[{\"id\":\"" ID "\",\"name\":\"a\",\"uuid\":\"" ID "\"}],"
         "\"meta\":{\"total\":2}}"},
        {"GET", MAPPINGS "?limit=0&offset=9", NULL, 200, "{\"mappings\":[],"},
        {"GET", MAPPINGS "?offset=-1", NULL, 422, "offset"},
        {"GET", MAPPINGS "?limit=x", NULL, 422, "limit"},
        {"GET", MAPPINGS "/" ID, NULL, 200, "\"name\":\"a\""},
        {"PUT", MAPPINGS "/" ID, "{\"name\":\"b\",\"id\":\"" OTHER "\"}", 200,
         "{\"id\":\"" ID "\",\"name\":\"b\""},
        {"POST", MAPPINGS "/edit", "{\"name\":\"c\",\"uuid\":\"" ID "\"}", 200, "\"name\":\"c\""},
        {"GET", MAPPINGS "/unmatched", NULL, 200, "\"total\":2"},
        {"DELETE", MAPPINGS "/" ID, NULL, 200, ""}, {"DELETE", MAPPINGS "/" ID, NULL, 404, ""},
        {"GET", MAPPINGS "/" ID, NULL, 404, ""}, {"PUT", MAPPINGS "/" ID, "{}", 404, ""},
        {"POST", MAPPINGS "/edit", "{\"id\":\"" ID "\"}", 404, ""},
        {"POST", MAPPINGS "/edit", "{}", 404, ""},
        {"POST", MAPPINGS "/remove", "{\"id\":\"" ID "\"}", 404, ""},
        {"POST", MAPPINGS "/remove", "{}", 404, ""},
        {"DELETE", MAPPINGS "/unmatched", NULL, 200, ""},
        {"GET", MAPPINGS, NULL, 200, "\"total\":0"});
}
END_TEST

START_TEST(links_to_what_there_is) {
    RUN({"GET", "/__admin/", NULL, 200,
         "{\"operation\":\"listMappings\",\"href\":\"/__admin/mappings\"}"},
        {"GET", "/sandbox/s/__admin/", NULL, 200, "\"href\":\"/sandbox/s/__admin/mappings\"}"},
        {"POST", "/__admin/", NULL, 405, "the path allows GET"});
}
END_TEST

START_TEST(removes_and_finds) {
    RUN({"POST", MAPPINGS, "{\"id\":\"" ID "\",\"request\":{\"url\":\"/a\",\"method\":\"GET\"}}",
         201, NULL},
        {"POST", MAPPINGS, "{\"id\":\"" OTHER "\",\"metadata\":{\"suite\":\"s\"}}", 201, NULL},
        {"POST", MAPPINGS "/remove", "{\"request\":{\"url\":\"/b\"}}", 404, ""},
        {"POST", MAPPINGS "/remove", "{\"request\":{\"method\":\"GET\",\"url\":\"/a\"}}", 200, ""},
        {"POST", MAPPINGS "/find-by-metadata", "{\"matchesJsonPath\":\"$.suite\"}", 200, OTHER},
        {"POST", MAPPINGS "/find-by-metadata", "{\"matchesJsonPath\":\"$.x\"}", 200, "[]"},
        {"POST", MAPPINGS "/find-by-metadata", "{\"like\":1}", 422, "an unknown operator"},
        {"POST", MAPPINGS "/remove-by-metadata", "{\"like\":1}", 422, "an unknown operator"},
        {"POST", MAPPINGS "/remove-by-metadata", "{\"equalToJson\":{\"suite\":\"s\"}}", 200, OTHER},
        {"POST", MAPPINGS, "{\"id\":\"" ID "\"}", 201, NULL},
        {"POST", MAPPINGS "/remove", "{\"uuid\":\"" ID "\"}", 200, ""},
        {"GET", MAPPINGS, NULL, 200, "\"total\":0"});
}
END_TEST

START_TEST(saves_resets_and_imports) {
    RUN({"POST", MAPPINGS, "{\"id\":\"" ID "\",\"name\":\"a\"}", 201, NULL},
        {"POST", MAPPINGS "/save", NULL, 200, ""}, {"DELETE", MAPPINGS, NULL, 200, ""},
        {"GET", MAPPINGS, NULL, 200, "\"total\":0"}, {"POST", MAPPINGS "/reset", NULL, 200, ""},
        {"GET", MAPPINGS, NULL, 200, "\"total\":1"},
        {"POST", MAPPINGS "/import",
         "{\"mappings\":[{\"name\":\"x\"},{\"name\":\"y\",\"id\":\"" ID "\"}],"
         "\"importOptions\":{\"duplicatePolicy\":\"IGNORE\",\"deleteAllNotInImport\":null}}",
         200, ""},
        {"GET", MAPPINGS "/" ID, NULL, 200, "\"name\":\"a\""},
        {"POST", MAPPINGS "/import",
         "{\"mappings\":[{\"name\":\"y\",\"id\":\"" ID "\"}],"
         "\"importOptions\":{\"duplicatePolicy\":\"OVERWRITE\",\"deleteAllNotInImport\":true}}",
         200, ""},
        {"GET", MAPPINGS, NULL, 200, "\"total\":1"},
        {"GET", MAPPINGS "/" ID, NULL, 200, "\"name\":\"y\""},
        {"POST", MAPPINGS "/import", "{\"mappings\":[{},{\"response\":{\"body\":[7]}}]}", 422,
         "\"source\":{\"pointer\":\"/mappings/1/response/body\"}"},
        {"POST", MAPPINGS "/import", "{\"mappings\":[{\"priority\":-1},{},{\"id\":7}]}", 422,
         "\"source\":{\"pointer\":\"/mappings/2/id\"}"},
        {"POST", MAPPINGS "/import", "{\"mappings\":[],\"importOptions\":{\"duplicatePolicy\":1}}",
         422, "/importOptions/duplicatePolicy"},
        {"GET", MAPPINGS, NULL, 200, "\"total\":1"});
}
END_TEST

START_TEST(lists_and_sets_scenarios) {
    RUN({"GET", "/__admin/scenarios", NULL, 200, "{\"scenarios\":[]}"},
        {"PUT", "/__admin/scenarios/a%20b/state", "{\"state\":\"x\"}", 404, "'a b'"},
        {"POST", MAPPINGS,
         "{\"scenarioName\":\"a b\",\"requiredScenarioState\":\"Started\","
         "\"newScenarioState\":\"x\"}",
         201, NULL},
        {"PUT", "/__admin/scenarios/a%20b/state", "{\"state\":\"x\"}", 200, ""},
        {"GET", "/__admin/scenarios", NULL, 200,
         "[{\"id\":\"a b\",\"name\":\"a "
         "b\",\"state\":\"x\",\"possibleStates\":[\"Started\",\"x\"]"},
        {"PUT", "/__admin/scenarios/a%20b/state", "{\"state\":\"z\"}", 422, "/state"},
        {"PUT", "/__admin/scenarios/a%20b/state", "{\"state\":7}", 422, "/state"},
        {"PUT", "/__admin/scenarios/a%20b/state", NULL, 200, ""},
        {"GET", "/__admin/scenarios", NULL, 200, "\"state\":\"Started\""},
        {"PUT", "/__admin/scenarios/a%20b/state", "{\"state\":\"x\"}", 200, ""},
        {"POST", "/__admin/scenarios/reset", NULL, 200, ""},
        {"GET", "/__admin/scenarios", NULL, 200, "\"state\":\"Started\""});
}
END_TEST

START_TEST(keeps_settings) {
    RUN({"GET", "/__admin/settings", NULL, 200, "{\"settings\":{}}"},
        {"POST", "/__admin/settings", "{\"fixedDelay\":0,\"extended\":{\"a\":1}}", 200,
         "{\"fixedDelay\":0,\"extended\":{\"a\":1}}"},
        {"PATCH", "/__admin/settings/extended", "{\"extended\":{\"b\":{},\"a\":2}}", 200, ""},
        {"GET", "/__admin/settings", NULL, 200,
         "{\"settings\":{\"fixedDelay\":0,\"extended\":{\"b\":{},\"a\":2}}}"},
        {"PUT", "/__admin/settings",
         "{\"settings\":{\"delayDistribution\":{\"type\":\"uniform\",\"lower\":0,\"upper\":0}}}",
         200, "\"upper\":0"},
        {"GET", "/__admin/settings", NULL, 200, "{\"settings\":{\"delayDistribution\":{"},
        {"PUT", "/__admin/settings", "{\"fixedDelay\":-1}", 422, "\"pointer\":\"/fixedDelay\""},
        {"POST", "/__admin/settings", "{\"delayDistribution\":{\"type\":\"x\"}}", 422,
         "\"pointer\":\"/delayDistribution\""},
        {"PATCH", "/__admin/settings/extended", "{}", 422, "/extended"},
        {"GET", "/__admin/settings", NULL, 200, "{\"settings\":{\"delayDistribution\":{"});
}
END_TEST

/* Members about the delivery are kept, and shown as they were sent. */
START_TEST(keeps_faults_and_delays) {
    RUN({"POST", MAPPINGS,
         "{\"id\":\"" ID "\",\"request\":{\"url\":\"/f\"},\"response\":{"
         "\"fault\":\"CONNECTION_RESET_BY_PEER\",\"fixedDelayMilliseconds\":5,"
         "\"delayDistribution\":{\"type\":\"lognormal\",\"median\":1,\"sigma\":0.5},"
         "\"chunkedDribbleDelay\":{\"numberOfChunks\":2,\"totalDuration\":3}}}",
         201, NULL},
        {"GET", MAPPINGS "/" ID, NULL, 200,
         "\"fault\":\"CONNECTION_RESET_BY_PEER\",\"fixedDelayMilliseconds\":5,"
         "\"delayDistribution\":{\"type\":\"lognormal\",\"median\":1,\"sigma\":0.5},"
         "\"chunkedDribbleDelay\":{\"numberOfChunks\":2,\"totalDuration\":3}"});
}
END_TEST

static const struct row malformed[] = {
    {"GET", MAPPINGS "/x", NULL, 400, "is not a valid UUID"},
    {"PUT", MAPPINGS "/x", "{}", 400, "is not a valid UUID"},
    {"DELETE", MAPPINGS "/x", NULL, 400, "is not a valid UUID"},
    {"POST", MAPPINGS "/edit", "{\"id\":\"x\"}", 400, "is not a valid UUID"},
    {"POST", MAPPINGS "/remove", "{\"id\":\"x\"}", 400, "is not a valid UUID"},
    {"POST", MAPPINGS, "{\"name\":\"\\u0000\"}", 422, "NUL"},
    {"POST", MAPPINGS, "{\"respnse\":{}}", 422,
     "{\"errors\":[{\"source\":{\"pointer\":\"/respnse\"},\"code\":422,\"title\":\"Invalid "
     "entity\",\"detail\":\"unknown; did you mean response?\"}]}"},
    {"POST", MAPPINGS, "{\"response\":{\"headers\":{\"A\":\"b\\r\\nC: d\"}}}", 422,
     "/response/headers/A"},
    {"PUT", MAPPINGS, "{}", 405, "{\"errors\":[{\"code\":405"},
    {"GET", "/__admin/nothing", NULL, 404, "{\"errors\":[{\"code\":404"},
};

START_TEST(refuses_malformed_requests) {
    run(&malformed[_i], 1);
}
END_TEST

/* A pointer stays UTF-8 even when it is cut within a two-byte character. */
START_TEST(cuts_long_names) {
    char body[1024] = "{\"";
    char *end = body + 2;
    for (int i = 0; i < 300; i++)
        end = stpcpy(end, "\xc3\xa9");
    strcpy(end, "\":1}");
    expect(&(struct http_call){.method = "POST", .target = MAPPINGS, .body = body}, 422, "is not");
    memmove(body + 3, body + 2, strlen(body + 2) + 1);
    body[2] = 'x';
    expect(&(struct http_call){.method = "POST", .target = MAPPINGS, .body = body}, 422, "is not");
}
END_TEST

static const struct {
    const char *method;
    const char *target;
} with_body[] = {
    {"POST", MAPPINGS},
    {"PUT", MAPPINGS "/" ID},
    {"POST", MAPPINGS "/import"},
    {"POST", MAPPINGS "/edit"},
    {"POST", MAPPINGS "/remove"},
    {"POST", MAPPINGS "/find-by-metadata"},
    {"POST", MAPPINGS "/remove-by-metadata"},
    {"PUT", "/__admin/scenarios/s/state"},
    {"PUT", "/__admin/settings"},
    {"POST", "/__admin/settings"},
    {"PATCH", "/__admin/settings/extended"},
};

START_TEST(refuses_bodies) {
    struct http_call call = {
        .method = with_body[_i].method, .target = with_body[_i].target, .body = "{"};
    expect(&call, 422, "{\"errors\":[{\"source\":{\"pointer\":\"\"},\"code\":422");
    call.body = "[]";
    expect(&call, 422, "{\"errors\":[{\"source\":{\"pointer\":\"\"},\"code\":422");
    call.body = "\xff{}";
    expect(&call, 422, "{\"errors\":[{\"source\":{\"pointer\":\"\"},\"code\":422");
    call.header = "Content-Type: text/plain";
    expect(&call, 422, "{\"errors\":[{\"source\":{\"pointer\":\"\"},\"code\":422");
    steps_exceed_limit(&call, strstr(call.target, "/import") != NULL);
    expect(&call, 413, "{\"errors\":[{\"code\":413");
}
END_TEST

static const struct {
    const char *method;
    const char *target;
} operations[] = {
    {"GET", "/__admin/"},
    {"GET", "/__admin/version"},
    {"GET", MAPPINGS},
    {"POST", MAPPINGS},
    {"DELETE", MAPPINGS},
    {"GET", MAPPINGS "/" ID},
    {"PUT", MAPPINGS "/" ID},
    {"DELETE", MAPPINGS "/" ID},
    {"POST", MAPPINGS "/save"},
    {"POST", MAPPINGS "/reset"},
    {"POST", MAPPINGS "/import"},
    {"POST", MAPPINGS "/edit"},
    {"POST", MAPPINGS "/remove"},
    {"POST", MAPPINGS "/find-by-metadata"},
    {"POST", MAPPINGS "/remove-by-metadata"},
    {"GET", MAPPINGS "/unmatched"},
    {"DELETE", MAPPINGS "/unmatched"},
    {"GET", "/__admin/scenarios"},
    {"POST", "/__admin/scenarios/reset"},
    {"PUT", "/__admin/scenarios/s/state"},
    {"GET", "/__admin/settings"},
    {"PUT", "/__admin/settings"},
    {"POST", "/__admin/settings"},
    {"PATCH", "/__admin/settings/extended"},
};

START_TEST(requires_the_admin_token) {
    process_stop(&server, SIGTERM);
    process_start(&server, (const char *const[]){"--admin-token", ADMIN_TOKEN, NULL});
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
        struct http_call call = {.method = operations[i].method, .target = operations[i].target};
        expect(&call, 401, "--admin-token");
        call.bearer = "wrong";
        expect(&call, 401, "--admin-token");
        call.bearer = ADMIN_TOKEN;
        call.header = EVIL_PAGE;
        expect(&call, 403, "web page");
    }
    expect(&(struct http_call){.method = "GET", .target = MAPPINGS, .basic = ROOT}, 401, NULL);
    expect(&(struct http_call){.method = "GET", .target = MAPPINGS, .bearer = ADMIN_TOKEN}, 200,
           "\"total\":0");
    expect(&(struct http_call){.method = "GET", .target = "/health"}, 200, "UP");
}
END_TEST

/* Returns a list of `count` mappings, the first with an id (owned by the caller, free). */
static char *many_mappings(int count) {
    char *body = malloc((size_t)count * 3 + 64);
    ck_assert_ptr_nonnull(body);
    char *end = stpcpy(body, "{\"mappings\":[{\"id\":\"" ID "\"}");
    for (int i = 1; i < count; i++)
        end = stpcpy(end, ",{}");
    strcpy(end, "]}");
    return body;
}

START_TEST(limits_the_number_of_stubs) {
    char *body = many_mappings(10001);
    struct http_call call = {.method = "POST", .target = MAPPINGS "/import", .body = body};
    expect(&call, 507, "{\"errors\":[{\"code\":507");
    free(body);
    expect(&(struct http_call){.method = "GET", .target = MAPPINGS}, 200, "\"total\":0");
    call.body = body = many_mappings(10000);
    expect(&call, 200, "");
    free(body);
    RUN({"POST", MAPPINGS, "{}", 507, "{\"errors\":[{\"code\":507"},
        {"POST", MAPPINGS, "{\"id\":\"" ID "\",\"name\":\"again\"}", 422, "\"code\":109"},
        {"PUT", MAPPINGS "/" ID, "{}", 200, NULL},
        {"POST", MAPPINGS "/import", "{\"mappings\":[{}]}", 507, NULL},
        {"POST", MAPPINGS "/import",
         "{\"mappings\":[{}],\"importOptions\":{\"deleteAllNotInImport\":true}}", 200, ""},
        {"GET", MAPPINGS, NULL, 200, "\"total\":1"});
}
END_TEST

/* The body of 1 MB takes many times as much memory. */
START_TEST(limits_the_memory_of_stubs) {
    enum { ITEMS = 340000, MOST = 20 };
    struct http_answer answer = {.status = 201};
    char *body = malloc((size_t)ITEMS * 3 + 128);
    ck_assert_ptr_nonnull(body);
    expect(&(struct http_call){.method = "POST", .target = MAPPINGS, .body = "{\"id\":\"" ID "\"}"},
           201, NULL);
    char *end = stpcpy(body, "{\"metadata\":{\"x\":[[]");
    for (int i = 1; i < ITEMS; i++)
        end = stpcpy(end, ",[]");
    strcpy(end, "]}}");
    struct http_call call = {
        .method = "POST", .target = MAPPINGS, .body = body, .off_record = true};
    int count = 0;
    for (; answer.status == 201 && count < MOST; count++) {
        http_send(&server, &call, &answer);
        http_answer_deinit(&(struct http_answer){.headers = answer.headers, .body = answer.body});
    }
    ck_assert_int_eq(answer.status, 507);
    call.off_record = false;
    call.method = "PUT";
    call.target = MAPPINGS "/" ID;
    expect(&call, 507, "{\"errors\":[{\"code\":507");
    strcpy(end, "]},\"id\":\"" ID "\"}");
    call.method = "POST";
    call.target = MAPPINGS "/edit";
    expect(&call, 507, "{\"errors\":[{\"code\":507");
    free(body);
    RUN({"GET", MAPPINGS "/" ID, NULL, 200, NULL}, {"DELETE", MAPPINGS, NULL, 200, ""},
        {"POST", MAPPINGS, "{}", 201, NULL});
}
END_TEST

int main(void) {
    Suite *suite = suite_create("mappings");
    TCase *tcase = suite_add(suite, "mappings");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, creates_shows_and_deletes);
    tcase_add_test(tcase, links_to_what_there_is);
    tcase_add_test(tcase, removes_and_finds);
    tcase_add_test(tcase, saves_resets_and_imports);
    tcase_add_test(tcase, lists_and_sets_scenarios);
    tcase_add_test(tcase, keeps_settings);
    tcase_add_test(tcase, keeps_faults_and_delays);
    suite_add_rows(tcase, refuses_malformed_requests, malformed);
    tcase_add_test(tcase, cuts_long_names);
    suite_add_rows(tcase, refuses_bodies, with_body);
    tcase_add_test(tcase, requires_the_admin_token);
    tcase_add_test(tcase, limits_the_number_of_stubs);
    tcase_add_test(tcase, limits_the_memory_of_stubs);
    return suite_run(suite);
}
