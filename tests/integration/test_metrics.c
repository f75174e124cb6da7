/* Metrics for Prometheus: what they count, and that a scrape counts nothing. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session.h"
#include "suite.h"

#define METRICS "/__admin/metrics"
#define TOKEN "the-admin-token"

static struct process server;

static void setup(void) {
    process_start(&server, (const char *const[]){NULL});
}

static void teardown(void) {
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
}

static char *scrape(void) {
    return session_call(&server, &(struct http_call){.method = "GET", .target = METRICS}, 200);
}

/* Fails the test unless the metrics have this line. */
static void expect_line(const char *line) {
    char wanted[160];
    char *text = scrape();
    snprintf(wanted, sizeof(wanted), "\n%s\n", line);
    ck_assert_msg(strstr(text, wanted) != NULL, "%s not in %s", line, text);
    free(text);
}

static void expect_requests(const char *operation, const char *status, int count) {
    char line[160];
    snprintf(line, sizeof(line), "kestub_requests_total{operation=\"%s\",status=\"%s\"} %d",
             operation, status, count);
    expect_line(line);
}

START_TEST(counts_by_operation_and_status) {
    static const char stub[] = "{\"request\":{\"url\":\"/mine\"},\"response\":{\"status\":418}}";
    static const char broken[] =
        "{\"request\":{\"url\":\"/broken\"},\"response\":{\"fault\":\"EMPTY_RESPONSE\"}}";
    static const struct {
        struct http_call call;
        int status;
    } calls[] = {
        {{.method = "GET", .target = "/api/v1/me", .basic = ROOT}, 200},
        {{.method = "GET", .target = "/sandbox/other/api/v1/me", .basic = ROOT}, 200},
        {{.method = "GET", .target = "/api/v1/me"}, 401},
        {{.method = "GET", .target = "/api/v1/nothing"}, 404},
        {{.method = "POST", .target = "/__admin/mappings", .body = stub}, 201},
        {{.method = "POST", .target = "/__admin/mappings", .body = broken}, 201},
        {{.method = "GET", .target = "/mine", .off_record = true}, 418},
        {{.method = "GET", .target = "/broken", .off_record = true}, 0},
    };
    enum { N = sizeof(calls) / sizeof(calls[0]) };
    for (size_t i = 0; i < N; i++)
        session_expect(&server, &calls[i].call, calls[i].status);
    expect_requests("getCurrentUser", "200", 2);
    expect_requests("getCurrentUser", "401", 1);
    expect_requests("unknown", "404", 1);
    expect_requests("createMapping", "201", 2);
    expect_requests("stub", "418", 1);
    expect_requests("stub", "none", 1);
    expect_line("kestub_request_duration_seconds_bucket{le=\"+Inf\"} 8");
    expect_line("kestub_request_duration_seconds_count 8");
    expect_line("kestub_requests_in_flight 0");
    expect_line("kestub_sandboxes 2");
    expect_line("kestub_journal_entries 6");
}
END_TEST

START_TEST(tells_what_the_program_is) {
    struct http_answer answer;
    http_send(&server, &(struct http_call){.method = "GET", .target = METRICS}, &answer);
    ck_assert_str_eq(http_header(&answer, "Content-Type"),
                     "text/plain; version=0.0.4; charset=utf-8");
    ck_assert_ptr_nonnull(strstr(answer.body, "\nkestub_build_info{version=\""));
    ck_assert_ptr_nonnull(strstr(answer.body, "\nkestub_memory_resident_bytes "));
    ck_assert_ptr_nonnull(strstr(answer.body, "\nkestub_memory_limit_bytes "));
    ck_assert_ptr_nonnull(strstr(answer.body, "\nkestub_uptime_seconds "));
    ck_assert_ptr_nonnull(strstr(answer.body, "\nkestub_connections "));
    http_answer_deinit(&answer);
}
END_TEST

/* Cuts off what changes without requests. */
static void cut(char *text) {
    char *at = strstr(text, "# HELP kestub_requests_in_flight");
    ck_assert_ptr_nonnull(at);
    *at = '\0';
}

START_TEST(a_scrape_leaves_no_trace) {
    char *log = process_log(&server);
    size_t logged = strlen(log);
    char *before = scrape();
    free(log);
    session_expect(&server, &(struct http_call){.method = "HEAD", .target = METRICS}, 200);
    session_expect(&server, &(struct http_call){.method = "GET", .target = "/sandbox/new" METRICS},
                   200);
    session_expect(&server, &(struct http_call){.method = "GET", .target = "/__admin/health"}, 200);
    char *after = scrape();
    cut(before);
    cut(after);
    ck_assert_str_eq(before, after);
    expect_line("kestub_sandboxes 1");
    log = process_log(&server);
    ck_assert_uint_eq(strlen(log), logged);
    free(log);
    free(before);
    free(after);
}
END_TEST

static const struct {
    const char *arguments[3];
    struct http_call call;
    int status;
} guarded[] = {
    {{"--admin-token", TOKEN}, {.method = "GET", .target = METRICS}, 401},
    {{"--admin-token", TOKEN}, {.method = "GET", .target = METRICS, .bearer = "wrong"}, 401},
    {{"--admin-token", TOKEN}, {.method = "GET", .target = METRICS, .bearer = TOKEN}, 200},
    {{"--log", "text"}, {.method = "GET", .target = METRICS, .header = EVIL_PAGE}, 403},
    {{"--admin", "off"}, {.method = "GET", .target = METRICS, .off_record = true}, 404},
    {{"--fault", "flaky=1"}, {.method = "GET", .target = METRICS}, 200},
};

/* A refused scrape is in the log, so that nobody guesses the token unseen. */
START_TEST(is_guarded_like_the_control_plane) {
    process_start(&server, guarded[_i].arguments);
    session_expect(&server, &guarded[_i].call, guarded[_i].status);
    char *log = process_log(&server);
    ck_assert_int_eq(strstr(log, METRICS) != NULL, guarded[_i].status != 200);
    free(log);
    teardown();
}
END_TEST

int main(void) {
    Suite *suite = suite_create("metrics");
    TCase *tcase = suite_add(suite, "metrics");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, counts_by_operation_and_status);
    tcase_add_test(tcase, tells_what_the_program_is);
    tcase_add_test(tcase, a_scrape_leaves_no_trace);
    suite_add_rows(suite_add(suite, "guards"), is_guarded_like_the_control_plane, guarded);
    return suite_run(suite);
}
