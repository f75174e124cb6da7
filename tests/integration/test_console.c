/* What the console asks of the server. The suite `console` looks at the page itself. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "session.h"
#include "steps.h"
#include "suite.h"

#define E "/__admin/kestub/events"
#define LAST "/__admin/requests?limit=1"
#define TOKEN "the-token-of-the-control-plane"

static const struct step refused[] = {
    {"GET", "/__admin/kestub/memberships", NULL, 400, .has = {"tenant"}},
    {"GET", "/__admin/kestub/memberships?tenant=nope&users=a", NULL, 404,
     .has = {"no such tenant"}},
    {"GET", "/__admin/ui/nothing.js", NULL, 404, .has = {NULL}},
    {"GET", "/__admin/ui/..%2fconfig.h", NULL, 404, .has = {NULL}},
    {"POST", "/__admin/ui", NULL, 405, .has = {NULL}},
};

START_TEST(refuses) {
    steps_run(&refused[_i], 1);
}
END_TEST

START_TEST(the_key_opens_the_api) {
    char key[SECRET_SIZE];
    char header[SECRET_SIZE + 32];
    char *about = session_call(
        steps_server(), &(struct http_call){.method = "GET", .target = "/__admin/kestub/console"},
        200);
    session_member(about, "key", key);
    free(about);
    snprintf(header, sizeof(header), "X-Kestub-Console: %s", key);
    const struct http_call reading = {.method = "GET", .target = "/api/v1/users", .header = header};
    const struct http_call writing = {.method = "POST",
                                      .target = "/api/v1/main/groups",
                                      .header = header,
                                      .header2 = JSON,
                                      .body = "{\"name\":\"ours\"}"};
    steps_expect(&reading, 200, "results");
    STEPS_RUN({"GET", "/__admin/requests", NULL, 200, .has = {"\"requests\":[]"}},
              {"PUT", "/__admin/kestub/faults", "{\"faults\":[\"flaky=1\"]}", 200, .has = {NULL}});
    steps_expect(&writing, 200, "ours");
    STEPS_RUN(
        {"GET", LAST, NULL, 200,
         .has = {"\"principal\":\"console\"", "\"console\":true", "\"X-Kestub-Console\":\"***\""}},
        {"GET", "/__admin/kestub/coverage", NULL, 200, .has = {"\"exercisedOperations\":0"}});
    key[0] = (char)(key[0] == 'a' ? 'b' : 'a');
    snprintf(header, sizeof(header), "X-Kestub-Console: %s", key);
    STEPS_RUN({"DELETE", "/__admin/kestub/faults", NULL, 204, .empty = true});
    steps_expect(&reading, 401, NULL);
    steps_expect(&(struct http_call){.method = "GET",
                                     .target = "/api/v1/users",
                                     .header = "X-Kestub-Console: "},
                 401, NULL);
}
END_TEST

START_TEST(lists_memberships) {
    STEPS_RUN(
        {"GET", "/__admin/kestub/memberships?tenant=main&users=owner,nobody", NULL, 200,
         .has = {"{\"users\":[{\"id\":\"owner\",\"groups\":[{\"id\":",
                 "\"membership\":\"OWNER\",\"external\":"},
         .lacks = {"nobody"}},
        {"GET", "/__admin/kestub/memberships?tenant=main", NULL, 200, .has = {"{\"users\":[]}"}});
}
END_TEST

START_TEST(the_token_guards_the_events_and_not_the_page) {
    struct process server;
    struct http_answer answer;
    process_start(&server, (const char *const[]){"--admin-token", TOKEN, NULL});
    http_expect(&server, &(struct http_call){.method = "GET", .target = E "?poll=true"}, 401, NULL);
    http_expect(&server, &(struct http_call){.method = "GET", .target = "/__admin/kestub/console"},
                401, NULL);
    http_expect(
        &server,
        &(struct http_call){.method = "GET", .target = "/__admin/kestub/memberships?tenant=main"},
        401, NULL);
    http_expect(&server,
                &(struct http_call){.method = "GET", .target = E "?poll=true", .bearer = TOKEN},
                200, "hello");
    http_expect(&server, &(struct http_call){.method = "GET", .target = "/sandbox/new/__admin/ui"},
                200, "<!doctype html>");
    http_expect(&server,
                &(struct http_call){
                    .method = "GET", .target = "/__admin/kestub/sandboxes", .bearer = TOKEN},
                200, "{\"sandboxes\":[{\"name\":\"default\"}]}"); /* the page has made none */
    http_send(&server, &(struct http_call){.method = "GET", .target = "/__admin/ui/app.js"},
              &answer);
    ck_assert_int_eq(answer.status, 200);
    ck_assert_str_eq(http_header(&answer, "Content-Type"), "text/javascript; charset=utf-8");
    ck_assert_ptr_nonnull(
        strstr(http_header(&answer, "Content-Security-Policy"), "default-src 'none'"));
    http_answer_deinit(&answer);
    process_stop(&server, SIGTERM);
}
END_TEST

START_TEST(pages_of_others_see_nothing) {
    static const char *const targets[] = {"/__admin/ui", "/__admin/ui/app.js",
                                          "/__admin/kestub/console", E "?poll=true",
                                          "/__admin/kestub/memberships?tenant=main"};
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
        http_expect(steps_server(),
                    &(struct http_call){.method = "GET", .target = targets[i], .header = EVIL_PAGE},
                    403, NULL);
}
END_TEST

START_TEST(a_browser_keeps_the_files) {
    static const char *const targets[] = {"/__admin/ui", "/__admin/ui/console.css"};
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        char known[96];
        struct http_answer answer;
        http_send(steps_server(), &(struct http_call){.method = "GET", .target = targets[i]},
                  &answer);
        ck_assert_int_eq(answer.status, 200);
        snprintf(known, sizeof(known), "If-None-Match: %s", http_header(&answer, "ETag"));
        http_answer_deinit(&answer);
        http_expect(steps_server(),
                    &(struct http_call){.method = "GET", .target = targets[i], .header = known},
                    304, NULL);
    }
}
END_TEST

START_TEST(there_is_none_without_a_control_plane) {
    struct process server;
    process_start(&server, (const char *const[]){"--admin", "off", NULL});
    ck_assert_ptr_null(strstr(server.ready, "console"));
    http_expect(&server,
                &(struct http_call){.method = "GET", .target = "/__admin/ui", .off_record = true},
                404, NULL);
    http_expect(&server, &(struct http_call){.method = "GET", .target = E, .off_record = true}, 404,
                NULL);
    process_stop(&server, SIGTERM);
}
END_TEST

int main(void) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    Suite *suite = suite_create("console");
    TCase *tcase = suite_add(suite, "console");
    tcase_add_checked_fixture(tcase, steps_setup, steps_teardown);
    suite_add_rows(tcase, refuses, refused);
    tcase_add_test(tcase, the_key_opens_the_api);
    tcase_add_test(tcase, lists_memberships);
    tcase_add_test(tcase, pages_of_others_see_nothing);
    tcase_add_test(tcase, a_browser_keeps_the_files);
    tcase = suite_add(suite, "own servers");
    tcase_add_test(tcase, the_token_guards_the_events_and_not_the_page);
    tcase_add_test(tcase, there_is_none_without_a_control_plane);
    return suite_run(suite);
}
