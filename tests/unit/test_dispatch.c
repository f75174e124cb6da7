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

static void begin(const char *method, const char *target, const char *authorization,
                  const char *body) {
    ck_assert_int_eq(exchange_init(&exchange, &config, &sandbox, target), 0);
    ck_assert_int_eq(request_set_method(&exchange.request, method), 0);
    if (authorization)
        request_add_header(&exchange.request, "Authorization", authorization);
    if (body)
        ck_assert_int_eq(buffer_append(&exchange.request.body, body, strlen(body), SIZE_MAX / 2),
                         0);
}

static void finish(void) {
    exchange.may_block = true;
    if (dispatch_head(&exchange) == 0)
        dispatch_body(&exchange);
}

static void run(const char *method, const char *target, const char *authorization,
                const char *body) {
    begin(method, target, authorization, body);
    finish();
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

static const struct {
    const char *method;
    const char *target;
    const char *body;
    int statuses[4]; /* with 25, 29, 31 and 33 parts of 32 of the memory taken */
} short_of_memory[] = {
    {"GET", "/api/v1/users", NULL, {200, 200, 200, 200}},
    {"PUT", TARGET, "{\"groupIds\":[]}", {204, 204, 507, 507}},
    {"POST", "/api/v1/main/groups", "{\"name\":\"new\"}", {200, 200, 507, 507}},
    {"DELETE", "/api/v1/main/groups/7C1klfgdQmLTCyrnlejrtg", NULL, {200, 200, 200, 200}},
    {"POST", "/__admin/mappings", "{}", {507, 507, 507, 507}},
    {"DELETE", "/__admin/mappings", NULL, {200, 200, 200, 200}},
    {"POST", "/__admin/kestub/snapshots/a", NULL, {507, 507, 507, 507}},
    {"PUT", "/__admin/kestub/state", "{}", {507, 507, 507, 507}},
    {"GET", "/__admin/kestub/state", NULL, {200, 200, 200, 200}},
    {"GET", "/__admin/requests", NULL, {200, 200, 200, 200}},
    {"POST", "/__admin/requests/count", "{}", {200, 200, 200, 200}},
    {"POST", "/__admin/reset", NULL, {200, 200, 200, 200}},
};

START_TEST(short_memory_refuses_what_needs_more) {
    struct memory_limit memory;
    const struct cancellation cancellation = {.memory = &memory};
    memory_limit_init(&memory, (size_t)1 << 30);
    for (size_t i = 0; i < 4; i++) {
        static const size_t parts[] = {25, 29, 31, 33};
        size_t taken = memory.bytes / 32 * parts[i];
        atomic_store(&memory.reserved, taken - memory_limit_measure(&memory));
        sandbox_reset(&sandbox);
        begin(short_of_memory[_i].method, short_of_memory[_i].target, ROOT_TOKEN,
              short_of_memory[_i].body);
        exchange.cancellation = &cancellation;
        finish();
        ck_assert_int_eq(exchange.response.status, short_of_memory[_i].statuses[i]);
        ck_assert(exchange.response.status < 500 ||
                  strstr(exchange.response.body, "--max-memory, which is 1024 MiB"));
        exchange_deinit(&exchange);
    }
    memory_limit_deinit(&memory);
}
END_TEST

/* So is a long answer, while a short one, see above, is not. */
START_TEST(short_memory_refuses_long_answers) {
    struct memory_limit memory;
    const struct cancellation cancellation = {.memory = &memory};
    const size_t size = 100000;
    char *mapping = malloc(size);
    ck_assert_ptr_nonnull(mapping);
    char *end = stpcpy(mapping, "{\"response\":{\"body\":\"");
    memset(end, 'x', size - 100);
    strcpy(end + size - 100, "\"}}");
    run("POST", "/__admin/mappings", NULL, mapping);
    ck_assert_int_eq(exchange.response.status, 201);
    exchange_deinit(&exchange);
    free(mapping);
    memory_limit_init(&memory, (size_t)1 << 30);
    for (size_t parts = 27; parts <= 29; parts += 2) {
        atomic_store(&memory.reserved, memory.bytes / 32 * parts - memory_limit_measure(&memory));
        begin("GET", "/__admin/mappings", NULL, NULL);
        exchange.cancellation = &cancellation;
        finish();
        ck_assert_int_eq(exchange.response.status, parts == 27 ? 200 : 503);
        if (parts == 29)
            ck_assert_str_eq(exchange.response.headers.items[1].name, "Retry-After");
        exchange_deinit(&exchange);
    }
    memory_limit_deinit(&memory);
}
END_TEST

/* A body of which the length or the start is too much is refused, and leaves nothing reserved. */
START_TEST(short_memory_refuses_large_bodies) {
    struct memory_limit memory;
    const struct cancellation cancellation = {.memory = &memory};
    char body[100000];
    memset(body, ',', sizeof(body) - 1);
    body[sizeof(body) - 1] = '\0';
    memory_limit_init(&memory, (size_t)1 << 30);
    begin("PUT", "/__admin/kestub/state", NULL, NULL);
    exchange.cancellation = &cancellation;
    exchange.request.body_announced = memory.bytes;
    finish();
    ck_assert_int_eq(exchange.response.status, 507);
    exchange_deinit(&exchange);
    for (size_t i = 0; i < 2; i++) {
        size_t left = i == 0 ? (size_t)64 << 20 : sizeof(body);
        atomic_store(&memory.reserved, memory.bytes / 8 * 7 - memory_limit_measure(&memory) - left);
        size_t reserved = atomic_load(&memory.reserved);
        begin("POST", "/__admin/requests/count", NULL, body);
        exchange.cancellation = &cancellation;
        finish();
        ck_assert_int_eq(exchange.response.status, i == 0 ? 422 : 507);
        ck_assert_uint_eq(atomic_load(&memory.reserved), reserved);
        exchange_deinit(&exchange);
    }
    memory_limit_deinit(&memory);
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
    suite_add_rows(tcase, short_memory_refuses_what_needs_more, short_of_memory);
    tcase_add_test(tcase, short_memory_refuses_large_bodies);
    tcase_add_test(tcase, short_memory_refuses_long_answers);
    return suite_run(suite);
}
