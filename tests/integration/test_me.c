/* /api/v1/me and passwords: a caller's own profile, and how the caller and administrators change
 * it. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "session.h"
#include "steps.h"
#include "suite.h"

#define ME "/api/v1/me"
#define USERS "/api/v1/users"
#define ERRORS "\"errors\":[{"
#define NO_USER "User does not exist for id 'nobody'"
#define NEW_PASSWORD "{\"oldPassword\":\"Password!234\",\"newPassword\":\"NewPass!1\"}"
#define CHANGED "ordinary@example.com:NewPass!1"
#define EACH "\":\"must have "

struct operation_row {
    const char *method;
    const char *path;
    const char *body; /* NULL: it takes no body */
};

/* Operations on other users, for super-admins. */
static const struct operation_row operations[] = {
    {"PATCH", USERS "/ordinary/password", "{\"password\":\"NewPass!1\"}"},
    {"DELETE", USERS "/ordinary/auths/BasicAuth", NULL},
    {"DELETE", USERS "/ordinary/refresh-token", NULL},
    {"POST", USERS "/ordinary/impersonate", NULL},
};

/* Operations on the caller's own account. */
static const struct operation_row own[] = {
    {"GET", ME, NULL},
    {"PATCH", ME, "{\"firstName\":\"O\"}"},
    {"PUT", ME "/password", NEW_PASSWORD},
    {"GET", ME "/api-tokens", NULL},
    {"POST", ME "/api-tokens", "{\"name\":\"ci\"}"},
    {"DELETE", ME "/api-tokens/nope", NULL},
};

static void check_unchanged(void) {
    STEPS_RUN({"GET", ME, NULL, 200, .basic = ORDINARY, .lacks = {"firstName"}});
}

START_TEST(refuses_all_but_super_admins) {
    struct http_call call = {.method = operations[_i].method,
                             .target = operations[_i].path,
                             .body = operations[_i].body};
    steps_expect(&call, 401, NULL);
    call.basic = ORDINARY;
    steps_expect(&call, 403, NULL);
    check_unchanged();
}
END_TEST

START_TEST(refuses_unknown_callers) {
    struct http_call call = {
        .method = own[_i].method, .target = own[_i].path, .body = own[_i].body};
    steps_expect(&call, 401, NULL);
    call.basic = "ordinary@example.com:wrong";
    steps_expect(&call, 401, NULL);
    check_unchanged();
}
END_TEST

static void refuse_bodies(const struct operation_row *operation) {
    steps_refuse_bodies(operation->method, operation->path, operation->body);
    check_unchanged();
}

START_TEST(refuses_bad_bodies) {
    refuse_bodies(&operations[_i]);
}
END_TEST

START_TEST(refuses_bad_own_bodies) {
    refuse_bodies(&own[_i]);
}
END_TEST

static const struct step refused[] = {
    {"PATCH", USERS "/nobody/password", "{\"password\":\"NewPass!1\"}", 404, .has = {NO_USER}},
    {"DELETE", USERS "/nobody/auths/BasicAuth", NULL, 404, .has = {NO_USER}},
    {"DELETE", USERS "/nobody/auths/OIDC", NULL, 404, .has = {NO_USER}},
    {"DELETE", USERS "/nobody/refresh-token", NULL, 404, .has = {NO_USER}},
    {"POST", USERS "/nobody/impersonate", NULL, 404, .has = {NO_USER}},
    {"DELETE", USERS "/ordinary/auths/OIDC", NULL, 404,
     .has = {"Authentication method does not exist for id 'OIDC'"}},
    {"DELETE", USERS "/ordinary/auths/basicauth", NULL, 404, .basic = NULL},
    {"DELETE", USERS "/both/auths/BasicAuth", NULL, 404, .has = {"for id 'BasicAuth'"}},
    {"PATCH", USERS "/ordinary/password", "{}", 422, .has = {ERRORS, ".password\""}},
    {"PATCH", USERS "/ordinary/password", "{\"password\":null}", 422, .has = {ERRORS}},
    {"PATCH", USERS "/ordinary/password", "{\"password\":\"a\\u0000Bcdefg!1\"}", 422,
     .unreadable = "", .has = {ERRORS}},
    {"PATCH", USERS "/ordinary/password", "{\"password\":\"\"}", 422,
     .type = "password-policy-violation", .counted = EACH, .count = 5},
    {"PATCH", USERS "/ordinary/password", "{\"password\":\"password\"}", 422,
     .type = "password-policy-violation", .counted = EACH, .count = 3},
    {"PUT", ME "/password", "{\"oldPassword\":\"Root!1234\",\"newPassword\":\"Aa1!\"}", 422,
     .type = "password-policy-violation", .counted = EACH, .count = 1},
    {"PUT", ME "/password", "{\"newPassword\":\"NewPass!1\"}", 422, .has = {".oldPassword\""}},
    {"PUT", ME "/password", "{\"oldPassword\":\"Root!1234\"}", 422, .has = {".newPassword\""}},
    {"PUT", ME "/password", "{\"oldPassword\":\"root!1234\",\"newPassword\":\"NewPass!1\"}", 400,
     .type = "invalid-credentials", .has = {"The old password is incorrect."}},
    {"PUT", ME "/password", "{\"oldPassword\":\"\",\"newPassword\":\"NewPass!1\"}", 400,
     .type = "invalid-credentials", .lacks = {"errors"}},
    {"PATCH", ME, "{\"email\":\"me\"}", 422, .has = {ERRORS, ".email\""}},
    {"PATCH", ME, "{\"firstName\":7}", 422, .unreadable = "firstName",
     .has = {ERRORS, ".firstName\""}},
    {"PATCH", ME, "{\"email\":\"BOTH@example.com\"}", 409,
     .has = {"another user has the e-mail address 'BOTH@example.com'"}},
};

START_TEST(refuses_and_changes_nothing) {
    steps_run(&refused[_i], 1);
    check_unchanged();
}
END_TEST

/* Since 2.0 the caller sees which groups they own. */
START_TEST(shows_owned_groups) {
    if (version_is_in(BEFORE_2_0)) {
        STEPS_RUN({"GET", ME, NULL, 200, .basic = OWNER, .lacks = {"ownedGroups"}});
        return;
    }
    STEPS_RUN({"GET", ME, NULL, 200, .basic = OWNER,
               .has = {"\"ownedGroups\":[{\"tenantId\":\"main\",\"id\":\"owned-a\"}"}},
              {"GET", ME, NULL, 200, .basic = ORDINARY, .has = {"\"ownedGroups\":[]"}},
              {"PUT", "/api/v1/main/groups/main-only/members/membership/ordinary?membership=OWNER",
               NULL, .status = 200},
              {"GET", ME, NULL, 200, .basic = ORDINARY,
               .has = {"\"ownedGroups\":[{\"tenantId\":\"main\",\"id\":\"main-only\"}]"}});
}
END_TEST

START_TEST(shows_and_changes_the_caller) {
    STEPS_RUN({"GET", ME, NULL, 200,
               .has = {"\"id\":\"root\",\"{privilege}\":true,\"restricted\":false",
                       "\"profile\":{\"email\":\"root@root.com\",\"username\":\"root@root.com\"}",
                       "\"auths\":[{\"name\":\"BasicAuth\",\"type\":\"BASIC_AUTH\"}]",
                       "\"tenants\":[{\"id\":\"main\",\"name\":\"Main\"},"}},
              {"PATCH", ME, "{\"firstName\":\"Ora\",\"lastName\":\"Dinary\"}", 200,
               .basic = ORDINARY, .has = {"\"firstName\":\"Ora\",\"lastName\":\"Dinary\""}},
              {"PATCH", ME, "{\"email\":\"ora@example.com\"}", 200, .basic = ORDINARY,
               .has = {"\"email\":\"ora@example.com\"", "\"firstName\":\"Ora\""}},
              {"GET", ME, NULL, 401, .basic = ORDINARY},
              {"GET", ME, NULL, 200, .basic = "ora@example.com:Password!234",
               .has = {"\"id\":\"ordinary\",\"{privilege}\":false"}});
}
END_TEST

/* The ways to set a new password. The old password and the sessions end at once; tokens stay
 * valid. */
static const struct step changes[] = {
    {"PUT", ME "/password", NEW_PASSWORD, 200, .basic = ORDINARY, .has = {"{}"}},
    {"PATCH", USERS "/ordinary/password", "{\"password\":\"NewPass!1\"}", 200,
     .has = {"\"id\":\"ordinary\"", "\"auths\":[{\"id\":\"BasicAuth\""}, .lacks = {"Pass!"}},
    {"PUT", USERS "/ordinary", "{\"email\":\"ordinary@example.com\",\"password\":\"NewPass!1\"}",
     200, .basic = NULL},
};

START_TEST(a_new_password_replaces_the_old_one) {
    const struct process *server = steps_server();
    char jwt[SECRET_SIZE];
    session_open(server, "ordinary@example.com", "Password!234", jwt);
    ck_assert_int_eq(session_status(server, jwt), 200);
    STEPS_RUN({"GET", ME, NULL, 200, .basic = ORDINARY}, {"GET", ME, NULL, 401, .basic = CHANGED});
    steps_run(&changes[_i], 1);
    STEPS_RUN({"GET", ME, NULL, 401, .basic = ORDINARY}, {"GET", ME, NULL, 200, .basic = CHANGED});
    ck_assert_int_eq(session_status(server, jwt), 401);
    ck_assert_int_eq(session_bearer_status(server, "ORDINA-token-0123456789"), 200);
    session_expect(server,
                   &(struct http_call){.method = "POST",
                                       .target = "/api/v1/login",
                                       .body = "{\"username\":\"ordinary@example.com\","
                                               "\"password\":\"Password!234\"}"},
                   401);
    session_open(server, "ordinary@example.com", "NewPass!1", jwt);
    /* Change it back. */
    STEPS_RUN({"PUT", ME "/password",
               "{\"oldPassword\":\"NewPass!1\",\"newPassword\":\"Password!234\"}", 200,
               .basic = CHANGED},
              {"GET", ME, NULL, 200, .basic = ORDINARY}, {"GET", ME, NULL, 401, .basic = CHANGED});
    ck_assert_int_eq(session_status(server, jwt), 401);
}
END_TEST

enum { RIVALS = 8 };

static void *change_password(void *cls) {
    char body[128];
    struct http_answer answer;
    snprintf(body, sizeof(body),
             "{\"oldPassword\":\"Password!234\",\"newPassword\":\"NewPass!%d\"}", *(int *)cls);
    http_send(steps_server(),
              &(struct http_call){.method = "PUT",
                                  .target = ME "/password",
                                  .bearer = "ORDINA-token-0123456789",
                                  .body = body},
              &answer);
    *(int *)cls = answer.status;
    http_answer_deinit(&answer);
    return NULL;
}

/* Only one of several concurrent changes finds its old password valid. */
START_TEST(only_one_concurrent_change_succeeds) {
    pthread_t threads[RIVALS];
    int statuses[RIVALS];
    int winners = 0;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    for (int i = 0; i < RIVALS; i++) {
        statuses[i] = i;
        ck_assert_int_eq(pthread_create(&threads[i], NULL, change_password, &statuses[i]), 0);
    }
    for (int i = 0; i < RIVALS; i++) {
        pthread_join(threads[i], NULL);
        ck_assert(statuses[i] == 200 || statuses[i] == 400);
        winners += statuses[i] == 200;
    }
    ck_assert_int_eq(winners, 1);
}
END_TEST

START_TEST(a_password_can_be_removed_and_set) {
    const struct process *server = steps_server();
    char jwt[SECRET_SIZE];
    session_open(server, "ordinary@example.com", "Password!234", jwt);
    STEPS_RUN({"DELETE", USERS "/ordinary/auths/BasicAuth", NULL, 200,
               .has = {"\"id\":\"ordinary\"", "\"auths\":[]"}},
              {"DELETE", USERS "/ordinary/auths/BasicAuth", NULL, 404, .basic = NULL},
              {"GET", ME, NULL, 401, .basic = ORDINARY});
    ck_assert_int_eq(session_status(server, jwt), 401);
    const char *token = "ORDINA-token-0123456789";
    struct http_call change = {
        .method = "PUT", .target = ME "/password", .bearer = token, .body = NEW_PASSWORD};
    session_expect(server, &change, 400); /* no old password can be right */
    STEPS_RUN(
        {"PATCH", USERS "/ordinary/password", "{\"password\":\"NewPass!1\"}", 200, .basic = NULL},
        {"GET", ME, NULL, 200, .basic = CHANGED});
}
END_TEST

/* Since 2.0 a session without the CSRF token may read, but change nothing. */
START_TEST(changes_by_a_session_need_the_csrf_token) {
    const struct process *server = steps_server();
    char jwt[SECRET_SIZE];
    char cookie[SECRET_SIZE + 64];
    session_open(server, "ordinary@example.com", "Password!234", jwt);
    snprintf(cookie, sizeof(cookie), "Cookie: JWT=%s; csrfToken=0123", jwt);
    struct http_call call = {
        .method = own[_i].method, .target = own[_i].path, .header = cookie, .body = own[_i].body};
    if (version_under_test()->checks_csrf && strcmp(call.method, "GET") != 0) {
        session_expect_csrf_refusal(server, &call);
        check_unchanged();
        call.header2 = "X-CSRF-TOKEN: 0123";
    }
    session_expect(server, &call, strstr(call.target, "nope") ? 404 : 200);
}
END_TEST

/* An empty server has no user that the caller could be. */
START_TEST(an_empty_server_finds_no_caller) {
    struct process server;
    process_start(&server, (const char *const[]){"--fixture", "empty", "--auth", "off", NULL});
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        char *body =
            session_call(&server,
                         &(struct http_call){
                             .method = own[i].method, .target = own[i].path, .body = own[i].body},
                         404);
        ck_assert_ptr_nonnull(strstr(body, "User does not exist for id 'anyone'"));
        free(body);
    }
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
}
END_TEST

static const struct {
    const char *mode;
    const char *header;
    int status;
    const char *id; /* or NULL */
} modes[] = {
    {"off", NULL, 200, "\"id\":\"root\""},
    {"any", NULL, 401, NULL},
    {"any", "Authorization: Bearer anything", 200, "\"id\":\"root\""},
    {"any", "Authorization: Basic eDp5", 200, "\"id\":\"root\""},
    {"any", "Authorization: Basic x", 401, NULL},
    {"any", "Cookie: JWT=0123456789", 401, NULL},
    {"strict", "Authorization: Bearer anything", 401, NULL},
};

START_TEST(without_credentials_the_caller_is_the_first_super_admin) {
    struct process server;
    char fixture[512];
    char jwt[SECRET_SIZE];
    char cookie[SECRET_SIZE + 64];
    snprintf(fixture, sizeof(fixture), "%s/edge.json", getenv("KESTUB_FIXTURES"));
    process_start(&server,
                  (const char *const[]){"--fixture", fixture, "--auth", modes[_i].mode, NULL});
    struct http_call call = {.method = "GET", .target = ME, .header = modes[_i].header};
    char *body = session_call(&server, &call, modes[_i].status);
    ck_assert_msg(!modes[_i].id || strstr(body, modes[_i].id), "%s", body);
    free(body);
    /* A login is verified in every auth mode. Where the mode asks for credentials, the session
     * belongs to its user. */
    session_open(&server, "ordinary@example.com", "Password!234", jwt);
    snprintf(cookie, sizeof(cookie), "Cookie: JWT=%s", jwt);
    call.header = cookie;
    body = session_call(&server, &call, 200);
    const char *id = strcmp(modes[_i].mode, "off") == 0 ? "\"id\":\"root\"" : "\"id\":\"ordinary\"";
    ck_assert_msg(strstr(body, id), "%s", body);
    free(body);
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("me");
    TCase *rows = suite_add(suite, "rows");
    tcase_add_checked_fixture(rows, steps_setup, steps_teardown);
    suite_add_rows(rows, refuses_all_but_super_admins, operations);
    suite_add_rows(rows, refuses_unknown_callers, own);
    suite_add_rows(rows, refuses_bad_bodies, operations);
    suite_add_rows(rows, refuses_bad_own_bodies, own);
    suite_add_rows(rows, refuses_and_changes_nothing, refused);
    tcase_add_test(rows, shows_owned_groups);
    tcase_add_test(rows, shows_and_changes_the_caller);
    suite_add_rows(rows, a_new_password_replaces_the_old_one, changes);
    tcase_add_test(rows, only_one_concurrent_change_succeeds);
    tcase_add_test(rows, a_password_can_be_removed_and_set);
    suite_add_rows(rows, changes_by_a_session_need_the_csrf_token, own);
    TCase *modes_case = suite_add(suite, "modes");
    tcase_add_test(modes_case, an_empty_server_finds_no_caller);
    suite_add_rows(modes_case, without_credentials_the_caller_is_the_first_super_admin, modes);
    return suite_run(suite);
}
