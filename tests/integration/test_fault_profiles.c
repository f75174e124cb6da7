/* Fault profiles, one by one, as a client sees them. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <curl/curl.h>

#include "session.h"
#include "steps.h"
#include "suite.h"
#include "util/timestamp.h"

#define FAULTS "/__admin/kestub/faults"
#define TOKEN "KESTUB-root-token-for-tests-only-0123456789"
#define ALAN "2EPi5XC0oluKRCVF56gcC"
#define PLATFORM "7C1klfgdQmLTCyrnlejrtg"
#define DATA_ENG "4LeYKUcqzLlRGlnKAzeqvF"
#define MEMBERS "/api/v1/main/groups/" PLATFORM "/members"
#define ALANS_GROUPS "/api/v1/main/users/" ALAN "/groups"
#define OTHER "/sandbox/other"

static struct process server;

static void setup(void) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    process_start(&server, (const char *const[]){"--log", "off", NULL});
}

static void teardown(void) {
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
}

static int64_t now_ms(void) {
    return timestamp_monotonic_us() / 1000;
}

/* Sends a call whose answer the contract does not document. The caller must deinit the answer. */
static int send_bearer(const char *method, const char *target, const char *body,
                       struct http_answer *ret_answer) {
    http_send(
        &server,
        &(struct http_call){
            .method = method, .target = target, .bearer = TOKEN, .body = body, .off_record = true},
        ret_answer);
    return ret_answer->status;
}

static int status_of(const char *method, const char *target, const char *body) {
    struct http_answer answer;
    int status = send_bearer(method, target, body, &answer);
    http_answer_deinit(&answer);
    return status;
}

static int status_with(const char *target, const char *basic, const char *body) {
    struct http_answer answer;
    http_send(&server,
              &(struct http_call){.method = body ? "POST" : "GET",
                                  .target = target,
                                  .basic = basic,
                                  .body = body,
                                  .off_record = true},
              &answer);
    int status = answer.status;
    http_answer_deinit(&answer);
    return status;
}

/* Expects a 200, and tells whether its body contains the text. */
static bool shows(const char *method, const char *target, const char *body, const char *text) {
    struct http_answer answer;
    ck_assert_msg(send_bearer(method, target, body, &answer) == 200, "%s: %d", target,
                  answer.status);
    bool found = strstr(answer.body, text) != NULL;
    http_answer_deinit(&answer);
    return found;
}

static bool lists(const char *target, const char *text) {
    return shows("GET", target, NULL, text);
}

static void turn_on(const char *prefix, const char *fault) {
    char target[128];
    char body[128];
    snprintf(target, sizeof(target), "%s" FAULTS, prefix);
    snprintf(body, sizeof(body), "{\"faults\":[\"%s\"]}", fault);
    session_expect(&server, &(struct http_call){.method = "PUT", .target = target, .body = body},
                   200);
}

static void expect(const struct http_call *call, int status, const char *text) {
    char *body = session_call(&server, call, status);
    ck_assert_msg(strstr(body, text), "no '%s' in %s", text, body);
    free(body);
}

START_TEST(sets_shows_and_clears) {
    struct http_call get = {.method = "GET", .target = FAULTS};
    struct http_call put = {.method = "PUT",
                            .target = FAULTS,
                            .body = "{\"faults\":[\"flaky=0:7\",\"hang=5\",\"sort-500\"]}"};
    expect(&get, 200, "{\"faults\":[]}");
    expect(&put, 200, "{\"faults\":[\"hang=5:1\",\"sort-500\",\"flaky=0:7\"]}");
    expect(&get, 200, "{\"faults\":[\"hang=5:1\",\"sort-500\",\"flaky=0:7\"]}");
    get.target = OTHER FAULTS;
    expect(&get, 200, "{\"faults\":[]}");
    get.target = FAULTS;
    put.body = "{\"faults\":[\"lock-out\"]}";
    expect(&put, 200, "{\"faults\":[\"lock-out=10\"]}");
    session_expect(&server, &(struct http_call){.method = "DELETE", .target = FAULTS}, 204);
    expect(&get, 200, "{\"faults\":[]}");
}
END_TEST

static const struct {
    const char *body;
    const char *text;
} invalid[] = {
    {"{\"faults\":[\"sort-500\",\"nope\"]}", "\"pointer\":\"/faults/1\""},
    {"{\"faults\":[\"hang=0\"]}", "hang takes a number from 1 to 3600000"},
    {"{\"faults\":[\"flaky\",\"flaky=1\"]}", "flaky must not appear twice"},
    {"{\"faults\":[7]}", "\"pointer\":\"/faults/0\""},
    {"{\"faults\":null}", "\"pointer\":\"/faults\""},
    {"{}", "\"pointer\":\"/faults\""},
    {"[]", "must be an object"},
    {"{", "invalid JSON"},
};

START_TEST(refuses_unknown_profiles) {
    turn_on("", "sort-500");
    expect(&(struct http_call){.method = "PUT", .target = FAULTS, .body = invalid[_i].body}, 422,
           invalid[_i].text);
    expect(&(struct http_call){.method = "GET", .target = FAULTS}, 200, "[\"sort-500\"]");
}
END_TEST

START_TEST(refuses_other_bodies) {
    struct http_call put = {.method = "PUT", .target = FAULTS, .header = TEXT, .body = "flaky"};
    expect(&put, 422, "invalid JSON");
    put.header = JSON;
    put.body = steps_too_large();
    put.body_size = steps_too_large_size;
    expect(&put, 413, "\"code\":413");
}
END_TEST

START_TEST(requires_the_admin_token) {
    static const char *const methods[] = {"GET", "PUT", "DELETE"};
    struct process guarded;
    process_start(&guarded, (const char *const[]){"--admin-token", "secret", NULL});
    for (size_t i = 0; i < 3; i++) {
        struct http_call call = {
            .method = methods[i], .target = FAULTS, .body = i == 1 ? "{\"faults\":[]}" : NULL};
        session_expect(&guarded, &call, 401);
        call.bearer = "secret";
        call.header = EVIL_PAGE;
        session_expect(&guarded, &call, 403);
        call.header = NULL;
        session_expect(&guarded, &call, i == 2 ? 204 : 200);
    }
    ck_assert_int_eq(process_stop(&guarded, SIGTERM), 0);
}
END_TEST

/* Waits until the listing shows the text, or no longer shows it. Fails when that happens before the
 * lag is over, or takes too long. */
static void await(const char *target, const char *text, bool there, int64_t since_ms, int lag_ms) {
    const struct timespec tick = {.tv_nsec = 5000000};
    while (lists(target, text) != there) {
        ck_assert_int_lt(now_ms() - since_ms, 10000);
        nanosleep(&tick, NULL);
    }
    ck_assert_int_ge(now_ms() - since_ms, lag_ms);
}

START_TEST(stale_members_lag) {
    turn_on("", "stale-members=400");
    int64_t start = now_ms();
    ck_assert_int_eq(status_of("PUT", ALANS_GROUPS, "{\"groupIds\":[\"" PLATFORM "\"]}"), 204);
    ck_assert(!lists(MEMBERS, ALAN));
    ck_assert(lists("/api/v1/users/" ALAN, PLATFORM));
    await(MEMBERS, ALAN, true, start, 400);
    start = now_ms();
    ck_assert_int_eq(status_of("DELETE", "/api/v1/users/" ALAN, NULL), 204);
    ck_assert(lists(MEMBERS, "alan@example.com"));
    ck_assert(!lists("/api/v1/users", ALAN));
    ck_assert_int_eq(status_of("GET", "/api/v1/users/" ALAN, NULL), 404);
    await(MEMBERS, ALAN, false, start, 400);
}
END_TEST

START_TEST(stale_members_know_new_groups) {
    struct http_answer answer;
    char id[SECRET_SIZE];
    char target[160];
    turn_on("", "stale-members=60000");
    ck_assert_int_eq(send_bearer("POST", "/api/v1/main/groups",
                                 "{\"name\":\"new\",\"membersId\":[\"" ALAN "\"]}", &answer),
                     200);
    session_member(answer.body, "id", id);
    http_answer_deinit(&answer);
    snprintf(target, sizeof(target), "/api/v1/main/groups/%s/members", id);
    ck_assert(lists(target, "{\"results\":[],\"total\":0}"));
    ck_assert_int_eq(status_of("GET", "/api/v1/main/groups/none/members", NULL), 404);
    session_expect(&server, &(struct http_call){.method = "DELETE", .target = FAULTS}, 204);
    ck_assert(lists(target, ALAN));
}
END_TEST

START_TEST(stale_search_lags) {
    turn_on("", "stale-search=400");
    int64_t start = now_ms();
    ck_assert_int_eq(
        status_of("POST", "/api/v1/users", "{\"email\":\"new@x.y\",\"tenants\":[\"main\"]}"), 201);
    ck_assert_int_eq(status_of("POST", "/api/v1/tenants", "{\"id\":\"new\",\"name\":\"New\"}"),
                     200);
    ck_assert_int_eq(status_of("DELETE", "/api/v1/main/groups/" PLATFORM, NULL), 200);
    ck_assert(!lists("/api/v1/users", "new@x.y"));
    ck_assert(!lists("/api/v1/main/tenant-access", "new@x.y"));
    ck_assert(!shows("POST", "/api/v1/main/tenant-access/autocomplete", "{\"q\":\"new\"}", "new@"));
    ck_assert(!lists("/api/v1/tenants/search", "\"new\""));
    ck_assert(lists("/api/v1/main/groups/search", PLATFORM));
    ck_assert(shows("POST", "/api/v1/main/groups/autocomplete", "{\"q\":\"plat\"}", PLATFORM));
    ck_assert(shows("POST", "/api/v1/main/groups/ids", "{\"ids\":[\"" PLATFORM "\"]}", PLATFORM));
    ck_assert_int_eq(status_of("GET", "/api/v1/main/groups/" PLATFORM, NULL), 404);
    ck_assert_int_eq(status_of("GET", MEMBERS, NULL), 404);
    await("/api/v1/users", "new@x.y", true, start, 400);
    await("/api/v1/main/groups/search", PLATFORM, false, start, 400);
}
END_TEST

static void *add_alan(void *cls) {
    return (void *)(intptr_t)status_of("PUT", cls, NULL);
}

/* Starts both calls before either is answered. */
static void add_at_once(void) {
    char *const targets[] = {(char[]){MEMBERS "/" ALAN},
                             (char[]){"/api/v1/main/groups/" DATA_ENG "/members/" ALAN}};
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, add_alan, targets[i]), 0);
    for (int i = 0; i < 2; i++) {
        void *status;
        pthread_join(threads[i], &status);
        ck_assert_int_eq((intptr_t)status, 200);
    }
}

START_TEST(one_of_two_updates_is_lost) {
    const char *user = "/api/v1/users/" ALAN;
    ck_assert_int_eq(status_of("PUT", ALANS_GROUPS, "{\"groupIds\":[]}"), 204);
    turn_on("", "lost-update=500");
    int64_t start = now_ms();
    add_at_once();
    ck_assert_int_ge(now_ms() - start, 500);
    ck_assert_int_lt(now_ms() - start, 5000);
    ck_assert_int_eq(lists(user, PLATFORM) + lists(user, DATA_ENG), 1);
}
END_TEST

START_TEST(no_update_is_lost_after_another) {
    const char *user = "/api/v1/users/" ALAN;
    turn_on("", "lost-update=30");
    ck_assert_int_eq(status_of("PUT", ALANS_GROUPS, "{\"groupIds\":[]}"), 204);
    for (int i = 0; i < 5; i++) {
        ck_assert_int_eq(status_of("PUT", MEMBERS "/" ALAN, NULL), 200);
        ck_assert(lists(user, PLATFORM));
        ck_assert_int_eq(status_of("DELETE", MEMBERS "/" ALAN, NULL), 200);
        ck_assert(!lists(user, PLATFORM));
    }
}
END_TEST

START_TEST(requests_hang) {
    turn_on("", "hang=300:2");
    for (int i = 0; i < 4; i++) {
        int64_t start = now_ms();
        ck_assert_int_eq(status_of("GET", "/api/v1/me", NULL), 200);
        ck_assert_int_eq(now_ms() - start >= 300, i % 2);
        ck_assert_int_eq(status_of("GET", OTHER "/api/v1/me", NULL), 200);
    }
}
END_TEST

START_TEST(connections_are_reset_for_a_while) {
    const struct timespec tick = {.tv_nsec = 20000000};
    ck_assert_int_eq(status_of("POST", "/api/v1/users", "{\"email\":\"kept@x.y\"}"), 201);
    int64_t start = now_ms();
    turn_on("", "restart=300");
    ck_assert_int_eq(status_of("GET", "/health", NULL), 0);
    ck_assert_int_eq(status_of("PUT", ALANS_GROUPS, "{\"groupIds\":[]}"), 0);
    ck_assert_int_eq(status_of("GET", OTHER "/health", NULL), 200);
    ck_assert_int_eq(status_of("GET", FAULTS, NULL), 200);
    while (status_of("GET", "/health", NULL) == 0) {
        ck_assert_int_lt(now_ms() - start, 10000);
        nanosleep(&tick, NULL);
    }
    ck_assert_int_ge(now_ms() - start, 290);
    ck_assert(lists("/api/v1/users", "kept@x.y"));
}
END_TEST

START_TEST(a_restart_may_drop_the_state) {
    const struct timespec longer = {.tv_nsec = 20000000};
    ck_assert_int_eq(status_of("POST", "/api/v1/users", "{\"email\":\"lost@x.y\"}"), 201);
    turn_on("", "restart=1:drop");
    nanosleep(&longer, NULL);
    ck_assert(!lists("/api/v1/users", "lost@x.y"));
    ck_assert(lists("/api/v1/users", ALAN));
}
END_TEST

START_TEST(credentials_are_rejected_for_a_while) {
    static const char log_in[] = "{\"username\":\"root@root.com\",\"password\":\"Root!1234\"}";
    const struct timespec tick = {.tv_nsec = 20000000};
    int64_t start = now_ms();
    turn_on("", "auth-not-ready=400");
    ck_assert_int_eq(status_of("GET", "/api/v1/me", NULL), 401);
    ck_assert_int_eq(status_with("/api/v1/login", NULL, log_in), 401);
    ck_assert_int_eq(status_of("GET", "/health", NULL), 200);
    while (status_of("GET", "/api/v1/me", NULL) == 401) {
        ck_assert_int_lt(now_ms() - start, 10000);
        nanosleep(&tick, NULL);
    }
    ck_assert_int_ge(now_ms() - start, 390);
    ck_assert_int_eq(status_with("/api/v1/login", NULL, log_in), 200);
}
END_TEST

START_TEST(filters_are_ignored) {
    static const char one[] = "/api/v1/main/groups/search?filters[name][EQUALS]=platform";
    static const char bad[] = "/api/v1/main/groups/search?filters[x][EQUALS]=y";
    ck_assert(lists(one, "\"total\":1"));
    ck_assert_int_eq(status_of("GET", bad, NULL), 400);
    turn_on("", "filters-ignored");
    ck_assert(!lists(one, "\"total\":1"));
    ck_assert(lists(bad, DATA_ENG));
    ck_assert(lists("/api/v1/main/groups/search?q=platform", "\"total\":1"));
}
END_TEST

START_TEST(sorting_fails) {
    turn_on("", "sort-500");
    ck_assert_int_eq(status_of("GET", "/api/v1/users?sort=username:asc", NULL), 500);
    ck_assert_int_eq(status_of("GET", MEMBERS "?sort=username:asc", NULL), 500);
    ck_assert_int_eq(status_of("GET", "/api/v1/main/groups/search?sort=name:asc", NULL), 200);
}
END_TEST

static void advance_clock(const char *by) {
    char body[64];
    snprintf(body, sizeof(body), "{\"advance\":\"%s\"}", by);
    session_expect(
        &server,
        &(struct http_call){.method = "PUT", .target = "/__admin/kestub/clock", .body = body}, 200);
}

START_TEST(repeated_failures_lock_a_user_out) {
    static const char wrong[] = "{\"username\":\"root@root.com\",\"password\":\"x\"}";
    static const char right[] = "{\"username\":\"root@root.com\",\"password\":\"Root!1234\"}";
    ck_assert_int_eq(status_with("/api/v1/me", ROOT, NULL), 200);
    turn_on("", "lock-out=3");
    ck_assert_int_eq(status_with("/api/v1/me", "root@root.com:x", NULL), 401);
    ck_assert_int_eq(status_with("/api/v1/login", NULL, wrong), 401);
    ck_assert_int_eq(status_with("/api/v1/me", ROOT, NULL), 200);
    ck_assert_int_eq(status_with("/login", NULL, wrong), 401);
    ck_assert_int_eq(status_with("/api/v1/me", ROOT, NULL), 401);
    ck_assert_int_eq(status_with("/api/v1/login", NULL, right), 401);
    ck_assert_int_eq(status_of("GET", "/api/v1/me", NULL), 200); /* with a token */
    ck_assert_int_eq(status_with(OTHER "/api/v1/me", ROOT, NULL), 200);
    advance_clock("PT29M");
    ck_assert_int_eq(status_with("/api/v1/me", ROOT, NULL), 401);
    advance_clock("PT2M");
    ck_assert_int_eq(status_with("/api/v1/me", ROOT, NULL), 200);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(status_with("/api/v1/me", "root@root.com:x", NULL), 401);
    ck_assert_int_eq(status_with("/api/v1/me", ROOT, NULL), 401);
    turn_on("", "lock-out=3");
    ck_assert_int_eq(status_with("/api/v1/me", ROOT, NULL), 200);
}
END_TEST

START_TEST(the_license_limits_the_users) {
    struct http_answer answer;
    turn_on("", "license-limit");
    ck_assert_int_eq(send_bearer("POST", "/api/v1/users", "{\"email\":\"a@x.y\"}", &answer), 403);
    errors_check(403, "license-limit-exceeded", &answer);
    http_answer_deinit(&answer);
    ck_assert_int_eq(status_of("DELETE", "/api/v1/users/" ALAN, NULL), 204);
    ck_assert_int_eq(status_of("POST", "/api/v1/users", "{\"email\":\"a@x.y\"}"), 201);
    ck_assert_int_eq(status_of("POST", "/api/v1/users", "{\"email\":\"b@x.y\"}"), 403);
    turn_on("", "license-limit=1000");
    ck_assert_int_eq(status_of("POST", "/api/v1/users", "{\"email\":\"b@x.y\"}"), 201);
}
END_TEST

/* Invites somebody, and returns where the invited person joins (owned by the caller, free). */
static char *invite(void) {
    struct http_answer answer;
    char *id = NULL;
    char *target = NULL;
    ck_assert_int_eq(
        send_bearer("POST", "/api/v1/main/invitations", "{\"email\":\"i@x.y\"}", &answer), 201);
    ck_assert_int_eq(sscanf(strstr(answer.body, "\"id\""), "\"id\":\"%m[^\"]", &id), 1);
    ck_assert_int_gt(asprintf(&target, "/api/v1/invitation/create/%s", id), 0);
    http_answer_deinit(&answer);
    free(id);
    return target;
}

START_TEST(the_license_limits_those_who_are_invited) {
    static const char person[] =
        "{\"firstName\":\"I\",\"lastName\":\"I\",\"password\":\"Secret!1234\"}";
    struct http_answer answer;
    char *target = invite();
    turn_on("", "license-limit");
    ck_assert_int_eq(send_bearer("POST", target, person, &answer), 403);
    errors_check(403, "license-limit-exceeded", &answer);
    http_answer_deinit(&answer);
    ck_assert_int_eq(status_of("POST", target, "{\"firstName\":7}"), 422);
    turn_on("", "license-limit=1000");
    ck_assert_int_eq(status_of("POST", target, person), 200); /* it is still pending */
    free(target);
}
END_TEST

START_TEST(the_license_limits_the_users_of_a_provider) {
    struct http_answer answer;
    char *id = NULL;
    char *target = NULL;
    ck_assert_int_eq(send_bearer("POST", "/api/v1/main/security-integrations",
                                 "{\"name\":\"idp\",\"type\":\"SCIM\",\"description\":\"d\"}",
                                 &answer),
                     200);
    ck_assert_int_eq(sscanf(strstr(answer.body, "\"id\""), "\"id\":\"%m[^\"]", &id), 1);
    ck_assert_int_gt(asprintf(&target, "/api/v1/main/integrations/%s/scim/v2/Users", id), 0);
    http_answer_deinit(&answer);
    turn_on("", "license-limit");
    ck_assert_int_eq(send_bearer("POST", target, "{\"userName\":\"a@x.y\"}", &answer), 403);
    ck_assert_str_eq(http_header(&answer, "Content-Type"), "application/scim+json");
    ck_assert_msg(strstr(answer.body, "urn:ietf:params:scim:api:messages:2.0:Error") &&
                      strstr(answer.body, "\"status\":\"403\"") &&
                      strstr(answer.body, "the license allows no more users"),
                  "%s", answer.body);
    http_answer_deinit(&answer);
    ck_assert_int_eq(status_of("POST", target, "{\"userName\":7}"), 400);
    ck_assert_int_eq(send_bearer("GET", "/api/v1/main/auditlogs/search", NULL, &answer), 200);
    ck_assert_msg(!strstr(answer.body, "\"resource\":\"USER\""), "%s", answer.body);
    http_answer_deinit(&answer);
    turn_on("", "license-limit=1000");
    ck_assert_int_eq(status_of("POST", target, "{\"userName\":\"a@x.y\"}"), 201);
    free(target);
    free(id);
}
END_TEST

START_TEST(too_many_requests_are_refused) {
    struct http_answer answer;
    turn_on("", "rate-limit=2");
    ck_assert_int_eq(status_of("GET", "/api/v1/me", NULL), 200);
    ck_assert_int_eq(status_of("GET", "/health", NULL), 200);
    ck_assert_int_eq(send_bearer("GET", "/api/v1/me", NULL, &answer), 429);
    ck_assert_str_eq(http_header(&answer, "Retry-After"), "1");
    errors_check(429, NULL, &answer);
    http_answer_deinit(&answer);
    ck_assert_int_eq(status_of("GET", FAULTS, NULL), 200);
    ck_assert_int_eq(status_of("GET", OTHER "/api/v1/me", NULL), 200);
    const struct timespec second = {.tv_sec = 1};
    nanosleep(&second, NULL);
    ck_assert_int_eq(status_of("GET", "/api/v1/me", NULL), 200);
}
END_TEST

START_TEST(a_share_of_requests_fails) {
    int statuses[20];
    int failed = 0;
    turn_on("", "flaky=0.5:3");
    turn_on(OTHER, "flaky=0.5:3");
    for (int i = 0; i < 20; i++) {
        statuses[i] = status_of("GET", "/api/v1/me", NULL);
        ck_assert(statuses[i] == 200 || statuses[i] == 503);
        failed += statuses[i] == 503;
    }
    ck_assert_int_gt(failed, 2);
    ck_assert_int_lt(failed, 18);
    for (int i = 0; i < 20; i++)
        ck_assert_int_eq(status_of("GET", OTHER "/api/v1/me", NULL), statuses[i]);
}
END_TEST

START_TEST(a_reset_returns_to_the_profiles_of_the_flag) {
    struct process faulty;
    struct http_call get = {.method = "GET", .target = FAULTS};
    process_start(&faulty, (const char *const[]){"--fault", "stale-search=60000", NULL});
    session_expect(&faulty,
                   &(struct http_call){.method = "POST",
                                       .target = "/api/v1/users",
                                       .bearer = TOKEN,
                                       .body = "{\"email\":\"a@x.y\"}"},
                   201);
    session_expect(&faulty, &(struct http_call){.method = "DELETE", .target = FAULTS}, 204);
    session_expect(&faulty, &(struct http_call){.method = "POST", .target = "/__admin/reset"}, 200);
    char *body = session_call(&faulty, &get, 200);
    ck_assert_str_eq(body, "{\"faults\":[\"stale-search=60000\"]}\n");
    free(body);
    ck_assert_int_eq(process_stop(&faulty, SIGTERM), 0);
}
END_TEST

/* A client that replaces the state sees the new state at once. */
START_TEST(a_restored_state_is_not_stale) {
    turn_on("", "stale-search=60000");
    struct http_call save = {.method = "POST", .target = "/__admin/kestub/snapshots/x"};
    session_expect(&server, &save, 201);
    ck_assert_int_eq(status_of("DELETE", "/api/v1/users/" ALAN, NULL), 204);
    ck_assert(lists("/api/v1/users", ALAN));
    ck_assert_int_eq(status_of("POST", "/api/v1/users", "{\"email\":\"a@x.y\"}"), 201);
    save.target = "/__admin/kestub/snapshots/x/restore";
    session_expect(&server, &save, 200);
    ck_assert_int_eq(status_of("GET", "/api/v1/users/" ALAN, NULL), 200);
    ck_assert(lists("/api/v1/users", ALAN));
    ck_assert(!lists("/api/v1/users", "a@x.y"));
}
END_TEST

START_TEST(sandboxes_start_with_the_profiles_of_the_flag) {
    struct process faulty;
    process_start(&faulty, (const char *const[]){"--fault", "hang=1,license-limit=1", NULL});
    static const char *const targets[] = {FAULTS, OTHER FAULTS};
    for (size_t i = 0; i < 2; i++) {
        char *body =
            session_call(&faulty, &(struct http_call){.method = "GET", .target = targets[i]}, 200);
        ck_assert_str_eq(body, "{\"faults\":[\"hang=1:1\",\"license-limit=1\"]}\n");
        free(body);
    }
    ck_assert_int_eq(process_stop(&faulty, SIGTERM), 0);
}
END_TEST

START_TEST(a_wrong_flag_gets_one_line) {
    char out[256];
    char err[1024];
    ck_assert_int_eq(
        process_run((const char *const[]){"--port", "0", "--fault", "hang=1,flaky=2", NULL}, out,
                    sizeof(out), err, sizeof(err)),
        2);
    ck_assert_ptr_eq(strchr(err, '\n'), err + strlen(err) - 1);
    ck_assert_ptr_nonnull(strstr(err, "kestub: --fault: flaky takes a number from 0 to 1"));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("faults");
    TCase *tcase = suite_add(suite, "faults");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, sets_shows_and_clears);
    suite_add_rows(tcase, refuses_unknown_profiles, invalid);
    tcase_add_test(tcase, refuses_other_bodies);
    tcase_add_test(tcase, stale_members_lag);
    tcase_add_test(tcase, stale_members_know_new_groups);
    tcase_add_test(tcase, stale_search_lags);
    tcase_add_test(tcase, a_restored_state_is_not_stale);
    tcase_add_test(tcase, one_of_two_updates_is_lost);
    tcase_add_test(tcase, no_update_is_lost_after_another);
    tcase_add_test(tcase, requests_hang);
    tcase_add_test(tcase, connections_are_reset_for_a_while);
    tcase_add_test(tcase, a_restart_may_drop_the_state);
    tcase_add_test(tcase, credentials_are_rejected_for_a_while);
    tcase_add_test(tcase, filters_are_ignored);
    tcase_add_test(tcase, sorting_fails);
    tcase_add_test(tcase, repeated_failures_lock_a_user_out);
    tcase_add_test(tcase, the_license_limits_the_users);
    tcase_add_test(tcase, the_license_limits_those_who_are_invited);
    tcase_add_test(tcase, the_license_limits_the_users_of_a_provider);
    tcase_add_test(tcase, too_many_requests_are_refused);
    tcase_add_test(tcase, a_share_of_requests_fails);
    tcase = suite_add(suite, "other servers");
    tcase_add_test(tcase, requires_the_admin_token);
    tcase_add_test(tcase, a_reset_returns_to_the_profiles_of_the_flag);
    tcase_add_test(tcase, sandboxes_start_with_the_profiles_of_the_flag);
    tcase_add_test(tcase, a_wrong_flag_gets_one_line);
    return suite_run(suite);
}
