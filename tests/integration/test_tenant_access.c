/* /api/v1/{tenant}/tenant-access: who has access, and how it is granted and revoked. */
#include <stdio.h>

#include "steps.h"
#include "suite.h"

#define A "/api/v1/main/tenant-access"
#define AUTO A "/autocomplete"
#define G "/api/v1/main/groups"
#define ERRORS "\"errors\":[{"
#define NO_USER "User does not exist for id 'nobody'"
#define EACH "\"displayName\":"

/* Every operation below /api/v1/{tenant}/tenant-access, with a call that would succeed. */
static const struct {
    const char *method;
    const char *path;
    const char *body; /* NULL: it takes no body */
} operations[] = {
    {"GET", "", NULL},         {"POST", "", "{\"email\":\"nowhere@example.com\"}"},
    {"GET", "/both", NULL},    {"PUT", "/both", NULL},
    {"DELETE", "/both", NULL}, {"POST", "/autocomplete", "{\"q\":\"both\"}"},
};

START_TEST(refuses_without_permission_or_tenant) {
    char path[128];
    snprintf(path, sizeof(path), A "%s", operations[_i].path);
    steps_refuse_strangers(operations[_i].method, path, operations[_i].body, ORDINARY);
    steps_run(&(struct step){"GET", A, NULL, 200, .has = {"\"total\":6}"}}, 1);
}
END_TEST

START_TEST(refuses_bad_bodies) {
    struct http_call call = {.method = "POST",
                             .target = A,
                             .basic = ROOT,
                             .header = "Content-Type: text/plain",
                             .body = "{\"email\":\"nowhere@example.com\"}"};
    steps_expect(&call, 415, NULL);
    call.header = JSON;
    call.body = "{";
    steps_refuse(&call, 422, "invalid-json");
    call.body = "{\"email\":\" \"}";
    steps_expect(&call, 422, "must not be blank");
    call.body = "{}";
    steps_expect(&call, 422, "is required");
    call.target = A "/autocomplete";
    call.body = "{\"ids\":\"both\"}";
    steps_refuse(&call, 422, "invalid-json");
    call.body = NULL;
    steps_refuse(&call, 422, "invalid-request-body");
    call.body = steps_too_large();
    call.body_size = steps_too_large_size;
    steps_expect(&call, 413, NULL);
    call.target = A;
    steps_expect(&call, 413, NULL);
    call.target = A "/autocomplete";
    call.header = "Content-Type: text/plain";
    steps_expect(&call, 415, NULL);
    steps_run(&(struct step){"GET", A "/no-tenant", NULL, .status = 404}, 1);
}
END_TEST

static const struct step rows[] = {
    {"GET", A, NULL, 200, .has = {"\"total\":6}", "\"id\":\"root\""}, .lacks = {"elsewhere"}},
    {"GET", A "?size=2&page=3", NULL, 200, .counted = EACH, .count = 2},
    {"GET", A "?size=2&page=4", NULL, 200, .has = {"\"results\":[]", "\"total\":6}"}},
    {"GET", A "?q=BOTH&sort=username:asc", NULL, 200,
     .has = {"\"total\":1}",
             "{\"id\":\"shared-id\",\"name\":\"shared in main\",\"external\":false}",
             "{\"id\":\"scim\",\"name\":\"managed by the identity provider\",\"external\":true}",
             "\"auths\":[]"},
     .lacks = {"other-only", "null"}},
    {"GET", A "?q=ordinary", NULL, 200,
     .has = {"\"auths\":[{\"name\":\"BasicAuth\",\"type\":\"BASIC_AUTH\"}]"}},
    {"GET", A "?sort=username:desc", NULL, 200, .order = {"\"root\"", "\"both\""}},
    {"GET", A "?type=STANDARD", NULL, 200, .has = {"\"total\":6}"}},
    {"GET", A "?type=SERVICE_ACCOUNT", NULL, 200, .has = {"\"results\":[]", "\"total\":0}"}},
    {"GET", A "?type=ROBOT", NULL, 422, .type = "invalid-argument", .unreadable = "",
     .has = {ERRORS, "listTenantAccess.type"}},
    {"GET", A "?filters[type][EQUALS]=STANDARD&size=1", NULL, 200, .versions = SINCE_1_3,
     .has = {"\"total\":6}"}},
    {"GET", A "?filters%5Btype%5D%5BIN%5D=STANDARD%2CSERVICE_ACCOUNT", NULL, 200,
     .versions = SINCE_1_3, .has = {"\"total\":6}"}},
    {"GET", A "?type=STANDARD&filters[type][EQUALS]=SERVICE_ACCOUNT", NULL, 200,
     .versions = SINCE_1_3, .has = {"\"total\":0}"}},
    {"GET", A "?filters[type][EQUALS]=ROBOT", NULL, 422, .versions = SINCE_1_3,
     .type = "invalid-query-filters",
     .has = {"'filters[type][EQUALS]' has a value that is not valid for this "
             "field"}},
    {"GET", A "?filters[username][ENDS_WITH]=EXAMPLE.com&filters[q][EQUALS]=both", NULL, 200,
     .versions = SINCE_1_3, .has = {"\"total\":1}", "\"both\""}},
    {"GET", A "?sort=nope:asc", NULL, 422, .type = "invalid-argument",
     .has = {"Invalid sort parameter"}},
    {"GET", A "?size=0", NULL, 422, .has = {ERRORS, "listTenantAccess.size"}},
    {"GET", A "/both", NULL, 200,
     .has = {"\"tenantId\":\"main\",\"userId\":\"both\"", "\"roles\":[]", "\"{privilege}\":false",
             "\"name\":\"owned a\",\"external\":false"},
     .lacks = {"other-only", "null"}},
    {"GET", "/api/v1/other/tenant-access/both", NULL, 200,
     .has = {"\"tenantId\":\"other\"", "\"other-only\""}, .lacks = {"owned"}},
    {"GET", A "/root", NULL, 200, .has = {"\"{privilege}\":true", "\"groups\":[]"}},
    {"GET", A "/ordinary", NULL, 200, .basic = ORDINARY, .has = {"\"userId\":\"ordinary\""}},
    {"GET", A "/nobody", NULL, 403, .basic = ORDINARY},
    {"GET", A "/nobody", NULL, 404, .has = {NO_USER}},
    {"GET", A "/other-tenant", NULL, .status = 404},
    {"PUT", A "/nobody", NULL, 404, .has = {NO_USER}},
    {"DELETE", A "/nobody", NULL, 404, .has = {NO_USER}},
    {"DELETE", A "/other-tenant", NULL, .status = 404},
    {"POST", A, "{\"email\":\"who@example.com\"}", 404, .has = {"id 'who@example.com'"}},
    {"POST", A, "{\"email\":\"BOTH@example.com\"}", 409,
     .has = {"the user 'BOTH@example.com' already has access to the tenant"}},
    {"POST", AUTO, "{\"q\":\"both@example.com\"}", 200,
     .has = {"[{\"id\":\"both\",\"username\":\"both@example.com\"", "\"name\":\"owned a\"",
             "\"auths\":[]"},
     .lacks = {"other-only", "null"}, .counted = EACH, .count = 1},
    {"POST", AUTO, "{}", 200, .counted = EACH, .count = 6},
    {"POST", AUTO, "{\"q\":\"elsewhere\"}", 200, .has = {"[]"}},
    {"POST", AUTO, "{\"ids\":[\"root\",\"nobody\",\"no-tenant\",\"both\",\"root\"]}", 200,
     .order = {"\"root\"", "\"both\""}, .counted = EACH, .count = 2},
    {"POST", AUTO, "{\"ids\":[\"root\"],\"q\":\"example\"}", 200, .order = {"\"root\"", "\"both\""},
     .counted = EACH, .count = 6},
    {"POST", AUTO, "{\"ids\":[\"root\"],\"q\":\"example\",\"existingOnly\":true}", 200,
     .counted = EACH, .count = 1},
    {"POST", AUTO, "{\"username\":\"BOTH@example.com\"}", 200, .has = {"\"id\":\"both\""},
     .counted = EACH, .count = 1},
    {"POST", AUTO, "{\"username\":\"both\"}", 200, .has = {"[]"}},
    {"POST", AUTO, "{\"username\":\"both@example.com\",\"q\":\"owner\"}", 200, .has = {"[]"}},
    {"POST", AUTO, "{\"ids\":[\"root\"],\"username\":\"odd one\"}", 200,
     .order = {"\"root\"", "\"odd one\""}, .counted = EACH, .count = 2},
};

START_TEST(answers_each_call) {
    steps_run(&rows[_i], 1);
}
END_TEST

START_TEST(autocompletes_at_most_50) {
    for (int i = 0; i < 50; i++) {
        char body[96];
        snprintf(body, sizeof(body), "{\"email\":\"new%d@x.com\",\"tenants\":[\"main\"]}", i);
        steps_run(&(struct step){"POST", "/api/v1/users", body, .status = 201}, 1);
    }
    STEPS_RUN({"POST", AUTO, "{}", 200, .counted = EACH, .count = 50},
              {"POST", AUTO, "{\"ids\":[\"root\",\"both\"],\"q\":\"x.com\"}", 200,
               .has = {"\"id\":\"root\""}, .counted = EACH, .count = 50});
}
END_TEST

START_TEST(grants_by_email_and_by_id) {
    STEPS_RUN({"GET", G "/search", NULL, 403, .basic = "nowhere@example.com:Password!234"},
              {"POST", A, "{\"email\":\"Nowhere@example.com\"}", 204, .empty = true},
              {"GET", A "/no-tenant", NULL, 200, .basic = "nowhere@example.com:Password!234"},
              {"POST", A, "{\"email\":\"nowhere@example.com\"}", .status = 409},
              {"PUT", A "/other-tenant", NULL, 201, .empty = true},
              {"PUT", A "/other-tenant", NULL, 201, .versions = BEFORE_2_0, .empty = true},
              {"PUT", A "/other-tenant", NULL, 409, .versions = IN_2_0,
               .has = {"the user 'other-tenant' already has access to the tenant"}},
              {"GET", A, NULL, 200, .has = {"\"total\":8}"}});
}
END_TEST

START_TEST(revokes_access_and_memberships) {
    STEPS_RUN({"DELETE", A "/both", NULL, 204, .empty = true},
              {"GET", A "/both", NULL, .status = 404}, {"DELETE", A "/both", NULL, .status = 404},
              {"GET", G "/owned-a/members", NULL, 200, .has = {"\"total\":1}"}},
              {"GET", "/api/v1/users/both", NULL, 200,
               .has = {"{\"id\":\"shared-id\",\"tenantId\":\"other\"}"}, .lacks = {"\"main\""}},
              {"PUT", A "/both", NULL, 201, .empty = true},
              {"GET", A "/both", NULL, 200, .has = {"\"groups\":[]"}});
}
END_TEST

/* Before 2.0 a group gives access, which goes with the last group unless it was granted. */
START_TEST(granted_access_outlives_groups) {
    if (version_is_in(IN_2_0))
        return;
    STEPS_RUN({"PUT", G "/scim/members/no-tenant", NULL, .status = 200},
              {"DELETE", G "/scim/members/no-tenant", NULL, .status = 200},
              {"GET", A "/no-tenant", NULL, .status = 404},
              {"PUT", G "/scim/members/no-tenant", NULL, .status = 200},
              {"PUT", A "/no-tenant", NULL, 201, .empty = true},
              {"DELETE", G "/scim/members/no-tenant", NULL, .status = 200},
              {"GET", A "/no-tenant", NULL, .status = 200},
              {"PUT", G "/main-only/members/no-tenant", NULL, .status = 200},
              {"DELETE", G "/main-only", NULL, 200, .empty = true},
              {"GET", A "/no-tenant", NULL, 200, .has = {"\"groups\":[]"}});
}
END_TEST

/* Since 2.0 only a grant or an administrator's list gives access, and groups do not take it. */
START_TEST(groups_do_not_change_access) {
    if (version_is_in(BEFORE_2_0))
        return;
    STEPS_RUN({"PUT", G "/scim/members/no-tenant", NULL, .status = 404},
              {"PUT", A "/no-tenant", NULL, 201, .empty = true},
              {"PUT", G "/scim/members/no-tenant", NULL, .status = 200},
              {"DELETE", G "/scim/members/no-tenant", NULL, 200, .has = {"\"groups\":[]"}},
              {"GET", A "/no-tenant", NULL, .status = 200},
              {"POST", "/api/v1/users",
               "{\"email\":\"new@example.com\",\"groups\":[\"main-only\"]}", 201, .keep = 1},
              {"GET", A "/{1}", NULL, 200, .has = {"\"main-only\""}},
              {"DELETE", G "/main-only/members/{1}", NULL, 200, .has = {"\"groups\":[]"}},
              {"GET", A "/{1}", NULL, .status = 200},
              {"DELETE", A "/{1}", NULL, 204, .empty = true},
              {"PUT", G "/main-only/members/{1}", NULL, .status = 404});
}
END_TEST

START_TEST(leaving_the_last_group_ends_access) {
    if (version_is_in(IN_2_0))
        return;
    STEPS_RUN(
        {"POST", "/api/v1/users",
         "{\"email\":\"new@example.com\",\"groups\":[\"main-only\",\"owned-a\"]}", 201, .keep = 1},
        {"DELETE", G "/main-only/members/{1}", NULL, 200, .has = {"\"owned-a\""}},
        {"GET", A "/{1}", NULL, .status = 200},
        {"DELETE", G "/owned-a/members/{1}", NULL, 200, .has = {"\"groups\":[]"}},
        {"GET", A "/{1}", NULL, .status = 404},
        {"POST", "/api/v1/users",
         "{\"email\":\"two@example.com\",\"tenants\":[\"main\"],\"groups\":[\"main-only\"]}", 201,
         .keep = 2},
        {"DELETE", G "/main-only/members/{2}", NULL, .status = 200},
        {"GET", A "/{2}", NULL, .status = 200},
        {"POST", G, "{\"name\":\"fresh\",\"membersId\":[\"no-tenant\",\"nobody\"]}", .status = 404},
        {"GET", G "/search?q=fresh", NULL, 200, .has = {"\"total\":0}"}},
        {"GET", A "/no-tenant", NULL, .status = 404});
}
END_TEST

int main(void) {
    Suite *suite = suite_create("tenant_access");
    TCase *tcase = suite_add(suite, "rows");
    tcase_add_checked_fixture(tcase, steps_setup, steps_teardown);
    suite_add_rows(tcase, refuses_without_permission_or_tenant, operations);
    tcase_add_test(tcase, refuses_bad_bodies);
    suite_add_rows(tcase, answers_each_call, rows);
    tcase_add_test(tcase, autocompletes_at_most_50);
    tcase_add_test(tcase, grants_by_email_and_by_id);
    tcase_add_test(tcase, revokes_access_and_memberships);
    tcase_add_test(tcase, granted_access_outlives_groups);
    tcase_add_test(tcase, groups_do_not_change_access);
    tcase_add_test(tcase, leaving_the_last_group_ends_access);
    return suite_run(suite);
}
