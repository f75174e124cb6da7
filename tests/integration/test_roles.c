/* /api/v1/{tenant}/roles, bindings and acls. */
#include <stdio.h>
#include <string.h>

#include "steps.h"
#include "suite.h"

#define T "/api/v1/main"
#define ROLES T "/roles"
#define BINDINGS T "/bindings"
#define ERRORS "\"errors\":[{"
#define NO_ROLE "Role does not exist for id 'nope'"
#define NO_BINDING "Binding does not exist for id 'nope'"
/* In both vocabularies. */
#define PERMISSIONS "\"permissions\":{\"FLOW\":[\"UPDATE\",\"READ\"],\"EXECUTION\":[\"CREATE\"]}"
#define ROLE(name) "{\"name\":\"" name "\"," PERMISSIONS "}"
#define BINDING(type, subject, role)                                                               \
    "{\"type\":\"" type "\",\"externalId\":\"" subject "\",\"roleId\":\"" role "\"}"

/* Every operation, with a call that would succeed. */
static const struct {
    const char *method;
    const char *path;
    const char *body; /* NULL: it takes no body */
    unsigned versions;
} operations[] = {
    {"POST", "roles", ROLE("new"), 0},
    {"GET", "roles/search", NULL, 0},
    {"POST", "roles/autocomplete", "{}", 0},
    {"POST", "roles/ids", "{\"ids\":[]}", 0},
    {"GET", "roles/admin_main", NULL, 0},
    {"PUT", "roles/admin_main", ROLE("new"), 0},
    {"DELETE", "roles/admin_main", NULL, 0},
    {"POST", "bindings", BINDING("USER", "both", "viewer_main"), 0},
    {"POST", "bindings/bulk", "[]", 0},
    {"GET", "bindings/search", NULL, 0},
    {"GET", "bindings/nope", NULL, 0},
    {"DELETE", "bindings/nope", NULL, 0},
    {"GET", "acls/permissions", NULL, 0},
    {"GET", "acls/templates", NULL, SINCE_2_0_RC},
    {"GET", "acls/actions", NULL, BEFORE_2_0_RC},
};

START_TEST(refuses_without_permission_or_tenant) {
    char path[128];
    snprintf(path, sizeof(path), T "/%s", operations[_i].path);
    if (version_is_in(operations[_i].versions))
        steps_refuse_strangers(operations[_i].method, path, operations[_i].body,
                               "elsewhere@example.com:Password!234"); /* has no access here */
}
END_TEST

START_TEST(refuses_bad_bodies) {
    char path[128];
    snprintf(path, sizeof(path), T "/%s", operations[_i].path);
    steps_refuse_bodies(operations[_i].method, path, operations[_i].body);
}
END_TEST

static const struct step rows[] = {
    {"GET", ROLES "/nope", NULL, 404, .has = {NO_ROLE}},
    {"PUT", ROLES "/nope", ROLE("x"), 404, .has = {NO_ROLE}},
    {"DELETE", ROLES "/nope", NULL, 404, .has = {NO_ROLE}},
    {"GET", "/api/v1/other/roles/admin_main", NULL, 404,
     .has = {"Role does not exist for id 'admin_main'"}},
    {"PUT", ROLES "/viewer_main", ROLE("x"), 403, .has = {"cannot be changed"}},
    {"DELETE", ROLES "/launcher_main", NULL, 403, .has = {"cannot be changed"}},
    {"POST", ROLES, "{\"name\":\"\"," PERMISSIONS "}", 422, .has = {ERRORS}},
    {"POST", ROLES, "{\"name\":\"x\"}", 422, .has = {ERRORS, "is required"}},
    {"POST", ROLES, "{\"name\":\"x\",\"permissions\":{}}", 422,
     .has = {ERRORS, "at least one permission"}},
    {"POST", ROLES, "{\"name\":\"x\",\"permissions\":{\"FLOW\":[]}}", 422,
     .has = {ERRORS, "at least one permission"}},
    {"POST", ROLES, "{\"name\":\"x\",\"permissions\":{\"NOTHING\":[]}}", 422,
     .has = {ERRORS, "unknown or non-assignable"}},
    {"POST", ROLES,
     "{\"name\":\"x\",\"permissions\":{\"IMPERSONATE\":[\"READ\"],\"FLOW\":[\"READ\"]}}", 422,
     .has = {ERRORS, "unknown or non-assignable"}},
    {"POST", ROLES, "{\"name\":\"x\",\"permissions\":{\"FLOW\":[\"FLY\"]}}", 422,
     .unreadable = "permissions.FLOW[0]", .has = {ERRORS, "is not an action"}},
    {"POST", ROLES, "{\"name\":\"x\",\"permissions\":{\"FLOW\":[\"READ\",7]}}", 422,
     .unreadable = "permissions.FLOW[1]", .has = {ERRORS, "must be a string"}},
    {"POST", ROLES, "{\"name\":\"x\",\"permissions\":{\"FLOW\":\"READ\"}}", 422,
     .unreadable = "permissions.FLOW", .has = {ERRORS, "must be an array"}},
    {"POST", ROLES, "{\"name\":\"x\",\"permissions\":{\"GROUP\":[\"EXECUTE\"]}}", 422,
     .has = {ERRORS, "is not an action of this resource"}},
    {"GET", ROLES "/search?page=0", NULL, 422, .has = {ERRORS}},
    {"GET", ROLES "/search?sort=id:asc", NULL, 422, .type = "invalid-argument"},
    {"GET", ROLES "/search?filters[email][EQUALS]=a", NULL, 422, .versions = SINCE_2_0_RC,
     .type = "invalid-query-filters"},
    {"GET", ROLES "/search", NULL, 200, .has = {"\"total\":5}", "\"isManaged\":true"},
     .counted = "\"id\":", .count = 5},
    {"GET", ROLES "/search", NULL, 200, .versions = SINCE_2_0_RC, .has = {"\"permissionCount\":"}},
    {"GET", ROLES "/search", NULL, 200, .versions = BEFORE_2_0_RC, .lacks = {"permissionCount"}},
    {"GET", ROLES "/search?q=VIEW&sort=name:desc", NULL, 200,
     .has = {"viewer_main", "\"total\":1}"}},
    {"GET", ROLES "/search?sort=name:desc&size=2", NULL, 200, .order = {"viewer_", "launcher_"},
     .counted = "\"id\":", .count = 2},
    {"GET", ROLES "/search?filters[name][EQUALS]=Admin", NULL, 200, .versions = SINCE_2_0_RC,
     .has = {"admin_main", "\"total\":1}"}},
    {"GET", ROLES "/search?filters[name][EQUALS]=Admin", NULL, 200, .versions = BEFORE_2_0_RC,
     .has = {"\"total\":5}"}},
    {"POST", ROLES "/autocomplete", "{\"q\":\"adm\",\"ids\":[\"viewer_main\"]}", 200,
     .order = {"viewer_main", "admin_main"}, .counted = "\"id\":", .count = 2},
    {"POST", ROLES "/autocomplete", "{\"ids\":[\"viewer_main\"]}", 200,
     .counted = "\"id\":", .count = 1},
    {"POST", ROLES "/autocomplete", "{\"q\":\"adm\",\"existingOnly\":true}", 200, .has = {"[]"}},
    {"POST", ROLES "/ids", "{\"ids\":[\"editor_main\",\"nope\",\"admin_main\",\"editor_main\"]}",
     200, .order = {"editor_main", "admin_main"}, .counted = "\"deleted\":false", .count = 2},
    {"GET", ROLES "/admin_main", NULL, 200,
     .has = {"\"name\":\"Admin\"", "\"isManaged\":true", "\"isDefault\":false", "\"BINDING\":["}},
    {"GET", ROLES "/viewer_main", NULL, 200, .has = {"\"FLOW\":["}, .lacks = {"UPDATE", "BINDING"}},
    {"GET", T "/acls/permissions", NULL, 200, .versions = BEFORE_2_0_RC,
     .has = {"[\"FLOW\",", "\"GROUP_MEMBERSHIP\""}},
    {"GET", T "/acls/permissions", NULL, 200, .versions = SINCE_2_0_RC,
     .has = {"\"FLOW\":[\"VIEW\",\"LIST\",",
             "\"GROUP\":[\"VIEW\",\"LIST\",\"CREATE\",\"UPDATE\","}},
    {"GET", T "/acls/actions", NULL, 200, .versions = BEFORE_2_0_RC,
     .has = {"[\"CREATE\",\"READ\",\"UPDATE\",\"DELETE\"]"}},
    {"GET", T "/acls/templates", NULL, 200, .versions = SINCE_2_0_RC,
     .has = {"\"ADMIN\":{\"FLOW\":[", "\"VIEWER\":{"}},
    {"POST", BINDINGS, BINDING("USER", "nobody", "viewer_main"), 404,
     .has = {"User does not exist for id 'nobody'"}},
    {"POST", BINDINGS, BINDING("GROUP", "other-only", "viewer_main"), 404,
     .has = {"Group does not exist for id 'other-only'"}},
    {"POST", BINDINGS, BINDING("USER", "both", "nope"), 404, .has = {NO_ROLE}},
    {"POST", BINDINGS, BINDING("USER", "both", "viewer_other"), 404, .basic = NULL},
    {"POST", BINDINGS, BINDING("THING", "both", "viewer_main"), 422, .unreadable = "type",
     .has = {ERRORS}},
    {"POST", BINDINGS "/bulk", "[" BINDING("USER", "both", "nope") "]", 404, .has = {NO_ROLE}},
    {"POST", BINDINGS "/bulk", "[{\"type\":\"USER\"}]", 422, .has = {ERRORS}},
    {"POST", BINDINGS "/bulk", "[]", 200, .has = {"[]"}},
    {"GET", BINDINGS "/search", NULL, 200, .has = {"\"results\":[]", "\"total\":0}"}},
    {"GET", BINDINGS "/search?type=THING", NULL, 422, .type = "invalid-argument", .unreadable = "",
     .has = {ERRORS}},
    {"GET", BINDINGS "/search?sort=role:asc", NULL, 422, .type = "invalid-argument"},
    {"GET", BINDINGS "/search?filters[nope][EQUALS]=a", NULL, 422, .versions = SINCE_2_0_RC,
     .type = "invalid-query-filters"},
    {"GET", BINDINGS "/nope", NULL, 404, .has = {NO_BINDING}},
    {"DELETE", BINDINGS "/nope", NULL, 404, .has = {NO_BINDING}},
};

START_TEST(answers) {
    steps_run(&rows[_i], 1);
}
END_TEST

START_TEST(creates_changes_and_deletes_roles) {
    STEPS_RUN({"POST", ROLES,
               "{\"name\":\"Planners\",\"description\":\"\",\"isDefault\":true," PERMISSIONS "}",
               200,
               .has = {"\"name\":\"Planners\"", "\"description\":\"\"", PERMISSIONS,
                       "\"isDefault\":true"},
               .keep = 1},
              {"GET", ROLES "/{1}", NULL, 200, .has = {PERMISSIONS, "\"isManaged\":false"}},
              {"POST", ROLES, "{\"name\":\"Planners\",\"isDefault\":true," PERMISSIONS "}", 200,
               .lacks = {"description", "{1}"}, .keep = 2},
              {"GET", ROLES "/{1}", NULL, 200, .has = {"\"isDefault\":false"}},
              {"PUT", ROLES "/{1}",
               "{\"id\":\"x\",\"name\":\"Others\",\"description\":\"d\",\"permissions\":{\"GROUP\":"
               "[\"CREATE\"]}}",
               200,
               .has = {"\"id\":\"{1}\"", "\"name\":\"Others\"",
                       "\"permissions\":{\"GROUP\":[\"CREATE\"]}"}},
              {"GET", ROLES "/search?q=planners", NULL, 200, .has = {"{2}", "\"total\":1}"}},
              {"DELETE", ROLES "/{1}", NULL, 204, .empty = true},
              {"GET", ROLES "/{1}", NULL, 404, .basic = NULL});
}
END_TEST

START_TEST(binds_users_and_groups) {
    STEPS_RUN(
        {"POST", BINDINGS, BINDING("USER", "no-tenant", "viewer_main"), 200,
         .has = {"\"type\":\"USER\"", "\"role\":{\"id\":\"viewer_main\",\"name\":\"Viewer\"}",
                 "\"user\":{\"id\":\"no-tenant\",\"username\":\"nowhere@example.com\"",
                 "\"type\":\"STANDARD\""},
         .lacks = {"namespace", "null", "\"group\""}, .keep = 1},
        {"POST", BINDINGS, BINDING("USER", "no-tenant", "viewer_main"), 409, .basic = NULL},
        {"POST", BINDINGS,
         "{\"type\":\"GROUP\",\"externalId\":\"owned-a\",\"roleId\":\"viewer_main\","
         "\"namespaceId\":\"io.a\"}",
         200,
         .has = {"\"namespace\":\"io.a\"", "\"group\":{\"id\":\"owned-a\",\"name\":\"owned a\"}"},
         .lacks = {"\"user\""}, .keep = 2},
        {"POST", BINDINGS "/bulk",
         "[" BINDING("USER", "both", "viewer_main") "," BINDING("USER", "no-tenant",
                                                                "viewer_main") "]",
         409, .basic = NULL},
        {"POST", BINDINGS "/bulk",
         "[" BINDING("USER", "both", "viewer_main") "," BINDING("GROUP", "owned-b",
                                                                "admin_main") "]",
         200, .order = {"both", "owned-b"}},
        {"GET", BINDINGS "/{2}", NULL, 200, .has = {"\"id\":\"{2}\"", "io.a"}},
        {"GET", BINDINGS "/search", NULL, 200, .has = {"\"total\":4}"}},
        {"GET", BINDINGS "/search?size=2&sort=type:asc", NULL, 200,
         .has = {"\"total\":4}", "GROUP"}, .lacks = {"\"type\":\"USER\""}},
        {"GET", BINDINGS "/search?id=owned-a", NULL, 200, .has = {"{2}", "\"total\":1}"}},
        {"GET", BINDINGS "/search?type=USER", NULL, 200, .has = {"\"total\":2}"}},
        {"GET", BINDINGS "/search?namespace=io.a", NULL, 200, .has = {"\"total\":1}"}},
        {"GET", BINDINGS "/search?filters[type][EQUALS]=GROUP", NULL, 200, .versions = SINCE_2_0_RC,
         .has = {"\"total\":2}"}},
        {"GET", "/api/v1/other/bindings/{1}", NULL, 404, .basic = NULL},
        {"GET", T "/tenant-access/both", NULL, 200,
         .has = {"\"roles\":[{\"id\":\"viewer_main\"",
                 "\"origin\":\"GROUP\",\"sourceId\":\"owned-a\"", "\"origin\":\"BINDING\"",
                 "\"actions\":["}},
        {"DELETE", BINDINGS "/{1}", NULL, 204, .empty = true},
        {"GET", BINDINGS "/{1}", NULL, 404, .basic = NULL},
        {"DELETE", T "/groups/owned-a", NULL, 200, .empty = true},
        {"DELETE", "/api/v1/users/both", NULL, 204, .empty = true},
        {"GET", BINDINGS "/search", NULL, 200, .has = {"owned-b", "\"total\":1}"}},
        {"DELETE", "/api/v1/tenants/main", NULL, 204, .empty = true});
}
END_TEST

START_TEST(a_role_takes_its_bindings_along) {
    STEPS_RUN({"POST", ROLES, ROLE("r"), 200, .keep = 1},
              {"POST", BINDINGS, BINDING("USER", "both", "{1}"), 200, .keep = 2},
              {"DELETE", ROLES "/{1}", NULL, 204, .empty = true},
              {"GET", BINDINGS "/{2}", NULL, 404, .basic = NULL});
}
END_TEST

START_TEST(revoking_access_takes_bindings_along) {
    STEPS_RUN({"POST", BINDINGS, BINDING("USER", "ordinary", "viewer_main"), 200, .keep = 1},
              {"DELETE", T "/tenant-access/ordinary", NULL, 204, .empty = true},
              {"GET", BINDINGS "/{1}", NULL, 404, .basic = NULL});
}
END_TEST

/* The operations of roles and groups, and the permissions that they need in each vocabulary. */
static const struct {
    const char *method;
    const char *target;
    const char *body;
    const char *crud;
    const char *fine;
    int status; /* when the caller may do it */
} permissions[] = {
    {"POST", T "/groups", "{\"name\":\"new\"}", "GROUP:CREATE", "GROUP:CREATE", 200},
    {"GET", T "/groups/search", NULL, "GROUP:READ", "GROUP:LIST", 200},
    {"GET", T "/groups/owned-a", NULL, "GROUP:READ", "GROUP:VIEW", 200},
    {"PUT", T "/groups/owned-a", "{\"name\":\"new\"}", "GROUP:UPDATE", "GROUP:UPDATE", 200},
    {"DELETE", T "/groups/owned-a", NULL, "GROUP:DELETE", "GROUP:DELETE", 200},
    {"GET", T "/groups/owned-a/members", NULL, "GROUP_MEMBERSHIP:READ", "GROUP:VIEW", 200},
    {"GET", T "/groups/owned-a/members", NULL, "GROUP_MEMBERSHIP:READ", "GROUP:MANAGE_MEMBERS",
     200},
    {"PUT", T "/groups/owned-a/members/ordinary", NULL, "GROUP_MEMBERSHIP:CREATE",
     "GROUP:MANAGE_MEMBERS", 200},
    {"DELETE", T "/groups/owned-a/members/both", NULL, "GROUP_MEMBERSHIP:DELETE",
     "GROUP:MANAGE_MEMBERS", 200},
    {"PUT", T "/users/both/groups", "{\"groupIds\":[]}", "GROUP_MEMBERSHIP:UPDATE",
     "USER:MANAGE_GROUP_MEMBERSHIP", 204},
    {"PUT", T "/users/both/groups", "{\"groupIds\":[]}", "GROUP_MEMBERSHIP:UPDATE",
     "GROUP:MANAGE_MEMBERS", 204},
    {"GET", T "/tenant-access", NULL, "TENANT_ACCESS:READ", "USER:LIST", 200},
    {"POST", T "/tenant-access", "{\"email\":\"nowhere@example.com\"}", "TENANT_ACCESS:CREATE",
     "USER:CREATE", 204},
    {"PUT", T "/tenant-access/no-tenant", NULL, "TENANT_ACCESS:CREATE", "USER:CREATE", 201},
    {"DELETE", T "/tenant-access/both", NULL, "TENANT_ACCESS:DELETE", "USER:DELETE", 204},
    {"GET", ROLES "/search", NULL, "ROLE:READ", "ROLE:LIST", 200},
    {"GET", ROLES "/admin_main", NULL, "ROLE:READ", "ROLE:VIEW", 200},
    {"POST", BINDINGS, BINDING("USER", "both", "viewer_main"), "BINDING:CREATE", "BINDING:CREATE",
     200},
    {"GET", BINDINGS "/search", NULL, "BINDING:READ", "BINDING:LIST", 200},
};

/* Gives the group of the ordinary user a role with one permission, RESOURCE:ACTION. */
static void permit(const char *permission) {
    static char body[128];
    int colon = (int)strcspn(permission, ":");
    snprintf(body, sizeof(body), "{\"name\":\"r\",\"permissions\":{\"%.*s\":[\"%s\"]}}", colon,
             permission, permission + colon + 1);
    const struct step steps[] = {
        {"POST", ROLES, body, 200, .keep = 1},
        {"POST", BINDINGS, BINDING("GROUP", "main-only", "{1}"), 200, .keep = 2},
    };
    steps_run(steps, 2);
}

START_TEST(a_role_permits_what_it_says) {
    struct http_call call = {.method = permissions[_i].method,
                             .target = permissions[_i].target,
                             .body = permissions[_i].body,
                             .basic = ORDINARY};
    steps_expect(&call, 403, NULL);
    permit(version_is_in(BEFORE_2_0_RC) ? permissions[_i].crud : permissions[_i].fine);
    steps_expect(&call, permissions[_i].status, NULL);
}
END_TEST

START_TEST(rights_follow_every_change) {
    const struct http_call search = {
        .method = "GET", .target = T "/groups/search", .basic = ORDINARY};
    permit(version_is_in(BEFORE_2_0_RC) ? "GROUP:READ" : "GROUP:LIST");
    steps_expect(&search, 200, NULL);
    STEPS_RUN({"PUT", ROLES "/{1}", ROLE("r"), 200, .basic = NULL});
    steps_expect(&search, 403, NULL);
    STEPS_RUN({"POST", BINDINGS, BINDING("USER", "ordinary", "admin_main"), 200, .keep = 3});
    steps_expect(&search, 200, NULL);
    STEPS_RUN({"DELETE", BINDINGS "/{3}", NULL, 204, .empty = true},
              {"POST", BINDINGS, BINDING("GROUP", "owned-b", "admin_main"), 200, .basic = NULL});
    steps_expect(&search, 403, NULL);
    STEPS_RUN(
        {"PUT", T "/users/ordinary/groups", "{\"groupIds\":[\"owned-b\"]}", 204, .empty = true});
    steps_expect(&search, 200, NULL);
    STEPS_RUN(
        {"DELETE", T "/groups/owned-b/members/ordinary", NULL, 200, .basic = NULL},
        {"PUT", T "/tenant-access/ordinary", NULL, 201, .versions = BEFORE_2_0, .empty = true});
    steps_expect(&search, 403, NULL);
    STEPS_RUN({"PUT", T "/groups/owned-b/members/ordinary", NULL, 200, .basic = NULL});
    steps_expect(&search, 200, NULL);
    STEPS_RUN({"DELETE", T "/groups/owned-b", NULL, 200, .empty = true});
    steps_expect(&search, 403, NULL);
}
END_TEST

START_TEST(a_namespace_gives_no_right_in_the_tenant) {
    const struct http_call search = {
        .method = "GET", .target = T "/groups/search", .basic = ORDINARY};
    STEPS_RUN({"POST", BINDINGS,
               "{\"type\":\"USER\",\"externalId\":\"ordinary\",\"roleId\":\"admin_main\","
               "\"namespaceId\":\"io\"}",
               200, .basic = NULL});
    steps_expect(&search, 403, NULL);
}
END_TEST

START_TEST(nobody_gives_more_than_they_have) {
    permit("ROLE:CREATE");
    struct http_call call = {
        .method = "POST",
        .target = ROLES,
        .basic = ORDINARY,
        .body = "{\"name\":\"x\",\"permissions\":{\"ROLE\":[\"CREATE\",\"UPDATE\"]}}"};
    steps_expect(&call, 403, "permits more than you may do");
    call.body = "{\"name\":\"x\",\"permissions\":{\"ROLE\":[\"CREATE\"]}}";
    steps_expect(&call, 200, NULL);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("roles");
    TCase *tcase = suite_add(suite, "roles");
    tcase_add_checked_fixture(tcase, steps_setup, steps_teardown);
    suite_add_rows(tcase, refuses_without_permission_or_tenant, operations);
    suite_add_rows(tcase, refuses_bad_bodies, operations);
    suite_add_rows(tcase, answers, rows);
    tcase_add_test(tcase, creates_changes_and_deletes_roles);
    tcase_add_test(tcase, binds_users_and_groups);
    tcase_add_test(tcase, a_role_takes_its_bindings_along);
    tcase_add_test(tcase, revoking_access_takes_bindings_along);
    suite_add_rows(tcase, a_role_permits_what_it_says, permissions);
    tcase_add_test(tcase, rights_follow_every_change);
    tcase_add_test(tcase, a_namespace_gives_no_right_in_the_tenant);
    tcase_add_test(tcase, nobody_gives_more_than_they_have);
    return suite_run(suite);
}
