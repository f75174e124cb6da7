/* The health check is nobody's client: it leaves no trace, and nothing keeps it from its answer. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session.h"
#include "suite.h"

#define HEALTH "/__admin/health"
#define TOKEN "the-admin-token"

enum { REQUESTS = 60 };

static struct process server;

static void check_health(void) {
    char out[256];
    char err[256];
    int status = process_run((const char *const[]){"healthcheck", server.url, NULL}, out,
                             sizeof(out), err, sizeof(err));
    ck_assert_msg(status == 0, "%d: %s", status, err);
    ck_assert_str_eq(out, "");
    session_expect(&server, &(struct http_call){.method = "GET", .target = HEALTH}, 200);
    session_expect(&server, &(struct http_call){.method = "HEAD", .target = HEALTH}, 200);
}

static void stop(void) {
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
}

/* Returns what the server shows at a path of the control plane (owned by the caller, free). */
static char *look(const char *target) {
    return session_call(&server, &(struct http_call){.method = "GET", .target = target}, 200);
}

START_TEST(leaves_no_trace) {
    static const char *const places[] = {"/__admin/requests", "/__admin/kestub/coverage",
                                         "/__admin/kestub/journal", "/__admin/kestub/sandboxes"};
    enum { PLACES = sizeof(places) / sizeof(places[0]) };
    char *before[PLACES];
    process_start(&server, (const char *const[]){NULL});
    for (size_t i = 0; i < PLACES; i++)
        before[i] = look(places[i]);
    char *log = process_log(&server);
    size_t logged = strlen(log);
    free(log);
    check_health();
    session_expect(&server, &(struct http_call){.method = "GET", .target = "/sandbox/new" HEALTH},
                   200);
    log = process_log(&server);
    ck_assert_msg(strlen(log) == logged, "%s", log);
    free(log);
    for (size_t i = 0; i < PLACES; i++) {
        char *after = look(places[i]);
        ck_assert_str_eq(after, before[i]);
        free(after);
        free(before[i]);
    }
    stop();
}
END_TEST

/* Writes one letter for each request: whether the profile let it through. */
static void draw(const char *const *arguments, bool checks_health, char out[REQUESTS + 1]) {
    struct http_answer answer;
    process_start(&server, arguments);
    for (size_t i = 0; i < REQUESTS; i++) {
        if (checks_health && i % 10 == 0)
            check_health();
        http_send(&server,
                  &(struct http_call){.method = "GET", .target = "/health", .off_record = true},
                  &answer);
        out[i] = answer.status == 200 ? '.' : 'x';
        http_answer_deinit(&answer);
    }
    out[REQUESTS] = '\0';
    stop();
}

static const char *const profiles[] = {"flaky=0.2:7", "hang=1:3", "rate-limit=1000"};

START_TEST(does_not_move_the_faults) {
    const char *const arguments[] = {"--fault", profiles[_i], NULL};
    char with[REQUESTS + 1];
    char without[REQUESTS + 1];
    draw(arguments, true, with);
    draw(arguments, false, without);
    ck_assert_str_eq(with, without);
    ck_assert_int_eq(strchr(with, 'x') != NULL, _i == 0);
}
END_TEST

static const char *const outages[] = {"hang=60000", "rate-limit=1", "restart=60000", "flaky=1"};

START_TEST(answers_while_the_server_misbehaves) {
    process_start(&server, (const char *const[]){"--fault", outages[_i], NULL});
    check_health();
    check_health();
    stop();
}
END_TEST

static const struct {
    const char *arguments[3];
} locks[] = {{{"--admin", "off"}}, {{"--admin-token", TOKEN}}};

START_TEST(needs_no_token_and_no_control_plane) {
    process_start(&server, locks[_i].arguments);
    check_health();
    session_expect(&server,
                   &(struct http_call){
                       .method = "GET", .target = HEALTH, .header = "Host: kestub.example.com"},
                   200);
    session_expect(
        &server,
        &(struct http_call){.method = "GET", .target = "/__admin/version", .off_record = true},
        _i == 0 ? 404 : 401);
    session_expect(&server,
                   &(struct http_call){.method = "POST", .target = HEALTH, .off_record = true},
                   _i == 0 ? 404 : 401);
    stop();
}
END_TEST

START_TEST(keeps_pages_away) {
    process_start(&server, (const char *const[]){NULL});
    session_expect(
        &server, &(struct http_call){.method = "GET", .target = HEALTH, .header = EVIL_PAGE}, 403);
    stop();
}
END_TEST

/* The server runs at an address, and the check finds it by the same variables. */
START_TEST(follows_the_environment) {
    static const char *const hosts[] = {"127.0.0.1", "0.0.0.0", "localhost", "::1", "::"};
    char out[256];
    char err[256];
    char port[16];
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        process_start(&server, (const char *const[]){"--host", hosts[i], NULL});
        ck_assert_int_eq(sscanf(strrchr(server.url, ':'), ":%15s", port), 1);
        setenv("KESTUB_HOST", hosts[i], 1);
        setenv("KESTUB_PORT", port, 1);
        int status = process_run((const char *const[]){"healthcheck", NULL}, out, sizeof(out), err,
                                 sizeof(err));
        ck_assert_msg(status == 0, "%s: %s", hosts[i], err);
        unsetenv("KESTUB_HOST");
        unsetenv("KESTUB_PORT");
        stop();
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("health");
    TCase *tcase = suite_add(suite, "health");
    tcase_add_test(tcase, leaves_no_trace);
    suite_add_rows(tcase, does_not_move_the_faults, profiles);
    suite_add_rows(tcase, answers_while_the_server_misbehaves, outages);
    suite_add_rows(tcase, needs_no_token_and_no_control_plane, locks);
    tcase_add_test(tcase, keeps_pages_away);
    tcase_add_test(tcase, follows_the_environment);
    return suite_run(suite);
}
