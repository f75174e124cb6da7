/* The profile lost-token, and the log-in page. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <curl/curl.h>

#include "session.h"
#include "suite.h"

#define GRACE "/api/v1/users/4by6NvSLcPXFhCj8nwbZOM"
#define TOKENS GRACE "/api-tokens"
#define LOGIN "username=root%40root.com&password=Root%211234"

static struct process server;

static void setup(void) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    process_start(&server,
                  (const char *const[]){"--log", "off", "--fault", "lost-token=2000", NULL});
}

static void teardown(void) {
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
}

static const struct http_call create_token = {
    .method = "POST", .target = TOKENS, .basic = ROOT, .header = JSON, .body = "{\"name\":\"ci\"}"};
static const struct http_call change_password = {.method = "PATCH",
                                                 .target = GRACE "/password",
                                                 .basic = ROOT,
                                                 .header = JSON,
                                                 .body = "{\"password\":\"Grace!1234\"}"};

/* Sends the call from a thread of its own, and returns its status. */
static void *send_apart(void *cls) {
    struct http_answer answer;
    http_send(&server, cls, &answer);
    int status = answer.status;
    http_answer_deinit(&answer);
    return (void *)(intptr_t)status;
}

static void expect_tokens(const char *text) {
    http_expect(&server, &(struct http_call){.method = "GET", .target = TOKENS, .basic = ROOT}, 200,
                text);
}

/* Sends both calls at once; each is acknowledged. */
static void send_together(const struct http_call *first, const struct http_call *second) {
    pthread_t threads[2];
    void *statuses[2];
    pthread_create(&threads[0], NULL, send_apart, (void *)(uintptr_t)first);
    pthread_create(&threads[1], NULL, send_apart, (void *)(uintptr_t)second);
    for (size_t i = 0; i < 2; i++) {
        pthread_join(threads[i], &statuses[i]);
        ck_assert_int_eq((intptr_t)statuses[i] / 100, 2);
    }
}

START_TEST(loses_a_token_that_meets_a_new_password) {
    if (_i == 0)
        send_together(&create_token, &change_password);
    else
        send_together(&change_password, &create_token);
    expect_tokens("\"total\":0");
}
END_TEST

START_TEST(keeps_a_token_that_meets_none) {
    send_together(&create_token, &create_token);
    expect_tokens("\"total\":2");
    http_expect(&server, &change_password, 200, NULL);
    expect_tokens("\"total\":2");
}
END_TEST

START_TEST(a_password_that_is_refused_meets_no_token) {
    struct http_call refused = change_password;
    refused.body = "{\"password\":\"x\"}";
    http_expect(&server, &refused, 422, NULL);
    intptr_t status = (intptr_t)send_apart((void *)(uintptr_t)&create_token);
    ck_assert_int_eq(status / 100, 2);
    expect_tokens("\"total\":1");
}
END_TEST

START_TEST(has_a_log_in_page) {
    static const char *const headers[] = {FORM, JSON};
    static const char *const bodies[] = {
        LOGIN, "{\"username\":\"root@root.com\",\"password\":\"Root!1234\"}"};
    static const char *const refused[] = {"username=root%40root.com&password=x",
                                          "{\"username\":\"root@root.com\",\"password\":\"x\"}"};
    http_expect(&server, &(struct http_call){.method = "GET", .target = "/ui/login"}, 200, "<html");
    for (size_t i = 0; i < 2; i++) {
        struct http_call call = {
            .method = "POST", .target = "/ui/login", .header = headers[i], .body = bodies[i]};
        char jwt[SECRET_SIZE];
        struct http_answer answer;
        http_send(&server, &call, &answer);
        ck_assert_int_eq(answer.status, 303);
        session_cookie(&answer, "JWT", jwt);
        http_answer_deinit(&answer);
        ck_assert_int_eq(session_status(&server, jwt), 200);
        call.body = refused[i];
        http_expect(&server, &call, 401, NULL);
        call.body = i == 0 ? "username=x" : "{\"username\":\"x\"}";
        http_expect(&server, &call, 422, NULL);
        call.body_size = (size_t)1024 * 1024 + 1;
        call.body = calloc(1, call.body_size);
        http_expect(&server, &call, 413, NULL);
        free((void *)(uintptr_t)call.body);
    }
    http_expect(&server,
                &(struct http_call){
                    .method = "POST", .target = "/ui/login", .header = TEXT, .body = "root"},
                415, NULL);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("credential_faults");
    TCase *tcase = suite_add(suite, "credential_faults");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, loses_a_token_that_meets_a_new_password, 0, 2);
    tcase_add_test(tcase, keeps_a_token_that_meets_none);
    tcase_add_test(tcase, a_password_that_is_refused_meets_no_token);
    tcase_add_test(tcase, has_a_log_in_page);
    return suite_run(suite);
}
