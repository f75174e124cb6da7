/* /api/v1/{tenant}/security-integrations: what comes with an integration, and goes with it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "session.h"
#include "steps.h"
#include "suite.h"

#define T "/api/v1/main"
#define S T "/security-integrations"
#define SCIM T "/integrations/{1}/scim/v2"
#define NEW(name) "{\"name\":\"" name "\",\"type\":\"SCIM\",\"description\":\"d\"}"
#define UNKNOWN "Integration does not exist for id 'nope'"
#define ERRORS "\"errors\":[{"

static const struct {
    const char *method;
    const char *path;
    const char *body; /* NULL: it takes no body */
    unsigned versions;
} operations[] = {
    {"GET", "", NULL, 0},
    {"POST", "", NEW("idp"), 0},
    {"GET", "/nope", NULL, 0},
    {"DELETE", "/nope", NULL, 0},
    {"POST", "/nope/enable", NULL, 0},
    {"POST", "/nope/disable", NULL, 0},
    {"GET", "/search", NULL, SINCE_2_0_RC},
};

START_TEST(refuses_all_but_super_admins) {
    char path[128];
    snprintf(path, sizeof(path), S "%s", operations[_i].path);
    if (!version_is_in(operations[_i].versions))
        return;
    steps_refuse_strangers(operations[_i].method, path, operations[_i].body, ORDINARY);
    steps_refuse_bodies(operations[_i].method, path, operations[_i].body);
}
END_TEST

static const struct step rows[] = {
    {"GET", S "/nope", NULL, 404, .has = {UNKNOWN}},
    {"DELETE", S "/nope", NULL, 404, .has = {UNKNOWN}},
    {"POST", S "/nope/enable", NULL, 404, .has = {UNKNOWN}},
    {"POST", S "/nope/disable", NULL, 404, .has = {UNKNOWN}},
    {"GET", S, NULL, 200, .has = {"{\"results\":[],\"total\":0}"}},
    {"POST", S, NEW("Upper"), 422, .has = {ERRORS}},
    {"POST", S, NEW("a-"), 422, .has = {ERRORS}},
    {"POST", S, "{\"name\":\"a\",\"type\":\"SAML\",\"description\":\"d\"}", 422,
     .unreadable = "type", .has = {ERRORS}},
    {"POST", S, "{\"name\":\"a\",\"type\":\"SCIM\"}", 422, .has = {ERRORS, "is required"}},
    {"GET", S "/search?page=0", NULL, 422, .versions = SINCE_2_0_RC, .has = {ERRORS}},
    {"GET", S "/search?q=%ZZ", NULL, 400, .versions = SINCE_2_0_RC},
    {"GET", S "/search?sort=enabled:asc", NULL, 422, .versions = SINCE_2_0_RC,
     .type = "invalid-argument"},
    {"GET", S "/search?filters[nope][EQUALS]=x", NULL, 422, .versions = SINCE_2_0_RC,
     .type = "invalid-query-filters"},
};

START_TEST(answers_each_call) {
    steps_run(&rows[_i], 1);
}
END_TEST

START_TEST(lists_searches_and_switches) {
    STEPS_RUN(
        {"POST", S, NEW("idp"), 200, .keep = 1,
         .has = {"\"name\":\"idp\",\"type\":\"SCIM\",\"description\":\"d\",\"tenantId\":\"main\","
                 "\"enabled\":true,\"deleted\":false,\"uri\":\"http://",
                 T "/integrations/", "/scim/v2\",\"apiToken\":{\"id\":\"", "\"fullToken\":\""}},
        {"POST", S, NEW("idp-2"), 200, .keep = 2},
        {"GET", S "/{1}", NULL, 200, .has = {"\"id\":\"{1}\"", "\"enabled\":true"},
         .lacks = {"Token", "uri"}},
        {"GET", S, NULL, 200, .has = {"\"total\":2}"}, .lacks = {"Token"},
         .order = {"\"{1}\"", "\"{2}\""}},
        {"POST", S "/{1}/disable", NULL, 200, .has = {"\"enabled\":false"}},
        {"POST", S "/{1}/disable", NULL, 200, .has = {"\"enabled\":false"}},
        {"GET", S "/{1}", NULL, 200, .has = {"\"enabled\":false"}},
        {"GET", SCIM "/Users", NULL, 403, .has = {"the integration is disabled"}},
        {"GET", SCIM "/ServiceProviderConfig", NULL, .status = 403},
        {"GET", S "/search?filters[enabled][EQUALS]=true", NULL, 200, .versions = SINCE_2_0_RC,
         .has = {"\"total\":1}", "{2}"}},
        {"GET", S "/search?sort=name:desc&size=1&page=2", NULL, 200, .versions = SINCE_2_0_RC,
         .has = {"\"total\":2}", "{1}"}, .lacks = {"{2}"}},
        {"POST", S "/{1}/enable", NULL, 200, .has = {"\"enabled\":true"}},
        {"GET", SCIM "/Users", NULL, .status = 200},
        {"GET", "/api/v1/other/security-integrations/{1}", NULL, .status = 404},
        {"GET", "/api/v1/other/integrations/{1}/scim/v2/Users", NULL, .status = 404},
        {"DELETE", S "/{1}", NULL, 200, .empty = true}, {"GET", S "/{1}", NULL, .status = 404},
        {"GET", SCIM "/Users", NULL, 404, .has = {"Integration does not exist"}},
        {"GET", S, NULL, 200, .has = {"\"total\":1}"}});
}
END_TEST

/* Creates an integration and reads its token. */
static void create(const char *target, char token[256], char id[64]) {
    char *body = session_call(
        steps_server(),
        &(struct http_call){.method = "POST", .target = target, .basic = ROOT, .body = NEW("idp")},
        200);
    cJSON *tree = cJSON_Parse(body);
    const cJSON *part = cJSON_GetObjectItemCaseSensitive(tree, "apiToken");
    snprintf(token, 256, "%s", cJSON_GetObjectItemCaseSensitive(part, "fullToken")->valuestring);
    snprintf(id, 64, "%s", cJSON_GetObjectItemCaseSensitive(tree, "id")->valuestring);
    cJSON_Delete(tree);
    free(body);
}

static void expect_bearer(const char *token, const char *method, const char *target, int status,
                          const char *body) {
    steps_expect(
        &(struct http_call){.method = method, .target = target, .bearer = token, .body = body},
        status, NULL);
}

START_TEST(the_token_may_provision_and_nothing_else) {
    char token[256];
    char id[64];
    char users[160];
    create(S, token, id);
    ck_assert_uint_eq(strlen(token), 200);
    snprintf(users, sizeof(users), T "/integrations/%s/scim/v2/Users", id);
    expect_bearer(token, "GET", users, 200, NULL);
    expect_bearer(token, "POST", users, 201, "{\"userName\":\"new@example.com\"}");
    expect_bearer(token, "GET", S, 403, NULL);
    expect_bearer(token, "GET", "/api/v1/users", 403, NULL);
    expect_bearer(token, "GET", "/api/v1/other/groups/search", 403, NULL);
    expect_bearer(token, "GET", T "/groups/search", 200, NULL);
    STEPS_RUN({"GET", T "/roles/search?q=SCIMProvisioner", NULL, 200,
               .has = {"\"name\":\"SCIMProvisioner\"", "\"isManaged\":false", "\"total\":1}"}},
              {"GET", T "/bindings/search", NULL, 200, .has = {"SCIMProvisioner", "\"total\":1}"}},
              {"GET", T "/tenant-access?type=SERVICE_ACCOUNT", NULL, 200,
               .has = {"\"idp\"", "\"total\":1}"}});
}
END_TEST

START_TEST(what_came_with_it_goes_with_it) {
    char token[256];
    char id[64];
    char path[160];
    create(S, token, id);
    snprintf(path, sizeof(path), S "/%s", id);
    ck_assert_int_eq(session_bearer_status(steps_server(), token), 200);
    steps_run(&(struct step){"DELETE", path, NULL, 200, .empty = true}, 1);
    ck_assert_int_eq(session_bearer_status(steps_server(), token), 401);
    STEPS_RUN({"GET", T "/roles/search?q=SCIMProvisioner", NULL, 200, .has = {"\"total\":0}"}},
              {"GET", T "/bindings/search", NULL, 200, .has = {"\"total\":0}"}},
              {"GET", T "/tenant-access?type=SERVICE_ACCOUNT", NULL, 200, .has = {"\"total\":0}"}});
}
END_TEST

START_TEST(a_tenant_takes_its_integrations_along) {
    char token[256];
    char id[64];
    create("/api/v1/other/security-integrations", token, id);
    STEPS_RUN({"DELETE", "/api/v1/tenants/other", NULL, 204, .empty = true});
    ck_assert_int_eq(session_bearer_status(steps_server(), token), 401);
    STEPS_RUN({"POST", "/api/v1/tenants", "{\"id\":\"other\",\"name\":\"Other\"}", .status = 200},
              {"GET", "/api/v1/other/security-integrations", NULL, 200, .has = {"\"total\":0}"}});
}
END_TEST

/* Someone deletes the role. The integration stays, and can be deleted. */
START_TEST(parts_may_be_missing) {
    char token[256];
    char id[64];
    char path[160];
    create(S, token, id);
    char *body = session_call(
        steps_server(),
        &(struct http_call){.method = "GET", .target = T "/roles/search?q=SCIM", .basic = ROOT},
        200);
    cJSON *tree = cJSON_Parse(body);
    const cJSON *role = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(tree, "results"), 0);
    snprintf(path, sizeof(path), T "/roles/%s",
             cJSON_GetObjectItemCaseSensitive(role, "id")->valuestring);
    cJSON_Delete(tree);
    free(body);
    steps_run(&(struct step){"DELETE", path, NULL, 204, .empty = true}, 1);
    snprintf(path, sizeof(path), T "/integrations/%s/scim/v2/Users", id);
    expect_bearer(token, "GET", path, 403, NULL);
    snprintf(path, sizeof(path), S "/%s", id);
    steps_run(&(struct step){"DELETE", path, NULL, 200, .empty = true}, 1);
    ck_assert_int_eq(session_bearer_status(steps_server(), token), 401);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("security_integrations");
    TCase *tcase = suite_add(suite, "rows");
    tcase_add_checked_fixture(tcase, steps_setup, steps_teardown);
    suite_add_rows(tcase, refuses_all_but_super_admins, operations);
    suite_add_rows(tcase, answers_each_call, rows);
    tcase_add_test(tcase, lists_searches_and_switches);
    tcase_add_test(tcase, the_token_may_provision_and_nothing_else);
    tcase_add_test(tcase, what_came_with_it_goes_with_it);
    tcase_add_test(tcase, a_tenant_takes_its_integrations_along);
    tcase_add_test(tcase, parts_may_be_missing);
    return suite_run(suite);
}
