/* Users who have forgotten their passwords. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "session.h"
#include "steps.h"
#include "suite.h"

#define FORGOTTEN "/api/v1/forgotten-password"
#define RESET "/api/v1/reset-password"
#define RESETS "/__admin/kestub/password-resets"
#define CLOCK "/__admin/kestub/clock"
#define NO_RESETS "{\"passwordResets\":[]}"
#define NO_TOKEN "the token is unknown, used or expired"
#define CHANGED "ordinary@example.com:NewPass!1"

static void forget(const char *username) {
    char target[128];
    char body[128];
    bool is_old = version_is_in(BEFORE_2_0_RC);
    snprintf(target, sizeof(target), FORGOTTEN "?username=%s", username);
    snprintf(body, sizeof(body), "{\"username\":\"%s\"}", username);
    http_expect(steps_server(),
                &(struct http_call){.method = is_old ? "GET" : "POST",
                                    .target = is_old ? target : FORGOTTEN,
                                    .body = is_old ? NULL : body},
                200, "{}");
}

/* Reads the only token. */
static void find_token(char out[SECRET_SIZE]) {
    char *body =
        session_call(steps_server(), &(struct http_call){.method = "GET", .target = RESETS}, 200);
    cJSON *tree = cJSON_Parse(body);
    cJSON *list = cJSON_GetObjectItemCaseSensitive(tree, "passwordResets");
    ck_assert_int_eq(cJSON_GetArraySize(list), 1);
    char *first = cJSON_Print(cJSON_GetArrayItem(list, 0));
    session_member(first, "token", out);
    free(first);
    cJSON_Delete(tree);
    free(body);
}

static int reset(const char *token, const char *password) {
    char body[256];
    struct http_answer answer;
    snprintf(body, sizeof(body), "{\"token\":\"%s\",\"password\":\"%s\"}", token, password);
    http_send(steps_server(), &(struct http_call){.method = "POST", .target = RESET, .body = body},
              &answer);
    int status = answer.status;
    http_answer_deinit(&answer);
    return status;
}

START_TEST(a_token_sets_the_password_once) {
    char token[SECRET_SIZE];
    char jwt[SECRET_SIZE];
    session_open(steps_server(), "ordinary@example.com", "Password!234", jwt);
    forget("ORDINARY@example.com");
    find_token(token);
    STEPS_RUN({"GET", "/api/v1/me", NULL, 200, ORDINARY, .has = {"ordinary"}});
    ck_assert_int_eq(reset(token, "newpass"), 422);
    ck_assert_int_eq(reset(token, "NewPass!1"), 200);
    ck_assert_int_eq(reset(token, "NewPass!2"), 404);
    STEPS_RUN({"GET", "/api/v1/me", NULL, 401, .basic = ORDINARY},
              {"GET", "/api/v1/me", NULL, 200, CHANGED, .has = {"ordinary"}},
              {"GET", RESETS, NULL, 200, .has = {NO_RESETS}});
    ck_assert_int_eq(session_status(steps_server(), jwt), 401);
    ck_assert_int_eq(session_bearer_status(steps_server(), "ORDINA-token-0123456789"), 200);
}
END_TEST

/* Also for a user who has no password yet. */
START_TEST(only_the_newest_token_is_valid) {
    char old[SECRET_SIZE];
    char token[SECRET_SIZE];
    forget("both@example.com");
    find_token(old);
    forget("both@example.com");
    find_token(token);
    ck_assert_str_ne(old, token);
    ck_assert_int_eq(reset(old, "NewPass!1"), 404);
    ck_assert_int_eq(reset(token, "NewPass!1"), 200);
    STEPS_RUN({"GET", "/api/v1/me", NULL, 200, "both@example.com:NewPass!1", .has = {"both"}});
}
END_TEST

START_TEST(a_token_expires_after_an_hour) {
    char token[SECRET_SIZE];
    STEPS_RUN(
        {"PUT", CLOCK, "{\"now\":\"2026-01-01T00:00:00Z\",\"frozen\":true}", 200, .has = {"true"}});
    forget("ordinary@example.com");
    find_token(token);
    STEPS_RUN({"GET", RESETS, NULL, 200,
               .has = {"\"username\":\"ordinary@example.com\"",
                       "\"expiresAt\":\"2026-01-01T01:00:00Z\""}},
              {"PUT", CLOCK, "{\"advance\":\"PT1H\"}", 200, .has = {"true"}},
              {"GET", RESETS, NULL, 200, .has = {NO_RESETS}});
    ck_assert_int_eq(reset(token, "NewPass!1"), 404);
    STEPS_RUN({"PUT", CLOCK, "{\"now\":\"2026-01-01T00:59:59.999Z\"}", 200, .has = {"true"}});
    ck_assert_int_eq(reset(token, "NewPass!1"), 200);
}
END_TEST

/* Nobody learns who has an account. */
START_TEST(strangers_get_no_token) {
    forget("nobody@example.com");
    STEPS_RUN({"GET", RESETS, NULL, 200, .has = {NO_RESETS}},
              {"GET", "/api/v1/request-code/nobody@example.com", NULL, 200, .has = {"{}"}},
              {"GET", "/api/v1/request-code/ordinary@example.com", NULL, 200, .has = {"{}"}},
              {"GET", RESETS, NULL, 200, .has = {NO_RESETS}});
}
END_TEST

static const struct step refused[] = {
    {"POST", RESET, "{\"token\":\"x\",\"password\":\"NewPass!1\"}", 404, .has = {NO_TOKEN}},
    {"POST", RESET, "{\"token\":\"\",\"password\":\"NewPass!1\"}", 404, .has = {NO_TOKEN}},
    {"POST", RESET, "{\"token\":\"x\",\"password\":\"\"}", 422, .type = "password-policy-violation",
     .counted = "must have ", .count = 5},
    {"POST", RESET, "{\"token\":\"x\"}", 422, .has = {"resetPassword.request.password"}},
    {"POST", RESET, "{\"password\":\"NewPass!1\"}", 422, .has = {"resetPassword.request.token"}},
    {"POST", FORGOTTEN, "{}", 422, .versions = SINCE_2_0_RC,
     .has = {"forgottenPassword.request.username"}},
    {"GET", FORGOTTEN, NULL, 400, .type = "invalid-query-parameter", .versions = BEFORE_2_0_RC,
     .has = {"username"}},
    {"GET", FORGOTTEN "?username=x", NULL, 405, .versions = SINCE_2_0_RC},
    {"POST", FORGOTTEN, "{\"username\":\"x\"}", 405, .versions = BEFORE_2_0_RC},
};

START_TEST(refuses) {
    steps_run(&refused[_i], 1);
}
END_TEST

START_TEST(refuses_bad_bodies) {
    steps_refuse_bodies("POST", RESET, "{}");
    if (version_is_in(SINCE_2_0_RC))
        steps_refuse_bodies("POST", FORGOTTEN, "{}");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("forgotten_passwords");
    TCase *tcase = suite_add(suite, "forgotten passwords");
    tcase_add_checked_fixture(tcase, steps_setup, steps_teardown);
    tcase_add_test(tcase, a_token_sets_the_password_once);
    tcase_add_test(tcase, only_the_newest_token_is_valid);
    tcase_add_test(tcase, a_token_expires_after_an_hour);
    tcase_add_test(tcase, strangers_get_no_token);
    suite_add_rows(tcase, refuses, refused);
    tcase_add_test(tcase, refuses_bad_bodies);
    return suite_run(suite);
}
