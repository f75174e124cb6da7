/* Fault profiles: their text format, and each rule at times that the test chooses. */
#include <stdio.h>
#include <string.h>

#include "exchange/dispatch.h"
#include "faults/faults.h"
#include "store/user.h"
#include "suite.h"
#include "util/timestamp.h"
#include "world.h"

#define S INT64_C(1000000)

static const struct {
    const char *text;
    const char *canonical;
} valid[] = {
    {"stale-members", "stale-members=1000"},
    {"stale-members=1", "stale-members=1"},
    {"stale-search=60000", "stale-search=60000"},
    {"lost-update", "lost-update=50"},
    {"hang", "hang=10000:1"},
    {"hang=5", "hang=5:1"},
    {"hang=3600000:1000000", "hang=3600000:1000000"},
    {"restart", "restart=25000"},
    {"restart=25000:drop", "restart=25000:drop"},
    {"auth-not-ready", "auth-not-ready=60000"},
    {"filters-ignored", "filters-ignored"},
    {"sort-500", "sort-500"},
    {"lock-out", "lock-out=10"},
    {"lock-out=100", "lock-out=100"},
    {"license-limit", "license-limit"},
    {"license-limit=1000000000", "license-limit=1000000000"},
    {"rate-limit", "rate-limit=10"},
    {"flaky", "flaky=0.1:0"},
    {"flaky=1", "flaky=1:0"},
    {"flaky=0.125:7", "flaky=0.125:7"},
    {"flaky=0:1000000000", "flaky=0:1000000000"},
};

START_TEST(reads_and_writes_profiles) {
    char error[FAULT_ERROR_SIZE];
    char text[FAULT_TEXT_SIZE];
    struct fault_set set = {0};
    ck_assert_int_eq(fault_set_add(&set, valid[_i].text, error), 0);
    for (unsigned i = 0; i < N_PROFILES; i++)
        if (set.faults[i].on)
            fault_set_format(&set, (enum profile)i, text);
    ck_assert_str_eq(text, valid[_i].canonical);
}
END_TEST

static const struct {
    const char *list;
    const char *error;
} invalid[] = {
    {"", "'' is not one of stale-members, stale-search"},
    {"stale", "'stale' is not one of"},
    {"flaky,", "'' is not one of"},
    {"flaky,,hang", "'' is not one of"},
    {"Flaky", "; did you mean flaky?"},
    {"flakey=0.5:7", "; did you mean flaky?"},
    {"stale_members", "; did you mean stale-members?"},
    {"rate", "; did you mean rate-limit?"},
    {"brew", "rate-limit, flaky"},
    {"x23456789012345678901234567890123456789012345678901234567890123", "rate-limit, flaky"},
    {"x234567890123456789012345678901234567890123456789012345678901234", "'...' is not one of"},
    {"flaky=0.1,flaky", "flaky must not appear twice"},
    {"sort-500=1", "sort-500 takes no argument"},
    {"filters-ignored=", "filters-ignored takes no argument"},
    {"hang=", "hang takes a number from 1 to 3600000"},
    {"hang=0", "hang takes"},
    {"hang=3600001", "hang takes"},
    {"hang=-1", "hang takes"},
    {"hang=1.5", "hang takes"},
    {"hang=1e3", "hang takes"},
    {"hang= 1", "hang takes"},
    {"hang=1:", "followed by : and a number from 1 to 1000000"},
    {"hang=1:0", "hang takes"},
    {"hang=1:2:3", "hang takes"},
    {"hang=:2", "hang takes"},
    {"hang=99999999999999999999999", "hang takes"},
    {"restart=1:x", "restart takes a number from 1 to 3600000, optionally followed by :drop"},
    {"restart:drop", "; did you mean restart?"},
    {"lost-update=1:2", "lost-update takes a number from 1 to 60000"},
    {"stale-search=60001", "stale-search takes"},
    {"lock-out=101", "lock-out takes a number from 1 to 100"},
    {"license-limit=0", "license-limit takes"},
    {"rate-limit=10001", "rate-limit takes"},
    {"flaky=1.1", "flaky takes a number from 0 to 1"},
    {"flaky=.", "flaky takes"},
    {"flaky=0.1.1", "flaky takes"},
    {"flaky=nan", "flaky takes"},
    {"flaky=0.1:x", "flaky takes"},
};

START_TEST(refuses_invalid_profiles) {
    char error[FAULT_ERROR_SIZE];
    struct fault_set set = {.faults[PROFILE_HANG].value = 3};
    ck_assert_int_gt(fault_set_parse(invalid[_i].list, &set, error), 0);
    ck_assert_msg(strstr(error, invalid[_i].error), "%s", error);
    ck_assert(!set.faults[PROFILE_FLAKY].on && set.faults[PROFILE_HANG].value == 3);
}
END_TEST

static struct faults *faults;

static void turn_on(const char *list) {
    char error[FAULT_ERROR_SIZE] = "";
    struct fault_set set = {0};
    ck_assert_msg(fault_set_parse(list, &set, error) == 0, "%s", error);
    ck_assert_int_eq(faults_set(faults, &set, 100 * S), 0);
}

static void setup(void) {
    faults = faults_new();
}

static void teardown(void) {
    faults_free(faults);
}

START_TEST(starts_with_no_profile_on) {
    int64_t hold_ms = 1;
    ck_assert(!faults_are_active(faults));
    ck_assert(!faults_are_waiting(faults, PROFILE_RESTART, 0));
    ck_assert(!faults_draw_failure(faults) && !faults_exceed_rate(faults, 0));
    ck_assert_int_eq(faults_draw_hang(faults), 0);
    faults_note_failure(faults, "a", 0);
    ck_assert(!faults_are_locking(faults, "a", 0));
    ck_assert(!faults_begin_write(faults, "a", 0, &hold_ms));
    ck_assert_int_eq(hold_ms, 0);
    faults_cancel_write(faults, "a");
    ck_assert_int_eq(faults_note_write(faults, NULL, 0), 0);
    ck_assert_ptr_null(faults_find_past(faults, PROFILE_STALE_SEARCH, 0));
}
END_TEST

START_TEST(waits_once_after_it_is_turned_on) {
    turn_on("restart=2000,auth-not-ready=500");
    ck_assert(faults_are_waiting(faults, PROFILE_RESTART, 100 * S));
    ck_assert(faults_are_waiting(faults, PROFILE_RESTART, 102 * S - 1));
    ck_assert(!faults_are_waiting(faults, PROFILE_RESTART, 102 * S));
    ck_assert(faults_are_waiting(faults, PROFILE_AUTH_NOT_READY, 100 * S + S / 2 - 1));
    ck_assert(!faults_are_waiting(faults, PROFILE_AUTH_NOT_READY, 100 * S + S / 2));
    turn_on("restart=2000");
    ck_assert(faults_are_waiting(faults, PROFILE_RESTART, 101 * S));
    ck_assert(!faults_are_waiting(faults, PROFILE_AUTH_NOT_READY, 100 * S));
}
END_TEST

START_TEST(hangs_every_nth_time) {
    turn_on("hang=70:3");
    for (int i = 1; i <= 9; i++)
        ck_assert_int_eq(faults_draw_hang(faults), i % 3 == 0 ? 70 : 0);
    turn_on("hang=5");
    ck_assert_int_eq(faults_draw_hang(faults), 5);
}
END_TEST

START_TEST(a_seed_makes_failures_reproducible) {
    bool drawn[200];
    int failed = 0;
    turn_on("flaky=0.25:5");
    for (int i = 0; i < 200; i++)
        failed += drawn[i] = faults_draw_failure(faults);
    ck_assert_int_gt(failed, 25);
    ck_assert_int_lt(failed, 75);
    turn_on("flaky=0.25:5");
    for (int i = 0; i < 200; i++)
        ck_assert_int_eq(faults_draw_failure(faults), drawn[i]);
    turn_on("flaky=0");
    for (int i = 0; i < 50; i++)
        ck_assert(!faults_draw_failure(faults));
    turn_on("flaky=1");
    for (int i = 0; i < 50; i++)
        ck_assert(faults_draw_failure(faults));
}
END_TEST

START_TEST(limits_the_requests_in_any_second) {
    turn_on("rate-limit=3");
    ck_assert(!faults_exceed_rate(faults, 10 * S));
    ck_assert(!faults_exceed_rate(faults, 10 * S + 900000));
    ck_assert(!faults_exceed_rate(faults, 10 * S + 900000));
    ck_assert(faults_exceed_rate(faults, 11 * S - 1));
    ck_assert(!faults_exceed_rate(faults, 11 * S));
    ck_assert(faults_exceed_rate(faults, 11 * S + 899999));
    ck_assert(!faults_exceed_rate(faults, 11 * S + 900000));
    ck_assert(!faults_exceed_rate(faults, 11 * S + 900000));
    ck_assert(faults_exceed_rate(faults, 11 * S + 900000));
}
END_TEST

#define MINUTE INT64_C(60000)

START_TEST(locks_out_after_failures_within_five_minutes) {
    turn_on("lock-out=3");
    faults_note_failure(faults, "ada", 0);
    faults_note_failure(faults, "ada", MINUTE);
    faults_note_failure(faults, "ada", 5 * MINUTE); /* the first failure is too old */
    faults_note_failure(faults, "alan", 5 * MINUTE);
    ck_assert(!faults_are_locking(faults, "ada", 5 * MINUTE));
    faults_note_failure(faults, "ada", 6 * MINUTE - 1);
    ck_assert(faults_are_locking(faults, "ada", 6 * MINUTE - 1));
    ck_assert(!faults_are_locking(faults, "alan", 6 * MINUTE));
    faults_note_failure(faults, "ada", 30 * MINUTE);
    ck_assert(faults_are_locking(faults, "ada", 36 * MINUTE - 2));
    ck_assert(!faults_are_locking(faults, "ada", 36 * MINUTE - 1));
    faults_note_failure(faults, "ada", 36 * MINUTE); /* starts a new count */
    ck_assert(!faults_are_locking(faults, "ada", 36 * MINUTE));
}
END_TEST

START_TEST(forgets_the_oldest_of_many_suspects) {
    char name[16];
    turn_on("lock-out=2");
    faults_note_failure(faults, "first", 0);
    faults_note_failure(faults, "second", 1);
    faults_note_failure(faults, "second", 2);
    for (int i = 0; i < 255; i++) {
        snprintf(name, sizeof(name), "%d", i);
        faults_note_failure(faults, name, 3 + i);
    }
    ck_assert(faults_are_locking(faults, "second", 300));
    faults_note_failure(faults, "first", 300);
    ck_assert(!faults_are_locking(faults, "first", 300));
    ck_assert(!faults_are_locking(faults, "second", 300));
}
END_TEST

START_TEST(loses_overlapping_writes_of_one_user) {
    int64_t hold_ms;
    turn_on("lost-update=40");
    ck_assert(!faults_begin_write(faults, "ada", 10 * S, &hold_ms));
    ck_assert_int_eq(hold_ms, 40);
    ck_assert(faults_begin_write(faults, "ada", 10 * S + 10500, &hold_ms));
    ck_assert_int_eq(hold_ms, 30);
    ck_assert(!faults_begin_write(faults, "alan", 10 * S + 10500, &hold_ms));
    ck_assert(!faults_begin_write(faults, "ada", 10 * S + 40000, &hold_ms));
    ck_assert_int_eq(hold_ms, 40);
    faults_cancel_write(faults, "ada");
    ck_assert(!faults_begin_write(faults, "ada", 10 * S + 40001, &hold_ms));
}
END_TEST

static struct credential_meeting begin(enum credential_change change, int64_t ms) {
    struct credential_meeting meeting;
    faults_begin_credential(faults, "ada", change, 7, 10 * S + ms * 1000, &meeting);
    return meeting;
}

static bool end(enum credential_change change, const struct credential_meeting *meeting,
                bool failed) {
    return faults_end_credential(faults, "ada", change, meeting, failed);
}

START_TEST(whoever_ends_last_loses_the_token) {
    turn_on("lost-token=40");
    struct credential_meeting token = begin(CREDENTIAL_NEW_TOKEN, 0);
    struct credential_meeting password = begin(CREDENTIAL_PASSWORD, 10);
    ck_assert_int_eq(token.hold_ms, 40);
    ck_assert_int_eq(password.hold_ms, 30);
    ck_assert_int_eq(password.last_token, 7);
    ck_assert(!token.is_lost && !password.is_lost);
    bool token_is_last = _i == 0;
    if (!token_is_last)
        ck_assert(!end(CREDENTIAL_NEW_TOKEN, &token, false));
    ck_assert(end(CREDENTIAL_PASSWORD, &password, false));
    if (token_is_last)
        ck_assert(end(CREDENTIAL_NEW_TOKEN, &token, false));
}
END_TEST

START_TEST(a_failed_password_meets_no_token) {
    turn_on("lost-token=40");
    struct credential_meeting token = begin(CREDENTIAL_NEW_TOKEN, 0);
    struct credential_meeting password = begin(CREDENTIAL_PASSWORD, 10);
    ck_assert(!end(CREDENTIAL_PASSWORD, &password, true));
    ck_assert(!end(CREDENTIAL_NEW_TOKEN, &token, false));
    password = begin(CREDENTIAL_PASSWORD, 100);
    ck_assert(begin(CREDENTIAL_NEW_TOKEN, 101).is_lost);
    ck_assert(!end(CREDENTIAL_PASSWORD, &password, true));
    ck_assert(!begin(CREDENTIAL_NEW_TOKEN, 102).is_lost);
}
END_TEST

START_TEST(a_late_token_looks_into_its_own_window) {
    turn_on("lost-token=40");
    struct credential_meeting late = begin(CREDENTIAL_NEW_TOKEN, 0);
    struct credential_meeting token = begin(CREDENTIAL_NEW_TOKEN, 50);
    struct credential_meeting password = begin(CREDENTIAL_PASSWORD, 60);
    ck_assert(end(CREDENTIAL_PASSWORD, &password, false));
    ck_assert(!end(CREDENTIAL_NEW_TOKEN, &late, false));
    ck_assert(end(CREDENTIAL_NEW_TOKEN, &token, false));
    turn_on("sort-500");
    ck_assert(!end(CREDENTIAL_NEW_TOKEN, &token, false));
    ck_assert_int_eq(begin(CREDENTIAL_NEW_TOKEN, 70).hold_ms, 0);
}
END_TEST

START_TEST(takes_the_number_of_users_once) {
    turn_on("license-limit");
    ck_assert_int_eq(faults_max_users(faults), 0);
    faults_tell_users(faults, 3);
    faults_tell_users(faults, 5);
    ck_assert_int_eq(faults_max_users(faults), 3);
    turn_on("license-limit=7");
    ck_assert_int_eq(faults_max_users(faults), 7);
    turn_on("sort-500");
    ck_assert_int_eq(faults_max_users(faults), INT64_MAX);
}
END_TEST

START_TEST(resets_to_the_initial_profiles) {
    char error[FAULT_ERROR_SIZE];
    struct fault_set set;
    struct faults *other = faults_new();
    ck_assert_int_eq(fault_set_parse("sort-500,hang=7", &set, error), 0);
    ck_assert_int_eq(faults_start(faults, &set), 0);
    turn_on("flaky");
    ck_assert_int_eq(faults_start_as(other, faults), 0);
    ck_assert(faults_is_on(other, PROFILE_SORT_500) && !faults_is_on(other, PROFILE_FLAKY));
    ck_assert(faults_is_on(faults, PROFILE_FLAKY) && !faults_is_on(faults, PROFILE_SORT_500));
    ck_assert_int_eq(faults_reset(faults), 0);
    faults_get(faults, &set);
    ck_assert(set.faults[PROFILE_HANG].on && !set.faults[PROFILE_FLAKY].on);
    ck_assert_int_eq(faults_draw_hang(faults), 7);
    faults_free(other);
}
END_TEST

static struct config config;
static struct sandbox sandbox;

static void setup_world(void) {
    world_init(&config, &sandbox);
    faults = sandbox.faults;
}

static void teardown_world(void) {
    sandbox_deinit(&sandbox);
}

static int64_t count_users(struct store *store) {
    struct transaction transaction;
    int64_t count = 0;
    store_begin(store, &transaction);
    ck_assert_int_eq(store_user_count(store, &count), 0);
    store_transaction_end(&transaction);
    return count;
}

static void insert_user(const char *id) {
    struct transaction transaction;
    int64_t pk;
    store_begin(sandbox.iam.store, &transaction);
    ck_assert_int_eq(store_start_writing(&transaction), 0);
    ck_assert_int_eq(store_user_insert(sandbox.iam.store,
                                       &(struct user){.id = id, .username = id, .email = id}, &pk),
                     0);
    ck_assert_int_eq(store_commit(&transaction), 0);
}

/* Counts the users of one lag ago, or the present ones when there is no copy. */
static int64_t count_past(int64_t now_us) {
    struct past *past = faults_find_past(faults, PROFILE_STALE_SEARCH, now_us);
    int64_t count = count_users(past ? past_store(past) : sandbox.iam.store);
    past_release(past);
    return count;
}

START_TEST(shows_the_state_of_one_lag_ago) {
    int64_t n = count_users(sandbox.iam.store);
    turn_on("stale-search=800");
    ck_assert_int_eq(count_past(S), n);
    ck_assert_int_eq(faults_note_write(faults, sandbox.iam.store, 10 * S), 0);
    insert_user("first");
    ck_assert_int_eq(faults_note_write(faults, sandbox.iam.store, 10 * S + 99999), 0);
    insert_user("with the first");
    ck_assert_int_eq(faults_note_write(faults, sandbox.iam.store, 10 * S + 100000), 0);
    insert_user("later");
    ck_assert_int_eq(count_past(10 * S + 799999), n);
    ck_assert_int_eq(count_past(10 * S + 899998), n);
    ck_assert_int_eq(count_past(10 * S + 899999), n + 2);
    ck_assert_int_eq(count_past(10 * S + 900000), n + 3);
    ck_assert_ptr_null(faults_find_past(faults, PROFILE_STALE_SEARCH, 11 * S));
    ck_assert_int_eq(faults_note_write(faults, sandbox.iam.store, 20 * S), 0);
    faults_forget_past(faults);
    ck_assert_ptr_null(faults_find_past(faults, PROFILE_STALE_SEARCH, 20 * S));
}
END_TEST

START_TEST(keeps_no_more_copies_than_it_needs) {
    struct history history = {.lag_us = 800};
    size_t most = 0;
    for (int64_t now_us = 1; now_us < 5000; now_us += 10) {
        ck_assert_int_eq(history_note_write(&history, sandbox.iam.store, now_us), 0);
        most = history.count > most ? history.count : most;
    }
    ck_assert_uint_eq(most, 9);
    history_clear(&history);
    history.lag_us = 1; /* an eighth of it is less than a microsecond */
    for (int i = 0; i < 3 * HISTORY_SIZE; i++)
        ck_assert_int_eq(history_note_write(&history, sandbox.iam.store, 7), 0);
    ck_assert_uint_eq(history.count, HISTORY_SIZE);
    history_clear(&history);
}
END_TEST

#define ALAN "/api/v1/main/users/2EPi5XC0oluKRCVF56gcC/groups"
#define PLATFORM "/api/v1/main/groups/7C1klfgdQmLTCyrnlejrtg/members"
#define ADD_ALAN PLATFORM "/2EPi5XC0oluKRCVF56gcC"

#define GRACE "4by6NvSLcPXFhCj8nwbZOM"

static const char *const grace = "Basic Z3JhY2VAZXhhbXBsZS5jb206UGFzc3dvcmQhMjM0";
static const char *const root = "Bearer KESTUB-root-token-for-tests-only-0123456789";

static struct exchange exchange;

/* Returns the status. The caller ends the exchange. */
static int run(const char *method, const char *target, const char *authorization,
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
    return exchange.response.status;
}

static void expect(const char *method, const char *target, const char *body, int status) {
    ck_assert_int_eq(run(method, target, root, body), status);
    exchange_deinit(&exchange);
}

START_TEST(delays_and_loses_a_membership_write) {
    turn_on("lost-update=60000,hang=5");
    ck_assert_int_eq(run("PUT", ALAN, root, "{\"groupIds\":[\"x\"]}"), 404);
    ck_assert_int_eq(exchange.response.delivery.delay_ms, 5);
    exchange_deinit(&exchange);
    ck_assert_int_eq(run("PUT", ADD_ALAN, root, NULL), 200);
    ck_assert_int_eq(exchange.response.delivery.delay_ms, 60005);
    exchange_deinit(&exchange);
    ck_assert_int_eq(run("PUT", ALAN, root, "{\"groupIds\":[]}"), 204); /* this write is lost */
    ck_assert_int_gt(exchange.response.delivery.delay_ms, 5);
    exchange_deinit(&exchange);
    expect("PUT", ADD_ALAN, NULL, 409);
    expect("PUT", ADD_ALAN "?membership=OWNER", NULL, 409);
    turn_on("sort-500");
    expect("PUT", ADD_ALAN, NULL, 409);
}
END_TEST

START_TEST(a_lost_write_changes_nothing) {
    turn_on("lost-update=60000");
    expect("PUT", ALAN, "{\"groupIds\":[]}", 204);
    expect("PUT", ADD_ALAN, NULL, 200);
    turn_on("sort-500");
    expect("PUT", ADD_ALAN, NULL, 200);
    ck_assert_ptr_eq(exchange.iam, &exchange.own_iam);
}
END_TEST

static const struct {
    const char *body;
    int status;
} one_too_many[] = {
    {"{\"email\":\"new@example.com\"}", 403},
    {"{\"email\":\"new@example.com\",\"password\":\"weak\"}", 422},
    {"{\"email\":\"alan@example.com\"}", 403},
    {"{\"email\":\"new@example.com\",\"tenants\":[\"nowhere\"]}", 403},
    {"{\"email\":7}", 422},
};

START_TEST(refuses_one_user_too_many) {
    turn_on("license-limit=4");
    expect("POST", "/api/v1/users", one_too_many[_i].body, one_too_many[_i].status);
    ck_assert_int_eq(count_users(sandbox.iam.store), 4);
    turn_on("license-limit=5");
    expect("POST", "/api/v1/users", "{\"email\":\"new@example.com\"}", 201);
    expect("POST", "/api/v1/users", "{\"email\":\"newer@example.com\"}", 403);
    ck_assert_int_eq(count_users(sandbox.iam.store), 5);
}
END_TEST

START_TEST(gives_the_last_room_to_one_request) {
    bool first = false;
    bool second = true;
    turn_on("license-limit=5");
    ck_assert_int_eq(faults_take_room(faults, &sandbox.iam, &first), 0);
    ck_assert_int_eq(faults_take_room(faults, &sandbox.iam, &second), 0);
    ck_assert(first && !second);
    turn_on("sort-500"); /* a user in creation returns its room even if the profile is off by
                          * then */
    faults_return_room(faults);
    turn_on("license-limit=5");
    ck_assert_int_eq(faults_take_room(faults, &sandbox.iam, &second), 0);
    ck_assert(second);
    faults_return_room(faults);
}
END_TEST

static void expect_members(const char *target, const char *authorization, int status,
                           const char *text) {
    ck_assert_int_eq(run("GET", target, authorization, NULL), status);
    ck_assert_msg(strstr(exchange.response.body, text), "%s", exchange.response.body);
    exchange_deinit(&exchange);
}

/* A change of who may see a group's members takes effect at once. */
START_TEST(shows_past_members_by_present_permissions) {
    char target[128];
    char id[32];
    turn_on("stale-members=60000");
    expect_members(PLATFORM, grace, 403, "Access denied");
    expect("PUT", PLATFORM "/" GRACE, NULL, 200);
    expect("PUT", PLATFORM "/membership/" GRACE "?membership=OWNER", NULL, 200);
    expect_members(PLATFORM, grace, 200, "\"total\":1");
    expect_members(PLATFORM "?sort=no:asc", grace, 422, "Invalid sort");
    expect_members(PLATFORM, root, 200, "\"total\":1");
    run("POST", "/api/v1/main/groups", root, "{\"name\":\"new\",\"membersId\":[\"" GRACE "\"]}");
    ck_assert_int_eq(sscanf(strstr(exchange.response.body, "\"id\":\""), "\"id\":\"%31[^\"]", id),
                     1);
    exchange_deinit(&exchange);
    snprintf(target, sizeof(target), "/api/v1/main/groups/%s/members", id);
    expect_members(target, root, 200, "{\"results\":[],\"total\":0}");
    expect_members(target, grace, 403, "Access denied");
    strcat(target, "?q=grace&sort=no:asc");
    expect_members(target, root, 422, "Invalid sort");
    turn_on("sort-500");
    expect_members(PLATFORM, root, 200, "\"total\":2");
}
END_TEST

START_TEST(breaks_connections_meanwhile) {
    turn_on("restart=3600000");
    ck_assert(faults_are_active(faults));
    struct fault_set set = {.faults[PROFILE_RESTART] = {true, 3600000, 0},
                            .faults[PROFILE_HANG] = {true, 1000, 1}};
    ck_assert_int_eq(faults_set(faults, &set, timestamp_monotonic_us()), 0);
    run("GET", "/health", NULL, NULL);
    ck_assert_int_eq(exchange.response.delivery.breakage, BREAKAGE_CONNECTION_RESET_BY_PEER);
    ck_assert_int_eq(exchange.response.delivery.delay_ms, 0);
    ck_assert_str_eq(exchange.routing.operation->id, "getHealth");
    exchange_deinit(&exchange);
    ck_assert_int_eq(run("GET", "/__admin/health", NULL, NULL), 200);
    ck_assert_int_eq(exchange.response.delivery.breakage, BREAKAGE_NONE);
    exchange_deinit(&exchange);
}
END_TEST

static const struct {
    const char *target;
    int status;
} sorted[] = {
    {"/api/v1/users?sort=username:asc", 500},
    {"/api/v1/users?sort=email:asc,username:desc", 500},
    {"/api/v1/users?sort=email:asc", 200},
    {"/api/v1/users?sort=usernames:asc", 422},
    {"/api/v1/users", 200},
    {PLATFORM "?sort=email:asc", 500},
    {PLATFORM, 200},
    {"/api/v1/main/groups/search?sort=name:asc", 200},
};

START_TEST(fails_to_sort) {
    turn_on("sort-500");
    expect("GET", sorted[_i].target, NULL, sorted[_i].status);
    ck_assert_int_eq(exchange.failure, 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("faults");
    TCase *tcase = suite_add(suite, "texts");
    suite_add_rows(tcase, reads_and_writes_profiles, valid);
    suite_add_rows(tcase, refuses_invalid_profiles, invalid);
    tcase = suite_add(suite, "rules");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, starts_with_no_profile_on);
    tcase_add_test(tcase, waits_once_after_it_is_turned_on);
    tcase_add_test(tcase, hangs_every_nth_time);
    tcase_add_test(tcase, a_seed_makes_failures_reproducible);
    tcase_add_test(tcase, limits_the_requests_in_any_second);
    tcase_add_test(tcase, locks_out_after_failures_within_five_minutes);
    tcase_add_test(tcase, forgets_the_oldest_of_many_suspects);
    tcase_add_test(tcase, loses_overlapping_writes_of_one_user);
    tcase_add_loop_test(tcase, whoever_ends_last_loses_the_token, 0, 2);
    tcase_add_test(tcase, a_failed_password_meets_no_token);
    tcase_add_test(tcase, a_late_token_looks_into_its_own_window);
    tcase_add_test(tcase, takes_the_number_of_users_once);
    tcase_add_test(tcase, resets_to_the_initial_profiles);
    tcase = suite_add(suite, "requests");
    tcase_add_checked_fixture(tcase, setup_world, teardown_world);
    tcase_add_test(tcase, shows_the_state_of_one_lag_ago);
    tcase_add_test(tcase, keeps_no_more_copies_than_it_needs);
    tcase_add_test(tcase, delays_and_loses_a_membership_write);
    tcase_add_test(tcase, a_lost_write_changes_nothing);
    suite_add_rows(tcase, refuses_one_user_too_many, one_too_many);
    tcase_add_test(tcase, gives_the_last_room_to_one_request);
    tcase_add_test(tcase, shows_past_members_by_present_permissions);
    tcase_add_test(tcase, breaks_connections_meanwhile);
    suite_add_rows(tcase, fails_to_sort, sorted);
    return suite_run(suite);
}
