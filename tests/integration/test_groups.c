/* /api/v1/{tenant}/groups: groups and their members. */
#include <stdio.h>

#include "steps.h"
#include "suite.h"

#define G "/api/v1/main/groups"
#define U "/api/v1/users"
#define A "/api/v1/main/tenant-access"
#define ERRORS "\"errors\":[{"
#define NO_GROUP "Group does not exist for id 'nope'"
#define NO_USER "User does not exist for id 'nobody'"

/* Every operation below /api/v1/{tenant}/groups, with a call that would succeed. */
static const struct {
    const char *method;
    const char *path;
    const char *body; /* NULL: it takes no body */
} operations[] = {
    {"POST", "", "{\"name\":\"new\"}"},
    {"GET", "/search", NULL},
    {"POST", "/autocomplete", "{}"},
    {"POST", "/ids", "{\"ids\":[]}"},
    {"GET", "/shared-id", NULL},
    {"PUT", "/shared-id", "{\"name\":\"new\"}"},
    {"DELETE", "/shared-id", NULL},
    {"GET", "/shared-id/members", NULL},
    {"PUT", "/shared-id/members/ordinary", NULL},
    {"DELETE", "/shared-id/members/both", NULL},
    {"PUT", "/shared-id/members/membership/both?membership=OWNER", NULL},
};

START_TEST(refuses_without_permission_or_tenant) {
    char path[128];
    snprintf(path, sizeof(path), G "%s", operations[_i].path);
    steps_refuse_strangers(operations[_i].method, path, operations[_i].body, ORDINARY);
    steps_refuse_strangers(operations[_i].method, path, operations[_i].body, OWNER);
}
END_TEST

START_TEST(refuses_bad_bodies) {
    char path[128];
    snprintf(path, sizeof(path), G "%s", operations[_i].path);
    steps_refuse_bodies(operations[_i].method, path, operations[_i].body);
    if (operations[_i].body)
        steps_refuse(&(struct http_call){.method = operations[_i].method,
                                         .target = path,
                                         .basic = ROOT,
                                         .body = "{\"name\":1,\"ids\":1}"},
                     422, "invalid-json");
}
END_TEST

static const struct step rows[] = {
    {"GET", G "/search?page=0", NULL, 422, .has = {ERRORS}},
    {"GET", G "/search?page=x", NULL, 422, .type = "invalid-argument", .unreadable = "",
     .has = {ERRORS}},
    {"GET", G "/search?sort=name", NULL, 422, .type = "invalid-argument"},
    {"GET", G "/search?sort=id:asc", NULL, 422, .type = "invalid-argument"},
    {"GET", G "/search?filters[email][EQUALS]=a", NULL, 422, .versions = SINCE_2_0_RC,
     .type = "invalid-query-filters", .has = {"'filters[email][EQUALS]' has an unknown field"}},
    {"GET", G "/scim/members?filters[name][EQUALS]=a", NULL, 422, .versions = SINCE_1_3,
     .type = "invalid-query-filters", .has = {"'filters[name][EQUALS]' has an unknown field"}},
    {"POST", G "/autocomplete?filters[email][EQUALS]=a", "{\"existingOnly\":true}", 422,
     .versions = SINCE_2_0_RC, .type = "invalid-query-filters",
     .has = {"'filters[email][EQUALS]' has an unknown field"}},
    {"GET", G "/scim/members?size=0", NULL, 422, .has = {ERRORS}},
    {"GET", G "/scim/members?sort=name:asc", NULL, 422, .type = "invalid-argument"},
    {"POST", G, "{\"name\":\"\"}", 422, .has = {ERRORS}},
    {"POST", G, "{\"name\":\"x\",\"membersId\":[1]}", 422, .unreadable = "membersId[0]",
     .has = {ERRORS}},
    {"POST", G, "{\"name\":\"owned a\"}", 409, .basic = NULL},
    {"POST", G, "{\"name\":\"x\",\"membersId\":[\"nobody\"]}", 404, .has = {NO_USER}},
    {"PUT", G "/owned-b", "{\"name\":\"owned a\"}", 409, .basic = NULL},
    {"PUT", G "/nope", "{\"name\":\"x\"}", 404, .has = {NO_GROUP}},
    {"GET", G "/nope", NULL, 404, .has = {NO_GROUP}},
    {"GET", G "/other-only", NULL, 404, .basic = NULL},
    {"DELETE", G "/nope", NULL, 404, .has = {NO_GROUP}},
    {"GET", G "/nope/members", NULL, 404, .has = {NO_GROUP}},
    {"PUT", G "/nope/members/both", NULL, 404, .has = {NO_GROUP}},
    {"PUT", G "/scim/members/nobody", NULL, 404, .has = {NO_USER}},
    {"PUT", G "/owned-a/members/both", NULL, 409, .basic = NULL},
    {"DELETE", G "/nope/members/both", NULL, 404, .has = {NO_GROUP}},
    {"DELETE", G "/scim/members/nobody", NULL, 404, .has = {NO_USER}},
    {"DELETE", G "/scim/members/ordinary", NULL, 409, .type = "conflict", .basic = NULL},
    {"PUT", G "/owned-a/members/membership/both", NULL, 400, .type = "invalid-query-parameter",
     .basic = NULL},
    {"PUT", G "/owned-a/members/membership/both?membership=BOSS", NULL, 422,
     .type = "invalid-argument", .unreadable = "", .has = {ERRORS}},
    {"PUT", G "/owned-a/members/membership/ordinary?membership=OWNER", NULL, 409,
     .type = "conflict"},
    {"PUT", G "/nope/members/membership/both?membership=OWNER", NULL, 404, .has = {NO_GROUP}},
    {"PUT", G "/scim/members/membership/nobody?membership=OWNER", NULL, 404, .has = {NO_USER}},
    {"GET", G "/search", NULL, 200, .has = {"\"total\":9}"}, .counted = "\"id\":", .count = 9},
    {"GET", G "/search?page=5&size=2", NULL, 200, .counted = "\"id\":", .count = 1},
    {"GET", G "/search?page=6&size=2", NULL, 200, .has = {"\"results\":[]", "\"total\":9}"}},
    {"GET", G "/search?q=*", NULL, 200, .has = {"\"total\":9}"}},
    {"GET", G "/search?q=MAIN%20only", NULL, 200, .has = {"\"total\":1}", "\"main-only\""}},
    {"GET", G "/search?q=owned&sort=name:asc", NULL, 200, .order = {"owned-a", "owned-b"}},
    {"GET", G "/search?q=owned&sort=name:desc", NULL, 200, .order = {"owned-b", "owned-a"}},
    {"GET", G "/search?filters[name][EQUALS]=owned%20a", NULL, 200, .versions = SINCE_2_0_RC,
     .has = {"\"total\":1}", "\"owned-a\""}},
    {"GET", G "/search?filters[name][EQUALS]=OWNED%20a", NULL, 200, .versions = SINCE_2_0_RC,
     .has = {"\"total\":0}"}},
    {"GET", G "/search?filters[name][PREFIX]=OWNED&filters[id][NOT_EQUALS]=owned-a", NULL, 200,
     .versions = SINCE_2_0_RC, .has = {"\"total\":1}", "\"owned-b\""}},
    {"GET", G "/search?filters[description][IS_NOT_NULL]=true&filters[q][EQUALS]=a", NULL, 200,
     .versions = SINCE_2_0_RC, .has = {"\"total\":0}"}},
    {"POST", G "/autocomplete?filters%5Bname%5D%5BSTARTS_WITH%5D=owned", "{\"ids\":[\"scim\"]}",
     200, .versions = SINCE_2_0_RC, .order = {"scim", "owned-a"}, .counted = "\"id\":", .count = 3},
    {"POST", G "/autocomplete?filters[name][STARTS_WITH]=owned", "{\"q\":\"b\"}", 200,
     .versions = SINCE_2_0_RC, .has = {"owned-b"}, .lacks = {"owned-a"}},
    {"POST", G "/autocomplete?filters[q][EQUALS]=owned",
     "{\"ids\":[\"scim\"],\"existingOnly\":true}", 200, .versions = SINCE_2_0_RC, .has = {"scim"},
     .lacks = {"owned"}},
    {"POST", G "/autocomplete", "{\"ids\":[\"scim\"]}", 200, .counted = "\"id\":", .count = 1},
    {"POST", G "/autocomplete", "{\"q\":\"OWNED\",\"ids\":[\"scim\"]}", 200,
     .order = {"scim", "owned-a"}, .counted = "\"id\":", .count = 3},
    {"POST", G "/autocomplete", "{\"q\":\"owned\",\"existingOnly\":true}", 200, .has = {"[]"}},
    {"POST", G "/ids", "{\"ids\":[\"owned-b\",\"nope\",\"owned-a\"]}", 200,
     .lacks = {"nope", "null"}, .order = {"owned-b", "owned-a"}},
    {"GET", G "/scim/members", NULL, 200, .has = {"\"external\":true", "\"id\":\"both\""}},
    {"GET", G "/scim/members?page=2", NULL, 200, .versions = SINCE_1_3,
     .has = {"\"results\":[]", "\"total\":1}"}},
    {"GET", G "/owned-a/members?q=BOTH", NULL, 200, .has = {"\"total\":1}"}},
    {"GET", G "/owned-a/members?filters%5BUSERNAME%5D%5BEQUALS%5D=both%40example.com", NULL, 200,
     .versions = SINCE_1_3, .has = {"\"total\":1}", "\"both\""}},
    {"GET", G "/owned-a/members?filters[username][NOT_IN]=both@example.com", NULL, 200,
     .versions = SINCE_1_3, .has = {"\"total\":1}", "\"owner\""}},
    {"GET", G "/owned-a/members?sort=email:desc", NULL, 200, .order = {"\"owner\"", "\"both\""}},
    {"GET", G "/owned-a/members", NULL, 200, .basic = OWNER, .has = {"\"total\":2}"}},
    {"GET", G "/owned-a", NULL, 403, .basic = OWNER},
};

START_TEST(answers_each_call) {
    steps_run(&rows[_i], 1);
}
END_TEST

START_TEST(creates_renames_and_deletes) {
    STEPS_RUN(
        {"POST", G, "{\"name\":\"Owned A\",\"description\":null,\"membersId\":[\"no-tenant\"]}",
         200, .lacks = {"null", "description"}, .keep = 1},
        {"PUT", G "/{1}", "{\"name\":\"crew\",\"description\":\"d\"}", 200,
         .has = {"\"name\":\"crew\"", "\"description\":\"d\""}},
        {"GET", G "/{1}", NULL, 200, .has = {"\"name\":\"crew\"", "\"description\":\"d\""}},
        {"PUT", G "/{1}", "{\"name\":\"crew\"}", 200, .basic = NULL},
        {"GET", G "/{1}", NULL, 200, .has = {"\"name\":\"crew\""}},
        {"DELETE", G "/{1}", NULL, 200, .empty = true}, {"GET", G "/{1}", NULL, 404, .basic = NULL},
        {"GET", U "/no-tenant", NULL, 200, .has = {"\"id\":\"main\"", "\"groups\":[]"}});
}
END_TEST

START_TEST(members_come_and_go) {
    STEPS_RUN({"PUT", G "/owned-a/members/no-tenant", NULL, 404, .versions = IN_2_0,
               .has = {"User does not exist for id 'no-tenant'"}},
              {"GET", U "/no-tenant", NULL, 200, .versions = IN_2_0, .has = {"\"tenants\":[]"}},
              {"PUT", A "/no-tenant", NULL, 201, .versions = IN_2_0, .empty = true},
              {"PUT", G "/owned-a/members/no-tenant", NULL, 200, .has = {"\"external\":false"}},
              {"PUT", G "/owned-a/members/no-tenant", NULL, 409, .basic = NULL},
              {"GET", U "/no-tenant", NULL, 200, .has = {"\"id\":\"main\""}},
              {"PUT", G "/owned-a/members/membership/no-tenant?membership=OWNER", NULL, 200,
               .has = {"\"membership\":\"OWNER\""}},
              {"PUT", G "/owned-a/members/membership/no-tenant?membership=MEMBER", NULL, 200,
               .has = {"\"membership\":\"MEMBER\""}},
              {"PUT", G "/scim/members/no-tenant", NULL, 200, .basic = NULL},
              {"DELETE", G "/owned-a/members/no-tenant", NULL, 200, .basic = NULL},
              {"GET", U "/no-tenant", NULL, 200, .has = {"\"id\":\"main\""}},
              {"DELETE", G "/scim/members/no-tenant", NULL, 200, .has = {"\"groups\":[]"}},
              {"GET", U "/no-tenant", NULL, 200, .versions = BEFORE_2_0, .has = {"\"tenants\":[]"}},
              {"GET", U "/no-tenant", NULL, 200, .versions = IN_2_0,
               .has = {"\"tenants\":[{\"id\":\"main\""}},
              {"DELETE", G "/scim/members/no-tenant", NULL, 409, .type = "conflict"},
              {"DELETE", G "/scim/members/elsewhere", NULL, 404, .has = {"id 'elsewhere'"}},
              {"POST", U, "{\"email\":\"d@x.com\",\"tenants\":[\"main\"]}", 201, .keep = 1},
              {"PUT", G "/scim/members/{1}", NULL, 200, .basic = NULL},
              {"DELETE", G "/scim/members/{1}", NULL, 200, .basic = NULL},
              {"GET", U "/{1}", NULL, 200, .has = {"\"id\":\"main\""}});
}
END_TEST

/* Since 2.0 a user may be added by username, but an id comes first. */
START_TEST(finds_a_member_by_username) {
    STEPS_RUN({"PUT", G "/owned-a/members/ordinary@example.com", NULL, 404, .versions = BEFORE_2_0,
               .has = {"id 'ordinary@example.com'"}},
              {"PUT", G "/owned-a/members/Ordinary@example.com", NULL, 200, .versions = IN_2_0,
               .has = {"\"id\":\"ordinary\""}},
              {"PUT", G "/owned-a/members/ordinary@example.com", NULL, 409, .versions = IN_2_0},
              {"PUT", G "/owned-a/members/nowhere@example.com", NULL, .status = 404},
              {"DELETE", G "/owned-a/members/both@example.com", NULL, .status = 404},
              {"PUT", G "/owned-a/members/membership/both@example.com?membership=OWNER", NULL,
               .status = 404});
}
END_TEST

/* A member's groups stand in the order in which the user joined them. */
START_TEST(members_groups_are_in_order) {
    STEPS_RUN(
        {"POST", U, "{\"email\":\"n@x.com\",\"groups\":[\"owned-b\",\"main-only\"]}", 201,
         .keep = 1},
        {"PUT", G "/owned-a/members/{1}", NULL, 200, .order = {"\"main-only\"", "\"owned-a\""}},
        {"GET", G "/main-only/members?q=n@x.com", NULL, 200,
         .has = {"[{\"id\":\"owned-b\",\"name\":\"owned "
                 "b\",\"external\":false,\"membership\":\"MEMBER\"},{\"id\":\"main-only\""}},
        {"DELETE", G "/owned-b/members/{1}", NULL, 200, .basic = NULL},
        {"PUT", G "/owned-b/members/{1}", NULL, 200, .order = {"\"owned-a\"", "\"owned-b\""}});
}
END_TEST

START_TEST(owners_manage_members) {
    STEPS_RUN({"PUT", G "/owned-a/members/ordinary", NULL, 200, .basic = OWNER},
              {"PUT", G "/owned-a/members/membership/ordinary?membership=OWNER", NULL, 200,
               .basic = OWNER},
              {"DELETE", G "/owned-a/members/ordinary", NULL, 200, .basic = OWNER},
              {"PUT", G "/scim/members/ordinary", NULL, 403, .basic = OWNER});
}
END_TEST

int main(void) {
    Suite *suite = suite_create("groups");
    TCase *tcase = suite_add(suite, "rows");
    tcase_add_checked_fixture(tcase, steps_setup, steps_teardown);
    suite_add_rows(tcase, refuses_without_permission_or_tenant, operations);
    suite_add_rows(tcase, refuses_bad_bodies, operations);
    suite_add_rows(tcase, answers_each_call, rows);
    tcase_add_test(tcase, creates_renames_and_deletes);
    tcase_add_test(tcase, members_come_and_go);
    tcase_add_test(tcase, finds_a_member_by_username);
    tcase_add_test(tcase, members_groups_are_in_order);
    tcase_add_test(tcase, owners_manage_members);
    return suite_run(suite);
}
