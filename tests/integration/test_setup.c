/* Setting up an empty server, and what a server tells without credentials. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "session.h"
#include "steps.h"
#include "suite.h"

#define SETUP "/api/v1/setup"
#define EACH "\":\"must have "
#define FIRST "{\"username\":\"root@root.com\",\"password\":\"Root!1234\"}"

static struct process server;

static void start_empty(void) {
    process_start(&server, (const char *const[]){"--fixture", "empty", NULL});
}

static void stop(void) {
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
}

/* Calls without credentials. The answer must contain the text. */
static void expect(const struct process *process, const char *method, const char *target,
                   const char *body, int status, const char *text) {
    const struct http_call call = {.method = method, .target = target, .body = body};
    char *answer = session_call(process, &call, status);
    ck_assert_msg(strstr(answer, text), "%s %s: no %s in %s", method, target, text, answer);
    free(answer);
}

/* 1.0 does not have it. */
static void expect_login_configuration(const struct process *process, const char *text) {
    if (version_is_in(SINCE_1_3))
        expect(process, "GET", "/api/v1/configs/login", NULL, 200, text);
    else
        expect(process, "GET", "/api/v1/configs/login", NULL, 404, "");
}

START_TEST(sets_up_once) {
    struct http_answer answer;
    const struct http_call again = {.method = "POST", .target = SETUP, .body = FIRST};
    expect(&server, "GET", SETUP, NULL, 200, "\"done\":false");
    expect_login_configuration(&server, "{\"isBasicAuthInitialized\":false}");
    char first[256];
    snprintf(first, sizeof(first),
             "\"type\":\"STANDARD\",\"username\":\"root@root.com\",\"email\":\"root@root.com\","
             "\"%s\":true,\"groupList\":[],\"providers\":[],\"auths\":[{\"uid\":\"BasicAuth\"",
             version_under_test()->privilege);
    expect(&server, "POST", SETUP, FIRST, 200, first);
    expect(&server, "GET", SETUP, NULL, 200, "\"done\":true");
    expect_login_configuration(&server, "{\"isBasicAuthInitialized\":true}");
    for (int i = 0; i < 2; i++) {
        http_send(&server, &again, &answer);
        ck_assert_int_eq(answer.status, 405);
        ck_assert_str_eq(http_header(&answer, "Allow"), "GET, HEAD, OPTIONS");
        errors_check(405, NULL, &answer);
        http_answer_deinit(&answer);
    }
    char *me = session_call(
        &server, &(struct http_call){.method = "GET", .target = "/api/v1/me", .basic = ROOT}, 200);
    ck_assert_ptr_nonnull(strstr(me, "\"tenants\":[{\"id\":\"main\",\"name\":\"main\"}]"));
    free(me);
    session_expect(
        &server,
        &(struct http_call){.method = "GET", .target = "/api/v1/main/groups/search", .basic = ROOT},
        200);
}
END_TEST

/* Who leaves the last group keeps only an access that was granted. */
START_TEST(grants_access_to_the_tenant) {
    char user[SECRET_SIZE];
    char group[SECRET_SIZE];
    char text[256];
    struct http_call call = {.method = "POST", .target = SETUP, .body = FIRST};
    char *body = session_call(&server, &call, 200);
    session_member(body, "id", user);
    free(body);
    snprintf(text, sizeof(text), "{\"name\":\"crew\",\"membersId\":[\"%s\"]}", user);
    call = (struct http_call){
        .method = "POST", .target = "/api/v1/main/groups", .basic = ROOT, .body = text};
    body = session_call(&server, &call, 200);
    session_member(body, "id", group);
    free(body);
    snprintf(text, sizeof(text), "/api/v1/main/groups/%s/members/%s", group, user);
    call = (struct http_call){.method = "DELETE", .target = text, .basic = ROOT};
    session_expect(&server, &call, 200);
    call = (struct http_call){.method = "GET", .target = "/api/v1/me", .basic = ROOT};
    body = session_call(&server, &call, 200);
    ck_assert_ptr_nonnull(strstr(body, "\"tenants\":[{\"id\":\"main\",\"name\":\"main\"}]"));
    free(body);
}
END_TEST

static const struct {
    const char *tenant;
    const char *stored;
} tenants[] = {
    {"{\"id\":\"acme-1_a\",\"name\":\"Acme\"}", "{\"id\":\"acme-1_a\",\"name\":\"Acme\"}"},
    {"{\"id\":\"acme\"}", "{\"id\":\"acme\",\"name\":\"acme\"}"},
    {"{\"name\":\"Acme\"}", "{\"id\":\"main\",\"name\":\"Acme\"}"},
    {"{\"id\":null,\"name\":null}", "{\"id\":\"main\",\"name\":\"main\"}"},
    {"{}", "{\"id\":\"main\",\"name\":\"main\"}"},
    {"null", "{\"id\":\"main\",\"name\":\"main\"}"},
};

START_TEST(creates_the_tenant) {
    char body[256];
    char stored[256];
    snprintf(body, sizeof(body),
             "{\"username\":\"root@root.com\",\"password\":\"Root!1234\",\"tenant\":%s}",
             tenants[_i].tenant);
    session_expect(&server, &(struct http_call){.method = "POST", .target = SETUP, .body = body},
                   200);
    snprintf(stored, sizeof(stored), "\"tenants\":[%s]", tenants[_i].stored);
    char *me = session_call(
        &server, &(struct http_call){.method = "GET", .target = "/api/v1/me", .basic = ROOT}, 200);
    ck_assert_msg(strstr(me, stored), "no %s in %s", stored, me);
    free(me);
}
END_TEST

#define WITH_TENANT(tenant)                                                                        \
    "{\"username\":\"root@root.com\",\"password\":\"Root!1234\",\"tenant\":" tenant "}"

static const struct {
    const char *body; /* or NULL */
    int status;
    const char *text; /* or NULL */
    const char *header;
    const char *type; /* of the error, unless it is the usual one of the status */
} bad_setups[] = {
    {NULL, 422, NULL, NULL, "invalid-request-body"},
    {"{", 422, NULL, NULL, "invalid-json"},
    {"[]", 422, NULL, NULL, "invalid-json"},
    {"{}", 422, "setupKestra.request.username", NULL, NULL},
    {"{\"username\":\"root@root.com\"}", 422, "setupKestra.request.password", NULL, NULL},
    {"{\"username\":\"root\",\"password\":\"Root!1234\"}", 422, ".username", NULL, NULL},
    {"{\"username\":\"a:b@root.com\",\"password\":\"Root!1234\"}", 422, ".username", NULL, NULL},
    {"{\"username\":\"root@root.com\",\"password\":\"root\"}", 422, "8 characters", NULL,
     "password-policy-violation"},
    {WITH_TENANT("\"main\""), 422, "\"errors\":[{", NULL, "invalid-json"},
    {WITH_TENANT("{\"id\":\"Main\"}"), 422, "setupKestra.request.tenant.id", NULL, NULL},
    {WITH_TENANT("{\"id\":\"\"}"), 422, ".tenant.id", NULL, NULL},
    {WITH_TENANT("{\"id\":\"-a\"}"), 422, ".tenant.id", NULL, NULL},
    {WITH_TENANT("{\"id\":\"a/b\"}"), 422, ".tenant.id", NULL, NULL},
    {WITH_TENANT("{\"id\":\"a\\n\"}"), 422, ".tenant.id", NULL, NULL},
    {WITH_TENANT("{\"id\":7}"), 422, "tenant.id\"", NULL, "invalid-json"},
    {WITH_TENANT("{\"name\":\" \"}"), 422, ".tenant.name", NULL, NULL},
    {FIRST, 415, NULL, FORM, NULL},
};

START_TEST(refuses_a_bad_setup) {
    const struct http_call call = {.method = "POST",
                                   .target = SETUP,
                                   .header = bad_setups[_i].header,
                                   .body = bad_setups[_i].body};
    const char *text = bad_setups[_i].text;
    struct http_answer answer;
    http_send(&server, &call, &answer);
    ck_assert_int_eq(answer.status, bad_setups[_i].status);
    errors_check(bad_setups[_i].status, bad_setups[_i].type, &answer);
    ck_assert_msg(!text || strstr(answer.body, text), "%s", answer.body);
    http_answer_deinit(&answer);
    expect(&server, "GET", SETUP, NULL, 200, "\"done\":false");
}
END_TEST

START_TEST(names_every_rule_that_a_password_breaks) {
    const struct http_call call = {
        .method = "POST",
        .target = SETUP,
        .body = "{\"username\":\"root@root.com\",\"password\":\"\"}",
    };
    char *body = session_call(&server, &call, 422);
    int count = 0;
    for (const char *at = body; (at = strstr(at, EACH)); at++)
        count++;
    ck_assert_int_eq(count, 5);
    free(body);
}
END_TEST

enum { RIVALS = 8 };

static void *set_up(void *cls) {
    char body[128];
    struct http_answer answer;
    snprintf(body, sizeof(body), "{\"username\":\"root%d@root.com\",\"password\":\"Root!1234\"}",
             *(int *)cls);
    http_send(&server, &(struct http_call){.method = "POST", .target = SETUP, .body = body},
              &answer);
    *(int *)cls = answer.status;
    http_answer_deinit(&answer);
    return NULL;
}

START_TEST(only_one_concurrent_setup_succeeds) {
    pthread_t threads[RIVALS];
    int statuses[RIVALS];
    int winners = 0;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    for (int i = 0; i < RIVALS; i++) {
        statuses[i] = i;
        ck_assert_int_eq(pthread_create(&threads[i], NULL, set_up, &statuses[i]), 0);
    }
    for (int i = 0; i < RIVALS; i++) {
        pthread_join(threads[i], NULL);
        ck_assert(statuses[i] == 200 || statuses[i] == 405);
        winners += statuses[i] == 200;
    }
    ck_assert_int_eq(winners, 1);
}
END_TEST

/* The SDKs' suites start like this: the only credentials are those of the setup, until they get a
 * token. */
START_TEST(an_empty_server_gives_the_first_token) {
    char jwt[SECRET_SIZE];
    char csrf[SECRET_SIZE];
    char header[64 + SECRET_SIZE];
    char cookies[64 + 2 * SECRET_SIZE];
    struct http_answer answer;
    session_expect(&server, &(struct http_call){.method = "POST", .target = SETUP, .body = FIRST},
                   200);
    session_open(&server, "root@root.com", "Root!1234", jwt);
    http_send(&server, &(struct http_call){.method = "GET", .target = "/ui/"}, &answer);
    session_cookie(&answer, "csrfToken", csrf);
    http_answer_deinit(&answer);
    snprintf(cookies, sizeof(cookies), "Cookie: JWT=%s; csrfToken=%s", jwt, csrf);
    snprintf(header, sizeof(header), "X-CSRF-TOKEN: %s", csrf);
    char *body =
        session_call(&server,
                     &(struct http_call){.method = "POST",
                                         .target = "/api/v1/me/api-tokens",
                                         .header = cookies,
                                         .header2 = header,
                                         .body = "{\"name\":\"ci-token\",\"maxAge\":\"P1D\"}"},
                     200);
    session_member(body, "fullToken", jwt);
    free(body);
    ck_assert_int_eq(session_bearer_status(&server, jwt), 200);
}
END_TEST

#define WEAK "password-policy-violation"

static const struct {
    const char *header;
    const char *body;
    size_t size; /* 0: the length of `body` */
    int status;
    const char *type; /* of the error, unless it is the usual one of the status */
} passwords[] = {
    {TEXT, "Root!1234", 0, 200, NULL},
    {"Content-Type: text/plain; charset=utf-8", "Aa1!\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 0, 200,
     NULL},
    {TEXT, "Aa1!\xc3\xa9\xc3\xa9\xc3\xa9", 0, 422, WEAK},
    {TEXT, "password", 0, 422, WEAK},
    {TEXT, "", 0, 422, "invalid-request-body"},
    {TEXT, "Root!1234\0Root!1234", 19, 422, "invalid-json"},
    {TEXT, "Root!1234\xff", 0, 422, "invalid-json"},
    {JSON, "\"Root!1234\"", 0, 415, NULL},
};

START_TEST(checks_passwords_against_the_policy) {
    struct http_answer answer;
    int status = version_is_in(SINCE_1_3) ? passwords[_i].status : 404;
    http_send(steps_server(),
              &(struct http_call){.method = "POST",
                                  .target = "/api/v1/validate-password",
                                  .header = passwords[_i].header,
                                  .body = passwords[_i].body,
                                  .body_size = passwords[_i].size},
              &answer);
    ck_assert_int_eq(answer.status, status);
    errors_check(status, status == 404 ? NULL : passwords[_i].type, &answer);
    ck_assert_int_eq(answer.body_size == 0, status == 200);
    http_answer_deinit(&answer);
}
END_TEST

START_TEST(tells_everyone_about_itself) {
    static const char *const announced[] = {"{\"version\":\"1.0.45\",\"edition\":\"EE\"",
                                            "{\"version\":\"1.3.39\",\"edition\":\"EE\"",
                                            "{\"version\":\"2.0.0-rc11\",\"edition\":\"EE\"",
                                            "{\"version\":\"2.0.2\",\"edition\":\"EE\""};
    static const char *const details[] = {
        "\"inMaintenance\":false,\"passwordConfiguration\":{",
        "\"inMaintenance\":false,\"isConcurrencyViewEnabled\":false,\"passwordConfiguration\":{",
        "\"inMaintenance\":false,\"isConcurrencyViewEnabled\":false,\"passwordConfiguration\":{",
        "\"inMaintenance\":false,\"isPluginAutoInstallEnabled\":false,\"passwordConfiguration\":{"};
    static const char *const specials[] = {
        "Characters\":\"!@#$%^&*\",\"passwordReset\"",
        "Characters\":\"!@#$%^&*\",\"passwordReset\"",
        "Characters\":\"!@#$%^&*\",\"passwordReset\"",
        "Characters\":\"!@#$%^&*_-\",\"passwordReset\":{\"cooldown\":\"PT5M\",\"rateLimit\":{"
        "\"maxRequests\":10,\"window\":\"PT1H\"}},\"passwordValidate\":{\"cooldown\":\"PT5M\""};
    size_t version = (size_t)(version_under_test() - contract_versions);
    const struct process *process = steps_server();
    expect(process, "GET", "/health", NULL, 200, "{\"status\":\"UP\"}");
    expect(process, "GET", SETUP, NULL, 200, "\"done\":true,\"repositoryType\":\"memory\"");
    expect(process, "GET", SETUP, NULL, 200, specials[version]);
    expect(process, "GET", "/api/v1/configs", NULL, 200, announced[version]);
    expect(process, "GET", "/api/v1/configs", NULL, 200, details[version]);
    expect_login_configuration(process, "\"isBasicAuthInitialized\":true");
    expect(process, "GET", "/api/v1/auths", NULL, 200, "{\"loginPassword\":true,");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("setup");
    TCase *empty = suite_add(suite, "empty");
    tcase_add_checked_fixture(empty, start_empty, stop);
    tcase_add_test(empty, sets_up_once);
    tcase_add_test(empty, grants_access_to_the_tenant);
    suite_add_rows(empty, creates_the_tenant, tenants);
    suite_add_rows(empty, refuses_a_bad_setup, bad_setups);
    tcase_add_test(empty, names_every_rule_that_a_password_breaks);
    tcase_add_test(empty, only_one_concurrent_setup_succeeds);
    tcase_add_test(empty, an_empty_server_gives_the_first_token);
    TCase *rows = suite_add(suite, "rows");
    tcase_add_checked_fixture(rows, steps_setup, steps_teardown);
    suite_add_rows(rows, checks_passwords_against_the_policy, passwords);
    tcase_add_test(rows, tells_everyone_about_itself);
    return suite_run(suite);
}
