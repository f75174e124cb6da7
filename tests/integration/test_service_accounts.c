/* Service accounts: /api/v1/service-accounts, and the same below a tenant. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session.h"
#include "steps.h"
#include "suite.h"

#define ALL "/api/v1/service-accounts"
#define MAIN "/api/v1/main/service-accounts"
#define OTHER "/api/v1/other/service-accounts"
#define ACCESS "/api/v1/main/tenant-access"
#define BOT "{\"name\":\"bot\"}"
#define TOKEN "{\"name\":\"ci-token\"}"
#define ERRORS "\"errors\":[{"
#define NO_ACCOUNT "Service account does not exist for id 'nope'"
#define NO_TOKEN "Token does not exist for id 'nope'"
#define S63 "a123456789a123456789a123456789a123456789a123456789a123456789abc"

/* Every operation, with a call that is right but for its ids. */
static const struct {
    const char *method;
    const char *path;
    const char *body; /* NULL: it takes no body */
    unsigned versions;
} operations[] = {
    {"GET", ALL, NULL, 0},
    {"POST", ALL, BOT, 0},
    {"GET", ALL "/nope", NULL, 0},
    {"PATCH", ALL "/nope", BOT, 0},
    {"DELETE", ALL "/nope", NULL, 0},
    {"PATCH", ALL "/nope/superadmin", "{\"superAdmin\":true}", 0},
    {"PATCH", ALL "/nope/instanceowner", "{\"instanceOwner\":true}", IN_2_0},
    {"GET", ALL "/nope/api-tokens", NULL, 0},
    {"POST", ALL "/nope/api-tokens", TOKEN, 0},
    {"DELETE", ALL "/nope/api-tokens/nope", NULL, 0},
    {"GET", MAIN, NULL, SINCE_1_3},
    {"POST", MAIN, BOT, 0},
    {"GET", MAIN "/nope", NULL, 0},
    {"PUT", MAIN "/nope", BOT, 0},
    {"DELETE", MAIN "/nope", NULL, 0},
    {"GET", MAIN "/nope/api-tokens", NULL, 0},
    {"POST", MAIN "/nope/api-tokens", TOKEN, 0},
    {"DELETE", MAIN "/nope/api-tokens/nope", NULL, 0},
};

START_TEST(refuses_without_permission_or_account) {
    struct http_call call = {.method = operations[_i].method,
                             .target = operations[_i].path,
                             .body = operations[_i].body};
    if (!version_is_in(operations[_i].versions))
        return;
    steps_expect(&call, 401, NULL);
    call.basic = ORDINARY;
    steps_expect(&call, 403, NULL);
    call.basic = ROOT;
    if (strstr(call.target, "nope"))
        steps_expect(&call, 404, NO_ACCOUNT);
}
END_TEST

START_TEST(refuses_bad_bodies) {
    if (version_is_in(operations[_i].versions))
        steps_refuse_bodies(operations[_i].method, operations[_i].path, operations[_i].body);
}
END_TEST

START_TEST(refuses_an_unknown_tenant) {
    char path[128];
    if (strncmp(operations[_i].path, MAIN, strlen(MAIN)) != 0 ||
        !version_is_in(operations[_i].versions))
        return;
    snprintf(path, sizeof(path), "/api/v1/nowhere/service-accounts%s",
             operations[_i].path + strlen(MAIN));
    struct http_call call = {.method = operations[_i].method,
                             .target = path,
                             .basic = ROOT,
                             .body = operations[_i].body};
    steps_expect(&call, 404, "Tenant does not exist for id 'nowhere'");
}
END_TEST

static const struct step rows[] = {
    {"POST", ALL, "{}", 422, .has = {ERRORS, "createServiceAccount.request.name"}},
    {"POST", ALL, "{\"name\":\"Bot\"}", 422, .has = {ERRORS, ".name\""}},
    {"POST", ALL, "{\"name\":\"a--b\"}", 422, .has = {ERRORS, ".name\""}},
    {"POST", ALL, "{\"name\":\"" S63 "d\"}", 422, .has = {ERRORS, ".name\""}},
    {"POST", ALL, "{\"name\":\"bot\",\"tenants\":[\"main\",\"nope\"]}", 404,
     .has = {"Tenant does not exist for id 'nope'"}},
    {"POST", MAIN, "{\"name\":\"-\"}", 422, .has = {ERRORS, ".name\""}},
    {"POST", MAIN, "{\"name\":\"bot\",\"groups\":[{}]}", 422, .has = {ERRORS, "id"}},
    {"POST", MAIN, "{\"name\":\"bot\",\"groups\":[{\"id\":\"other-only\"}]}", 404,
     .has = {"Group does not exist for id 'other-only'"}},
    {"GET", ALL "?sort=description:asc", NULL, 422, .type = "invalid-argument"},
    {"GET", MAIN "?sort=description:asc", NULL, 422, .type = "invalid-argument",
     .versions = SINCE_1_3},
    {"GET", ALL "?filters[email][EQUALS]=a", NULL, 422, .versions = SINCE_1_3,
     .type = "invalid-query-filters"},
    {"GET", MAIN "?filters[email][EQUALS]=a", NULL, 422, .versions = SINCE_1_3,
     .type = "invalid-query-filters"},
    {"GET", MAIN, NULL, 405, .versions = BEFORE_1_3},
    {"GET", ALL "?q=%zz", NULL, 400, .basic = NULL},
    {"GET", MAIN "?q=%zz", NULL, 400, .versions = SINCE_1_3},
};

START_TEST(refuses_and_changes_nothing) {
    steps_run(&rows[_i], 1);
    STEPS_RUN({"GET", ALL, NULL, 200, .has = {"{\"results\":[],\"total\":0}"}});
}
END_TEST

START_TEST(lives_in_the_instance) {
    STEPS_RUN(
        {"POST", ALL, "{\"name\":\"bot\",\"description\":null,\"tenants\":null,\"id\":\"x\"}", 200,
         .has = {"\"name\":\"bot\",\"tenants\":[],\"{privilege}\":false}"},
         .lacks = {"null", "description", "\"x\""}, .keep = 1},
        {"POST", ALL,
         "{\"name\":\"bot\",\"description\":\"\",\"{privilege}\":true,"
         "\"tenants\":[\"other\",\"main\",\"main\"]}",
         200,
         .has = {"\"description\":\"\",\"tenants\":[{\"id\":\"main\",\"name\":\"Main\"},"
                 "{\"id\":\"other\",\"name\":\"Other\"}],\"{privilege}\":true}"},
         .keep = 2},
        {"POST", ALL, "{\"name\":\"" S63 "\"}", 200, .keep = 3},
        {"GET", ALL "/{1}", NULL, 200, .has = {"{\"id\":\"{1}\",\"name\":\"bot\",\"tenants\":[]"}},
        {"GET", ALL "?size=2&sort=name:desc", NULL, 200, .has = {"\"total\":3"},
         .order = {"\"{1}\"", "\"{2}\""}, .lacks = {"\"{3}\""}},
        {"GET", ALL "?filters[name][EQUALS]=bot", NULL, 200, .versions = SINCE_1_3,
         .has = {"\"total\":2", "\"{1}\"", "\"{2}\""}},
        {"GET", ALL "?filters[name][EQUALS]=nobody", NULL, 200, .versions = SINCE_1_3,
         .has = {"{\"results\":[],\"total\":0}"}},
        {"GET", ALL "?filters[{privilege}][EQUALS]=true", NULL, 200, .versions = SINCE_1_3,
         .has = {"\"total\":1", "\"{2}\""}},
        {"GET", ALL "?q=BO", NULL, 200, .versions = SINCE_2_0_RC, .has = {"\"total\":2"}},
        {"GET", ALL "?q={3}", NULL, 200, .versions = SINCE_2_0_RC, .has = {"\"total\":0"}},
        {"GET", ALL "?q={3}", NULL, 200, .versions = BEFORE_2_0_RC,
         .has = {"\"total\":1", "\"{3}\""}},
        {"PATCH", ALL "/{2}", "{\"name\":\"robot\"}", 200,
         .has = {"\"name\":\"robot\"", "\"description\":\"\"", "\"{privilege}\":true"}},
        {"PATCH", ALL "/{2}", "{\"name\":\"robot\",\"description\":\"new\"}", 200,
         .has = {"\"description\":\"new\"", "\"main\""}},
        {"PATCH", ALL "/{1}/superadmin", "{\"superAdmin\":true}", 200, .empty = true},
        {"GET", ALL "/{1}", NULL, 200, .has = {"\"{privilege}\":true"}},
        {"PATCH", ALL "/{1}/superadmin", "{\"{privilege}\":false}", 200, .empty = true},
        {"GET", ALL "/{1}", NULL, 200, .has = {"\"{privilege}\":false"}},
        {"PATCH", ALL "/{1}/superadmin", "{}", 422, .basic = NULL},
        {"PATCH", ALL "/{1}/instanceowner", "{\"instanceOwner\":true}", 200, .versions = IN_2_0,
         .empty = true},
        {"GET", ALL "/{1}", NULL, 200, .versions = IN_2_0, .has = {"\"{privilege}\":true"}},
        {"PATCH", ALL "/{1}/instanceowner", "{\"superAdmin\":true}", 422, .versions = IN_2_0},
        {"DELETE", ALL "/{1}", NULL, 204, .empty = true},
        {"DELETE", ALL "/{1}", NULL, 404, .basic = NULL},
        {"GET", ALL "/{1}", NULL, 404, .basic = NULL},
        {"GET", ALL, NULL, 200, .has = {"\"total\":2"}});
}
END_TEST

START_TEST(lives_below_a_tenant) {
    STEPS_RUN(
        {"POST", MAIN,
         "{\"name\":\"bot\",\"description\":\"d\",\"{privilege}\":false,"
         "\"groups\":[{\"id\":\"owned-b\"},{\"id\":\"owned-a\"}]}",
         200,
         .has = {"\"name\":\"bot\",\"description\":\"d\",\"groups\":[{\"id\":\"owned-b\"},"
                 "{\"id\":\"owned-a\"}],\"{privilege}\":false}"},
         .keep = 1},
        {"POST", MAIN, "{\"name\":\"bot\",\"groups\":null}", 200, .has = {"\"groups\":[]"},
         .lacks = {"description"}, .keep = 2},
        {"GET", MAIN "/{1}", NULL, 200, .order = {"\"owned-b\"", "\"owned-a\""}},
        {"GET", ALL "/{1}", NULL, 200, .has = {"\"tenants\":[{\"id\":\"main\""}},
        {"GET", MAIN "?sort=name:asc", NULL, 200, .versions = SINCE_1_3,
         .has = {"{\"id\":\"{1}\",\"username\":\"bot\",\"displayName\":\"bot\","
                 "\"description\":\"d\",\"groups\":[{\"id\":\"owned-b\"",
                 "\"auths\":[]", "\"total\":2"},
         .lacks = {"null", "email", "both"}},
        {"GET", MAIN "?filters[name][EQUALS]=nobody", NULL, 200, .versions = SINCE_1_3,
         .has = {"{\"results\":[],\"total\":0}"}},
        {"GET", OTHER, NULL, 200, .versions = SINCE_1_3, .has = {"{\"results\":[],\"total\":0}"}},
        {"GET", ACCESS "?type=SERVICE_ACCOUNT", NULL, 200,
         .has = {"\"username\":\"bot\"", "\"description\":\"d\"", "\"total\":2"},
         .lacks = {"null"}},
        {"GET", ACCESS "/{1}", NULL, 200, .has = {"\"username\":\"bot\"", "\"owned-a\""}},
        /* A tenant that the account has no access to does not know it. */
        {"GET", OTHER "/{1}", NULL, 404, .basic = NULL},
        {"PUT", OTHER "/{1}", BOT, 404, .basic = NULL},
        {"DELETE", OTHER "/{1}", NULL, 404, .basic = NULL},
        {"GET", OTHER "/{1}/api-tokens", NULL, 404, .basic = NULL},
        {"POST", OTHER "/{1}/api-tokens", TOKEN, 404, .basic = NULL},
        {"PUT", MAIN "/{1}", "{\"name\":\"robot\",\"groups\":[{\"id\":\"nope\"}]}", 404,
         .has = {"Group does not exist for id 'nope'"}},
        {"PUT", MAIN "/{1}", "{\"name\":\"robot\",\"groups\":[{\"id\":\"owned-a\"}]}", 200,
         .has = {"\"name\":\"robot\",\"groups\":[{\"id\":\"owned-a\"}]"}},
        {"PUT", MAIN "/{1}", "{\"name\":\"robot\",\"groups\":null}", 200,
         .has = {"\"name\":\"robot\",\"groups\":[]"}},
        {"GET", MAIN "/{1}", NULL, 200, .has = {"\"name\":\"robot\",\"groups\":[]"}},
        {"GET", ACCESS "/{1}", NULL, 200, .basic = NULL},
        {"DELETE", MAIN "/{1}", NULL, 200, .empty = true},
        {"GET", MAIN "/{1}", NULL, 404, .basic = NULL},
        {"DELETE", MAIN "/{1}", NULL, 404, .basic = NULL},
        {"GET", ACCESS "/{1}", NULL, 404, .basic = NULL},
        {"GET", ALL, NULL, 200, .has = {"\"total\":1"}});
}
END_TEST

START_TEST(an_account_without_access_is_found_below_any_tenant) {
    STEPS_RUN({"POST", ALL, BOT, 200, .keep = 1}, {"GET", OTHER "/{1}", NULL, 200, .basic = NULL},
              {"PUT", OTHER "/{1}", "{\"name\":\"bot\",\"description\":\"d\"}", 200,
               .has = {"\"description\":\"d\""}},
              {"GET", MAIN "/{1}", NULL, 200, .has = {"\"description\":\"d\""}},
              {"POST", MAIN "/{1}/api-tokens", TOKEN, 200, .keep = 2},
              {"GET", OTHER "/{1}/api-tokens", NULL, 200, .has = {"\"{2}\""}},
              {"GET", ACCESS "/{1}", NULL, 404, .basic = NULL},
              /* A group gives it access. */
              {"PUT", MAIN "/{1}", "{\"name\":\"bot\",\"groups\":[{\"id\":\"owned-a\"}]}", 200,
               .basic = NULL},
              {"GET", ACCESS "/{1}", NULL, 200, .has = {"\"owned-a\""}},
              {"GET", OTHER "/{1}", NULL, 404, .basic = NULL},
              {"DELETE", OTHER "/{1}/api-tokens/{2}", NULL, 404, .basic = NULL},
              {"DELETE", MAIN "/{1}", NULL, 200, .empty = true},
              {"GET", ALL "/{1}", NULL, 404, .basic = NULL});
}
END_TEST

START_TEST(is_a_subject_like_a_user) {
    STEPS_RUN({"POST", MAIN, BOT, 200, .keep = 1},
              {"PUT", "/api/v1/main/users/{1}/groups", "{\"groupIds\":[\"owned-b\",\"owned-a\"]}",
               204, .empty = true},
              {"GET", MAIN "/{1}", NULL, 200, .order = {"\"owned-b\"", "\"owned-a\""}},
              {"GET", "/api/v1/main/groups/owned-b/members", NULL, 200,
               .has = {"{\"id\":\"{1}\",\"username\":\"bot\""}, .lacks = {"null"}},
              {"POST", ALL, BOT, 200, .keep = 2},
              {"PUT", "/api/v1/main/users/{2}/groups", "{\"groupIds\":[\"owned-b\"]}", 404,
               .basic = NULL},
              {"POST", "/api/v1/main/bindings",
               "{\"type\":\"USER\",\"externalId\":\"{1}\",\"roleId\":\"viewer_main\"}", 200,
               .has = {"\"type\":\"SERVICE_ACCOUNT\"", "\"username\":\"bot\""}, .keep = 3},
              {"PUT", ACCESS "/{2}", NULL, 201, .empty = true},
              {"GET", "/api/v1/other/tenant-access/{2}", NULL, 404, .basic = NULL},
              /* What refers to it goes with it. */
              {"DELETE", ALL "/{1}", NULL, 204, .empty = true},
              {"GET", "/api/v1/main/bindings/{3}", NULL, 404, .basic = NULL},
              {"GET", "/api/v1/main/groups/owned-b/members", NULL, 200, .lacks = {"\"bot\""}});
}
END_TEST

START_TEST(operations_on_users_do_not_know_it) {
    STEPS_RUN(
        {"POST", MAIN, BOT, 200, .keep = 1},
        {"GET", "/api/v1/users?size=100", NULL, 200, .lacks = {"{1}", "\"bot\""}},
        {"GET", "/api/v1/users/{1}", NULL, 404, .has = {"User does not exist for id '{1}'"}},
        {"PUT", "/api/v1/users/{1}", "{\"email\":\"a@b.c\"}", 404, .basic = NULL},
        {"PATCH", "/api/v1/users/{1}", "{\"email\":\"a@b.c\"}", 404, .basic = NULL},
        {"PATCH", "/api/v1/users/{1}/restricted", "{\"restricted\":true}", 404, .basic = NULL},
        {"PATCH", "/api/v1/users/{1}/superadmin", "{\"superAdmin\":true}", 404, .basic = NULL},
        {"PATCH", "/api/v1/users/{1}/password", "{\"password\":\"Secret!1234\"}", 404,
         .basic = NULL},
        {"DELETE", "/api/v1/users/{1}/auths/BasicAuth", NULL, 404, .basic = NULL},
        {"DELETE", "/api/v1/users/{1}/refresh-token", NULL, 404, .basic = NULL},
        {"POST", "/api/v1/users/{1}/impersonate", NULL, 404, .basic = NULL},
        {"GET", "/api/v1/users/{1}/api-tokens", NULL, 404, .basic = NULL},
        {"POST", "/api/v1/users/{1}/api-tokens", TOKEN, 404, .basic = NULL},
        {"DELETE", "/api/v1/users/{1}/api-tokens/nope", NULL, 404, .basic = NULL},
        {"DELETE", "/api/v1/users/{1}", NULL, 404, .basic = NULL},
        {"POST", "/api/v1/other/tenant-access", "{\"email\":\"{1}\"}", 404, .basic = NULL},
        {"GET", ALL "/root", NULL, 404, .basic = NULL},
        {"PUT", MAIN "/both", BOT, 404, .basic = NULL},
        {"DELETE", ALL "/both", NULL, 404, .basic = NULL},
        {"GET", ALL "/root/api-tokens", NULL, 404, .basic = NULL},
        {"GET", ALL "/{1}", NULL, 200, .basic = NULL});
}
END_TEST

/* The paths of an account's tokens. */
static const char *const ways[] = {ALL, MAIN};

/* Creates an account that may do what an admin of the tenant may. */
static void create_admin(char id[SECRET_SIZE]) {
    char binding[256];
    char *body = session_call(
        steps_server(),
        &(struct http_call){.method = "POST", .target = MAIN, .basic = ROOT, .body = BOT}, 200);
    session_member(body, "id", id);
    free(body);
    snprintf(binding, sizeof(binding),
             "{\"type\":\"USER\",\"externalId\":\"%s\",\"roleId\":\"admin_main\"}", id);
    session_expect(
        steps_server(),
        &(struct http_call){
            .method = "POST", .target = "/api/v1/main/bindings", .basic = ROOT, .body = binding},
        200);
}

/* Creates a token of an account. */
static void create_token(const char *base, const char *account, char id[SECRET_SIZE],
                         char secret[SECRET_SIZE]) {
    char path[256];
    snprintf(path, sizeof(path), "%s/%s/api-tokens", base, account);
    char *body = session_call(
        steps_server(),
        &(struct http_call){.method = "POST", .target = path, .basic = ROOT, .body = TOKEN}, 200);
    session_member(body, "id", id);
    session_member(body, "fullToken", secret);
    ck_assert_ptr_nonnull(strstr(body, "\"name\":\"ci-token\""));
    free(body);
}

START_TEST(a_token_works_at_once_until_it_is_deleted) {
    char account[SECRET_SIZE];
    char token[SECRET_SIZE];
    char secret[SECRET_SIZE];
    char path[320];
    create_admin(account);
    create_token(ways[_i], account, token, secret);
    struct http_call call = {.method = "GET", .target = "/api/v1/me", .bearer = secret};
    steps_expect(&call, 200, "\"profile\":{\"username\":\"bot\"}");
    call.target = ACCESS;
    steps_expect(&call, 200, "\"results\":[{");
    call.target = "/api/v1/users"; /* it is no super-admin */
    steps_expect(&call, 403, NULL);
    call.target = "/api/v1/other/tenant-access";
    steps_expect(&call, 403, NULL);
    call.target = "/api/v1/me/api-tokens";
    steps_expect(&call, 200, "\"total\":1");
    call.method = "PATCH";
    call.target = "/api/v1/me";
    call.body = "{\"email\":\"bot@example.com\"}";
    steps_expect(&call, 404, "User does not exist for id");
    call = (struct http_call){.method = "GET", .target = path, .basic = ROOT};
    snprintf(path, sizeof(path), "%s/%s/api-tokens", ways[_i], account);
    steps_expect(&call, 200, "{\"total\":1,\"results\":[{\"id\":");
    call.method = "DELETE";
    snprintf(path, sizeof(path), "%s/%s/api-tokens/nope", ways[_i], account);
    steps_expect(&call, 404, NO_TOKEN);
    snprintf(path, sizeof(path), "%s/%s/api-tokens/%s", ways[_i], account, token);
    session_expect(steps_server(), &call, 200);
    ck_assert_int_eq(session_bearer_status(steps_server(), secret), 401);
}
END_TEST

START_TEST(a_token_goes_with_the_account) {
    char account[SECRET_SIZE];
    char token[SECRET_SIZE];
    char secret[SECRET_SIZE];
    char path[320];
    create_admin(account);
    create_token(ways[_i], account, token, secret);
    ck_assert_int_eq(session_bearer_status(steps_server(), secret), 200);
    snprintf(path, sizeof(path), "%s/%s", ways[_i], account);
    session_expect(steps_server(),
                   &(struct http_call){.method = "DELETE", .target = path, .basic = ROOT},
                   _i == 0 ? 204 : 200);
    ck_assert_int_eq(session_bearer_status(steps_server(), secret), 401);
}
END_TEST

START_TEST(only_a_super_admin_gives_the_privilege_or_touches_who_has_it) {
    STEPS_RUN(
        {"POST", "/api/v1/main/bindings",
         "{\"type\":\"USER\",\"externalId\":\"ordinary\",\"roleId\":\"admin_main\"}", 200,
         .basic = NULL},
        {"POST", MAIN, BOT, 200, .basic = ORDINARY, .keep = 1},
        {"POST", MAIN, "{\"name\":\"bot\",\"{privilege}\":true}", 403, .basic = ORDINARY},
        {"PUT", MAIN "/{1}", "{\"name\":\"bot\",\"{privilege}\":true}", 403, .basic = ORDINARY},
        {"POST", MAIN "/{1}/api-tokens", TOKEN, 200, .basic = ORDINARY},
        {"PUT", MAIN "/{1}", "{\"name\":\"bot\",\"{privilege}\":true}", 200, .basic = NULL},
        {"GET", MAIN "/{1}", NULL, 200, .basic = ORDINARY, .has = {"\"{privilege}\":true"}},
        {"GET", MAIN "/{1}/api-tokens", NULL, 200, .basic = ORDINARY},
        {"POST", MAIN "/{1}/api-tokens", TOKEN, 403, .basic = ORDINARY},
        {"DELETE", MAIN "/{1}/api-tokens/nope", NULL, 403, .basic = ORDINARY},
        {"PUT", MAIN "/{1}", BOT, 403, .basic = ORDINARY},
        {"DELETE", MAIN "/{1}", NULL, 403, .basic = ORDINARY},
        {"GET", MAIN "/{1}/api-tokens", NULL, 200, .has = {"\"total\":1"}});
}
END_TEST

START_TEST(takes_both_names_of_the_privilege) {
    if (version_is_in(IN_2_0))
        STEPS_RUN({"POST", ALL, "{\"name\":\"bot\",\"superAdmin\":true}", 200,
                   .has = {"\"instanceOwner\":true"}, .lacks = {"superAdmin"}},
                  {"POST", MAIN, "{\"name\":\"b\",\"superAdmin\":true,\"instanceOwner\":false}",
                   200, .has = {"\"instanceOwner\":false"}, .lacks = {"superAdmin"}});
    else
        STEPS_RUN(
            {"POST", ALL, "{\"name\":\"bot\",\"instanceOwner\":true}", 200,
             .has = {"\"superAdmin\":false"}, .lacks = {"instanceOwner"}},
            {"PATCH", ALL "/nope/instanceowner", "{\"instanceOwner\":true}", 404, .basic = NULL});
}
END_TEST

int main(void) {
    Suite *suite = suite_create("service_accounts");
    TCase *tcase = suite_add(suite, "service_accounts");
    tcase_add_checked_fixture(tcase, steps_setup, steps_teardown);
    suite_add_rows(tcase, refuses_without_permission_or_account, operations);
    suite_add_rows(tcase, refuses_bad_bodies, operations);
    suite_add_rows(tcase, refuses_an_unknown_tenant, operations);
    suite_add_rows(tcase, refuses_and_changes_nothing, rows);
    tcase_add_test(tcase, lives_in_the_instance);
    tcase_add_test(tcase, lives_below_a_tenant);
    tcase_add_test(tcase, an_account_without_access_is_found_below_any_tenant);
    tcase_add_test(tcase, is_a_subject_like_a_user);
    tcase_add_test(tcase, operations_on_users_do_not_know_it);
    suite_add_rows(tcase, a_token_works_at_once_until_it_is_deleted, ways);
    suite_add_rows(tcase, a_token_goes_with_the_account, ways);
    tcase_add_test(tcase, only_a_super_admin_gives_the_privilege_or_touches_who_has_it);
    tcase_add_test(tcase, takes_both_names_of_the_privilege);
    return suite_run(suite);
}
