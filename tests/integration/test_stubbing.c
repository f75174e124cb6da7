/* Stubs answer before the emulator: what they answer, and what the emulator answers when none
 * matches. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "process.h"
#include "steps.h"
#include "suite.h"

#define MAPPINGS "/__admin/mappings"
#define USERS "/api/v1/users"
#define GROUPS "/api/v1/main/users/4by6NvSLcPXFhCj8nwbZOM/groups"

static struct process server;

static void setup(void) {
    process_start(&server, (const char *const[]){"--threads", "2", NULL});
}

static void teardown(void) {
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
}

/* A ' stands for a double quote. */
static void add_in(const char *prefix, const char *quoted) {
    char target[128];
    struct http_answer answer;
    char *body = strdup(quoted);
    ck_assert_ptr_nonnull(body);
    for (char *at = body; *at; at++)
        *at = *at == '\'' ? '"' : *at;
    snprintf(target, sizeof(target), "%s" MAPPINGS, prefix);
    http_send(&server, &(struct http_call){.method = "POST", .target = target, .body = body},
              &answer);
    ck_assert_msg(answer.status == 201, "%s: %d: %s", body, answer.status, answer.body);
    http_answer_deinit(&answer);
    free(body);
}

static void add(const char *quoted) {
    add_in("", quoted);
}

/* Makes a call that a stub may answer. */
static struct http_answer call_stub(const char *method, const char *target) {
    struct http_answer answer;
    http_send(&server, &(struct http_call){.method = method, .target = target, .off_record = true},
              &answer);
    return answer;
}

static void expect(const char *method, const char *target, int status, const char *body) {
    struct http_answer answer = call_stub(method, target);
    ck_assert_msg(answer.status == status, "%s %s: %d instead of %d: %s", method, target,
                  answer.status, status, answer.body);
    ck_assert_msg(!body || strcmp(answer.body, body) == 0, "%s %s: '%s' instead of '%s'", method,
                  target, answer.body, body);
    http_answer_deinit(&answer);
}

START_TEST(answers_instead_of_the_emulator) {
    add("{'request':{'method':'GET','urlPath':'" USERS "'},"
        "'response':{'status':503,'headers':{'Retry-After':'7','Content-Type':'text/html'},"
        "'body':'<b>later</b>'}}");
    add("{'request':{'url':'/no/such/path?a=1'},'response':{'jsonBody':{'a':[1]}}}");
    struct http_answer answer = call_stub("GET", USERS "?page=1");
    ck_assert_int_eq(answer.status, 503);
    ck_assert_str_eq(answer.body, "<b>later</b>");
    ck_assert_str_eq(http_header(&answer, "Retry-After"), "7");
    ck_assert_str_eq(http_header(&answer, "Content-Type"), "text/html");
    ck_assert_str_eq(http_header(&answer, "Content-Length"), "12");
    http_answer_deinit(&answer);
    expect("GET", "/no/such/path?a=1", 200, "{\"a\":[1]}");
    expect("GET", "/no/such/path?a=2", 404, NULL);
    expect("GET", "/health", 200, "{\"status\":\"UP\"}");
    expect("GET", "/__admin/version", 200, NULL);
}
END_TEST

START_TEST(sees_the_whole_request) {
    add("{'request':{'method':'POST','urlPathTemplate':'/api/v1/{tenant}/groups','pathParameters':"
        "{'tenant':{'equalTo':'main'}},'queryParameters':{'q':{'equalTo':'a b'}},'headers':"
        "{'X-Test':{'equalTo':'1'}},'basicAuth':{'username':'u','password':'p'},"
        "'bodyPatterns':[{'matchesJsonPath':'$.name'}],'host':{'equalTo':'127.0.0.1'},'clientIp':{'"
        "equalTo':'127.0.0.1'}},"
        "'response':{'status':202}}");
    struct http_call call = {.method = "POST",
                             .target = "/api/v1/main/groups?q=a+b",
                             .basic = "u:p",
                             .header = "X-Test: 1",
                             .body = "{\"name\":\"g\"}",
                             .off_record = true};
    struct http_answer answer;
    http_send(&server, &call, &answer);
    ck_assert_int_eq(answer.status, 202);
    ck_assert_uint_eq(answer.body_size, 0);
    http_answer_deinit(&answer);
    call.chunked = true;
    http_send(&server, &call, &answer);
    ck_assert_int_eq(answer.status, 202);
    http_answer_deinit(&answer);
    call.body = "{}";
    http_send(&server, &call, &answer);
    ck_assert_int_eq(answer.status, 401);
    http_answer_deinit(&answer);
}
END_TEST

/* If the 304 ended a body that it must not have, those bytes would come before the second
 * answer. */
START_TEST(a_304_dribbles_no_body) {
    static const char two[] = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"
                              "GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    struct http_answer answer;
    add("{'request':{'url':'/a'},'response':{'status':304,'body':'abc',"
        "'chunkedDribbleDelay':{'numberOfChunks':3,'totalDuration':30}}}");
    http_raw(&server, two, sizeof(two) - 1, false, &answer);
    ck_assert_int_eq(answer.status, 304);
    ck_assert_msg(strncmp(answer.body, "HTTP/1.1 200 OK", 15) == 0, "%s%s", answer.headers,
                  answer.body);
    http_answer_deinit(&answer);
}
END_TEST

/* Stubs match on the same values that the journal shows, so a request from the journal can be
 * stubbed. */
START_TEST(sees_where_a_request_comes_from_and_goes_to) {
    static const char absolute[] = "GET http://kestra.test:7/a HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    struct http_answer answer;
    add("{'request':{'urlPath':'/"
        "a','clientIp':{'equalTo':'127.0.0.1'}},'response':{'status':201}}");
    add("{'request':{'urlPath':'/a','clientIp':{'equalTo':'10.0.0.1'}},'response':{'status':500}}");
    expect("GET", "/a", 201, NULL);
    add("{'request':{'urlPath':'/a','host':{'equalTo':'kestra.test'},'port':7},"
        "'response':{'status':202}}");
    http_raw(&server, absolute, sizeof(absolute) - 1, true, &answer);
    ck_assert_int_eq(answer.status, 202);
    http_answer_deinit(&answer);
}
END_TEST

static const struct {
    struct http_call call;
    int status;
    const char *text;
} emulated[] = {
    {{.method = "GET", .target = "/no/such/path"}, 404, "not-found"},
    {{.method = "PUT", .target = "/no/such/path", .body = "{}"}, 404, "not-found"},
    {{.method = "PATCH", .target = GROUPS, .body = "x"}, 405, "method-not-allowed"},
    {{.method = "PUT", .target = GROUPS, .body = "{"}, 401, "unauthenticated"},
    {{.method = "PUT", .target = GROUPS, .basic = ROOT, .body = "{"},
     400,
     "invalid JSON at line 1"},
    {{.method = "PUT", .target = GROUPS, .basic = ROOT, .body = "{\"groupIds\":[7]}"},
     400,
     "updateUserGroups.request.groupIds[0]"},
    {{.method = "PUT", .target = GROUPS, .basic = ROOT}, 400, "a JSON body is required"},
    {{.method = "PUT",
      .target = GROUPS,
      .basic = ROOT,
      .header = "Content-Type: text/plain",
      .body = "{}"},
     415,
     "unsupported-media-type"},
    {{.method = "PUT", .target = "/api/v1/x/users/y/groups", .basic = ROOT, .body = "{}"},
     404,
     "Tenant does not exist"},
    {{.method = "GET", .target = "/api/v1/users?page=0", .basic = ROOT}, 422, "listUsers.page"},
    {{.method = "GET", .target = "/%zz"}, 400, "invalid escape"},
    {{.method = "PUT", .target = GROUPS, .basic = ROOT, .body = "{\"groupIds\":[]}"}, 204, ""},
};

/* The answers are the same as without stubs, except for the dates. */
START_TEST(leaves_the_emulator_as_it_is) {
    struct http_answer before;
    struct http_answer after;
    http_send(&server, &emulated[_i].call, &before);
    ck_assert_int_eq(before.status, emulated[_i].status);
    ck_assert_msg(strstr(before.body, emulated[_i].text), "%s", before.body);
    add("{'request':{'url':'/never'}}");
    http_send(&server, &emulated[_i].call, &after);
    ck_assert_int_eq(after.status, emulated[_i].status);
    ck_assert_str_eq(after.body, before.body);
    ck_assert_uint_eq(strlen(after.headers), strlen(before.headers));
    http_answer_deinit(&before);
    http_answer_deinit(&after);
}
END_TEST

/* Whether a length or a chunked body tells it, with and without an operation and credentials. */
START_TEST(refuses_bodies_that_no_stub_sees) {
    struct http_answer answer;
    struct http_call call = {.method = "PUT",
                             .target = GROUPS,
                             .basic = ROOT,
                             .body = steps_too_large(),
                             .body_size = steps_too_large_size,
                             .off_record = true};
    add("{'response':{'status':201}}");
    for (int i = 0; i < 8; i++) {
        call.chunked = i % 2 == 1;
        call.basic = i % 4 < 2 ? ROOT : NULL;
        call.target = i < 4 ? GROUPS : "/nowhere";
        http_send(&server, &call, &answer);
        ck_assert_int_eq(answer.status, 413);
        ck_assert_msg(strstr(answer.body, "--max-body allows 1048576 bytes"), "%s", answer.body);
        http_answer_deinit(&answer);
    }
    call.body_size = steps_too_large_size - 1;
    http_send(&server, &call, &answer);
    ck_assert_int_eq(answer.status, 201);
    http_answer_deinit(&answer);
}
END_TEST

/* A request whose length proxies may read in two ways reaches no stub, and ends the connection. */
START_TEST(refuses_ambiguous_lengths_as_before) {
    static const char request[] = "PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
                                  "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
                                  "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
    struct http_answer answer;
    add("{'response':{'status':201,'body':'stub'}}");
    http_raw(&server, request, strlen(request), false, &answer);
    ck_assert_int_eq(answer.status, 400);
    ck_assert_ptr_null(strstr(answer.body, "stub"));
    http_answer_deinit(&answer);
}
END_TEST

START_TEST(passes_on_without_a_status) {
    add("{'request':{'urlPath':'/health'},'response':{'fixedDelayMilliseconds':1}}");
    add("{'request':{'urlPath':'" USERS "'},'response':{'fixedDelayMilliseconds':1},"
        "'metadata':{'kestub':{'times':1}}}");
    expect("GET", "/health", 200, "{\"status\":\"UP\"}");
    expect("GET", USERS, 401, NULL);
    expect("GET", USERS, 401, NULL);
    struct http_answer answer;
    http_send(&server, &(struct http_call){.method = "GET", .target = MAPPINGS "/unmatched"},
              &answer);
    ck_assert_msg(strstr(answer.body, "\"total\":0"), "%s", answer.body);
    http_answer_deinit(&answer);
}
END_TEST

START_TEST(goes_through_a_scenario) {
    add("{'scenarioName':'s','requiredScenarioState':'Started','newScenarioState':'up',"
        "'request':{'url':'/ready'},'response':{'status':503}}");
    add("{'scenarioName':'s','requiredScenarioState':'up',"
        "'request':{'url':'/ready'},'response':{'body':'yes'}}");
    expect("GET", "/ready", 503, "");
    expect("GET", "/ready", 200, "yes");
    expect("POST", "/__admin/scenarios/reset", 200, "");
    expect("GET", "/ready", 503, "");
}
END_TEST

START_TEST(keeps_sandboxes_apart) {
    add("{'request':{'url':'/x'},'response':{'body':'default'}}");
    add_in("/sandbox/one", "{'request':{'url':'/x'},'response':{'body':'one'}}");
    expect("GET", "/x", 200, "default");
    expect("GET", "/sandbox/one/x", 200, "one");
    expect("GET", "/sandbox/two/x", 404, NULL);
    struct http_answer answer;
    http_send(
        &server,
        &(struct http_call){
            .method = "GET", .target = "/x", .header = "X-Kestub-Sandbox: one", .off_record = true},
        &answer);
    ck_assert_str_eq(answer.body, "one");
    http_answer_deinit(&answer);
    expect("DELETE", "/sandbox/one" MAPPINGS, 200, "");
    expect("GET", "/sandbox/one/x", 404, NULL);
    expect("GET", "/x", 200, "default");
}
END_TEST

static const struct {
    const char *response;
    const char *method;
    int status;
    const char *body;
    const char *length; /* Content-Length; NULL: no such header */
} answers[] = {
    {"{'status':204,'body':'no'}", "GET", 204, "", NULL},
    {"{'status':304,'body':'no'}", "GET", 304, "", "2"},
    {"{'status':200,'body':'yes'}", "HEAD", 200, "", "3"},
    {"{'status':200,'body':'yes'}", "OPTIONS", 200, "yes", "3"},
    {"{'status':200,'body':'yes'}", "PURGE", 200, "yes", "3"},
    {"{'status':599,'body':'h\xc3\xa9'}", "GET", 599, "h\xc3\xa9", "3"},
    {"{'body':'yes','headers':{'Content-Length':'1'}}", "GET", 200, "yes", "3"},
    {"{'body':'yes','headers':{'Transfer-Encoding':'chunked'}}", "GET", 200, "yes", "3"},
    {"{'body':'yes','headers':{'Connection':'close'}}", "GET", 200, "yes", "3"},
    {"{'body':'yes','headers':{'Connection':'keep-alive'}}", "GET", 200, "yes", "3"},
    {"{'status':200}", "GET", 200, "", "0"},
};

START_TEST(answers_as_http_requires) {
    char mapping[256];
    snprintf(mapping, sizeof(mapping), "{'request':{'url':'/a'},'response':%s}",
             answers[_i].response);
    add(mapping);
    struct http_answer answer = call_stub(answers[_i].method, "/a");
    ck_assert_int_eq(answer.status, answers[_i].status);
    ck_assert_str_eq(answer.body, answers[_i].body);
    ck_assert_pstr_eq(http_header(&answer, "Content-Length"), answers[_i].length);
    ck_assert_ptr_null(http_header(&answer, "Transfer-Encoding"));
    http_answer_deinit(&answer);
    expect("GET", "/health", 200, "{\"status\":\"UP\"}");
}
END_TEST

START_TEST(repeats_headers) {
    add("{'request':{'url':'/a'},'response':{'headers':{'Set-Cookie':['a=1','b=2'],"
        "'X-Name':'\xc3\xa9'}}}");
    struct http_answer answer = call_stub("GET", "/a");
    ck_assert_ptr_nonnull(strstr(answer.headers, "Set-Cookie: a=1\r\n"));
    ck_assert_ptr_nonnull(strstr(answer.headers, "Set-Cookie: b=2\r\n"));
    ck_assert_str_eq(http_header(&answer, "X-Name"), "\xc3\xa9");
    http_answer_deinit(&answer);
}
END_TEST

/* A stub with as many bytes of headers as it may have answers a request that also has many. */
START_TEST(sends_large_answers) {
    enum { BODY = 900000, HEADER = 8000 };
    char *mapping = malloc(BODY + HEADER + 256);
    ck_assert_ptr_nonnull(mapping);
    char *end = stpcpy(mapping, "{'request':{'url':'/a'},'response':{'headers':{'X-Long':'");
    end = (char *)memset(end, 'h', HEADER) + HEADER;
    end = stpcpy(end, "'},'body':'");
    end = (char *)memset(end, 'b', BODY) + BODY;
    strcpy(end, "'}}");
    add(mapping);
    free(mapping);
    static char header[12000] = "X-Own: ";
    memset(header + strlen(header), 'o', sizeof(header) - 8);
    struct http_answer answer;
    for (int i = 0; i < 3; i++) {
        http_send(
            &server,
            &(struct http_call){
                .method = "GET", .target = "/a", .header = i ? header : NULL, .off_record = true},
            &answer);
        ck_assert_int_eq(answer.status, 200);
        ck_assert_uint_eq(answer.body_size, BODY);
        ck_assert_uint_gt(strlen(answer.headers), HEADER);
        http_answer_deinit(&answer);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("stubs");
    TCase *tcase = suite_add(suite, "stubs");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, answers_instead_of_the_emulator);
    tcase_add_test(tcase, sees_the_whole_request);
    tcase_add_test(tcase, a_304_dribbles_no_body);
    tcase_add_test(tcase, sees_where_a_request_comes_from_and_goes_to);
    suite_add_rows(tcase, leaves_the_emulator_as_it_is, emulated);
    tcase_add_test(tcase, refuses_bodies_that_no_stub_sees);
    tcase_add_test(tcase, refuses_ambiguous_lengths_as_before);
    tcase_add_test(tcase, passes_on_without_a_status);
    tcase_add_test(tcase, goes_through_a_scenario);
    tcase_add_test(tcase, keeps_sandboxes_apart);
    suite_add_rows(tcase, answers_as_http_requires, answers);
    tcase_add_test(tcase, repeats_headers);
    tcase_add_test(tcase, sends_large_answers);
    return suite_run(suite);
}
