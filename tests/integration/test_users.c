/* /api/v1/users and /api/v1/users/{id}: users are listed, created, changed and deleted. */
#include <stdio.h>

#include "steps.h"
#include "suite.h"

#define USERS "/api/v1/users"
#define BOTH USERS "/both"
#define NOBODY USERS "/nobody"
#define NO_USER "User does not exist for id 'nobody'"
#define ERRORS "\"errors\":[{"

/* Every operation, with a call that would succeed. */
struct operation_row {
    const char *method;
    const char *path;
    const char *body;  /* NULL: it takes no body */
    unsigned versions; /* that have it; 0: all */
};

static const struct operation_row operations[] = {
    {"GET", USERS, NULL, 0},
    {"POST", USERS, "{\"email\":\"new@example.com\"}", 0},
    {"GET", BOTH, NULL, 0},
    {"PATCH", BOTH, "{\"firstName\":\"B\"}", 0},
    {"DELETE", BOTH, NULL, 0},
    {"PUT", BOTH, "{\"email\":\"b@example.com\"}", 0},
    {"PATCH", BOTH "/restricted", "{\"restricted\":true}", 0},
    {"PATCH", BOTH "/superadmin", "{\"superAdmin\":true}", 0},
    {"PATCH", BOTH "/instanceowner", "{\"instanceOwner\":true}", IN_2_0},
};

/* No refused call may have changed any of this. */
static void check_unchanged(void) {
    STEPS_RUN(
        {"GET", USERS "?size=100", NULL, 200, .has = {"\"total\":8}"}},
        {"GET", BOTH, NULL, 200,
         .has = {"\"email\":\"both@example.com\"", "\"{privilege}\":false", "\"restricted\":false"},
         .lacks = {"firstName", "lastName"}, .counted = "\"tenantId\":", .count = 5});
}

START_TEST(refuses_all_but_super_admins) {
    if (!version_is_in(operations[_i].versions))
        return;
    struct http_call call = {.method = operations[_i].method,
                             .target = operations[_i].path,
                             .body = operations[_i].body};
    steps_expect(&call, 401, NULL);
    call.basic = "root@root.com:wrong";
    steps_expect(&call, 401, NULL);
    call.basic = ORDINARY;
    steps_expect(&call, 403, NULL);
    call.basic = OWNER;
    steps_expect(&call, 403, NULL);
    check_unchanged();
}
END_TEST

START_TEST(refuses_bad_bodies) {
    if (!version_is_in(operations[_i].versions))
        return;
    steps_refuse_bodies(operations[_i].method, operations[_i].path, operations[_i].body);
    check_unchanged();
}
END_TEST

static const struct step refused[] = {
    {"GET", USERS "?page=0", NULL, 422, .has = {ERRORS}},
    {"GET", USERS "?page=-1", NULL, 422, .has = {ERRORS}},
    {"GET", USERS "?page=x", NULL, 422, .type = "invalid-argument", .unreadable = "",
     .has = {ERRORS}},
    {"GET", USERS "?page=1.5", NULL, 422, .type = "invalid-argument", .unreadable = "",
     .has = {ERRORS}},
    {"GET", USERS "?size=0", NULL, 422, .has = {ERRORS}},
    {"GET", USERS "?size=10x", NULL, 422, .type = "invalid-argument", .unreadable = "",
     .has = {ERRORS}},
    {"GET", USERS "?sort=username", NULL, 422, .type = "invalid-argument"},
    {"GET", USERS "?sort=id:asc", NULL, 422, .type = "invalid-argument"},
    {"GET", USERS "?filters[nope][EQUALS]=a", NULL, 422, .versions = SINCE_1_3,
     .type = "invalid-query-filters", .has = {"'filters[nope][EQUALS]' has an unknown field"}},
    {"GET", USERS "?filters%5Btype%5D%5BEQUALS%5D=STANDARD", NULL, 422, .versions = SINCE_1_3,
     .type = "invalid-query-filters", .has = {"'filters[type][EQUALS]' has an unknown field"}},
    {"GET", USERS "?filters[email][LIKE]=a", NULL, 422, .versions = SINCE_1_3,
     .type = "invalid-query-filters", .has = {"'filters[email][LIKE]' has an unknown operator"}},
    {"GET", USERS "?filters[email]=a", NULL, 422, .versions = SINCE_1_3,
     .type = "invalid-query-filters", .has = {"'filters[email]' is"}},
    {"GET", USERS "?filters=email", NULL, 422, .versions = SINCE_1_3,
     .type = "invalid-query-filters", .has = {"'filters' is malformed"}},
    {"GET", USERS "?filters[q][CONTAINS]=a", NULL, 422, .versions = SINCE_1_3,
     .type = "invalid-query-filters", .has = {"'filters[q]"}},
    {"GET", USERS "?filters[email][REGEX]=(", NULL, 422, .versions = SINCE_1_3,
     .type = "invalid-query-filters", .has = {"has an invalid regular expression"}},
    {"GET", USERS "?filters[{privilege}][EQUALS]=yes", NULL, 422, .versions = SINCE_1_3,
     .type = "invalid-query-filters", .has = {"not valid for this field"}},
    {"GET", USERS "?sort=password:asc", NULL, 422, .type = "invalid-argument"},
    {"GET", USERS "?sort=username:asc,nope:asc", NULL, 422, .type = "invalid-argument"},
    {"GET", USERS "?filters[super_admin][EQUALS]=true", NULL, 422, .versions = IN_2_0,
     .type = "invalid-query-filters", .has = {"'filters[super_admin][EQUALS]' has an unknown"}},
    {"PATCH", BOTH "/superadmin", "{}", 422, .has = {"is required"}},
    {"PATCH", BOTH "/instanceowner", "{}", 422, .versions = IN_2_0,
     .has = {"is required", "patchUserInstanceOwner.request.instanceOwner"}},
    {"PATCH", BOTH "/instanceowner", "{\"superAdmin\":true}", 422, .versions = IN_2_0,
     .has = {"is required"}},
    {"PATCH", BOTH "/instanceowner", "{\"instanceOwner\":0}", 422, .versions = IN_2_0,
     .unreadable = "instanceOwner"},
    {"PATCH", NOBODY "/instanceowner", "{\"instanceOwner\":true}", 404, .versions = IN_2_0,
     .has = {NO_USER}},
    {"PATCH", BOTH "/instanceowner", "{\"instanceOwner\":true}", 404, .versions = BEFORE_2_0,
     .has = {"no operation has this path"}},
    {"POST", USERS, "{}", 422, .has = {ERRORS, ".email\""}},
    {"POST", USERS, "{\"email\":null}", 422, .has = {ERRORS, ".email\""}},
    {"POST", USERS, "{\"email\":7}", 422, .unreadable = "email",
     .has = {ERRORS, "must be a string"}},
    {"POST", USERS, "{\"email\":\"\"}", 422, .has = {ERRORS, ".email\""}},
    {"POST", USERS, "{\"email\":\"new\"}", 422, .has = {ERRORS, ".email\""}},
    {"POST", USERS, "{\"email\":\"new@\"}", 422, .has = {ERRORS, ".email\""}},
    {"POST", USERS, "{\"email\":\"@example.com\"}", 422, .has = {ERRORS, ".email\""}},
    {"POST", USERS, "{\"email\":\"a b@example.com\"}", 422, .has = {ERRORS, ".email\""}},
    {"POST", USERS, "{\"email\":\"a@example.com\\n\"}", 422, .has = {ERRORS, ".email\""}},
    {"POST", USERS, "{\"email\":\"n@x.com\",\"firstName\":1}", 422, .unreadable = "firstName",
     .has = {"must be a string"}},
    {"POST", USERS, "{\"email\":\"n@x.com\",\"{privilege}\":\"true\"}", 422,
     .unreadable = "{privilege}", .has = {ERRORS}},
    {"POST", USERS, "{\"email\":\"n@x.com\",\"restricted\":0}", 422, .unreadable = "restricted",
     .has = {ERRORS}},
    {"POST", USERS, "{\"email\":\"n@x.com\",\"tenants\":\"main\"}", 422, .unreadable = "tenants",
     .has = {ERRORS}},
    {"POST", USERS, "{\"email\":\"n@x.com\",\"tenants\":[1]}", 422, .unreadable = "tenants[0]",
     .has = {ERRORS}},
    {"POST", USERS, "{\"email\":\"n@x.com\",\"groups\":{}}", 422, .unreadable = "groups",
     .has = {ERRORS}},
    {"POST", USERS, "{\"email\":\"n@x.com\",\"password\":1}", 422, .unreadable = "password",
     .has = {ERRORS}},
    {"POST", USERS, "{\"email\":\"both@example.com\"}", 409, .basic = NULL},
    {"POST", USERS, "{\"email\":\"BOTH@Example.COM\"}", 409, .basic = NULL},
    {"POST", USERS, "{\"email\":\"owner@example.com\"}", 409, .basic = NULL},
    {"POST", USERS, "{\"email\":\"n@x.com\",\"tenants\":[\"main\",\"nowhere\"]}", 404,
     .has = {"Tenant does not exist for id 'nowhere'"}},
    {"POST", USERS, "{\"email\":\"n@x.com\",\"groups\":[\"main-only\",\"nope\"]}", 404,
     .has = {"Group does not exist for id 'nope'"}},
    {"GET", NOBODY, NULL, 404, .has = {NO_USER}},
    {"GET", USERS "/BOTH", NULL, 404, .basic = NULL},
    {"GET", USERS "/both@example.com", NULL, 404, .basic = NULL},
    {"PATCH", NOBODY, "{\"firstName\":\"B\"}", 404, .has = {NO_USER}},
    {"DELETE", NOBODY, NULL, 404, .has = {NO_USER}},
    {"PATCH", BOTH, "{\"firstName\":true}", 422, .unreadable = "firstName",
     .has = {ERRORS, ".firstName\""}},
    {"PATCH", BOTH, "{\"firstName\":\"B\",\"lastName\":[]}", 422, .unreadable = "lastName",
     .has = {ERRORS}},
    {"PATCH", BOTH, "{\"firstName\":\"B\",\"email\":\"b\"}", 422, .has = {ERRORS, ".email\""}},
    {"PATCH", BOTH, "{\"firstName\":\"B\",\"email\":\"ROOT@root.com\"}", 409, .basic = NULL},
    {"PUT", NOBODY, "{\"email\":\"n@x.com\"}", 404, .has = {NO_USER}},
    {"PUT", BOTH, "{\"firstName\":\"B\"}", 422, .has = {ERRORS, "updateUser.request.email\""}},
    {"PUT", BOTH, "{\"email\":\"b\"}", 422, .has = {ERRORS, ".email\""}},
    {"PUT", BOTH, "{\"email\":\"b@x.com\",\"groups\":[null]}", 422, .has = {ERRORS}},
    {"PUT", BOTH, "{\"email\":\"b@x.com\",\"password\":\"weak\"}", 422,
     .type = "password-policy-violation", .has = {ERRORS}},
    {"PUT", BOTH, "{\"email\":\"Root@root.com\",\"groups\":[]}", 409,
     .has = {"the e-mail address 'Root@root.com'"}},
    {"PUT", BOTH, "{\"email\":\"b@x.com\",\"tenants\":[\"main\",\"nowhere\"],\"groups\":[]}", 404,
     .has = {"Tenant does not exist for id 'nowhere'"}},
    {"PUT", BOTH, "{\"email\":\"b@x.com\",\"groups\":[\"main-only\",\"nope\"]}", 404,
     .has = {"Group does not exist for id 'nope'"}},
    {"PATCH", NOBODY "/restricted", "{\"restricted\":true}", 404, .has = {NO_USER}},
    {"PATCH", NOBODY "/superadmin", "{\"{privilege}\":true}", 404, .has = {NO_USER}},
    {"PATCH", BOTH "/restricted", "{}", 422,
     .has = {"is required", "patchUserDemo.request.restricted"}},
    {"PATCH", BOTH "/restricted", "{\"restricted\":null}", 422, .has = {"must be true or false"}},
    {"PATCH", BOTH "/superadmin", "{\"{privilege}\":1}", 422, .unreadable = "{privilege}",
     .has = {"must be true or false"}},
};

START_TEST(refuses_and_changes_nothing) {
    steps_run(&refused[_i], 1);
    check_unchanged();
}
END_TEST

static const char *const weak[] = {
    "", "Aa1!aaa", "password!234", "PASSWORD!234", "Password!abc", "Password1234"};

START_TEST(refuses_weak_passwords) {
    char body[128];
    snprintf(body, sizeof(body), "{\"email\":\"new@example.com\",\"password\":\"%s\"}", weak[_i]);
    const struct step step = {"POST",         USERS, body, 422, .type = "password-policy-violation",
                              .has = {ERRORS}};
    steps_run(&step, 1);
    check_unchanged();
}
END_TEST

/* A password needs a special character, and 2.0 takes more of them. */
START_TEST(takes_more_special_characters) {
    STEPS_RUN(
        {"POST", USERS, "{\"email\":\"a@x.com\",\"password\":\"Password_234\"}", 422,
         .versions = BEFORE_2_0, .has = {"must have one of !@#$%^&*\""}},
        {"POST", USERS, "{\"email\":\"a@x.com\",\"password\":\"Password_234\"}", 201,
         .versions = IN_2_0},
        {"POST", USERS, "{\"email\":\"b@x.com\",\"password\":\"Password-234\"}", 201,
         .versions = IN_2_0},
        {"GET", "/api/v1/me", NULL, 200, .versions = IN_2_0, .basic = "b@x.com:Password-234"});
}
END_TEST

START_TEST(takes_both_names_of_the_privilege) {
    if (version_is_in(BEFORE_2_0)) { /* another member is ignored */
        STEPS_RUN(
            {"POST", USERS, "{\"email\":\"a@x.com\",\"instanceOwner\":true}", 201,
             .has = {"\"superAdmin\":false"}, .lacks = {"instanceOwner"}},
            {"PATCH", BOTH "/superadmin", "{\"superAdmin\":true,\"instanceOwner\":false}", 200,
             .empty = true},
            {"GET", BOTH, NULL, 200, .has = {"\"superAdmin\":true"}, .lacks = {"instanceOwner"}});
        return;
    }
    STEPS_RUN(
        {"POST", USERS, "{\"email\":\"a@x.com\",\"superAdmin\":true}", 201,
         .has = {"\"instanceOwner\":true"}, .lacks = {"superAdmin"}, .keep = 1},
        {"PUT", USERS "/{1}", "{\"email\":\"a@x.com\",\"superAdmin\":true,\"instanceOwner\":false}",
         200, .has = {"\"instanceOwner\":false"}, .lacks = {"superAdmin"}},
        {"PUT", USERS "/{1}", "{\"email\":\"a@x.com\",\"superAdmin\":true}", 200,
         .has = {"\"instanceOwner\":true"}},
        {"PUT", USERS "/{1}", "{\"email\":\"a@x.com\"}", 200, .has = {"\"instanceOwner\":false"}},
        {"PATCH", USERS "/{1}/instanceowner", "{\"instanceOwner\":true}", 200, .empty = true},
        {"GET", USERS "/{1}", NULL, 200, .has = {"\"instanceOwner\":true"}},
        {"PATCH", USERS "/{1}/superadmin", "{\"instanceOwner\":false}", 200, .empty = true},
        {"GET", USERS "/{1}", NULL, 200, .has = {"\"instanceOwner\":false"}},
        {"PATCH", USERS "/{1}/superadmin", "{\"superAdmin\":true}", 200, .empty = true},
        {"GET", USERS "/{1}", NULL, 200, .has = {"\"instanceOwner\":true"}},
        {"PATCH", USERS "/{1}/instanceowner", "{\"instanceOwner\":true}", 403, .basic = ORDINARY},
        {"GET", USERS "?filters[instance_owner][EQUALS]=true", NULL, 200, .has = {"\"total\":2}"},
         .lacks = {"superAdmin"}});
}
END_TEST

START_TEST(ignores_filters_that_the_version_lacks) {
    STEPS_RUN({"GET", USERS "?filters[nope][LIKE]=a&filters=b", NULL, 200, .versions = BEFORE_1_3,
               .has = {"\"total\":8}"}},
              {"GET", USERS "?q=both&filters[username][EQUALS]=root", NULL, 200,
               .versions = BEFORE_1_3, .has = {"\"total\":1}", "\"both\""}});
}
END_TEST

#define GROUP_OF_MAIN(id) "{\"id\":\"" id "\",\"tenantId\":\"main\"}"

START_TEST(lists_groups_in_the_order_of_the_request) {
    STEPS_RUN({"POST", USERS,
               "{\"email\":\"a@x.com\",\"groups\":[\"owned-b\",\"main-only\",\"owned-a\",\"owned-"
               "b\"]}",
               201,
               .has = {"\"groups\":[" GROUP_OF_MAIN("owned-b") "," GROUP_OF_MAIN(
                   "main-only") "," GROUP_OF_MAIN("owned-a") "]"},
               .keep = 1},
              {"GET", USERS "/{1}", NULL, 200,
               .has = {"\"groups\":[" GROUP_OF_MAIN("owned-b") "," GROUP_OF_MAIN(
                   "main-only") "," GROUP_OF_MAIN("owned-a") "]"}},
              {"PUT", USERS "/{1}",
               "{\"email\":\"a@x.com\",\"groups\":[\"owned-a\",\"other-only\",\"owned-b\"]}", 200,
               .has = {"\"groups\":[" GROUP_OF_MAIN(
                   "owned-a") ",{\"id\":\"other-only\",\"tenantId\":"
                              "\"other\"}," GROUP_OF_MAIN("owned-b") "]"}},
              {"PUT", "/api/v1/main/users/{1}/groups",
               "{\"groupIds\":[\"owned-b\",\"main-only\",\"owned-a\"]}", 204, .empty = true},
              {"GET", USERS "/{1}", NULL, 200,
               .has = {"\"groups\":[" GROUP_OF_MAIN("owned-b") "," GROUP_OF_MAIN(
                   "main-only") ",{\"id\":\"other-only\",\"tenantId\":\"other\"}"
                                "," GROUP_OF_MAIN("owned-a") "]"}});
}
END_TEST

/* Since 2.0 a replaced user has only what the request says. */
START_TEST(clears_lists_that_are_left_out) {
    STEPS_RUN(
        {"POST", USERS,
         "{\"email\":\"a@x.com\",\"tenants\":[\"main\",\"other\"],\"groups\":[\"main-only\"]}", 201,
         .keep = 1},
        {"PUT", USERS "/{1}", "{\"email\":\"a@x.com\"}", 200, .versions = BEFORE_2_0,
         .has = {"\"groups\":[{", "\"tenants\":[{\"id\":\"main\""}},
        {"PUT", USERS "/{1}", "{\"email\":\"a@x.com\",\"groups\":[\"main-only\"]}", 200,
         .versions = IN_2_0,
         .has = {"\"tenants\":[{\"id\":\"main\",\"name\":\"Main\"}]", "\"main-only\""}},
        {"PUT", USERS "/{1}", "{\"email\":\"a@x.com\",\"tenants\":[\"other\"]}", 200,
         .versions = IN_2_0,
         .has = {"\"tenants\":[{\"id\":\"other\",\"name\":\"Other\"}]", "\"groups\":[]"}},
        {"PUT", USERS "/{1}", "{\"email\":\"a@x.com\"}", 200, .versions = IN_2_0,
         .has = {"\"tenants\":[]", "\"groups\":[]"}},
        {"PUT", BOTH, "{\"email\":\"both@example.com\"}", 200, .versions = IN_2_0,
         .has = {"\"groups\":[" GROUP_OF_MAIN("scim") "]"}});
}
END_TEST

START_TEST(creates_a_user) {
    STEPS_RUN(
        {"POST", USERS,
         "{\"email\":\"ada@example.com\",\"firstName\":\"Ada\",\"lastName\":\"Byron\","
         "\"password\":\"Password!234\",\"tenants\":[\"main\"],\"unknown\":1}",
         201,
         .has = {"\"username\":\"ada@example.com\"", "\"email\":\"ada@example.com\"",
                 "\"displayName\":\"Ada Byron\"", "\"tenants\":[{\"id\":\"main\""},
         .lacks = {"null", "Password", "unknown"}, .keep = 1},
        {"GET", USERS "/{1}", NULL, 200,
         .has = {"\"id\":\"{1}\"", "\"firstName\":\"Ada\"", "\"lastName\":\"Byron\"",
                 "\"name\":\"Main\""}},
        {"GET", USERS "/{1}", NULL, 200,
         .has = {"\"groups\":[]", "\"{privilege}\":false", "\"restricted\":false", "\"type\":"},
         .lacks = {"null", "\"auths\":[]"}},
        {"GET", USERS "?q=byron", NULL, 200,
         .has = {"\"total\":1}", "\"id\":\"{1}\"", "\"username\":\"ada@example.com\""},
         .lacks = {"null"}},
        {"POST", USERS, "{\"email\":\"ADA@example.com\"}", 409, .basic = NULL});
}
END_TEST

START_TEST(leaves_out_null_and_keeps_empty_and_false) {
    STEPS_RUN(
        {"POST", USERS,
         "{\"email\":\"bare@example.com\",\"firstName\":null,\"lastName\":null,"
         "\"password\":null,\"{privilege}\":null,\"restricted\":null,\"tenants\":null,"
         "\"groups\":null}",
         201, .has = {"\"tenants\":[]", "\"groups\":[]", "\"auths\":[]", "\"{privilege}\":false"},
         .lacks = {"null", "firstName", "lastName"}, .keep = 1},
        {"GET", USERS "/{1}", NULL, 200,
         .has = {"\"restricted\":false", "\"displayName\":\"bare@example.com\""},
         .lacks = {"null", "firstName", "lastName"}},
        {"GET", USERS "?q=bare", NULL, 200,
         .has = {"\"tenants\":[]", "\"auths\":[]", "\"{privilege}\":false"}, .lacks = {"null"}});
}
END_TEST

START_TEST(accepts_flags_and_password) {
    STEPS_RUN(
        {"POST", USERS,
         "{\"email\":\"boss@example.com\",\"password\":\"Boss!1234\",\"{privilege}\":true,"
         "\"restricted\":true}",
         201, .has = {"\"{privilege}\":true", "\"restricted\":true"}, .keep = 1},
        {"GET", USERS, NULL, 200, .basic = "boss@example.com:Boss!1234"},
        {"GET", USERS, NULL, 401, .basic = "boss@example.com:Boss!12345"},
        {"POST", USERS,
         "{\"email\":\"plain@example.com\",\"password\":\"Plain!1234\",\"{privilege}\":false}", 201,
         .has = {"\"{privilege}\":false"}},
        {"GET", USERS, NULL, 403, .basic = "plain@example.com:Plain!1234"});
}
END_TEST

START_TEST(groups_give_access) {
    STEPS_RUN(
        {"POST", USERS, "{\"email\":\"g@example.com\",\"groups\":[\"main-only\",\"other-only\"]}",
         201,
         .has = {"\"id\":\"main-only\"", "\"tenantId\":\"main\"", "\"id\":\"other-only\"",
                 "\"tenantId\":\"other\""},
         .keep = 1},
        {"GET", USERS "/{1}", NULL, 200,
         .has = {"\"name\":\"Main\"", "\"name\":\"Other\"", "\"id\":\"main\"", "\"id\":\"other\""}},
        {"GET", USERS "?q=g@example.com&sort=username:asc", NULL, 200, .has = {"\"{1}\""}},
        {"GET", "/api/v1/main/groups/main-only/members?q=g@example.com", NULL, 200,
         .has = {"\"id\":\"{1}\"", "\"membership\":\"MEMBER\""}});
}
END_TEST

START_TEST(changes_only_the_members_sent) {
    STEPS_RUN({"POST", USERS,
               "{\"email\":\"ada@example.com\",\"firstName\":\"Ada\",\"lastName\":\"Byron\","
               "\"password\":\"Ada!12345\",\"{privilege}\":true}",
               201, .keep = 1},
              {"PATCH", USERS "/{1}", "{\"lastName\":\"Lovelace\"}", 200,
               .has = {"\"id\":\"{1}\"", "\"firstName\":\"Ada\"", "\"lastName\":\"Lovelace\"",
                       "\"displayName\":\"Ada Lovelace\""}},
              {"PATCH", USERS "/{1}", "{}", 200, .has = {"\"lastName\":\"Lovelace\""}},
              {"PATCH", USERS "/{1}", "{\"email\":\"countess@example.com\"}", 200,
               .has = {"\"email\":\"countess@example.com\"",
                       "\"username\":\"countess@example.com\"", "\"{privilege}\":true"},
               .lacks = {"ada@example.com"}},
              {"GET", USERS, NULL, 200, .basic = "countess@example.com:Ada!12345"},
              {"GET", USERS, NULL, 401, .basic = "ada@example.com:Ada!12345"},
              {"PATCH", USERS "/{1}", "{\"email\":\"COUNTESS@example.com\"}", 200, .basic = NULL},
              {"POST", USERS, "{\"email\":\"ada@example.com\"}", 201, .basic = NULL});
}
END_TEST

START_TEST(keeps_a_username_of_its_own) {
    STEPS_RUN({"PATCH", USERS "/a%2Fb%20c%25%3F%23%C3%A9", "{\"email\":\"even@example.com\"}", 200,
               .has = {"\"username\":\"odd one\"", "\"email\":\"even@example.com\""}});
}
END_TEST

START_TEST(replaces_a_user) {
    STEPS_RUN(
        {"POST", USERS,
         "{\"email\":\"ada@example.com\",\"firstName\":\"Ada\",\"lastName\":\"Byron\","
         "\"password\":\"Ada!12345\",\"{privilege}\":true,\"tenants\":[\"main\"],"
         "\"groups\":[\"other-only\"]}",
         201, .keep = 1},
        {"GET", USERS, NULL, 200, .basic = "ada@example.com:Ada!12345"},
        {"PUT", USERS "/{1}",
         "{\"email\":\"countess@example.com\",\"lastName\":\"Lovelace\",\"tenants\":null,"
         "\"groups\":null,\"password\":null,\"restricted\":true,\"id\":\"x\"}",
         200, .versions = BEFORE_2_0,
         .has = {"\"id\":\"{1}\",\"username\":\"countess@example.com\",\"displayName\":"
                 "\"Lovelace\",\"tenants\":[{\"id\":\"main\",\"name\":\"Main\"},{\"id\":"
                 "\"other\",\"name\":\"Other\"}]",
                 "\"groups\":[{\"id\":\"other-only\",\"tenantId\":\"other\"}]",
                 "\"{privilege}\":false", "\"restricted\":true"},
         .lacks = {"firstName", "null", "ada@"}},
        {"PUT", USERS "/{1}",
         "{\"email\":\"countess@example.com\",\"lastName\":\"Lovelace\",\"tenants\":null,"
         "\"groups\":null,\"password\":null,\"restricted\":true,\"id\":\"x\"}",
         200, .versions = IN_2_0,
         .has = {"\"id\":\"{1}\",\"username\":\"countess@example.com\",\"displayName\":"
                 "\"Lovelace\",\"tenants\":[]",
                 "\"groups\":[]", "\"{privilege}\":false", "\"restricted\":true"},
         .lacks = {"firstName", "null", "ada@"}},
        {"GET", USERS, NULL, 401, .basic = "ada@example.com:Ada!12345"},
        {"GET", USERS, NULL, 403, .basic = "countess@example.com:Ada!12345"},
        {"PUT", USERS "/{1}",
         "{\"email\":\"Countess@example.com\",\"password\":\"New!123456\",\"{privilege}\":true}",
         200, .has = {"\"restricted\":false"}},
        {"GET", USERS, NULL, 401, .basic = "countess@example.com:Ada!12345"},
        {"GET", USERS, NULL, 200, .basic = "countess@example.com:New!123456"},
        {"PUT", USERS "/a%2Fb%20c%25%3F%23%C3%A9", "{\"email\":\"even@example.com\"}", 200,
         .has = {"\"username\":\"odd one\"", "\"email\":\"even@example.com\""}});
}
END_TEST

#define OF_BOTH(...) "{\"email\":\"both@example.com\"," __VA_ARGS__ "}"
#define GROUP(id, tenant) "{\"id\":\"" id "\",\"tenantId\":\"" tenant "\"}"

START_TEST(replaces_groups_in_all_tenants) {
    STEPS_RUN(
        {"PUT", BOTH, OF_BOTH("\"groups\":[\"main-only\",\"shared-id\",\"main-only\"]"), 200,
         .has = {"\"groups\":[" GROUP("main-only", "main") "," GROUP("shared-id", "main") "," GROUP(
             "scim", "main") "," GROUP("shared-id", "other") "]"}},
        {"GET", "/api/v1/main/groups/shared-id/members?q=both", NULL, 200,
         .has = {"\"name\":\"shared in main\",\"external\":false,\"membership\":\"OWNER\""}},
        {"PUT", BOTH, OF_BOTH("\"groups\":[\"scim\"]"), 200,
         .has = {"\"tenants\":[{\"id\":\"main\",\"name\":\"Main\"}]",
                 "\"groups\":[" GROUP("scim", "main") "]"}},
        {"GET", "/api/v1/main/groups/scim/members", NULL, 200, .has = {"\"external\":true"}},
        {"PUT", BOTH, OF_BOTH("\"groups\":[]"), 200,
         .has = {"\"groups\":[" GROUP("scim", "main") "]"}},
        {"PUT", USERS "/owner", "{\"email\":\"owner@example.com\",\"groups\":[]}", 200,
         .has = {"\"groups\":[]", "\"tenants\":[]"}},
        {"GET", "/api/v1/main/groups/owned-a/members", NULL, 403, .basic = OWNER});
}
END_TEST

START_TEST(replaces_granted_access) {
    if (version_under_test()->absent_lists_are_cleared)
        return;
    STEPS_RUN(
        {"PUT", BOTH, OF_BOTH("\"tenants\":[]"), 200,
         .has = {"\"id\":\"main\"", "\"id\":\"other\"", GROUP("other-only", "other")}},
        {"PUT", BOTH, OF_BOTH("\"tenants\":[\"other\",\"other\"],\"groups\":[\"shared-id\"]"), 200,
         .has = {GROUP("shared-id", "main"), GROUP("shared-id", "other")}},
        {"PUT", BOTH, OF_BOTH("\"groups\":[]"), 200,
         .has = {"\"tenants\":[{\"id\":\"main\",\"name\":\"Main\"},{\"id\":\"other\"",
                 "\"groups\":[" GROUP("scim", "main") "]"}},
        {"PUT", BOTH, OF_BOTH("\"tenants\":[\"main\"]"), 200,
         .has = {"\"tenants\":[{\"id\":\"main\",\"name\":\"Main\"}]"}},
        {"PUT", USERS "/no-tenant",
         "{\"email\":\"nowhere@example.com\",\"tenants\":[\"other\"],\"groups\":[\"shared-id\"]}",
         200, .has = {"\"groups\":[" GROUP("shared-id", "other") "]"}, .lacks = {"\"main\""}},
        {"PUT", USERS "/no-tenant", "{\"email\":\"nowhere@example.com\",\"tenants\":[\"main\"]}",
         200, .has = {"\"id\":\"main\"", GROUP("shared-id", "other")}},
        {"PUT", USERS "/no-tenant", "{\"email\":\"nowhere@example.com\",\"groups\":[]}", 200,
         .has = {"\"tenants\":[{\"id\":\"main\",\"name\":\"Main\"}]"}});
}
END_TEST

START_TEST(sets_flags_at_once) {
    STEPS_RUN(
        {"GET", USERS, NULL, 403, .basic = ORDINARY},
        {"PATCH", USERS "/ordinary/superadmin", "{\"{privilege}\":true}", 200, .empty = true},
        {"GET", USERS "/ordinary", NULL, 200, .basic = ORDINARY,
         .has = {"\"{privilege}\":true", "\"restricted\":false"}},
        {"PATCH", USERS "/ordinary/restricted", "{\"restricted\":true}", 200, .empty = true},
        {"GET", USERS "/ordinary", NULL, 200,
         .has = {"\"{privilege}\":true", "\"restricted\":true"}},
        {"PATCH", USERS "/ordinary/superadmin", "{\"{privilege}\":false}", 200, .empty = true},
        {"GET", USERS, NULL, 403, .basic = ORDINARY},
        {"PATCH", USERS "/ordinary/restricted", "{\"restricted\":false}", 200, .empty = true},
        {"GET", USERS "/ordinary", NULL, 200, .has = {"\"restricted\":false"}});
}
END_TEST

START_TEST(deletes_everything_of_a_user) {
    STEPS_RUN({"POST", USERS,
               "{\"email\":\"gone@example.com\",\"password\":\"Gone!1234\","
               "\"tenants\":[\"other\"],\"groups\":[\"main-only\"],\"{privilege}\":true}",
               201, .keep = 1},
              {"GET", USERS, NULL, 200, .basic = "gone@example.com:Gone!1234"},
              {"DELETE", USERS "/{1}", NULL, 204, .empty = true},
              {"GET", USERS, NULL, 401, .basic = "gone@example.com:Gone!1234"},
              {"GET", USERS "/{1}", NULL, 404, .basic = NULL},
              {"DELETE", USERS "/{1}", NULL, 404, .basic = NULL},
              {"GET", USERS "?q=gone", NULL, 200, .has = {"\"results\":[]", "\"total\":0}"}},
              {"GET", "/api/v1/main/groups/main-only/members", NULL, 200, .lacks = {"gone"}},
              {"POST", USERS, "{\"email\":\"gone@example.com\"}", 201, .lacks = {"{1}"}},
              {"DELETE", BOTH, NULL, 204, .empty = true},
              {"GET", "/api/v1/main/groups/scim/members", NULL, 200, .has = {"\"total\":0}"}},
              {"DELETE", USERS "/ordinary", NULL, 204, .empty = true},
              {"GET", "/api/v1/main/groups/search", NULL, 401, .basic = ORDINARY});
}
END_TEST

#define EACH "\"displayName\":"

static const struct step pages[] = {
    {"GET", USERS, NULL, 200, .has = {"\"total\":8}"}, .counted = EACH, .count = 8},
    {"GET", USERS "?size=3", NULL, 200, .has = {"\"total\":8}"}, .counted = EACH, .count = 3},
    {"GET", USERS "?page=3&size=3", NULL, 200, .counted = EACH, .count = 2},
    {"GET", USERS "?page=4&size=3", NULL, 200, .has = {"\"results\":[]", "\"total\":8}"}},
    {"GET", USERS "?page=100000000&size=1000", NULL, 200, .has = {"\"results\":[]"}},
    {"GET", USERS "?page=100000000&size=100000000", NULL, 200, .versions = BEFORE_2_0,
     .has = {"\"results\":[]"}},
    {"GET", USERS "?q=*", NULL, 200, .has = {"\"total\":8}"}},
    {"GET", USERS "?q=", NULL, 200, .has = {"\"total\":8}"}},
    {"GET", USERS "?q=EXAMPLE", NULL, 200, .has = {"\"total\":7}"}},
    {"GET", USERS "?q=com%20bOTh", NULL, 200, .has = {"\"total\":1}", "\"id\":\"both\""}},
    {"GET", USERS "?q=both@example.com", NULL, 200, .has = {"\"total\":1}"}},
    {"GET", USERS "?q=both+root", NULL, 200, .has = {"\"results\":[]", "\"total\":0}"}},
    {"GET", USERS "?q=nothing", NULL, 200, .has = {"\"results\":[]", "\"total\":0}"}},
    {"GET", USERS "?q=odd", NULL, 200, .has = {"\"total\":1}", "\"username\":\"odd one\""}},
    {"GET", USERS "?q=example&size=2&page=4", NULL, 200, .counted = EACH, .count = 1},
    {"GET", USERS "?filters%5BQUERY%5D%5BEQUALS%5D=EXAMPLE", NULL, 200, .versions = SINCE_1_3,
     .has = {"\"total\":7}"}},
    {"GET", USERS "?q=both&filters[q][EQUALS]=root", NULL, 200, .versions = SINCE_1_3,
     .has = {"\"total\":0}"}},
    {"GET", USERS "?q=example&filters[q][NOT_EQUALS]=odd", NULL, 200, .versions = SINCE_1_3,
     .has = {"\"total\":6}"}},
    {"GET", USERS "?filters[username][EQUALS]=BOTH@example.com", NULL, 200, .versions = SINCE_1_3,
     .has = {"\"total\":1}", "\"id\":\"both\""}},
    {"GET", USERS "?filters[id][EQUALS]=BOTH", NULL, 200, .versions = SINCE_1_3,
     .has = {"\"total\":0}"}},
    {"GET", USERS "?filters%5B{privilege}%5D%5BEQUALS%5D=true", NULL, 200, .versions = SINCE_1_3,
     .has = {"\"total\":1}", "\"id\":\"root\""}},
    {"GET", USERS "?filters[firstName][IS_NULL]=&size=1", NULL, 200, .versions = SINCE_1_3,
     .has = {"\"total\":8}"}},
    {"GET", USERS "?filters[id][IN]=both,root&filters[id][IN]=owner,x&sort=email:asc", NULL, 200,
     .versions = SINCE_1_3, .has = {"\"total\":3}"}, .order = {"\"both\"", "\"root\""}},
    {"GET", USERS "?filters[email][CONTAINS]=EXAMPLE&filters[username][STARTS_WITH]=o&size=1", NULL,
     200, .versions = SINCE_1_3, .has = {"\"total\":3}"}, .counted = EACH, .count = 1},
    {"GET", USERS "?filters[email][REGEX]=%5Eo.*%40example%5C.com%24", NULL, 200,
     .versions = SINCE_1_3, .has = {"\"total\":2}", "\"ordinary\"", "\"odd one\""},
     .lacks = {"\"owner\""}},
    {"GET",
     USERS "?filters%5Bor%5D%5B0%5D%5Bid%5D%5BEQUALS%5D=both&filters%5Bor%5D%5B1%5D%5Bid%5D%5BIN%5D"
           "=root",
     NULL, 200, .versions = SINCE_1_3, .has = {"\"total\":2}"}},
    {"GET", USERS "?sort=username:asc", NULL, 200, .order = {"\"both@", "\"nihon@"}},
    {"GET", USERS "?sort=username:desc", NULL, 200, .order = {"\"nihon@", "\"both@"}},
    {"GET", USERS "?sort=username:down", NULL, 200, .order = {"\"nihon@", "\"both@"}},
    {"GET", USERS "?sort=email:asc", NULL, 200, .order = {"\"nihon@", "\"odd one"}},
    {"GET", USERS "?sort=email:desc", NULL, 200, .order = {"\"odd one", "\"nihon@"}},
    {"GET", USERS "?sort=lastName:asc,email:asc", NULL, 200, .order = {"\"both@", "\"nihon@"}},
    {"GET", USERS "?sort=firstName:asc&sort=email:desc", NULL, 200,
     .order = {"\"nihon@", "\"both@"}},
};

START_TEST(lists_in_pages) {
    steps_run(&pages[_i], 1);
}
END_TEST

/* Every operation that reads a query refuses one that is malformed. */
static const struct step malformed[] = {
    {"GET", USERS "?q=%00", NULL, 400, .has = {"the query has an invalid escape"}},
    {"GET", "/api/v1/tenants/search?q=%00", NULL, 400, .has = {"invalid escape"}},
    {"GET", "/api/v1/main/tenant-access?q=%ff", NULL, 400, .has = {"invalid escape"}},
    {"GET", "/api/v1/main/groups/search?q=%0", NULL, 400, .has = {"invalid escape"}},
    {"GET", "/api/v1/main/groups/main-only/members?q=%00", NULL, 400, .has = {"invalid escape"}},
    {"GET", "/api/v1/main/roles/search?q=%00", NULL, 400, .has = {"invalid escape"}},
    {"GET", "/api/v1/main/bindings/search?q=%00", NULL, 400, .has = {"invalid escape"}},
    {"POST", "/api/v1/main/groups/autocomplete?q=%00", "{}", 400, .versions = SINCE_2_0_RC,
     .has = {"invalid escape"}},
    {"GET", "/__admin/mappings?limit=%00", NULL, 400, .has = {"\"code\":400"}},
    {"GET", "/__admin/requests?limit=%00", NULL, 400, .has = {"\"code\":400"}},
};

START_TEST(refuses_malformed_queries) {
    steps_run(&malformed[_i], 1);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("users");
    TCase *rows = suite_add(suite, "rows");
    tcase_add_checked_fixture(rows, steps_setup, steps_teardown);
    suite_add_rows(rows, refuses_all_but_super_admins, operations);
    suite_add_rows(rows, refuses_bad_bodies, operations);
    suite_add_rows(rows, refuses_and_changes_nothing, refused);
    suite_add_rows(rows, refuses_weak_passwords, weak);
    tcase_add_test(rows, takes_more_special_characters);
    tcase_add_test(rows, takes_both_names_of_the_privilege);
    tcase_add_test(rows, ignores_filters_that_the_version_lacks);
    tcase_add_test(rows, lists_groups_in_the_order_of_the_request);
    tcase_add_test(rows, clears_lists_that_are_left_out);
    suite_add_rows(rows, refuses_malformed_queries, malformed);
    tcase_add_test(rows, creates_a_user);
    tcase_add_test(rows, leaves_out_null_and_keeps_empty_and_false);
    tcase_add_test(rows, accepts_flags_and_password);
    tcase_add_test(rows, groups_give_access);
    tcase_add_test(rows, changes_only_the_members_sent);
    tcase_add_test(rows, keeps_a_username_of_its_own);
    tcase_add_test(rows, replaces_a_user);
    tcase_add_test(rows, replaces_groups_in_all_tenants);
    tcase_add_test(rows, replaces_granted_access);
    tcase_add_test(rows, sets_flags_at_once);
    tcase_add_test(rows, deletes_everything_of_a_user);
    suite_add_rows(rows, lists_in_pages, pages);
    return suite_run(suite);
}
