/* The journal of the control plane: who called what, which requests match a pattern or nearly match
 * it, and which part of the contract the calls have exercised. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "steps.h"
#include "suite.h"

#define R "/__admin/requests"
#define N "/__admin/near-misses"
#define TOKEN "the-admin-token"
#define GROUPS "/api/v1/main/users/ordinary/groups"
#define NONE "{\"count\":0,"

/* Every operation, with a call that would succeed. */
static const struct {
    const char *method;
    const char *path;
    const char *body; /* NULL: it takes no body */
} operations[] = {
    {"GET", R, NULL},
    {"DELETE", R, NULL},
    {"GET", R "/x", NULL},
    {"DELETE", R "/x", NULL},
    {"POST", R "/count", "{}"},
    {"POST", R "/find", "{}"},
    {"POST", R "/remove", "{}"},
    {"POST", R "/remove-by-metadata", "{\"matchesJsonPath\":\"$.a\"}"},
    {"POST", R "/reset", NULL},
    {"GET", R "/unmatched", NULL},
    {"GET", R "/unmatched/near-misses", NULL},
    {"POST", N "/request", "{\"url\":\"/\"}"},
    {"POST", N "/request-pattern", "{}"},
    {"POST", "/__admin/kestub/verify", "{\"request\":{},\"atLeast\":0}"},
    {"GET", "/__admin/kestub/journal", NULL},
    {"GET", "/__admin/kestub/coverage", NULL},
};

START_TEST(requires_the_token) {
    struct process server;
    process_start(&server, (const char *const[]){"--admin-token", TOKEN, NULL});
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
        struct http_call call = {.method = operations[i].method,
                                 .target = operations[i].path,
                                 .body = operations[i].body};
        http_expect(&server, &call, 401, "--admin-token");
        call.bearer = TOKEN;
        call.header = EVIL_PAGE;
        http_expect(&server, &call, 403, "web page");
        call.header = NULL;
        http_expect(&server, &call, strstr(call.target, "/x") && *call.method == 'G' ? 404 : 200,
                    NULL);
    }
    process_stop(&server, SIGTERM);
}
END_TEST

START_TEST(refuses_bad_bodies) {
    struct http_call call = {.method = operations[_i].method,
                             .target = operations[_i].path,
                             .header = "Content-Type: text/plain",
                             .body = operations[_i].body};
    if (!call.body)
        return;
    call.body = "{";
    steps_expect(&call, 422, "invalid JSON");
    call.header = JSON;
    call.body = "[]";
    steps_expect(&call, 422, "must be an object");
    call.body = "{\"url\":7,\"matchesJsonPath\":7}";
    steps_expect(&call, 422, "\"pointer\":\"/");
    call.body = steps_too_large();
    call.body_size = steps_too_large_size;
    steps_expect(&call, 413, "1048576 bytes");
}
END_TEST

static const struct step refused[] = {
    {"GET", R "?limit=-1", NULL, 422, .has = {"/limit"}},
    {"GET", R "?limit=x", NULL, 422, .has = {"/limit"}},
    {"GET", R "?since=yesterday", NULL, 422, .has = {"/since"}},
    {"GET", R "?unmatched=maybe", NULL, 422, .has = {"/unmatched"}},
    {"POST", R "/count", "{\"method\":7}", 422, .has = {"\"pointer\":\"/method\""}},
    {"POST", R "/find", "{\"headers\":{\"a.b[0]\":{\"foo\":1}}}", 422,
     .has = {"\"pointer\":\"/headers/a.b[0]"}},
    {"POST", N "/request", "{}", 422, .has = {"\"pointer\":\"/url\"", "is required"}},
    {"POST", N "/request", "{\"url\":\"/\",\"headers\":{\"a\":[\"b\",7]}}", 422,
     .has = {"\"pointer\":\"/headers\""}},
    {"POST", N "/request", "{\"url\":\"/\",\"bodyAsBase64\":\"?\"}", 422,
     .has = {"\"pointer\":\"/bodyAsBase64\""}},
};

START_TEST(refuses) {
    steps_run(&refused[_i], 1);
}
END_TEST

START_TEST(shows_requests_and_responses) {
    struct http_answer answer;
    const struct http_call call = {.method = "PUT",
                                   .target = GROUPS "?a=%20b&a=c&d",
                                   .basic = ROOT,
                                   .header = "X-Twice: 1\r\nx-twice: 2",
                                   .header2 = "Cookie: a=b",
                                   .body = "{\"groupIds\":[]}"};
    http_send(steps_server(), &call, &answer);
    ck_assert_int_eq(answer.status, 204);
    http_answer_deinit(&answer);
    STEPS_RUN(
        {"GET", R, NULL, 200,
         .has = {"{\"requests\":[{\"id\":\"", "\"url\":\"" GROUPS "?a=%20b&a=c&d\"",
                 "\"meta\":{\"total\":1},\"requestJournalDisabled\":false}",
                 "\"queryParams\":{\"a\":{\"key\":\"a\",\"values\":[\" b\",\"c\"]},\"d\":{\"key\":"
                 "\"d\",\"values\":[\"\"]}}"}},
        {"GET", R, NULL, 200,
         .has = {"\"Authorization\":\"Basic ***\"", "\"Cookie\":\"***\"",
                 "\"body\":\"{\\\"groupIds\\\":[]}\",\"bodyAsBase64\":\"eyJncm91cElkcyI6W119\"",
                 "\"kestub\":{\"operation\":\"updateUserGroups\",\"principal\":"}},
        {"GET", R, NULL, 200,
         .has = {"\"clientIp\":\"127.0.0.1\"", "\"protocol\":\"HTTP/1.1\"",
                 "\"response\":{\"status\":204,\"headers\":{},\"body\":\"\"",
                 "\"wasMatched\":true"}},
        {"GET", R, NULL, 200,
         .has = {"\"x-twice\":[\"1\",\"2\"]",
                 "\"scheme\":\"http\",\"host\":\"127.0.0.1\",\"port\":",
                 "\"absoluteUrl\":\"http://127.0.0.1:"}},
        {"GET", R "?unmatched=true", NULL, 200, .has = {"{\"requests\":[],\"meta\":{\"total\":0}"}},
        {"GET", R "?limit=0", NULL, 200, .has = {"{\"requests\":[],\"meta\":{\"total\":1}"}},
        {"GET", R "?since=2099-01-01T00:00:00Z", NULL, 200,
         .has = {"{\"requests\":[],\"meta\":{\"total\":1}"}},
        {"GET", R "?since=2001-01-01T00:00:00Z&limit=5", NULL, 200, .has = {"updateUserGroups"}},
        {"GET", R "?matchingStub=00000000-0000-0000-0000-000000000000", NULL, 200,
         .has = {"{\"requests\":[],\"meta\":{\"total\":0}"}});
}
END_TEST

START_TEST(shows_no_secret) {
    static const char body[] = "{\"username\":\"root@root.com\",\"password\":\"hush-hush\"}";
    STEPS_RUN({"POST", "/api/v1/login?access_token=hush-hush", body, .status = 401},
              {"GET", R, NULL, 200,
               .has = {"\\\"password\\\":\\\"***\\\"", "/api/v1/login?access_token=***",
                       "\"access_token\":{\"key\":\"access_token\",\"values\":[\"***\"]}"},
               .counted = "hush-hush", .count = 0},
              {"GET", R, NULL, 200, .counted = "bodyCutFrom", .count = 0},
              {"POST", R "/count",
               "{\"bodyPatterns\":[{\"matchesJsonPath\":{\"expression\":\"$.password\",\"equalTo\":"
               "\"***\"}}]}",
               200, .has = {"\"count\":1,"}});
}
END_TEST

/* Gets the id of the newest entry. */
static void newest_id(char out[64]) {
    struct http_answer answer;
    http_send(steps_server(), &(struct http_call){.method = "GET", .target = R "?limit=1"},
              &answer);
    cJSON *tree = cJSON_Parse(answer.body);
    const cJSON *event = cJSON_GetObjectItem(tree, "requests")->child;
    ck_assert_ptr_nonnull(event);
    snprintf(out, 64, "%s", cJSON_GetObjectItem(event, "id")->valuestring);
    cJSON_Delete(tree);
    http_answer_deinit(&answer);
}

START_TEST(removes_requests) {
    char id[64];
    char path[128];
    STEPS_RUN({"GET", "/api/v1/users/ordinary", NULL, .status = 200},
              {"GET", "/nowhere", NULL, .status = 404});
    newest_id(id);
    snprintf(path, sizeof(path), R "/%s", id);
    const struct step one[] = {
        {"GET", path, NULL, 200, .has = {"\"url\":\"/nowhere\"", "\"wasMatched\":false"}},
        {"GET", R "/unmatched", NULL, 200, .counted = "\"url\":", .count = 1},
        {"DELETE", path, NULL, 200, .empty = true},
        {"GET", path, NULL, 404, .empty = true},
        {"DELETE", path, NULL, 200, .empty = true},
        {"GET", R "/unmatched", NULL, 200, .has = {"{\"requests\":[],"}},
        {"GET", R, NULL, 200, .counted = "\"url\":", .count = 1},
        {"DELETE", R, NULL, 200, .empty = true},
        {"GET", R, NULL, 200, .has = {"{\"requests\":[],"}},
        {"GET", "/nowhere", NULL, .status = 404},
        {"POST", R "/reset", NULL, 200, .empty = true},
        {"GET", R, NULL, 200, .has = {"{\"requests\":[],"}},
        {"GET", "/__admin/kestub/journal", NULL, 200,
         .has = {"{\"entries\":0,\"maxEntries\":1000,\"bytes\":0,\"maxBytes\":8388608,"
                 "\"recorded\":3,\"evicted\":0,\"lost\":0}"}},
    };
    steps_run(one, sizeof(one) / sizeof(one[0]));
}
END_TEST

START_TEST(verifies_by_patterns) {
    STEPS_RUN(
        {"PUT", GROUPS, "{\"groupIds\":[]}", 204, .empty = true},
        {"GET", "/api/v1/users?size=1", NULL, .status = 200},
        {"GET", "/api/v1/users?size=2", NULL, .status = 200},
        {"POST", R "/count", "{}", 200, .has = {"{\"count\":3,\"requestJournalDisabled\":false}"}},
        {"POST", R "/count", "{\"method\":\"PUT\",\"url\":\"" GROUPS "\"}", 200,
         .has = {"{\"count\":1,"}},
        {"POST", R "/count", "{\"bodyPatterns\":[{\"equalToJson\":{\"groupIds\":[]}}]}", 200,
         .has = {"{\"count\":1,"}},
        {"POST", R "/count", "{\"headers\":{\"authorization\":{\"matches\":\"Basic .*\"}}}", 200,
         .has = {"{\"count\":3,"}},
        {"POST", R "/count", "{\"host\":{\"equalTo\":\"127.0.0.1\"},\"scheme\":\"http\"}", 200,
         .has = {"{\"count\":3,"}},
        {"POST", R "/find",
         "{\"urlPath\":\"/api/v1/users\",\"queryParameters\":{\"size\":{\"equalTo\":\"2\"}}}", 200,
         .has = {"\"url\":\"/api/v1/users?size=2\"", "\"requestJournalDisabled\":false}"},
         .lacks = {"size=1"}},
        {"POST", R "/find", "{\"urlPath\":\"/api/v1/users\"}", 200, .order = {"size=1", "size=2"}},
        {"POST", R "/remove", "{\"urlPath\":\"/api/v1/users\"}", 200,
         .has = {"{\"serveEvents\":[{\"id\":"}, .counted = "\"wasMatched\":", .count = 2},
        {"POST", R "/count", "{}", 200, .has = {"{\"count\":1,"}},
        {"POST", R "/remove", "{\"urlPath\":\"/api/v1/users\"}", 200,
         .has = {"{\"serveEvents\":[]}"}});
}
END_TEST

START_TEST(shows_the_differences) {
    STEPS_RUN(
        {"POST", N "/request-pattern", "{}", 200, .has = {"{\"nearMisses\":[]}"}},
        {"PUT", GROUPS, "{\"groupIds\":[]}", 204, .empty = true},
        {"GET", "/api/v1/users", NULL, .status = 200}, {"GET", "/nowhere", NULL, .status = 404},
        {"GET", "/nowhere/else", NULL, .status = 404},
        {"POST", N "/request-pattern",
         "{\"method\":\"PUT\",\"url\":\"" GROUPS "\",\"headers\":{\"X-A\":{\"equalTo\":\"b\"}},"
         "\"bodyPatterns\":[{\"equalToJson\":{\"groupIds\":[\"x\"]}}]}",
         200,
         .has = {"\"kestub\":{\"operation\":\"updateUserGroups\",\"differences\":["
                 "{\"part\":\"header\",\"name\":\"X-A\",\"expected\":",
                 "{\"part\":\"body\",", "\"actual\":\"{\\\"groupIds\\\":[]}\"",
                 "\"requestPattern\":{\"method\":\"PUT\","},
         .counted = "\"matchResult\":{\"distance\":0.", .count = 3},
        {"POST", N "/request-pattern", "{\"url\":\"/nowhere\"}", 200,
         .lacks = {"\"url\":\"/nowhere\","}, .order = {"\"url\":\"/nowhere/else\"", GROUPS}});
}
END_TEST

#define STUB                                                                                       \
    "{\"id\":\"11111111-2222-4333-8444-555555555555\",\"request\":{\"method\":\"GET\","            \
    "\"urlPath\":\"/"                                                                              \
    "stubbed\"},\"response\":{\"status\":418,\"headers\":{\"X-B\":\"c\"},\"body\":\"tea\","        \
    "\"fixedDelayMilliseconds\":1},\"metadata\":{\"team\":\"a\"}}"

/* Sends a request off the record: what a stub answers need not conform to the contract. */
static void stub_answers(const char *target, struct http_answer *ret_answer) {
    char request[256];
    snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", target);
    http_raw(steps_server(), request, strlen(request), true, ret_answer);
}

START_TEST(knows_which_stub_answered) {
    struct http_answer answer;
    STEPS_RUN({"POST", "/__admin/mappings", STUB, .status = 201});
    stub_answers("/stubbed", &answer);
    ck_assert_int_eq(answer.status, 418);
    http_answer_deinit(&answer);
    STEPS_RUN(
        {"GET", R "?matchingStub=11111111-2222-4333-8444-555555555555", NULL, 200,
         .has = {"\"stubMapping\":{", "\"team\":\"a\"", "\"body\":\"tea\"", "\"X-B\":\"c\""}},
        {"GET", R, NULL, 200,
         .has = {"\"wasMatched\":true", "\"addedDelay\":1,", "\"fixedDelayMilliseconds\":1"}},
        {"GET", R "/unmatched", NULL, 200, .has = {"{\"requests\":[],"}},
        {"GET", "/stubbe", NULL, .status = 404},
        {"GET", R "/unmatched/near-misses", NULL, 200,
         .has = {"\"url\":\"/stubbe\"", "\"stubMapping\":{", "\"part\":\"url\""},
         .counted = "matchResult", .count = 1},
        {"POST", N "/request",
         "{\"method\":\"POST\",\"url\":\"/stubbed\",\"headers\":{\"A\":\"b\",\"C\":[\"d\",\"e\"]},"
         "\"body\":\"f\",\"bodyAsBase64\":\"Zw==\"}",
         200,
         .has = {"\"differences\":[{\"part\":\"method\",\"expected\":\"GET\",\"actual\":\"POST\"}]",
                 "\"C\":[\"d\",\"e\"]", "\"body\":\"g\"", "\"stubMapping\":{"}},
        {"POST", R "/remove-by-metadata",
         "{\"matchesJsonPath\":{\"expression\":\"$.team\",\"equalTo\":\"b\"}}", 200,
         .has = {"{\"serveEvents\":[]}"}},
        {"POST", R "/remove-by-metadata",
         "{\"matchesJsonPath\":{\"expression\":\"$.team\",\"equalTo\":\"a\"}}", 200,
         .has = {"\"url\":\"/stubbed\""}, .counted = "\"wasMatched\"", .count = 1},
        {"GET", R, NULL, 200, .has = {"\"url\":\"/stubbe\"", "\"total\":1}"}});
}
END_TEST

START_TEST(keeps_a_journal_for_each_sandbox) {
    STEPS_RUN({"GET", "/sandbox/a/nowhere?b", NULL, .status = 404},
              {"GET", R, NULL, 200, .has = {"[]"}},
              {"GET", "/sandbox/a" R, NULL, 200,
               .has = {"\"url\":\"/nowhere?b\"", "/sandbox/a/nowhere?b\""}},
              {"POST", "/sandbox/a" R "/count", "{\"urlPath\":\"/nowhere\"}", 200,
               .has = {"{\"count\":1,"}},
              {"POST", R "/count", "{}", 200, .has = {NONE}});
}
END_TEST

START_TEST(covers_the_contract) {
    struct http_answer answer;
    STEPS_RUN(
        {"GET", "/api/v1/users/ordinary?odd=1", NULL, .status = 200},
        {"GET", "/nowhere", NULL, .status = 404},
        {"GET", "/api/v1/users/nobody", NULL, .status = 404},
        {"GET", "/api/v1/users?filters[email][EQUALS]=x&s%69ze=1", NULL, .status = 200},
        {"GET", "/__admin/kestub/coverage", NULL, 200,
         .has = {"\"exercisedOperations\":2,", "\"exercisedStatuses\":3,\"breaches\":2}",
                 "{\"operation\":\"getUser\",\"method\":\"GET\",\"path\":\"/api/v1/users/{id}\","
                 "\"exercised\":[{\"status\":200,\"count\":1},{\"status\":404,\"count\":1}],"
                 "\"missing\":[401,403]}",
                 "\"kind\":\"UNKNOWN_OPERATION\",\"method\":\"GET\",\"url\":\"/nowhere\","
                 "\"status\":404}"}},
        {"GET", "/__admin/kestub/coverage", NULL, 200,
         .has = {"\"kind\":\"UNKNOWN_PARAMETER\",\"operation\":\"getUser\",\"parameter\":\"odd\","},
         .counted = "\"kind\":", .count = 2},
        {"PUT", "/api/v1/nowhere", "{}", .status = 404},
        {"POST", "/__admin/mappings",
         "{\"request\":{\"url\":\"/api/v1/users\"},\"response\":{\"status\":418}}", .status = 201});
    stub_answers("/api/v1/users", &answer);
    http_answer_deinit(&answer);
    const struct http_call call = {
        .method = "GET", .target = "/__admin/kestub/coverage", .header = "Accept: text/plain"};
    http_send(steps_server(), &call, &answer);
    ck_assert_str_eq(http_header(&answer, "Content-Type"), "text/plain; charset=utf-8");
    ck_assert_ptr_nonnull(strstr(answer.body, "\ngetUser                       200 x1  401 -"));
    ck_assert_ptr_nonnull(strstr(answer.body, " UNDOCUMENTED_STATUS: GET /api/v1/users -> 418\n"));
    ck_assert_ptr_nonnull(strstr(answer.body, " UNKNOWN_PARAMETER odd: GET "));
    http_answer_deinit(&answer);
}
END_TEST

#define INVALID "\"kind\":\"INVALID_REQUEST\",\"operation\":"

START_TEST(covers_invalid_requests) {
    struct http_answer answer;
    steps_expect(&(struct http_call){.method = "PUT",
                                     .target = GROUPS,
                                     .basic = ROOT,
                                     .body = "{}",
                                     .header = "Content-Type: text/plain"},
                 415, NULL);
    STEPS_RUN({"PUT", GROUPS, "{}", .status = 400}, {"POST", "/api/v1/users", "{}", .status = 422},
              {"GET", "/__admin/kestub/coverage", NULL, 200,
               .has = {INVALID "\"updateUserGroups\",\"method\":\"PUT\",\"url\":\"" GROUPS
                               "\",\"status\":400}",
                       INVALID "\"createUser\"", "\"status\":415}"},
               .counted = "\"kind\":", .count = 3},
              {"DELETE", R, NULL, 200, .empty = true},
              {"POST", "/__admin/mappings",
               "{\"request\":{\"method\":\"PUT\"},\"response\":{\"fixedDelayMilliseconds\":1}}",
               .status = 201},
              {"PUT", GROUPS, "{}", .status = 400},
              {"GET", "/__admin/kestub/coverage", NULL, 200, .counted = INVALID, .count = 1},
              {"POST", "/__admin/mappings",
               "{\"request\":{\"url\":\"/api/v1/users\"},\"response\":{\"status\":422}}",
               .status = 201});
    stub_answers("/api/v1/users", &answer);
    ck_assert_int_eq(answer.status, 422);
    http_answer_deinit(&answer);
    STEPS_RUN({"GET", "/__admin/kestub/coverage", NULL, 200, .counted = INVALID, .count = 1});
}
END_TEST

/* A response that never arrives counts neither as a status that was exercised nor as a breach. */
START_TEST(ignores_broken_responses) {
    struct http_answer answer;
    STEPS_RUN({"POST", "/__admin/mappings",
               "{\"request\":{\"urlPath\":\"/api/v1/users\"},"
               "\"response\":{\"fault\":\"EMPTY_RESPONSE\"}}",
               .status = 201},
              {"POST", "/__admin/mappings",
               "{\"request\":{\"urlPath\":\"/api/v1/users/ordinary\"},"
               "\"response\":{\"status\":418,\"fault\":\"EMPTY_RESPONSE\"}}",
               .status = 201});
    static const char *const targets[] = {"/api/v1/users", "/api/v1/users/ordinary"};
    for (size_t i = 0; i < 2; i++) {
        const struct http_call call = {.method = "GET", .target = targets[i], .off_record = true};
        http_send(steps_server(), &call, &answer);
        ck_assert_int_eq(answer.status, 0);
        http_answer_deinit(&answer);
    }
    STEPS_RUN({"GET", "/__admin/kestub/coverage", NULL, 200,
               .has = {"\"exercisedOperations\":0,", "\"exercisedStatuses\":0,\"breaches\":0}"}},
              {"POST", R "/count", "{}", 200, .has = {"{\"count\":2,"}});
}
END_TEST

START_TEST(keeps_refused_and_broken_requests) {
    static char large[70000];
    struct http_answer answer;
    memset(large, 'x', sizeof(large) - 1);
    http_send(steps_server(), &(struct http_call){.method = "PUT", .target = GROUPS, .body = large},
              &answer);
    ck_assert_int_eq(answer.status, 401);
    http_answer_deinit(&answer);
    static const char raw[] = "POST /api/v1/users?\xff HTTP/1.0\r\nX-Raw: \xe9\r\n"
                              "Content-Length: 5\r\n\r\na\0\xff"
                              "bc";
    http_raw(steps_server(), raw, sizeof(raw) - 1, false, &answer);
    ck_assert_int_eq(answer.status, 401);
    http_answer_deinit(&answer);
    STEPS_RUN({"GET", R, NULL, 200,
               .has = {"\"bodyCutFrom\":69999",
                       "\"url\":\"/api/v1/users?\xef\xbf\xbd\",\"absoluteUrl\":\"http://",
                       "\"X-Raw\":\"\xef\xbf\xbd\"",
                       "\"body\":\"a\xef\xbf\xbd\xef\xbf\xbd"
                       "bc\",\"bodyAsBase64\":\"YQD/YmM=\""},
               .counted = "\"status\":401,\"headers\"", .count = 2});
    http_send(steps_server(), &(struct http_call){.method = "HEAD", .target = "/health"}, &answer);
    http_answer_deinit(&answer);
    STEPS_RUN({"GET", R "?limit=1", NULL, 200,
               .has = {"\"method\":\"HEAD\"", "\"response\":{\"status\":200,",
                       "\"body\":\"\",\"bodyAsBase64\":\"\""}});
}
END_TEST

START_TEST(can_be_off_or_small_or_show_secrets) {
    struct process server;
    const struct http_call nowhere = {.method = "GET", .target = "/nowhere", .bearer = "secret"};
    const struct http_call list = {.method = "GET", .target = R};
    process_start(&server, (const char *const[]){"--journal", "0", NULL});
    http_expect(&server, &nowhere, 404, NULL);
    http_expect(&server, &list, 200,
                "{\"requests\":[],\"meta\":{\"total\":0},\"requestJournalDisabled\":true}");
    http_expect(&server, &(struct http_call){.method = "POST", .target = R "/count", .body = "{}"},
                200, "{\"count\":0,\"requestJournalDisabled\":true}");
    process_stop(&server, SIGTERM);
    process_start(&server, (const char *const[]){"--journal=2", "--journal-secrets=on", NULL});
    for (int i = 0; i < 3; i++)
        http_expect(&server, &nowhere, 404, NULL);
    http_expect(&server, &list, 200, "\"meta\":{\"total\":2}");
    http_expect(&server, &list, 200, "\"Authorization\":\"Bearer secret\"");
    process_stop(&server, SIGTERM);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("journal");
    TCase *tcase = suite_add(suite, "rows");
    tcase_add_checked_fixture(tcase, steps_setup, steps_teardown);
    suite_add_rows(tcase, refuses_bad_bodies, operations);
    suite_add_rows(tcase, refuses, refused);
    tcase_add_test(tcase, shows_requests_and_responses);
    tcase_add_test(tcase, shows_no_secret);
    tcase_add_test(tcase, removes_requests);
    tcase_add_test(tcase, verifies_by_patterns);
    tcase_add_test(tcase, shows_the_differences);
    tcase_add_test(tcase, knows_which_stub_answered);
    tcase_add_test(tcase, keeps_a_journal_for_each_sandbox);
    tcase_add_test(tcase, covers_the_contract);
    tcase_add_test(tcase, covers_invalid_requests);
    tcase_add_test(tcase, ignores_broken_responses);
    tcase_add_test(tcase, keeps_refused_and_broken_requests);
    tcase = suite_add(suite, "own servers");
    tcase_add_test(tcase, requires_the_token);
    tcase_add_test(tcase, can_be_off_or_small_or_show_secrets);
    return suite_run(suite);
}
