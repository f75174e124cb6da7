/* Signing in: login, sessions and their CSRF token, logout and impersonation. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session.h"
#include "steps.h"
#include "suite.h"

#define SETUP "/api/v1/setup"
#define LOGIN "{\"username\":\"ordinary@example.com\",\"password\":\"Password!234\"}"
#define LOGIN_FORM "username=ordinary%40example.com&password=Password%21234"
#define CSRF "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN-_0"
#define TOKENS "/api/v1/me/api-tokens"
#define CI "{\"name\":\"ci-token\"}"

static const struct {
    const char *target;
    const char *header;
    const char *body;
    size_t size; /* 0: the length of `body` */
    int status;
    const char *type; /* of the error, unless it is the usual one of the status */
} logins[] = {
    {"/login", JSON, LOGIN, 0, 303, NULL},
    {"/login", FORM, LOGIN_FORM, 0, 303, NULL},
    {"/login", "Content-Type: Application/X-WWW-Form-Urlencoded ; charset=utf-8", LOGIN_FORM, 0,
     303, NULL},
    {"/login", FORM, "a=b&&username=x&" LOGIN_FORM "&", 0, 303, NULL}, /* the last value counts */
    {"/login", "Content-Type:", LOGIN, 0, 303, NULL},
    {"/api/v1/login", JSON, LOGIN, 0, 200, NULL},
    {"/api/v1/login", JSON,
     "{\"username\":\"ORDINARY@example.com\",\"password\":\"Password!234\",\"x\":1}", 0, 200, NULL},
    {"/login", JSON, "{\"username\":\"ordinary@example.com\",\"password\":\"password!234\"}", 0,
     401, NULL},
    {"/login", FORM, "username=ordinary%40example.com&password=x", 0, 401, NULL},
    {"/login", FORM, "username=nobody&password=Password%21234", 0, 401, NULL},
    {"/api/v1/login", JSON, "{\"username\":\"nobody\",\"password\":\"Password!234\"}", 0, 401,
     NULL},
    {"/api/v1/login", JSON, "{\"username\":\"both@example.com\",\"password\":\"x\"}", 0, 401, NULL},
    {"/login", TEXT, LOGIN_FORM, 0, 415, NULL},
    {"/api/v1/login", FORM, LOGIN_FORM, 0, 415, NULL},
    {"/login", FORM, NULL, 0, 422, "invalid-request-body"},
    {"/login", JSON, NULL, 0, 422, "invalid-request-body"},
    {"/login", FORM, LOGIN, 0, 422, NULL},
    {"/login", JSON, LOGIN_FORM, 0, 422, "invalid-json"},
    {"/login", FORM, "username=ordinary%40example.com", 0, 422, NULL},
    {"/login", FORM, "username=&password=", 0, 422, NULL},
    {"/login", FORM, "username=%zz&password=x", 0, 422, "invalid-json"},
    {"/login", FORM, "username=a&password=%4", 0, 422, "invalid-json"},
    {"/login", FORM, "username=a%00b&password=x", 0, 422, "invalid-json"},
    {"/login", FORM, "username=a\0b&password=x", 23, 422, "invalid-json"},
    {"/login", FORM, "username=%ff&password=x", 0, 422, "invalid-json"},
    {"/login", FORM, "username=a&password=x&\xff=1", 0, 422, "invalid-json"},
    {"/login", JSON, "{\"username\":\"\",\"password\":\"x\"}", 0, 422, NULL},
    {"/api/v1/login", JSON, "{\"username\":[],\"password\":\"x\"}", 0, 422, "invalid-json"},
    {"/api/v1/login", JSON, "{\"username\":\"a\"}", 0, 422, NULL},
};

START_TEST(logs_in_only_with_the_password) {
    struct http_answer answer;
    char jwt[SECRET_SIZE];
    http_send(steps_server(),
              &(struct http_call){.method = "POST",
                                  .target = logins[_i].target,
                                  .header = logins[_i].header,
                                  .body = logins[_i].body ? logins[_i].body : "",
                                  .body_size = logins[_i].size},
              &answer);
    bool lacks_type = strcmp(logins[_i].header, "Content-Type:") == 0;
    int status = lacks_type && version_under_test()->needs_content_type ? 415 : logins[_i].status;
    ck_assert_msg(answer.status == status, "%d: %s", answer.status, answer.body);
    errors_check(status, logins[_i].type, &answer);
    if (answer.status < 400) {
        const char *cookie = http_header(&answer, "Set-Cookie");
        ck_assert_ptr_nonnull(strstr(cookie, "; Path=/; HttpOnly; SameSite=Lax"));
        session_cookie(&answer, "JWT", jwt);
        ck_assert_int_eq(session_status(steps_server(), jwt), 200);
    } else {
        ck_assert_ptr_null(http_header(&answer, "Set-Cookie"));
    }
    if (answer.status == 303)
        ck_assert_str_eq(http_header(&answer, "Location"), "/ui/");
    http_answer_deinit(&answer);
}
END_TEST

static const char *const with_body[] = {"/login", "/api/v1/login", SETUP,
                                        "/api/v1/validate-password"};

START_TEST(refuses_large_bodies) {
    bool is_there = _i != 3 || version_is_in(SINCE_1_3);
    session_expect(steps_server(),
                   &(struct http_call){.method = "POST",
                                       .target = with_body[_i],
                                       .header = _i == 3 ? TEXT : JSON,
                                       .body = steps_too_large(),
                                       .body_size = steps_too_large_size},
                   is_there ? 413 : 404);
}
END_TEST

static int status_of(const char *header, const char *basic, const char *bearer) {
    struct http_answer answer;
    http_send(steps_server(),
              &(struct http_call){.method = "GET",
                                  .target = "/api/v1/me",
                                  .header = header,
                                  .basic = basic,
                                  .bearer = bearer},
              &answer);
    int status = answer.status;
    http_answer_deinit(&answer);
    return status;
}

START_TEST(a_session_is_a_cookie_and_a_token_is_not) {
    char jwt[SECRET_SIZE];
    char header[2 * SECRET_SIZE];
    session_open(steps_server(), "ordinary@example.com", "Password!234", jwt);
    ck_assert_int_eq(session_status(steps_server(), jwt), 200);
    ck_assert_int_eq(session_bearer_status(steps_server(), jwt), 401);
    /* The cache of verified credentials must not accept a session as an Authorization header. */
    snprintf(header, sizeof(header), "Authorization: session %s", jwt);
    ck_assert_int_eq(status_of(header, NULL, NULL), 401);
    ck_assert_int_eq(status_of("Cookie: JWT=VALID0-token-of-root-0123456789", NULL, NULL), 401);
    ck_assert_int_eq(session_bearer_status(steps_server(), "VALID0-token-of-root-0123456789"), 200);
    ck_assert_int_eq(status_of("Cookie: JWT=VALID0-token-of-root-0123456789", NULL, NULL), 401);
    snprintf(header, sizeof(header), "Cookie: a=b; JWT=\"%s\" ;c=d", jwt);
    ck_assert_int_eq(status_of(header, NULL, NULL), 200);
    snprintf(header, sizeof(header), "Cookie: JWT=%.63s", jwt);
    ck_assert_int_eq(status_of(header, NULL, NULL), 401);
    snprintf(header, sizeof(header), "Cookie: XJWT=%.64s; jwt=%.64s", jwt, jwt);
    ck_assert_int_eq(status_of(header, NULL, NULL), 401);
}
END_TEST

static const char *const invalid_cookies[] = {
    "Cookie: JWT=",
    "Cookie: JWT",
    "Cookie: JWT=0123456789",
    "Cookie: JWT=\xff\xfe\xfd\xfc\xfb\xfa",
    "Cookie: ;;;",
    "Cookie: JWT=\"\"",
    "Cookie: csrfToken=x",
};

START_TEST(the_cookie_takes_precedence_over_authorization) {
    char jwt[SECRET_SIZE];
    char header[SECRET_SIZE + 64];
    session_open(steps_server(), "ordinary@example.com", "Password!234", jwt);
    snprintf(header, sizeof(header), "Cookie: JWT=%s", jwt);
    struct http_call call = {
        .method = "GET", .target = "/api/v1/me", .header = header, .basic = ROOT};
    char *body = session_call(steps_server(), &call, 200);
    ck_assert_ptr_nonnull(strstr(body, "\"id\":\"ordinary\""));
    free(body);
    ck_assert_int_eq(status_of(header, "root@root.com:wrong", NULL), 200);
    for (size_t i = 0; i < sizeof(invalid_cookies) / sizeof(invalid_cookies[0]); i++) {
        ck_assert_int_eq(status_of(invalid_cookies[i], ROOT, NULL), 200);
        ck_assert_int_eq(status_of(invalid_cookies[i], NULL, "ORDINA-token-0123456789"), 200);
        ck_assert_int_eq(status_of(invalid_cookies[i], "root@root.com:wrong", NULL), 401);
        ck_assert_int_eq(status_of(invalid_cookies[i], NULL, NULL), 401);
    }
}
END_TEST

static const struct {
    const char *cookie; /* in addition to the session's */
    const char *header; /* or NULL */
    int status;
} csrf[] = {
    {"", NULL, 403},
    {"; csrfToken=" CSRF, NULL, 403},
    {"", "X-CSRF-TOKEN: " CSRF, 403},
    {"; csrfToken=" CSRF, "X-CSRF-TOKEN: " CSRF "x", 403},
    {"; csrfToken=" CSRF, "X-CSRF-TOKEN: Abcdefghijklmnopqrstuvwxyz", 403},
    {"; csrfToken=", "X-CSRF-TOKEN;", 403}, /* both values are empty */
    {"; csrfToken=\"\"", "X-CSRF-TOKEN;", 403},
    {"; csrftoken=" CSRF, "X-CSRF-TOKEN: " CSRF, 403},
    {"; csrfToken=" CSRF, "X-CSRF-TOKEN: " CSRF, 200},
    {"; csrfToken=" CSRF, "x-csrf-token: " CSRF, 200},
};

START_TEST(a_session_needs_the_csrf_token_for_changes) {
    char jwt[SECRET_SIZE];
    char cookies[SECRET_SIZE + 128];
    session_open(steps_server(), "root@root.com", "Root!1234", jwt);
    snprintf(cookies, sizeof(cookies), "Cookie: JWT=%s%s", jwt, csrf[_i].cookie);
    struct http_call call = {.method = "POST",
                             .target = TOKENS,
                             .basic = _i % 2 ? ROOT : NULL, /* changes nothing */
                             .header = cookies,
                             .header2 = csrf[_i].header,
                             .body = CI};
    bool refused = csrf[_i].status == 403 && version_under_test()->checks_csrf;
    if (refused)
        session_expect_csrf_refusal(steps_server(), &call);
    else
        session_expect(steps_server(), &call, 200);
    call.method = "GET";
    call.body = NULL;
    session_expect(steps_server(), &call, 200);
    call.method = "HEAD";
    session_expect(steps_server(), &call, 200);
    call = (struct http_call){.method = "PUT",
                              .target = "/api/v1/main/users/ordinary/groups",
                              .header = cookies,
                              .header2 = csrf[_i].header,
                              .body = "{\"groupIds\":[]}"};
    session_expect(steps_server(), &call, refused ? 403 : 204);
    /* Without a valid session there is nothing to forge, so no CSRF token is needed. */
    snprintf(cookies, sizeof(cookies), "Cookie: JWT=x%s", csrf[_i].cookie);
    call = (struct http_call){
        .method = "POST", .target = TOKENS, .basic = ROOT, .header = cookies, .body = CI};
    session_expect(steps_server(), &call, 200);
}
END_TEST

/* The cookie that a browser sends, and whether the server keeps it. */
static const struct {
    const char *header;
    bool kept;
} csrf_cookies[] = {
    {NULL, false},
    {"Cookie: csrfToken=" CSRF, true},
    {"Cookie: a=b; csrfToken=\"" CSRF "\"; c=d", true},
    {"Cookie: csrfToken=", false},
    {"Cookie: csrfToken=" CSRF "x", false},
    {"Cookie: csrfToken=short", false},
    {"Cookie: csrfToken=\"><script>alert(1)</script>abcdefghijklmnopq", false},
    {"Cookie: csrfToken=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN\"_0", false},
    {"Cookie: csrfToken=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN<_0", false},
    {"Cookie: csrfToken=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN\xc3\xa9", false},
    {"Cookie: csrfToken=x%0d%0aSet-Cookie: a=b", false},
};

START_TEST(gives_a_csrf_token) {
    struct http_answer answer;
    char token[SECRET_SIZE];
    char meta[SECRET_SIZE + 64];
    http_send(
        steps_server(),
        &(struct http_call){.method = "GET", .target = "/ui/", .header = csrf_cookies[_i].header},
        &answer);
    ck_assert_int_eq(answer.status, 200);
    session_cookie(&answer, "csrfToken", token);
    ck_assert_uint_eq(strlen(token), 43);
    ck_assert_uint_eq(
        strspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), 43);
    ck_assert_int_eq(strcmp(token, CSRF) == 0, csrf_cookies[_i].kept);
    snprintf(meta, sizeof(meta), "<meta name=\"csrf-token\" content=\"%s\">", token);
    if (version_under_test()->checks_csrf)
        ck_assert_ptr_nonnull(strstr(answer.body, meta));
    else
        ck_assert_ptr_null(strstr(answer.body, "<meta name=\"csrf"));
    ck_assert_ptr_null(strstr(answer.body, "script"));
    ck_assert_str_eq(http_header(&answer, "Content-Type"), "text/html;charset=UTF-8");
    http_answer_deinit(&answer);
}
END_TEST

static void log_out(const char *cookie) {
    struct http_answer answer;
    http_send(steps_server(),
              &(struct http_call){.method = "POST", .target = "/api/v1/logout", .header = cookie},
              &answer);
    ck_assert_int_eq(answer.status, 200);
    ck_assert_str_eq(answer.body, "{}");
    ck_assert_str_eq(http_header(&answer, "Set-Cookie"),
                     "JWT=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax");
    http_answer_deinit(&answer);
}

START_TEST(log_out_ends_this_session) {
    char first[SECRET_SIZE];
    char second[SECRET_SIZE];
    char cookie[SECRET_SIZE + 16];
    session_open(steps_server(), "ordinary@example.com", "Password!234", first);
    session_open(steps_server(), "ordinary@example.com", "Password!234", second);
    ck_assert_str_ne(first, second);
    ck_assert_int_eq(session_status(steps_server(), first), 200);
    snprintf(cookie, sizeof(cookie), "Cookie: JWT=%s", first);
    log_out(cookie);
    ck_assert_int_eq(session_status(steps_server(), first), 401);
    ck_assert_int_eq(session_status(steps_server(), second), 200);
    log_out(cookie); /* logging out again, without a session or with a token does no harm */
    log_out(NULL);
    log_out("Cookie: JWT=VALID0-token-of-root-0123456789");
    ck_assert_int_eq(session_status(steps_server(), second), 200);
    ck_assert_int_eq(session_bearer_status(steps_server(), "VALID0-token-of-root-0123456789"), 200);
    STEPS_RUN({"GET", "/api/v1/users/ordinary/api-tokens", NULL, 200, .has = {"\"total\":1"}});
}
END_TEST

START_TEST(an_administrator_ends_all_sessions) {
    char sessions[2][SECRET_SIZE];
    char root[SECRET_SIZE];
    for (int i = 0; i < 2; i++)
        session_open(steps_server(), "ordinary@example.com", "Password!234", sessions[i]);
    session_open(steps_server(), "root@root.com", "Root!1234", root);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(session_status(steps_server(), sessions[i]), 200);
    STEPS_RUN({"DELETE", "/api/v1/users/ordinary/refresh-token", NULL, 204, .empty = true},
              {"DELETE", "/api/v1/users/ordinary/refresh-token", NULL, 204, .empty = true},
              {"GET", "/api/v1/me", NULL, 200, .basic = ORDINARY});
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(session_status(steps_server(), sessions[i]), 401);
    ck_assert_int_eq(session_status(steps_server(), root), 200);
    ck_assert_int_eq(session_bearer_status(steps_server(), "ORDINA-token-0123456789"), 200);
}
END_TEST

START_TEST(an_administrator_becomes_another) {
    struct http_answer answer;
    char jwt[SECRET_SIZE];
    char cookie[SECRET_SIZE + 16];
    http_send(steps_server(),
              &(struct http_call){
                  .method = "POST", .target = "/api/v1/users/both/impersonate", .basic = ROOT},
              &answer);
    ck_assert_int_eq(answer.status, 303);
    ck_assert_uint_eq(answer.body_size, 0);
    ck_assert_str_eq(http_header(&answer, "Location"), "/ui/");
    session_cookie(&answer, "JWT", jwt);
    http_answer_deinit(&answer);
    snprintf(cookie, sizeof(cookie), "Cookie: JWT=%s", jwt);
    struct http_call call = {
        .method = "GET", .target = "/api/v1/me", .header = cookie, .basic = ROOT};
    char *body = session_call(steps_server(), &call, 200);
    char both[96];
    snprintf(both, sizeof(both), "\"id\":\"both\",\"%s\":false", version_under_test()->privilege);
    ck_assert_ptr_nonnull(strstr(body, both));
    free(body);
    call.target = "/api/v1/users";
    session_expect(steps_server(), &call, 403);
    STEPS_RUN({"PATCH", "/api/v1/users/both/password", "{\"password\":\"NewPass!1\"}", 200,
               .basic = NULL});
    ck_assert_int_eq(session_status(steps_server(), jwt), 401);
}
END_TEST

START_TEST(sessions_end_with_their_user) {
    char jwt[SECRET_SIZE];
    session_open(steps_server(), "ordinary@example.com", "Password!234", jwt);
    ck_assert_int_eq(session_status(steps_server(), jwt), 200);
    STEPS_RUN({"DELETE", "/api/v1/users/ordinary", NULL, 204, .empty = true});
    ck_assert_int_eq(session_status(steps_server(), jwt), 401);
}
END_TEST

START_TEST(a_session_ends_an_hour_after_its_last_use) {
    static const struct {
        const char *clock;
        int status;
    } uses[] = {
        {"2026-01-01T00:00:00Z", 200},
        {"2026-01-01T00:59:59.999Z", 200},
        {"2026-01-01T01:59:59.998Z", 200},
        {"2026-01-01T02:59:59.998Z", 401},
    };
    char directory[64];
    char db[96];
    char jwt[SECRET_SIZE];
    struct process server;
    make_directory(directory);
    snprintf(db, sizeof(db), "%s/state.db", directory);
    for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
        process_start(&server, (const char *const[]){"--db", db, "--clock", uses[i].clock, NULL});
        if (i == 0)
            session_open(&server, "root@root.com", "Root!1234", jwt);
        ck_assert_int_eq(session_status(&server, jwt), uses[i].status);
        ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
    }
    remove_directory(directory);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("sign_in");
    TCase *rows = suite_add(suite, "rows");
    tcase_add_checked_fixture(rows, steps_setup, steps_teardown);
    suite_add_rows(rows, logs_in_only_with_the_password, logins);
    suite_add_rows(rows, refuses_large_bodies, with_body);
    tcase_add_test(rows, a_session_is_a_cookie_and_a_token_is_not);
    tcase_add_test(rows, the_cookie_takes_precedence_over_authorization);
    suite_add_rows(rows, a_session_needs_the_csrf_token_for_changes, csrf);
    suite_add_rows(rows, gives_a_csrf_token, csrf_cookies);
    tcase_add_test(rows, log_out_ends_this_session);
    tcase_add_test(rows, an_administrator_ends_all_sessions);
    tcase_add_test(rows, an_administrator_becomes_another);
    tcase_add_test(rows, sessions_end_with_their_user);
    TCase *times = suite_add(suite, "times");
    tcase_add_test(times, a_session_ends_an_hour_after_its_last_use);
    return suite_run(suite);
}
