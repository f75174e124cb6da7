/* Verifications of the control plane, those that wait among them. tests/hostile has many at once.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "steps.h"
#include "suite.h"

#define V "/__admin/kestub/verify"
#define HELD(count) "{\"count\":" #count ",\"requestJournalDisabled\":false}"
#define FAILED(count, expected)                                                                    \
    "{\"errors\":[{\"code\":422,\"title\":\"Invalid entity\",\"detail\":\"" #count                 \
    " requests match, not " expected "\"}],\"count\":" #count                                      \
    ",\"requestJournalDisabled\":false,\"nearMisses\":["
#define SEEN "{\"request\":{\"urlPath\":\"/seen\"}"

static const struct step refused[] = {
    {"POST", V, "{}", 422, .has = {"\"pointer\":\"/request\"", "is required"}},
    {"POST", V, "{\"request\":[]}", 422, .has = {"\"pointer\":\"/request\"", "must be an object"}},
    {"POST", V, "{\"request\":{\"method\":7}}", 422, .has = {"\"pointer\":\"/request/method\""}},
    {"POST", V, "{\"request\":{\"headers\":{\"a/b\":{\"foo\":1}}}}", 422,
     .has = {"\"pointer\":\"/request/headers/a~1b"}},
    {"POST", V, "{\"request\":{},\"atleast\":1}", 422,
     .has = {"\"pointer\":\"/atleast\"", "did you mean atLeast?"}},
    {"POST", V, "{\"request\":{},\"atLeast\":-1}", 422,
     .has = {"\"pointer\":\"/atLeast\"", "greater than or equal to 0"}},
    {"POST", V, "{\"request\":{},\"atMost\":-1}", 422, .has = {"\"pointer\":\"/atMost\""}},
    {"POST", V, "{\"request\":{},\"exactly\":1.5}", 422,
     .has = {"\"pointer\":\"/exactly\"", "must be an integer"}},
    {"POST", V, "{\"request\":{},\"exactly\":null}", 422, .has = {"\"pointer\":\"/exactly\""}},
    {"POST", V, "{\"request\":{},\"exactly\":1e300}", 422, .has = {"\"pointer\":\"/exactly\""}},
    {"POST", V, "{\"request\":{},\"exactly\":1,\"atLeast\":1}", 422,
     .has = {"\"pointer\":\"/exactly\"", "cannot stand beside"}},
    {"POST", V, "{\"request\":{},\"exactly\":0,\"atMost\":0}", 422,
     .has = {"\"pointer\":\"/exactly\"", "cannot stand beside"}},
    {"POST", V, "{\"request\":{},\"atLeast\":3,\"atMost\":2}", 422,
     .has = {"\"pointer\":\"/atMost\"", "must not be less than atLeast"}},
    {"POST", V, "{\"request\":{},\"within\":5}", 422, .has = {"\"pointer\":\"/within\""}},
    {"POST", V, "{\"request\":{},\"within\":\"5s\"}", 422,
     .has = {"\"pointer\":\"/within\"", "ISO 8601 duration"}},
    {"POST", V, "{\"request\":{},\"within\":\"-PT5S\"}", 422, .has = {"\"pointer\":\"/within\""}},
    {"POST", V, "{\"request\":{},\"within\":\"PT60.001S\"}", 422,
     .has = {"\"pointer\":\"/within\"", "at most PT60S"}},
    {"POST", V, "{\"request\":{},\"within\":\"P9W\"}", 422,
     .has = {"\"pointer\":\"/within\"", "at most PT60S"}},
};

START_TEST(refuses) {
    steps_run(&refused[_i], 1);
}
END_TEST

/* Makes requests that a stub or nothing answers, so they follow no contract. */
static void visit(const char *target) {
    struct http_answer answer;
    http_send(steps_server(),
              &(struct http_call){.method = "GET", .target = target, .off_record = true}, &answer);
    ck_assert_int_eq(answer.status, 404);
    http_answer_deinit(&answer);
}

START_TEST(counts_what_is_there) {
    visit("/seen");
    visit("/sean");
    visit("/seen");
    STEPS_RUN({"POST", V, SEEN "}", 200, .has = {HELD(2)}},
              {"POST", V, SEEN ",\"atLeast\":2}", 200, .has = {HELD(2)}},
              {"POST", V, SEEN ",\"atLeast\":0}", 200, .has = {HELD(2)}},
              {"POST", V, SEEN ",\"exactly\":2}", 200, .has = {HELD(2)}},
              {"POST", V, SEEN ",\"atMost\":2}", 200, .has = {HELD(2)}},
              {"POST", V, SEEN ",\"atLeast\":1,\"atMost\":3}", 200, .has = {HELD(2)}},
              {"POST", V, SEEN ",\"exactly\":2,\"within\":\"PT0S\"}", 200, .has = {HELD(2)}},
              {"POST", V, SEEN ",\"exactly\":2,\"within\":\"PT0.02S\"}", 200, .has = {HELD(2)}},
              {"POST", V, SEEN ",\"within\":\"PT1M\"}", 200, .has = {HELD(2)}},
              {"POST", V, "{\"request\":{}}", 200, .has = {HELD(3)}});
    STEPS_RUN({"POST", V, SEEN ",\"atLeast\":3}", 422,
               .has = {FAILED(2, "at least 3"), "\"url\":\"/sean\"",
                       "\"requestPattern\":{\"urlPath\":\"/seen\"}", "\"part\":\"url\""}},
              {"POST", V, SEEN ",\"exactly\":3}", 422, .has = {FAILED(2, "exactly 3")}},
              {"POST", V, SEEN ",\"exactly\":1,\"within\":\"PT1M\"}", 422,
               .has = {FAILED(2, "exactly 1")}},
              {"POST", V, SEEN ",\"atMost\":1,\"within\":\"PT1M\"}", 422,
               .has = {FAILED(2, "at most 1")}},
              {"POST", V, SEEN ",\"atLeast\":3,\"atMost\":4}", 422, .has = {FAILED(2, "3 to 4")}},
              {"POST", V, SEEN ",\"atLeast\":3,\"within\":\"PT0.02S\"}", 422,
               .has = {FAILED(2, "at least 3")}},
              {"POST", V, "{\"request\":{\"url\":\"/never\"}}", 422,
               .has = {FAILED(0, "at least 1")}, .counted = "\"matchResult\"", .count = 3},
              {"POST", "/sandbox/other" V, SEEN "}", 422, .has = {FAILED(0, "at least 1") "]}"}});
}
END_TEST

/* A verification that another thread sends. */
struct waiting {
    pthread_t thread;
    struct http_call call;
    struct http_answer answer;
};

static void *send_waiting(void *cls) {
    struct waiting *waiting = cls;
    http_send(steps_server(), &waiting->call, &waiting->answer);
    return NULL;
}

static void start(struct waiting *waiting, const char *target, const char *body) {
    waiting->call =
        (struct http_call){.method = "POST", .target = target, .body = body, .off_record = true};
    ck_assert_int_eq(pthread_create(&waiting->thread, NULL, send_waiting, waiting), 0);
}

static void expect(struct waiting *waiting, int status, const char *text) {
    pthread_join(waiting->thread, NULL);
    ck_assert_msg(waiting->answer.status == status && strstr(waiting->answer.body, text), "%d: %s",
                  waiting->answer.status, waiting->answer.body);
    http_answer_deinit(&waiting->answer);
}

/* The outcome is the same whether the requests come before or during the wait. */
START_TEST(waits_for_what_comes) {
    struct waiting least;
    struct waiting surplus;
    struct waiting other;
    start(&least, V, SEEN ",\"atLeast\":2,\"within\":\"PT1M\"}");
    start(&surplus, V, SEEN ",\"atMost\":1,\"within\":\"PT1M\"}");
    start(&other, "/sandbox/other" V, SEEN ",\"within\":\"PT1M\"}");
    visit("/seen");
    visit("/other");
    visit("/seen");
    expect(&least, 200, HELD(2));
    expect(&surplus, 422, FAILED(2, "at most 1") "{");
    visit("/sandbox/other/seen");
    expect(&other, 200, HELD(1));
}
END_TEST

START_TEST(needs_a_journal) {
    static const char *const limits[] = {",\"within\":\"PT1M\"}", ",\"exactly\":0}"};
    struct process server;
    char body[128];
    process_start(&server, (const char *const[]){"--journal", "0", NULL});
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        snprintf(body, sizeof(body), "%s%s", SEEN, limits[i]);
        const struct http_call call = {.method = "POST", .target = V, .body = body};
        http_expect(&server, &call, 422, "the journal is switched off");
        http_expect(&server, &call, 422,
                    "\"count\":0,\"requestJournalDisabled\":true,\"nearMisses\":[]}");
    }
    process_stop(&server, SIGTERM);
}
END_TEST

/* What waits keeps its memory for a while. */
START_TEST(needs_memory_to_wait) {
    enum { ITEMS = 20000, MOST = 1000 };
    static char body[3 * ITEMS + 64];
    struct process server;
    struct http_answer answer = {.status = 201};
    char *end = stpcpy(body, "{\"metadata\":{\"x\":[1");
    for (int i = 1; i < ITEMS; i++)
        end = stpcpy(end, ",1");
    strcpy(end, "]}}");
    process_start(&server, (const char *const[]){"--max-memory", "32m", NULL});
    const struct http_call add = {
        .method = "POST", .target = "/__admin/mappings", .body = body, .off_record = true};
    for (int i = 0; answer.status == 201 && i < MOST; i++) {
        http_send(&server, &add, &answer);
        free(answer.headers);
        free(answer.body);
    }
    ck_assert_int_eq(answer.status, 507);
    struct http_call call = {.method = "POST", .target = V, .body = SEEN ",\"within\":\"PT1M\"}"};
    http_expect(&server, &call, 507, "leaves no room for this request");
    process_stop(&server, SIGTERM);
}
END_TEST

int main(void) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    Suite *suite = suite_create("verify");
    TCase *tcase = suite_add(suite, "rows");
    tcase_add_checked_fixture(tcase, steps_setup, steps_teardown);
    suite_add_rows(tcase, refuses, refused);
    tcase_add_test(tcase, counts_what_is_there);
    tcase_add_test(tcase, waits_for_what_comes);
    tcase = suite_add(suite, "own servers");
    tcase_add_test(tcase, needs_a_journal);
    tcase_add_test(tcase, needs_memory_to_wait);
    return suite_run(suite);
}
