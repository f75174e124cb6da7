/* Requests and responses without a socket, for cases that the network cannot provoke. */
#include <errno.h>
#include <string.h>

#include "exchange/dispatch.h"
#include "suite.h"
#include "util/fatal.h"
#include "world.h"

#define TARGET "/api/v1/main/users/2EPi5XC0oluKRCVF56gcC/groups"
#define ROOT_TOKEN "Bearer KESTUB-root-token-for-tests-only-0123456789"

static struct config config;
static struct sandbox sandbox;
static struct exchange exchange;

static void setup(void) {
    world_init(&config, &sandbox);
}

static void teardown(void) {
    sandbox_deinit(&sandbox);
}

static void run(const char *method, const char *target, const char *authorization,
                const char *body) {
    ck_assert_int_eq(exchange_init(&exchange, &config, &sandbox, target), 0);
    ck_assert_int_eq(request_set_method(&exchange.request, method), 0);
    if (authorization)
        request_add_header(&exchange.request, "Authorization", authorization);
    if (body)
        ck_assert_int_eq(buffer_append(&exchange.request.body, body, strlen(body), SIZE_MAX / 2),
                         0);
    exchange.may_block = true;
    if (dispatch_head(&exchange) == 0)
        dispatch_body(&exchange);
}

START_TEST(answers_without_a_socket) {
    run("PUT", TARGET, ROOT_TOKEN, "{\"groupIds\":[]}");
    ck_assert_int_eq(exchange.response.status, 204);
    ck_assert_str_eq(exchange.principal.username, "root@root.com");
    exchange_deinit(&exchange);
    run("GET", "/health", NULL, NULL);
    ck_assert_int_eq(exchange.response.status, 200);
    ck_assert_ptr_null(exchange.principal.username);
    exchange_deinit(&exchange);
}
END_TEST

START_TEST(checks_in_the_documented_order) {
    run("PUT", "/api/v1/x/users/%zz/groups", NULL, NULL);
    ck_assert_int_eq(exchange.response.status, 400);
    exchange_deinit(&exchange);
    run("POST", TARGET, NULL, NULL);
    ck_assert_int_eq(exchange.response.status, 405);
    ck_assert_uint_eq(exchange.response.headers.count, 2);
    ck_assert_str_eq(exchange.response.headers.items[0].name, "Content-Type");
    ck_assert_str_eq(exchange.response.headers.items[1].name, "Allow");
    ck_assert_str_eq(exchange.response.headers.items[1].value, "PUT, OPTIONS");
    exchange_deinit(&exchange);
    run("PUT", TARGET, ROOT_TOKEN "x", "{");
    ck_assert_int_eq(exchange.response.status, 401);
    exchange_deinit(&exchange);
}
END_TEST

static const struct {
    const char *method;
    const char *target;
    const char *body;
} entering[] = {
    {"PUT", TARGET, "{\"groupIds\":[]}"},
    {"POST", "/api/v1/main/groups", "{\"name\":\"new\"}"},
    {"POST", "/api/v1/main/tenant-access", "{\"email\":\"alan@example.com\"}"},
    {"PUT", "/api/v1/main/tenant-access/2EPi5XC0oluKRCVF56gcC", ""},
};

/* A principal who entered a tenant before it was deleted must not reach another one. */
START_TEST(a_stale_tenant_key_reaches_nothing) {
    const char *body = entering[_i].body;
    ck_assert_int_eq(exchange_init(&exchange, &config, &sandbox, entering[_i].target), 0);
    ck_assert_int_eq(request_set_method(&exchange.request, entering[_i].method), 0);
    request_add_header(&exchange.request, "Authorization", ROOT_TOKEN);
    ck_assert_int_eq(buffer_append(&exchange.request.body, body, strlen(body), 100), 0);
    exchange.may_block = true;
    ck_assert_int_eq(dispatch_head(&exchange), 0);
    exchange.tenant_pk = 999;
    dispatch_body(&exchange);
    ck_assert_int_eq(exchange.response.status, 404);
    exchange_deinit(&exchange);
}
END_TEST

/* A thread that serves hashes no password and runs no slow operation. A job thread takes up the
 * request where the other has stopped. */
START_TEST(slow_steps_wait_for_a_job_thread) {
    static const char body[] = "{\"email\":\"new@x.y\"}";
    ck_assert_int_eq(exchange_init(&exchange, &config, &sandbox, "/api/v1/users"), 0);
    ck_assert_int_eq(request_set_method(&exchange.request, "POST"), 0);
    request_add_header(&exchange.request, "Authorization",
                       "Basic cm9vdEByb290LmNvbTpSb290ITEyMzQ=");
    ck_assert_int_eq(buffer_append(&exchange.request.body, body, strlen(body), 100), 0);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(dispatch_head(&exchange), EXCHANGE_SLOW);
    ck_assert_ptr_null(exchange.principal.username);
    exchange.may_block = true;
    ck_assert_int_eq(dispatch_head(&exchange), 0);
    ck_assert_str_eq(exchange.principal.username, "root@root.com");
    exchange.may_block = false;
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(dispatch_body(&exchange), EXCHANGE_SLOW);
    ck_assert_int_eq(exchange.response.status, 0);
    exchange.may_block = true;
    ck_assert_int_eq(dispatch_body(&exchange), EXCHANGE_ANSWERED);
    ck_assert_int_eq(exchange.response.status, 201);
    exchange_deinit(&exchange);
}
END_TEST

/* Credentials that were verified before, and operations that are quick, never wait. */
START_TEST(quick_steps_do_not_wait) {
    run("GET", "/api/v1/me", "Basic cm9vdEByb290LmNvbTpSb290ITEyMzQ=", NULL);
    ck_assert_int_eq(exchange.response.status, 200);
    exchange_deinit(&exchange);
    ck_assert_int_eq(exchange_init(&exchange, &config, &sandbox, "/api/v1/me"), 0);
    ck_assert_int_eq(request_set_method(&exchange.request, "GET"), 0);
    request_add_header(&exchange.request, "Authorization",
                       "Basic cm9vdEByb290LmNvbTpSb290ITEyMzQ=");
    ck_assert_int_eq(dispatch_head(&exchange), 0);
    ck_assert_int_eq(dispatch_body(&exchange), EXCHANGE_ANSWERED);
    ck_assert_int_eq(exchange.response.status, 200);
    exchange_deinit(&exchange);
}
END_TEST

/* The result of a step tells whether the request goes on, is refused, or fails. */
START_TEST(a_refusal_ends_the_steps) {
    ck_assert_int_eq(exchange_init(&exchange, &config, &sandbox, TARGET), 0);
    ck_assert_int_eq(request_set_method(&exchange.request, "PUT"), 0);
    exchange.may_block = true;
    ck_assert_int_eq(dispatch_head(&exchange), EXCHANGE_ANSWERED);
    ck_assert_int_eq(exchange.response.status, 401);
    ck_assert_ptr_null(exchange.principal.username);
    exchange_deinit(&exchange);
    run("PUT", TARGET, ROOT_TOKEN, "{\"groupIds\":7}");
    ck_assert_int_eq(exchange.response.status, 400);
    ck_assert_int_eq(exchange.failure, 0);
    exchange_deinit(&exchange);
}
END_TEST

START_TEST(a_failing_database_is_a_500) {
    struct transaction transaction;
    run("PUT", TARGET, ROOT_TOKEN, "{\"groupIds\":[]}");
    ck_assert_int_eq(exchange.response.status, 204);
    exchange_deinit(&exchange);
    /* An open transaction makes the next BEGIN fail. */
    store_begin(sandbox.iam.store, &transaction);
    ck_assert_int_eq(store_start_writing(&transaction), 0);
    transaction.writing = false;
    store_transaction_end(&transaction);
    run("PUT", TARGET, ROOT_TOKEN, "{\"groupIds\":[\"7C1klfgdQmLTCyrnlejrtg\"]}");
    ck_assert_int_eq(exchange.response.status, 500);
    ck_assert_ptr_nonnull(strstr(exchange.response.body, "\"title\":\"Internal server error\""));
    ck_assert_int_eq(fatal_errno(exchange.failure), EIO);
    char origin[FATAL_ORIGIN_SIZE];
    fatal_format_origin(exchange.failure, origin);
    ck_assert_msg(strncmp(origin, "src/store/statement.c:", 22) == 0, "%s", origin);
    char error[STORE_ERROR_SIZE];
    store_describe_error(sandbox.iam.store, error);
    ck_assert_ptr_nonnull(strstr(error, "within a transaction"));
    exchange_deinit(&exchange);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("dispatch");
    TCase *tcase = suite_add(suite, "dispatch");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, answers_without_a_socket);
    tcase_add_test(tcase, checks_in_the_documented_order);
    suite_add_rows(tcase, a_stale_tenant_key_reaches_nothing, entering);
    tcase_add_test(tcase, slow_steps_wait_for_a_job_thread);
    tcase_add_test(tcase, quick_steps_do_not_wait);
    tcase_add_test(tcase, a_refusal_ends_the_steps);
    tcase_add_test(tcase, a_failing_database_is_a_500);
    return suite_run(suite);
}
