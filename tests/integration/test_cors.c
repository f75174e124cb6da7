/* Web pages of other origins: what --cors opens to them, and what stays closed. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session.h"
#include "suite.h"

#define APP "http://app.example:3000"
#define FROM_APP "Origin: " APP
#define TOKEN "the-admin-token"
#define ALLOWED "Access-Control-Allow-Origin"
#define ASKS "Access-Control-Request-Method: PUT"

static struct process server;

static void start(const char *cors, const char *option, const char *value) {
    process_start(&server, (const char *const[]){"--cors", cors, option, value, NULL});
}

static void stop(void) {
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
}

/* Fails the test unless the header has this value. NULL: unless it is missing. */
static void expect_header(const struct http_answer *answer, const char *name, const char *value) {
    const char *found = http_header(answer, name);
    if (value)
        ck_assert_msg(found && strcmp(found, value) == 0, "%s: %s", name, found ? found : "-");
    else
        ck_assert_msg(!found, "%s: %s", name, found);
}

static void expect(struct http_call call, int status, const char *allowed) {
    struct http_answer answer;
    call.off_record = true;
    http_send(&server, &call, &answer);
    ck_assert_msg(answer.status == status, "%s %s: %d", call.method, call.target, answer.status);
    expect_header(&answer, ALLOWED, allowed);
    http_answer_deinit(&answer);
}

static void add_stub(const char *url, const char *response) {
    char body[512];
    snprintf(body, sizeof(body), "{\"request\":{\"url\":\"%s\"},\"response\":%s}", url, response);
    session_expect(
        &server, &(struct http_call){.method = "POST", .target = "/__admin/mappings", .body = body},
        201);
}

START_TEST(is_off_by_default) {
    process_start(&server, (const char *const[]){NULL});
    expect((struct http_call){.method = "GET", .target = "/health", .header = FROM_APP}, 200, NULL);
    expect(
        (struct http_call){
            .method = "OPTIONS", .target = "/api/v1/me", .header = FROM_APP, .header2 = ASKS},
        204, NULL);
    expect((struct http_call){.method = "OPTIONS",
                              .target = "/__admin/mappings",
                              .header = FROM_APP,
                              .header2 = ASKS},
           403, NULL);
    stop();
}
END_TEST

static const struct {
    const char *cors, *origin;
    bool api, admin;
} origins[] = {
    {APP, APP, true, true},
    {"http://b.example," APP, APP, true, true},
    {APP ",http://b.example", APP, true, true},
    {APP, "http://APP.example:3000", true, true},
    {"HTTP://App.Example:3000", APP, true, true},
    {"http://app.example:80", "http://app.example", true, true},
    {"http://app.example", "http://app.example", true, true},
    {"https://app.example:443", "https://app.example", true, true},
    {"http://[::1]:3000", "http://[::1]:3000", true, true},
    {"chrome-extension://abc", "chrome-extension://abc", true, true},
    {APP, "https://app.example:3000", false, false},
    {APP, "http://app.example", false, false},
    {APP, "http://app.example:30000", false, false},
    {APP, "http://app.example:300", false, false},
    {APP, "http://app.example.evil:3000", false, false},
    {APP, "http://evil.app.example:3000", false, false},
    {APP, APP "/", false, false},
    {APP, APP " http://b.example", false, false},
    {APP, "http://user@app.example:3000", false, false},
    {APP, "null", false, false},
    {APP, "*", false, false},
    {"*", APP, true, false},
    {"*", "null", false, false},
    {"*", "file://", false, false},
    {"*," APP, APP, true, true},
    {APP ",*", "http://b.example", true, false},
};

START_TEST(compares_origins) {
    char header[128];
    bool is_named = origins[_i].admin;
    const char *named = is_named ? origins[_i].origin : "*";
    snprintf(header, sizeof(header), "Origin: %s", origins[_i].origin);
    start(origins[_i].cors, NULL, NULL);
    const char *api = origins[_i].api ? named : NULL;
    const char *admin = is_named ? named : NULL;
    expect((struct http_call){.method = "GET", .target = "/health", .header = header}, 200, api);
    expect((struct http_call){.method = "GET", .target = "/__admin/version", .header = header},
           is_named ? 200 : 403, admin);
    stop();
}
END_TEST

START_TEST(two_origins_are_none) {
    start(APP, NULL, NULL);
    expect((struct http_call){.method = "GET",
                              .target = "/health",
                              .header = FROM_APP,
                              .header2 = "Origin: http://evil.example"},
           200, NULL);
    expect(
        (struct http_call){
            .method = "GET", .target = "/__admin/version", .header = FROM_APP, .header2 = FROM_APP},
        403, NULL);
    stop();
}
END_TEST

static const struct {
    const char *cors, *credentials, *target;
} preflights[] = {
    {APP, "true", "/api/v1/me"},
    {APP, "true", "/nothing"},
    {APP, "true", "/sandbox/x/api/v1/me"},
    {APP, "true", "/__admin/mappings"},
    {"*", NULL, "/api/v1/me"},
    {"*", NULL, "/stubbed"},
};

START_TEST(answers_preflights_before_authentication) {
    struct http_answer answer;
    start(preflights[_i].cors, "--admin-token", TOKEN);
    http_send(&server,
              &(struct http_call){.method = "OPTIONS",
                                  .target = preflights[_i].target,
                                  .header = FROM_APP "\r\nAccess-Control-Request-Headers: "
                                                     "authorization, x-kestub-sandbox",
                                  .header2 = "Access-Control-Request-Method: PROPFIND",
                                  .off_record = true},
              &answer);
    ck_assert_int_eq(answer.status, 204);
    expect_header(&answer, ALLOWED, preflights[_i].credentials ? APP : "*");
    expect_header(&answer, "Access-Control-Allow-Credentials", preflights[_i].credentials);
    expect_header(&answer, "Access-Control-Allow-Headers", "authorization, x-kestub-sandbox");
    expect_header(&answer, "Access-Control-Max-Age", "600");
    expect_header(&answer, "Vary", "Origin");
    expect_header(&answer, "Allow", NULL);
    const char *methods = http_header(&answer, "Access-Control-Allow-Methods");
    ck_assert_ptr_nonnull(strstr(methods, "PATCH"));
    methods = http_header(&answer, "Access-Control-Allow-Methods");
    ck_assert_ptr_nonnull(strstr(methods, ", PROPFIND"));
    http_answer_deinit(&answer);
    stop();
}
END_TEST

static const struct http_call no_preflights[] = {
    {.method = "OPTIONS", .target = "/api/v1/me", .header = FROM_APP},
    {.method = "OPTIONS", .target = "/api/v1/me", .header = EVIL_PAGE, .header2 = ASKS},
    {.method = "OPTIONS", .target = "/api/v1/me", .header2 = ASKS},
    {.method = "OPTIONS",
     .target = "/api/v1/me",
     .header = FROM_APP,
     .header2 = "Access-Control-Request-Method: P T"},
};

START_TEST(answers_other_options_as_ever) {
    struct http_answer answer;
    struct http_call call = no_preflights[_i];
    call.off_record = true;
    start(APP, NULL, NULL);
    http_send(&server, &call, &answer);
    ck_assert_int_eq(answer.status, 204);
    ck_assert_ptr_nonnull(http_header(&answer, "Allow"));
    expect_header(&answer, "Access-Control-Allow-Methods", NULL);
    http_answer_deinit(&answer);
    stop();
}
END_TEST

START_TEST(errors_can_be_read) {
    start(APP, "--admin-token", TOKEN);
    expect((struct http_call){.method = "GET", .target = "/api/v1/me", .header = FROM_APP}, 401,
           APP);
    expect((struct http_call){.method = "GET", .target = "/nothing", .header = FROM_APP}, 404, APP);
    expect((struct http_call){.method = "PATCH", .target = "/health", .header = FROM_APP}, 405,
           APP);
    expect((struct http_call){.method = "GET", .target = "/%zz", .header = FROM_APP}, 400, APP);
    expect((struct http_call){.method = "GET", .target = "/sandbox/!/", .header = FROM_APP}, 400,
           APP);
    expect((struct http_call){.method = "GET", .target = "/__admin/version", .header = FROM_APP},
           401, APP);
    stop();
}
END_TEST

static const struct {
    const char *fault;
    int status;
} faults[] = {{"flaky=1", 503}, {"rate-limit=1", 429}};

/* The profiles act on everything, so on preflights, too. */
START_TEST(faults_can_be_read_and_meet_preflights) {
    const struct http_call call = {.method = "GET", .target = "/health", .header = FROM_APP};
    start(APP, "--fault", faults[_i].fault);
    if (faults[_i].status == 429)
        expect(call, 200, APP);
    expect(call, faults[_i].status, APP);
    expect(
        (struct http_call){
            .method = "OPTIONS", .target = "/api/v1/me", .header = FROM_APP, .header2 = ASKS},
        faults[_i].status, APP);
    stop();
}
END_TEST

START_TEST(stubs_are_open_and_may_say_otherwise) {
    struct http_answer answer;
    start(APP, NULL, NULL);
    add_stub("/plain", "{\"status\":418,\"headers\":{\"X-Mine\":\"1\",\"X-More\":\"2\"}}");
    add_stub("/own", "{\"headers\":{\"access-control-allow-origin\":\"http://own.example\"}}");
    add_stub("/part", "{\"headers\":{\"Access-Control-Expose-Headers\":\"X-Only\"}}");
    http_send(&server,
              &(struct http_call){
                  .method = "GET", .target = "/plain", .header = FROM_APP, .off_record = true},
              &answer);
    ck_assert_int_eq(answer.status, 418);
    expect_header(&answer, ALLOWED, APP);
    const char *exposed = http_header(&answer, "Access-Control-Expose-Headers");
    ck_assert_ptr_nonnull(strstr(exposed, "Location"));
    exposed = http_header(&answer, "Access-Control-Expose-Headers");
    ck_assert_ptr_nonnull(strstr(exposed, ", X-Mine, X-More"));
    http_answer_deinit(&answer);
    expect((struct http_call){.method = "GET", .target = "/own", .header = FROM_APP}, 200,
           "http://own.example");
    expect((struct http_call){.method = "GET", .target = "/plain", .header = EVIL_PAGE}, 403, NULL);
    http_send(&server,
              &(struct http_call){
                  .method = "GET", .target = "/part", .header = FROM_APP, .off_record = true},
              &answer);
    expect_header(&answer, "Access-Control-Expose-Headers", "X-Only");
    expect_header(&answer, ALLOWED, APP);
    http_answer_deinit(&answer);
    stop();
}
END_TEST

START_TEST(the_journal_has_the_headers) {
    start(APP, NULL, NULL);
    expect((struct http_call){.method = "GET", .target = "/health", .header = FROM_APP}, 200, APP);
    char *requests = session_call(
        &server, &(struct http_call){.method = "GET", .target = "/__admin/requests"}, 200);
    ck_assert_ptr_nonnull(strstr(requests, ALLOWED));
    free(requests);
    stop();
}
END_TEST

static const char *const mistakes[] = {
    "",
    "null",
    "app.example",
    "http://",
    "//app.example",
    "http:/app.example",
    "http://app.example/",
    "http://app.example/path",
    "http://app.example?x",
    "http://*.example",
    "*.example",
    "**",
    "http://user@app.example",
    "http://app.example:",
    "http://app.example:0",
    "http://app.example:65536",
    "http://app.example:08",
    "http://app example",
    "http://a.example,",
    ",http://a.example",
    "http://a.example,,http://b.example",
    "http://a.example, http://b.example",
    "http://[::1",
    "http://[]",
    "http://[::1]x",
    "http://b\xc3\xbc"
    "cher.example",
};

START_TEST(mistakes_end_the_start) {
    char out[256];
    char err[512];
    int status = process_run((const char *const[]){"--port", "0", "--cors", mistakes[_i], NULL},
                             out, sizeof(out), err, sizeof(err));
    ck_assert_int_eq(status, 2);
    ck_assert_msg(strncmp(err, "kestub: --cors: '", 17) == 0, "%s", err);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("cors");
    TCase *tcase = suite_add(suite, "cors");
    tcase_add_test(tcase, is_off_by_default);
    suite_add_rows(tcase, compares_origins, origins);
    tcase_add_test(tcase, two_origins_are_none);
    suite_add_rows(tcase, answers_preflights_before_authentication, preflights);
    suite_add_rows(tcase, answers_other_options_as_ever, no_preflights);
    tcase_add_test(tcase, errors_can_be_read);
    suite_add_rows(tcase, faults_can_be_read_and_meet_preflights, faults);
    tcase_add_test(tcase, stubs_are_open_and_may_say_otherwise);
    tcase_add_test(tcase, the_journal_has_the_headers);
    suite_add_rows(tcase, mistakes_end_the_start, mistakes);
    return suite_run(suite);
}
