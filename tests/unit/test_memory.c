/* Torture: every allocation of a request fails once. The answer is right or a 500, what was
 * stored is the old or the new state, and nothing leaks (the sanitizers tell). */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sqlite3.h>

#include "control/fixture.h"
#include "control/journal.h"
#include "control/pattern.h"
#include "control/stubs.h"
#include "dispatch.h"
#include "iam/credentials.h"
#include "iam/setup.h"
#include "iam/tokens.h"
#include "match_request.h"
#include "recorder.h"
#include "store/membership.h"
#include "store/tenant.h"
#include "store/user.h"
#include "suite.h"
#include "util/json.h"
#include "util/timestamp.h"
#include "world.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *memory, size_t size);
char *__wrap_strdup(const char *text);

static int until_failure; /* 0: never */

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
static struct sandbox sandbox;

static void setup(void) {
    wrap_libraries();
    world_init(&config, &sandbox);
    ck_assert_int_eq(journal_new(10, false, &sandbox.journal), 0);
}

static void teardown(void) {
    sandbox_deinit(&sandbox);
}

#define PLATFORM "7C1klfgdQmLTCyrnlejrtg"
#define DATA_ENG "4LeYKUcqzLlRGlnKAzeqvF"

static const struct {
    const char *target;
    const char *authorization;
    const char *body;
    int status;
} requests[] = {
    {"/api/v1/main/users/2EPi5XC0oluKRCVF56gcC/groups",
     "Bearer KESTUB-root-token-for-tests-only-0123456789",
     "{\"groupIds\":[\"" PLATFORM "\",\"" DATA_ENG "\"]}", 204},
    {"/api/v1/main/users/2EPi5XC0oluKRCVF56gcC/groups",
     "Bearer KESTUB-root-token-for-tests-only-0123456789",
     "{\"groupIds\":[\"" PLATFORM "\",\" \",7]}", 400},
    {"/api/v1/main/users/2EPi5XC0oluKRCVF56gcC/groups",
     "Bearer KESTUB-root-token-for-tests-only-0123456789", "{\"groupIds\":[\"x\"]}", 404},
    {"/api/v1/main/users/2EPi5XC0oluKRCVF56gcC/groups", "Bearer x", "{}", 401},
    {"/api/v1/main/users/2EPi5XC0oluKRCVF56gcC/groups?q=1",
     "Basic cm9vdEByb290LmNvbTpSb290ITEyMzQ=", "{\"groupIds\":[\"" PLATFORM "\",\"" DATA_ENG "\"]}",
     204},
};

/* How many memberships the user of the requests has. */
static size_t count_memberships(void) {
    struct transaction transaction;
    struct arena arena;
    int64_t tenant_pk, user_pk;
    struct membership *list;
    size_t count;
    arena_init(&arena);
    store_begin(sandbox.iam.store, &transaction);
    ck_assert_int_eq(store_tenant_find(sandbox.iam.store, "main", &tenant_pk), 0);
    ck_assert_int_eq(
        store_user_find_in_tenant(sandbox.iam.store, "2EPi5XC0oluKRCVF56gcC", tenant_pk, &user_pk),
        0);
    ck_assert_int_eq(
        store_membership_list(sandbox.iam.store, user_pk, tenant_pk, &arena, &list, &count), 0);
    store_transaction_end(&transaction);
    arena_deinit(&arena);
    return count;
}

/* Returns the status; 0 when not even the exchange could be made. `headers` are names and values,
 * ends with NULL. */
static int run_with(const char *method, const char *target, const char *const *headers,
                    const char *body) {
    struct exchange exchange;
    int status = 0;
    if (exchange_init(&exchange, &config, &sandbox, target) == 0) {
        request_set_method(&exchange.request, method);
        for (; *headers; headers += 2)
            request_add_header(&exchange.request, headers[0], headers[1]);
        if (buffer_append(&exchange.request.body, body, strlen(body), 4096) == 0) {
            if (dispatch_head(&exchange))
                dispatch_body(&exchange);
            recorder_add(&exchange, strlen(body), 0);
            status = exchange.response.status;
        }
    }
    exchange_deinit(&exchange);
    return status;
}

static int run_method(const char *method, const char *target, const char *authorization,
                      const char *body) {
    return run_with(method, target, (const char *const[]){"Authorization", authorization, NULL},
                    body);
}

static int run(const char *target, const char *authorization, const char *body) {
    return run_method("PUT", target, authorization, body);
}

static void empty_groups(void) {
    ck_assert_int_eq(run(requests[0].target, requests[0].authorization, "{\"groupIds\":[]}"), 204);
}

START_TEST(every_allocation_of_a_request_may_fail) {
    int failures = 0;
    int n = 0;
    bool reached = true;
    while (reached) {
        empty_groups();
        until_failure = ++n;
        int status = run(requests[_i].target, requests[_i].authorization, requests[_i].body);
        reached = until_failure == 0;
        until_failure = 0;
        ck_assert_msg(status == requests[_i].status || status == 500 || status == 0, "%d: %d", n,
                      status);
        size_t count = count_memberships();
        if (status != 204)
            ck_assert_msg(count == 0, "failure %d with status %d left %zu memberships", n, status,
                          count);
        else
            ck_assert_uint_eq(count, 2);
        failures += status == 500;
    }
    ck_assert_int_gt(n, 5);
    ck_assert_int_gt(failures, 0);
}
END_TEST

static const struct {
    const char *method;
    const char *target;
    const char *body;
    int status;
} others[] = {
    {"GET", "/api/v1/users?sort=email:asc&q=example&size=2", "", 200},
    {"GET", "/api/v1/users?page=0&sort=x", "", 422},
    {"GET", "/api/v1/users?filters[or][0][email][REGEX]=^a&filters[or][1][id][IN]=root,x", "", 200},
    {"GET", "/api/v1/users?filters[email][REGEX]=(", "", 422},
    {"GET", "/api/v1/main/tenant-access?type=STANDARD&filters[q][EQUALS]=a", "", 200},
    {"POST", "/api/v1/users", "{\"email\":\"x\"}", 422},
    {"POST", "/api/v1/users", "{\"email\":\"ADA@example.com\",\"tenants\":[\"main\"]}", 409},
    {"POST", "/api/v1/users", "{\"email\":\"n@x.y\",\"groups\":[\"" PLATFORM "\",\"nope\"]}", 404},
    {"PATCH", "/api/v1/users/root", "{\"firstName\":\"R\"}", 200},
    {"PUT", "/api/v1/users/2EPi5XC0oluKRCVF56gcC",
     "{\"email\":\"alan@example.com\",\"password\":\"Alan!1234\",\"tenants\":[\"main\"],"
     "\"groups\":[\"" PLATFORM "\"]}",
     200},
    {"PUT", "/api/v1/users/2EPi5XC0oluKRCVF56gcC",
     "{\"email\":\"alan@example.com\",\"groups\":[\"nope\"]}", 404},
    {"PATCH", "/api/v1/users/2EPi5XC0oluKRCVF56gcC/superadmin", "{\"superAdmin\":true}", 200},
    {"POST", "/api/v1/tenants", "{\"id\":\"main\",\"name\":\"n\",\"a\":{\"b\":null}}", 409},
    {"PUT", "/api/v1/tenants/main", "{\"name\":\"n\",\"a\":{\"b\":1}}", 200},
    {"PUT", "/api/v1/tenants/main", "{\"id\":\"x\",\"name\":\"n\"}", 422},
    {"GET", "/api/v1/tenants/search?sort=name:asc", "", 200},
    {"POST", "/api/v1/main/tenant-access/autocomplete",
     "{\"q\":\"example\",\"ids\":[\"2EPi5XC0oluKRCVF56gcC\"]}", 200},
    {"GET", "/api/v1/main/groups/" PLATFORM "/members?sort=email:asc", "", 200},
    {"POST", "/api/v1/main/groups/autocomplete", "{\"q\":\"a\",\"ids\":[\"" PLATFORM "\"]}", 200},
    {"PUT", "/api/v1/main/groups/" PLATFORM, "{\"name\":\"platform\"}", 200},
    {"GET", "/api/v1/me", "", 200},
    {"POST", "/api/v1/me/api-tokens", "{\"name\":\"ci\",\"maxAge\":\"P1D\"}", 200},
    {"GET", "/api/v1/users/root/api-tokens", "", 200},
    {"POST", "/api/v1/login", "{\"username\":\"root@root.com\",\"password\":\"Root!1234\"}", 200},
    {"POST", "/api/v1/login", "{\"username\":\"root@root.com\",\"password\":\"Root!123\"}", 401},
    {"PUT", "/api/v1/me/password", "{\"oldPassword\":\"x\",\"newPassword\":\"Root!12345\"}", 400},
    {"POST", "/api/v1/users/root/impersonate", "", 303},
    {"POST", "/api/v1/setup", "{\"username\":\"a@b.c\",\"password\":\"Root!1234\"}", 405},
};

START_TEST(every_allocation_of_other_requests_may_fail) {
    bool reached = true;
    int failures = 0;
    for (int n = 1; reached; n++) {
        until_failure = n;
        int status = run_method(others[_i].method, others[_i].target, requests[0].authorization,
                                others[_i].body);
        reached = until_failure == 0;
        until_failure = 0;
        ck_assert_msg(status == others[_i].status || status == 500 || status == 0, "%d: %d", n,
                      status);
        failures += status == 500;
    }
    ck_assert_int_gt(failures, 0);
    ck_assert_int_eq(run_method("GET", "/api/v1/users?q=n@x.y", requests[0].authorization, ""),
                     200);
}
END_TEST

#define STUB                                                                                       \
    "{\"id\":\"11111111-2222-4333-8444-555555555555\",\"request\":{\"url\":\"/stubbed\"},"         \
    "\"response\":{\"status\":418,\"body\":\"tea\"},\"metadata\":{\"a\":1}}"

static const struct {
    const char *method;
    const char *target;
    const char *body;
    int status;
} journal_requests[] = {
    {"GET", "/__admin/requests?since=2001-01-01T00:00:00Z&limit=5", "", 200},
    {"GET", "/__admin/requests/unmatched", "", 200},
    {"GET", "/__admin/requests/unmatched/near-misses", "", 200},
    {"POST", "/__admin/requests/count", "{\"url\":\"/nowhere\"}", 200},
    {"POST", "/__admin/requests/find", "{\"urlPath\":\"/nowhere\"}", 200},
    {"POST", "/__admin/requests/remove", "{\"bodyPatterns\":[{\"contains\":\"x\"}]}", 200},
    {"POST", "/__admin/requests/remove-by-metadata", "{\"matchesJsonPath\":\"$.a\"}", 200},
    {"POST", "/__admin/near-misses/request-pattern", "{\"url\":\"/now\",\"method\":\"PUT\"}", 200},
    {"POST", "/__admin/near-misses/request",
     "{\"url\":\"/stub\",\"headers\":{\"a\":[\"b\",\"c\"]},\"bodyAsBase64\":\"Zw==\"}", 200},
    {"GET", "/__admin/kestub/coverage", "", 200},
};

START_TEST(every_allocation_of_a_look_at_the_journal_may_fail) {
    bool reached = true;
    int failures = 0;
    const char *root = requests[0].authorization;
    ck_assert_int_eq(run_method("POST", "/__admin/mappings", root, STUB), 201);
    for (int n = 1; reached; n++) {
        ck_assert_int_eq(run_method("GET", "/nowhere?a=%ff&a=1", root, "x\xff"), 404);
        ck_assert_int_eq(run_method("GET", "/stubbed", root, ""), 418);
        ck_assert_int_eq(run_method("GET", "/api/v1/me?odd=1", root, ""), 200);
        until_failure = n;
        int status = run_method(journal_requests[_i].method, journal_requests[_i].target, root,
                                journal_requests[_i].body);
        reached = until_failure == 0;
        until_failure = 0;
        ck_assert_msg(status == journal_requests[_i].status || status == 500 || status == 0,
                      "%d: %d", n, status);
        failures += status == 500;
    }
    ck_assert_int_gt(failures, 0);
}
END_TEST

START_TEST(every_allocation_of_an_entry_may_fail) {
    struct journal_statistics statistics;
    struct journal_record record = {.method = "GET", .target = "/", .url = "/"};
    journal_clear(sandbox.journal);
    until_failure = 1;
    journal_add(sandbox.journal, &record);
    until_failure = 0;
    journal_add(sandbox.journal, &record);
    journal_measure(sandbox.journal, &statistics);
    ck_assert_uint_eq(statistics.lost, 1);
    ck_assert_uint_eq(statistics.count, 1);
}
END_TEST

START_TEST(every_allocation_of_a_tenants_end_may_fail) {
    bool reached = true;
    int failures = 0;
    for (int n = 1; reached; n++) {
        const char *root = requests[0].authorization;
        run_method("POST", "/api/v1/tenants", root, "{\"id\":\"t\",\"name\":\"t\"}");
        run_method("POST", "/api/v1/t/groups", root,
                   "{\"name\":\"g\",\"membersId\":[\"2EPi5XC0oluKRCVF56gcC\"]}");
        ck_assert_int_eq(run_method("GET", "/api/v1/t/groups/search", root, ""), 200);
        until_failure = n;
        int status = run_method("DELETE", "/api/v1/tenants/t", root, "");
        reached = until_failure == 0;
        until_failure = 0;
        ck_assert_msg(status == 204 || status == 500 || status == 0, "%d: %d", n, status);
        ck_assert_int_eq(run_method("GET", "/api/v1/t/groups/search", root, ""),
                         status == 204 ? 404 : 200);
        failures += status == 500;
    }
    ck_assert_int_gt(failures, 0);
}
END_TEST

/* Whether there is a user; where there is one, there is the tenant. */
static bool is_set_up(void) {
    int64_t tenant_pk;
    bool done = false;
    ck_assert_int_eq(iam_is_set_up(&sandbox.iam, &done), 0);
    struct transaction transaction;
    store_begin(sandbox.iam.store, &transaction);
    ck_assert_int_eq(store_tenant_find(sandbox.iam.store, "main", &tenant_pk),
                     done ? 0 : STORE_NOT_FOUND);
    store_transaction_end(&transaction);
    return done;
}

START_TEST(every_allocation_of_a_setup_may_fail) {
    bool reached = true;
    int undone = 0;
    for (int n = 1; reached; n++) {
        char error[STORE_ERROR_SIZE];
        sandbox_deinit(&sandbox);
        ck_assert_int_eq(sandbox_init(&sandbox, NULL, error), 0);
        until_failure = n;
        int status = run_method("POST", "/api/v1/setup", "",
                                "{\"username\":\"a@b.c\",\"password\":\"Root!1234\"}");
        reached = until_failure == 0;
        until_failure = 0;
        ck_assert_msg(status == 200 || status == 500 || status == 0, "%d: %d", n, status);
        bool done = is_set_up();
        ck_assert(done || status != 200);
        undone += !done;
    }
    ck_assert_int_gt(undone, 0);
}
END_TEST

/* Who has a session is never told to be nobody. */
START_TEST(every_allocation_of_a_session_may_fail) {
    char secret[TOKEN_SECRET_SIZE];
    char cookie[TOKEN_SECRET_SIZE + 32];
    struct arena arena;
    bool reached = true;
    int failures = 0;
    arena_init(&arena);
    ck_assert_int_eq(
        iam_log_in(&sandbox.iam, "root@root.com", "Root!1234", timestamp_now(), &arena, secret), 0);
    arena_deinit(&arena);
    snprintf(cookie, sizeof(cookie), "csrfToken=x; JWT=%s", secret);
    for (int n = 1; reached; n++) {
        credential_cache_forget(sandbox.iam.cache, 0);
        until_failure = n;
        int status = run_with("POST", "/api/v1/me/api-tokens",
                              (const char *const[]){"Cookie", cookie, "X-CSRF-TOKEN", "x", NULL},
                              "{\"name\":\"ci\"}");
        reached = until_failure == 0;
        until_failure = 0;
        ck_assert_msg(status == 200 || status == 500 || status == 0, "%d: %d", n, status);
        failures += status == 500;
    }
    ck_assert_int_gt(failures, 0);
}
END_TEST

START_TEST(every_allocation_of_a_fixture_may_fail) {
    static const char text[] = "{\"tenants\":[{\"id\":\"t\",\"groups\":[{\"name\":\"g\"}]}],"
                               "\"users\":[{\"email\":\"a@b.c\",\"tenants\":[\"t\"],"
                               "\"tokens\":[{\"name\":\"n\",\"token\":\"0123456789abcdef\"}]}]}";
    bool reached = true;
    for (int n = 1; reached; n++) {
        char error[FIXTURE_ERROR_SIZE] = "";
        struct fixture_summary summary;
        struct sandbox fresh;
        struct transaction transaction;
        ck_assert_int_eq(sandbox_init(&fresh, NULL, error), 0);
        until_failure = n;
        int r = fixture_load(&fresh.iam, text, strlen(text), 0, &summary, error);
        reached = until_failure == 0;
        until_failure = 0;
        ck_assert_int_le(r, 0);
        store_begin(fresh.iam.store, &transaction);
        ck_assert_int_eq(store_find_any(fresh.iam.store), r == 0 ? 0 : STORE_NOT_FOUND);
        store_transaction_end(&transaction);
        sandbox_deinit(&fresh);
    }
}
END_TEST

static const struct {
    const char *pattern;
    const char *request;
    int result;
} patterns[] = {
    {"{\"method\":{\"oneOf\":[\"PUT\"]},\"urlPathTemplate\":\"/{a}/b\","
     "\"pathParameters\":{\"a\":{\"equalTo\":\"x\"}},"
     "\"queryParameters\":{\"q\":{\"includes\":[{\"contains\":\"1\"}]}},"
     "\"cookies\":{\"c\":{\"or\":[{\"absent\":true},{\"matches\":\"d*\"}]}},"
     "\"formParameters\":{\"f\":{\"not\":{\"equalTo\":\"2\"}}},"
     "\"basicAuth\":{\"username\":\"a\",\"password\":\"b\"}}",
     "PUT /x/b?q=1\nCookie: c=d\nAuthorization: Basic YTpi\n"
     "Content-Type: application/x-www-form-urlencoded\n\nf=1",
     0},
    {"{\"urlPattern\":\"/a(b|c)*\",\"bodyPatterns\":["
     "{\"equalToJson\":\"{\\\"a\\\":[2,1]}\",\"ignoreArrayOrder\":true},"
     "{\"matchesJsonPath\":\"$.a[?(@ =~ /x/ || @.length() == 1 || @ == 2)]\"},"
     "{\"matchesJsonPath\":{\"expression\":\"$.a\",\"equalTo\":\"[1,2]\"}},"
     "{\"matchesJsonSchema\":{\"additionalProperties\":{\"pattern\":\"x\",\"uniqueItems\":true}}}]"
     "}",
     "PUT /abc\n\n{\"a\":[1,2]}", 0},
    {"{\"method\":{\"oneOf\":[\"GET\"]},\"port\":80,\"headers\":{\"A\":{\"equalTo\":\"1\"}},"
     "\"basicAuth\":{\"username\":\"a\",\"password\":\"b\"},"
     "\"bodyPatterns\":[{\"binaryEqualTo\":\"AAAA\"}]}",
     "PUT /\nA: 2\n\nx", PATTERN_DIFFERS},
};

/* Returns the result of pattern_match, or the failure of any step. */
static int run_pattern(const cJSON *tree, const char *request) {
    struct arena arena;
    struct match_subject subject = {0};
    struct match_report report;
    struct pattern *pattern = NULL;
    struct pattern_error error;
    arena_init(&arena);
    int r = pattern_parse(tree, &pattern, &error);
    if (r == 0 && !match_request_read(request, strlen(request), &arena, &subject))
        r = -ENOMEM;
    int compared = r == 0 ? pattern_compare(pattern, &subject, &report) : r;
    if (r == 0)
        r = pattern_match(pattern, &subject);
    match_subject_deinit(&subject);
    arena_deinit(&arena);
    pattern_free(pattern);
    return compared < 0 ? compared : r;
}

START_TEST(every_allocation_of_a_pattern_may_fail) {
    cJSON *tree = NULL;
    struct json_error error;
    bool reached = true;
    int failures = 0;
    ck_assert_int_eq(json_parse(patterns[_i].pattern, strlen(patterns[_i].pattern), &tree, &error),
                     0);
    for (int n = 1; reached; n++) {
        until_failure = n;
        int r = run_pattern(tree, patterns[_i].request);
        reached = until_failure == 0;
        until_failure = 0;
        ck_assert_msg(r == -ENOMEM || r == patterns[_i].result, "%d: %d", n, r);
        failures += r < 0;
    }
    ck_assert_int_gt(failures, 5);
    cJSON_Delete(tree);
}
END_TEST

/* The whole state (owned by the caller, free). */
static char *dump(struct sandbox *of) {
    char *text;
    size_t size;
    ck_assert_int_eq(fixture_dump(&of->iam, &text, &size), 0);
    return text;
}

#define SALT "AAAAAAAAAAAAAAAAAAAAAA=="
#define HASH "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define NEW_STATE                                                                                  \
    "{\"tenants\":[{\"id\":\"t\",\"details\":{\"a\":[1,null]},\"groups\":[{\"name\":\"g\"}]}],"    \
    "\"users\":[{\"id\":\"u\",\"email\":\"a@b.c\",\"otherTenants\":[\"t\"],\"tokens\":[{"          \
    "\"name\":\"n\",\"prefix\":\"012345\",\"salt\":\"" SALT "\",\"hash\":\"" HASH "\"}]}]}"

static const struct {
    const char *method;
    const char *target;
    const char *body;
    int status;
} admin_requests[] = {
    {"GET", "/__admin/kestub/state", "", 200},
    {"PUT", "/__admin/kestub/state", NEW_STATE, 200},
    {"PUT", "/__admin/kestub/state", "{\"users\":[{\"email\":\"a\"},{\"email\":\"A\"}]}", 422},
    {"PUT", "/__admin/kestub/state", "{", 422},
    {"POST", "/__admin/reset", "", 200},
    {"POST", "/__admin/kestub/snapshots/kept/restore", "", 200},
    {"POST", "/__admin/kestub/snapshots/new", "", 201},
    {"GET", "/__admin/kestub/snapshots", "", 200},
    {"DELETE", "/__admin/kestub/snapshots/kept", "", 204},
    {"PUT", "/__admin/kestub/clock", "{\"now\":\"2024-01-01T00:00:00Z\",\"advance\":\"PT1H\"}",
     200},
    {"PUT", "/__admin/kestub/clock", "{\"advance\":\"x\"}", 422},
};

/* Whatever fails, the state is that from before, that from after, or the snapshot's. */
START_TEST(every_allocation_of_the_control_plane_may_fail) {
    bool reached = true;
    int failures = 0;
    ck_assert_int_eq(sandbox_save(&sandbox, "kept"), 0);
    for (int n = 1; reached; n += 1 + n / 50) {
        ck_assert_int_eq(sandbox_reset(&sandbox), 0);
        ck_assert_int_eq(sandbox_save(&sandbox, "kept"), 0);
        sandbox_delete_saved(&sandbox, "new");
        char *start = dump(&sandbox);
        empty_groups();
        char *before = dump(&sandbox);
        until_failure = n;
        int status = run_method(admin_requests[_i].method, admin_requests[_i].target, "x",
                                admin_requests[_i].body);
        reached = until_failure == 0;
        until_failure = 0;
        ck_assert_msg(status == admin_requests[_i].status || status == 500 || status == 0, "%d: %d",
                      n, status);
        char *after = dump(&sandbox);
        ck_assert_msg(strcmp(after, before) == 0 || strcmp(after, start) == 0 ||
                          (strstr(after, "{\"id\":\"t\",") && strstr(after, SALT)),
                      "%d: %s", n, after);
        failures += status != admin_requests[_i].status;
        free(start);
        free(before);
        free(after);
    }
    ck_assert_int_gt(failures, 0);
}
END_TEST

/* A copy prepares its statements in the middle of requests. */
START_TEST(every_allocation_of_a_copy_may_fail) {
    static const struct {
        const char *method;
        const char *target;
        const char *body;
        int status;
    } first[] = {
        {"GET", "/api/v1/main/groups/search", "", 200},
        {"PUT", "/api/v1/main/users/2EPi5XC0oluKRCVF56gcC/groups",
         "{\"groupIds\":[\"" PLATFORM "\"]}", 204},
        {"GET", "/__admin/kestub/state", "", 200},
    };
    struct sandbox home = sandbox;
    for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++) {
        bool reached = true;
        int failures = 0;
        for (int n = 1; reached; n++) {
            char error[STORE_ERROR_SIZE];
            until_failure = n;
            int r = sandbox_init_copy(&sandbox, &home.start, error);
            int status = r < 0 ? 500
                               : run_method(first[i].method, first[i].target,
                                            requests[0].authorization, first[i].body);
            reached = until_failure == 0;
            until_failure = 0;
            ck_assert_msg(status == first[i].status || status == 500 || status == 0, "%d: %d", n,
                          status);
            failures += r == 0 && status == 500;
            if (r == 0 && status != 204) {
                ck_assert_int_eq(
                    run_method("GET", "/api/v1/main/groups/search", requests[0].authorization, ""),
                    200);
                ck_assert_uint_eq(count_memberships(), 0);
            }
            sandbox_deinit(&sandbox);
        }
        ck_assert_int_gt(failures, 0);
    }
    sandbox = home;
}
END_TEST

#define STUB_ID "6f1e1f1c-0d34-4a8e-9d63-2f8f6f0c6c01"
#define MAPPINGS "/__admin/mappings"

static const char stub_mapping[] =
    "{\"id\":\"" STUB_ID "\",\"scenarioName\":\"s\",\"newScenarioState\":\"b\","
    "\"request\":{\"urlPathPattern\":\"/"
    "x.*\",\"bodyPatterns\":[{\"equalToJson\":\"{\\\"a\\\":1}\"}]},"
    "\"response\":{\"headers\":{\"A\":[\"1\",\"2\"]},\"jsonBody\":{\"b\":[1]}},"
    "\"metadata\":{\"m\":1}}";

static const struct {
    const char *method;
    const char *target;
    const char *body;
    int status;
} stub_requests[] = {
    {"POST", MAPPINGS, stub_mapping, 201},
    {"POST", MAPPINGS, "{\"metadata\":{\"kestub\":{\"x\":1}}}", 422},
    {"GET", MAPPINGS, "", 200},
    {"PUT", MAPPINGS "/" STUB_ID, "{\"response\":{\"base64Body\":\"AAAA\"}}", 200},
    {"POST", MAPPINGS "/import",
     "{\"mappings\":[{\"scenarioName\":\"t\"},{}],\"importOptions\":{\"deleteAllNotInImport\":true}"
     "}",
     200},
    {"POST", MAPPINGS "/import", "{\"mappings\":[{},{\"a\":1}]}", 422},
    {"POST", MAPPINGS "/remove",
     "{\"request\":{\"urlPathPattern\":\"/x.*\",\"bodyPatterns\":"
     "[{\"equalToJson\":\"{\\\"a\\\":1}\"}]}}",
     200},
    {"POST", MAPPINGS "/find-by-metadata", "{\"matchesJsonPath\":\"$.m\"}", 200},
    {"POST", MAPPINGS "/remove-by-metadata", "{\"equalToJson\":\"{\\\"m\\\":1}\"}", 200},
    {"GET", MAPPINGS "/unmatched", "", 200},
    {"DELETE", MAPPINGS "/unmatched", "", 200},
    {"POST", MAPPINGS "/save", "", 200},
    {"POST", MAPPINGS "/reset", "", 200},
    {"GET", "/__admin/scenarios", "", 200},
    {"PUT", "/__admin/scenarios/s/state", "{\"state\":\"b\"}", 200},
    {"PUT", "/__admin/scenarios/s/state", "{\"state\":\"c\"}", 422},
    {"PUT", "/__admin/settings", "{\"settings\":{\"fixedDelay\":1}}", 200},
    {"GET", "/__admin/settings", "", 200},
    {"PATCH", "/__admin/settings/extended", "{\"extended\":{\"a\":1,\"b\":{}}}", 200},
    {"PUT", "/xyz", "{\"a\":1}", 200},
    {"PUT", "/xyz", "{\"a\":2}", 404},
    {"PUT", "/other", "", 404},
};

/* There is one stub, which is what a reset returns to, and settings with an extended member. */
static void arrange_stubs(void) {
    ck_assert_int_eq(run_method("DELETE", MAPPINGS, "", ""), 200);
    ck_assert_int_eq(run_method("POST", MAPPINGS, "", stub_mapping), 201);
    ck_assert_int_eq(run_method("POST", MAPPINGS "/save", "", ""), 200);
    ck_assert_int_eq(run_method("PUT", "/__admin/settings", "", "{\"extended\":{\"b\":1}}"), 200);
}

START_TEST(every_allocation_of_the_stubs_may_fail) {
    bool reached = true;
    int failures = 0;
    for (int n = 1; reached; n++) {
        arrange_stubs();
        until_failure = n;
        int status = run_method(stub_requests[_i].method, stub_requests[_i].target, "",
                                stub_requests[_i].body);
        reached = until_failure == 0;
        until_failure = 0;
        ck_assert_msg(status == stub_requests[_i].status || status == 500 || status == 0, "%d: %d",
                      n, status);
        /* What failed has changed nothing. */
        if (status != stub_requests[_i].status) {
            struct stub_list list;
            ck_assert_int_eq(stubs_list(sandbox.stubs, &list), 0);
            ck_assert_uint_eq(list.count, 1);
            ck_assert_str_eq(list.stubs[0]->id, STUB_ID);
            stub_list_deinit(&list);
        }
        failures += status == 500;
    }
    ck_assert_int_gt(failures, 0);
}
END_TEST

static const struct {
    const char *method;
    const char *target;
    const char *authorization;
    const char *body;
    int status;
} faulty[] = {
    {"GET", "/api/v1/main/groups/" PLATFORM "/members", NULL, "", 200},
    {"GET", "/api/v1/users", NULL, "", 200},
    {"PUT", "/api/v1/main/groups/" PLATFORM "/members/2EPi5XC0oluKRCVF56gcC", NULL, "", 409},
    {"PUT", "/api/v1/main/users/2EPi5XC0oluKRCVF56gcC/groups", NULL, "{\"groupIds\":[]}", 204},
    {"POST", "/api/v1/users", NULL, "{\"email\":\"n@x.y\"}", 403},
    {"GET", "/api/v1/me", "Basic cm9vdEByb290LmNvbTp4", "", 401},
    {"POST", "/api/v1/login", NULL, "{\"username\":\"root@root.com\",\"password\":\"x\"}", 401},
};

/* With all that remembers something: a write is copied first, and what is listed was written. */
START_TEST(every_allocation_of_a_fault_may_fail) {
    const char *root = requests[0].authorization;
    const char *authorization = faulty[_i].authorization ? faulty[_i].authorization : root;
    struct fault_set set;
    char error[FAULT_ERROR_SIZE];
    bool reached = true;
    int failures = 0;
    ck_assert_int_eq(fault_set_parse("stale-members=60000,stale-search=60000,lost-update=60000,"
                                     "lock-out=100,license-limit,rate-limit=10000",
                                     &set, error),
                     0);
    for (int n = 1; reached; n++) {
        ck_assert_int_eq(faults_set(sandbox.faults, &set, timestamp_monotonic_us()), 0);
        if (strcmp(faulty[_i].method, "PUT") != 0 || faulty[_i].status == 409)
            ck_assert_int_ge(
                run_method("PUT", "/api/v1/main/groups/" PLATFORM "/members/2EPi5XC0oluKRCVF56gcC",
                           root, ""),
                200);
        until_failure = n;
        int status =
            run_method(faulty[_i].method, faulty[_i].target, authorization, faulty[_i].body);
        reached = until_failure == 0;
        until_failure = 0;
        ck_assert_msg(status == faulty[_i].status || status == 500 || status == 0, "%d: %d", n,
                      status);
        failures += status == 500;
    }
    ck_assert_int_gt(failures, 0);
    ck_assert_int_eq(faults_reset(sandbox.faults), 0);
    ck_assert_int_eq(run_method("GET", "/api/v1/users?q=n@x.y", root, ""), 200);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("memory");
    TCase *tcase = suite_add(suite, "memory");
    tcase_add_checked_fixture(tcase, setup, teardown);
    suite_add_rows(tcase, every_allocation_of_a_request_may_fail, requests);
    suite_add_rows(tcase, every_allocation_of_other_requests_may_fail, others);
    suite_add_rows(tcase, every_allocation_of_a_look_at_the_journal_may_fail, journal_requests);
    tcase_add_test(tcase, every_allocation_of_an_entry_may_fail);
    tcase_add_test(tcase, every_allocation_of_a_tenants_end_may_fail);
    tcase_add_test(tcase, every_allocation_of_a_setup_may_fail);
    tcase_add_test(tcase, every_allocation_of_a_session_may_fail);
    tcase_add_test(tcase, every_allocation_of_a_fixture_may_fail);
    suite_add_rows(tcase, every_allocation_of_a_pattern_may_fail, patterns);
    suite_add_rows(tcase, every_allocation_of_the_control_plane_may_fail, admin_requests);
    tcase_add_test(tcase, every_allocation_of_a_copy_may_fail);
    suite_add_rows(tcase, every_allocation_of_the_stubs_may_fail, stub_requests);
    suite_add_rows(tcase, every_allocation_of_a_fault_may_fail, faulty);
    return suite_run(suite);
}
