#include "torture.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include <sqlite3.h>

#include "exchange/dispatch.h"
#include "exchange/recorder.h"
#include "iam/credential_cache.h"
#include "sandbox/journal.h"
#include "store/membership.h"
#include "store/statement.h"
#include "store/tenant.h"
#include "store/user.h"
#include "util/fatal.h"
#include "world.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *memory, size_t size);
char *__wrap_strdup(const char *text);
void *__real_arena_alloc(struct arena *arena, size_t size);
char *__real_arena_copy(struct arena *arena, const char *bytes, size_t length);
void *__wrap_arena_alloc(struct arena *arena, size_t size);
char *__wrap_arena_copy(struct arena *arena, const char *bytes, size_t length);
void *__real_arena_grow(struct arena *arena, void *items, size_t count, size_t item_size,
                        size_t *capacity);
void *__wrap_arena_grow(struct arena *arena, void *items, size_t count, size_t item_size,
                        size_t *capacity);
char *__wrap_arena_format(struct arena *arena, const char *format, ...);
int __real_sqlite3_step(sqlite3_stmt *statement);
int __wrap_sqlite3_step(sqlite3_stmt *statement);

static int until_failure; /* 0: no failure */

static bool fails_now(void) {
    return until_failure > 0 && --until_failure == 0;
}

void *__wrap_malloc(size_t size) {
    return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size) {
    return fails_now() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *memory, size_t size) {
    return fails_now() ? NULL : __real_realloc(memory, size);
}

char *__wrap_strdup(const char *text) {
    size_t size = strlen(text) + 1;
    char *copy = __wrap_malloc(size);
    return copy ? memcpy(copy, text, size) : NULL;
}

/* Most allocations of an arena find room in its last block, and so would never fail. */
void *__wrap_arena_alloc(struct arena *arena, size_t size) {
    return fails_now() ? NULL : __real_arena_alloc(arena, size);
}

char *__wrap_arena_copy(struct arena *arena, const char *bytes, size_t length) {
    return fails_now() ? NULL : __real_arena_copy(arena, bytes, length);
}

/* A statement that wrote although no transaction was open: when a later one fails, half of the
 * change stays. */
static const char *alone;

int __wrap_sqlite3_step(sqlite3_stmt *statement) {
    if (statement && !sqlite3_stmt_readonly(statement) &&
        sqlite3_get_autocommit(sqlite3_db_handle(statement)) &&
        strcmp(sqlite3_sql(statement), "BEGIN IMMEDIATE") != 0)
        alone = sqlite3_sql(statement);
    return fails_now() ? SQLITE_IOERR : __real_sqlite3_step(statement);
}

void *__wrap_arena_grow(struct arena *arena, void *items, size_t count, size_t item_size,
                        size_t *capacity) {
    return fails_now() ? NULL : __real_arena_grow(arena, items, count, item_size, capacity);
}

char *__wrap_arena_format(struct arena *arena, const char *format, ...) {
    if (fails_now())
        return NULL;
    va_list arguments;
    va_start(arguments, format);
    char *text = arena_format_list(arena, format, arguments);
    va_end(arguments);
    return text;
}

static sqlite3_mem_methods genuine;

static void *sqlite_malloc(int size) {
    return fails_now() ? NULL : genuine.xMalloc(size);
}

static void *sqlite_realloc(void *memory, int size) {
    return fails_now() ? NULL : genuine.xRealloc(memory, size);
}

static void wrap_libraries(void) {
    cJSON_Hooks hooks = {.malloc_fn = __wrap_malloc, .free_fn = free};
    cJSON_InitHooks(&hooks);
    sqlite3_shutdown();
    ck_assert_int_eq(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &genuine), SQLITE_OK);
    sqlite3_mem_methods wrapped = genuine;
    wrapped.xMalloc = sqlite_malloc;
    wrapped.xRealloc = sqlite_realloc;
    ck_assert_int_eq(sqlite3_config(SQLITE_CONFIG_MALLOC, &wrapped), SQLITE_OK);
    ck_assert_int_eq(sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0), SQLITE_OK);
}

static struct config config;
struct sandbox sandbox;

void torture_setup(void) {
    wrap_libraries();
    world_init(&config, &sandbox);
    ck_assert_int_eq(journal_new(10, false, &sandbox.journal), 0);
}

void torture_teardown(void) {
    sandbox_deinit(&sandbox);
}

void torture_begin(int n) {
    until_failure = n;
}

bool torture_end(void) {
    bool reached = until_failure == 0;
    until_failure = 0;
    ck_assert_msg(!alone, "without store_start_writing: %s", alone);
    return reached;
}

size_t torture_count_memberships(void) {
    struct transaction transaction;
    struct arena arena;
    int64_t tenant_pk, user_pk;
    struct membership_list list;
    arena_init(&arena);
    store_begin(sandbox.iam.store, &transaction);
    ck_assert_int_eq(store_tenant_find(sandbox.iam.store, "main", &tenant_pk), 0);
    ck_assert_int_eq(store_user_find_in_tenant(sandbox.iam.store, ALAN, tenant_pk, &user_pk), 0);
    ck_assert_int_eq(store_membership_list(sandbox.iam.store, user_pk, tenant_pk, &arena, &list),
                     0);
    store_transaction_end(&transaction);
    arena_deinit(&arena);
    return list.count;
}

/* The failure and the answer of the last request. The digits of the answer are masked, since there
 * are instants among them. */
static int failure;
static char answer[16384];

static void keep_answer(const struct response *response) {
    size_t size = response->body_size < sizeof(answer) ? response->body_size : sizeof(answer) - 1;
    for (size_t i = 0; i < size; i++) {
        char c = response->body[i];
        answer[i] = c >= '0' && c <= '9' ? '0' : c;
    }
    answer[size] = '\0';
}

int torture_send_with(const char *method, const char *target, const char *const *headers,
                      const char *body) {
    struct exchange exchange;
    int status = 0;
    if (exchange_init(&exchange, &config, &sandbox, target) == 0 &&
        request_set_method(&exchange.request, method) == 0) {
        int r = 0;
        for (; *headers && r == 0; headers += 2)
            r = request_add_header(&exchange.request, headers[0], headers[1]);
        exchange.request.body_limit = 4096;
        if (r == 0 && buffer_append(&exchange.request.body, body, strlen(body), 4096) == 0) {
            exchange.may_block = true;
            if (dispatch_head(&exchange) == 0)
                dispatch_body(&exchange);
            recorder_add(&exchange, strlen(body), 0);
            status = exchange.response.status;
            failure = exchange.failure;
            keep_answer(&exchange.response);
        }
    }
    exchange_deinit(&exchange);
    return status;
}

static int send_as(const char *authorization, const char *method, const char *target,
                   const char *body) {
    return torture_send_with(method, target,
                             (const char *const[]){"Authorization", authorization, NULL}, body);
}

int torture_send(const char *method, const char *target, const char *body) {
    return send_as(ROOT_TOKEN, method, target, body);
}

int torture_run(const struct torture_call *call, int n, bool *ret_reached) {
    static char wanted[sizeof(answer)];
    const char *authorization = call->authorization ? call->authorization : ROOT_TOKEN;
    /* What the control plane shows changes with each request. */
    bool reads = strcmp(call->method, "GET") == 0 && !strstr(call->target, "/__admin");
    if (reads) {
        send_as(authorization, call->method, call->target, call->body);
        strcpy(wanted, answer);
    }
    credential_cache_forget(sandbox.iam.cache, 0);
    key_cache_clear(sandbox.iam.store->keys);
    torture_begin(n);
    int status = send_as(authorization, call->method, call->target, call->body);
    *ret_reached = torture_end();
    if (reads && status == call->status && status < 400)
        ck_assert_msg(strcmp(answer, wanted) == 0, "%d: %s instead of %s", n, answer, wanted);
    if (status == 500) {
        /* The origin is where the allocation failed, not where its failure was passed on. */
        int error = fatal_errno(failure);
        ck_assert_msg(error == ENOMEM || error == EIO, "%d: errno %d", n, error);
        ck_assert_msg(fatal_origin(failure) != NULL, "no origin");
    }
    if (call->again && status == call->status)
        ck_assert_msg(send_as(authorization, call->method, call->target, call->body) == call->again,
                      "%d: nothing has changed", n);
    ck_assert_msg(status == call->status || status == 500 || status == 0 ||
                      (status == call->again && n > 1),
                  "%d: %d", n, status);
    return status;
}
