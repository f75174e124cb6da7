/* /api/v1/tenants: tenants are created, searched, changed, and deleted with everything in them. */

#include "steps.h"
#include "suite.h"

#define T "/api/v1/tenants"
#define MAIN T "/main"
#define NOWHERE T "/nowhere"
#define NO_TENANT "Tenant does not exist for id 'nowhere'"
#define ERRORS "\"errors\":[{"
#define MAIN_AS_IT_WAS "{\"id\":\"main\",\"name\":\"Main\",\"deleted\":false}"

/* Every operation, with a call that would succeed. */
static const struct {
    const char *method;
    const char *path;
    const char *body; /* NULL: it takes no body */
} operations[] = {
    {"POST", T, "{\"id\":\"new\",\"name\":\"New\"}"},
    {"GET", T "/search", NULL},
    {"GET", MAIN, NULL},
    {"PUT", MAIN, "{\"name\":\"Changed\"}"},
    {"DELETE", MAIN, NULL},
};

/* No refused call may have changed any of this. */
static void check_unchanged(void) {
    STEPS_RUN({"GET", T "/search", NULL, 200,
               .has = {"{\"results\":[" MAIN_AS_IT_WAS ",{\"id\":\"other\",", "\"total\":2}"}});
}

START_TEST(refuses_all_but_super_admins) {
    struct http_call call = {.method = operations[_i].method,
                             .target = operations[_i].path,
                             .body = operations[_i].body};
    steps_expect(&call, 401, NULL);
    call.basic = ORDINARY;
    steps_expect(&call, 403, NULL);
    call.basic = OWNER;
    steps_expect(&call, 403, NULL);
    check_unchanged();
}
END_TEST

START_TEST(refuses_bad_bodies) {
    steps_refuse_bodies(operations[_i].method, operations[_i].path, operations[_i].body);
    check_unchanged();
}
END_TEST

static const struct step refused[] = {
    {"POST", T, "{}", 422, .has = {"create_2.request.id\"", "create_2.request.name\""}},
    {"POST", T, "{\"id\":\"new\"}", 422, .has = {"is required"}},
    {"POST", T, "{\"id\":null,\"name\":\"n\"}", 422, .has = {"must be a string"}},
    {"POST", T, "{\"id\":\"\",\"name\":\"n\"}", 422, .has = {"must match"}},
    {"POST", T, "{\"id\":\"New\",\"name\":\"n\"}", 422, .has = {"must match"}},
    {"POST", T, "{\"id\":\"_new\",\"name\":\"n\"}", 422, .has = {"must match"}},
    {"POST", T, "{\"id\":\"new!\",\"name\":\"n\"}", 422, .has = {"must match"}},
    {"POST", T, "{\"id\":\"new\\n\",\"name\":\"n\"}", 422, .has = {"must match"}},
    {"POST", T, "{\"id\":\"nëw\",\"name\":\"n\"}", 422, .has = {"must match"}},
    {"POST", T, "{\"id\":\"new\",\"name\":\" \"}", 422, .has = {"must not be blank"}},
    {"POST", T, "{\"id\":\"new\",\"name\":null}", 422, .has = {"must be a string"}},
    {"POST", T, "{\"id\":\"new\",\"name\":\"n\",\"deleted\":1}", 422, .unreadable = "deleted",
     .has = {"create_2.request.del"}},
    {"POST", T, "{\"id\":\"main\",\"name\":\"n\"}", 409,
     .has = {"another tenant has the id 'main'"}},
    {"GET", NOWHERE, NULL, 404, .has = {NO_TENANT}},
    {"GET", T "/MAIN", NULL, .status = 404},
    {"PUT", NOWHERE, "{\"name\":\"n\"}", 404, .has = {NO_TENANT}},
    {"PUT", NOWHERE, "{\"id\":\"nowhere\",\"name\":\"n\"}", 404, .has = {NO_TENANT}},
    {"PUT", MAIN, "{\"id\":\"other\",\"name\":\"n\"}", 422,
     .has = {ERRORS, "update_2.request.id\"", "must be the id in the path"}},
    {"PUT", MAIN, "{\"id\":\"main\",\"id\":\"\",\"name\":\"n\"}", 422, .has = {ERRORS}},
    {"PUT", MAIN, "{\"id\":\"main\"}", 422, .has = {"update_2.request.name"}},
    {"PUT", MAIN, "{\"name\":\"\\t\"}", 422, .has = {"must not be blank"}},
    {"DELETE", NOWHERE, NULL, 404, .has = {NO_TENANT}},
    {"GET", T "/search?page=0", NULL, 422, .has = {ERRORS, "find.page"}},
    {"GET", T "/search?size=x", NULL, 422, .type = "invalid-argument", .unreadable = "",
     .has = {ERRORS, "find.size"}},
    {"GET", T "/search?sort=deleted:asc", NULL, 422, .type = "invalid-argument",
     .has = {"Invalid sort parameter"}},
    {"GET", T "/search?sort=id", NULL, 422, .type = "invalid-argument",
     .has = {"Invalid sort parameter"}},
};

START_TEST(refuses_and_changes_nothing) {
    steps_run(&refused[_i], 1);
    check_unchanged();
}
END_TEST

#define DETAILS                                                                                    \
    "\"storageIsolation\":{\"enabled\":true,\"denied\":[]},\"concurrency\":{\"limit\":3},"         \
    "\"quotas\":[{\"a\":1.5},[null,\"\\u20ac\"]],\"more\":\"\""
#define DETAILS_ANSWERED                                                                           \
    "\"storageIsolation\":{\"enabled\":true,\"denied\":[]},\"concurrency\":{\"limit\":3},"         \
    "\"quotas\":[{\"a\":1.5},[null,\"€\"]],\"more\":\"\",\"deleted\":false}"

START_TEST(keeps_details_as_sent) {
    STEPS_RUN(
        {"POST", T, "{" DETAILS ",\"id\":\"0-new_\",\"name\":\"New\",\"deleted\":true}", 200,
         .has = {"{\"id\":\"0-new_\",\"name\":\"New\"," DETAILS_ANSWERED}},
        {"GET", T "/0-new_", NULL, 200,
         .has = {"{\"id\":\"0-new_\",\"name\":\"New\"," DETAILS_ANSWERED}},
        {"POST", T, "{\"id\":\"0-new_\",\"name\":\"Again\"}", .status = 409},
        {"GET", T "/search?q=new", NULL, 200, .has = {DETAILS_ANSWERED, "\"total\":1}"}},
        {"PUT", T "/0-new_",
         "{\"id\":null,\"name\":\"N\",\"settings\":null,\"secretType\":\"a\",\"secretType\":\"b\","
         "\"storageConfiguration\":{\"x\":null,\"y\":{\"y\":1,\"y\":null},\"z\":{\"z\":null,\"z\":"
         "0}}}",
         200,
         .has = {"{\"id\":\"0-new_\",\"name\":\"N\",\"secretType\":\"b\",\"storageConfiguration\":"
                 "{\"y\":{},\"z\":{\"z\":0}},\"deleted\":false}"}},
        {"GET", T "/0-new_", NULL, 200, .has = {"\"secretType\":\"b\""},
         .lacks = {"quotas", "null", "settings"}},
        {"PUT", T "/0-new_", "{\"id\":\"0-new_\",\"name\":\"N\",\"name\":\"Last\"}", 200,
         .has = {"{\"id\":\"0-new_\",\"name\":\"Last\",\"deleted\":false}"}});
}
END_TEST

START_TEST(a_new_tenant_is_empty_and_works) {
    STEPS_RUN(
        {"POST", T, "{\"id\":\"new\",\"name\":\"New\"}", 200,
         .has = {"{\"id\":\"new\",\"name\":\"New\",\"deleted\":false}"}},
        {"GET", "/api/v1/new/tenant-access", NULL, 200, .has = {"\"total\":0}"}},
        {"GET", "/api/v1/new/groups/search", NULL, 200, .has = {"\"total\":0}"}},
        {"GET", "/api/v1/new/groups/search", NULL, 403, .basic = ORDINARY},
        {"POST", "/api/v1/new/groups", "{\"name\":\"owned a\",\"membersId\":[\"ordinary\"]}", 200,
         .keep = 1},
        {"PUT", "/api/v1/new/users/ordinary/groups", "{\"groupIds\":[\"{1}\"]}", 204,
         .empty = true},
        {"GET", "/api/v1/users/ordinary", NULL, 200,
         .has = {"{\"id\":\"new\",\"name\":\"New\"}", "{\"id\":\"{1}\",\"tenantId\":\"new\"}"}},
        {"PUT", T "/new", "{\"name\":\"Newer\"}", 200, .has = {"\"name\":\"Newer\""}},
        {"GET", "/api/v1/users/ordinary", NULL, 200, .has = {"\"name\":\"Newer\""}});
}
END_TEST

START_TEST(deletes_everything_in_a_tenant) {
    STEPS_RUN(
        {"GET", "/api/v1/main/tenant-access/ordinary", NULL, 200, .basic = ORDINARY},
        {"DELETE", MAIN, NULL, 204, .empty = true}, {"GET", MAIN, NULL, .status = 404},
        {"DELETE", MAIN, NULL, .status = 404},
        {"GET", T "/search", NULL, 200, .has = {"\"total\":1}"}, .lacks = {"\"main\""}},
        {"GET", "/api/v1/main/tenant-access/ordinary", NULL, 403, .basic = ORDINARY},
        {"GET", "/api/v1/main/tenant-access/ordinary", NULL, 404, .has = {"Tenant does not exist"}},
        {"GET", "/api/v1/main/groups/search", NULL, .status = 404},
        {"GET", "/api/v1/users/both", NULL, 200,
         .has =
             {"\"tenants\":[{\"id\":\"other\",\"name\":\"Other\"}]",
              "\"groups\":[{\"id\":\"shared-id\",\"tenantId\":\"other\"},{\"id\":\"other-only\","}},
        {"GET", "/api/v1/users/ordinary", NULL, 200, .has = {"\"tenants\":[]", "\"groups\":[]"}},
        {"POST", "/api/v1/users", "{\"email\":\"n@x.com\",\"tenants\":[\"main\"]}", .status = 404},
        {"POST", "/api/v1/users", "{\"email\":\"n@x.com\",\"groups\":[\"main-only\"]}",
         .status = 404},
        {"POST", T, "{\"id\":\"main\",\"name\":\"Another\"}", .status = 200},
        {"GET", "/api/v1/main/groups/main-only", NULL, .status = 404},
        {"GET", "/api/v1/main/tenant-access", NULL, 200, .has = {"\"total\":0}"}},
        {"GET", "/api/v1/main/groups/search", NULL, 403, .basic = ORDINARY});
}
END_TEST

static const struct step pages[] = {
    {"GET", T "/search?filters[id][EQUALS]=main", NULL, 200, .versions = BEFORE_2_0_RC,
     .has = {"\"total\":2}"}},
    {"GET", T "/search?filters[id][EQUALS]=main", NULL, 200, .versions = SINCE_2_0_RC,
     .has = {"\"total\":1}"}},
    {"GET", T "/search?q=OTH", NULL, 200, .has = {"\"id\":\"other\"", "\"total\":1}"}},
    {"GET", T "/search?q=main+other", NULL, 200, .has = {"\"results\":[]", "\"total\":0}"}},
    {"GET", T "/search?size=1&page=2", NULL, 200, .has = {"[{\"id\":\"other\"", "\"total\":2}"}},
    {"GET", T "/search?page=2", NULL, 200, .has = {"\"results\":[]", "\"total\":2}"}},
    {"GET", T "/search?sort=id:desc", NULL, 200, .order = {"\"other\"", "\"main\""}},
    {"GET", T "/search?sort=name:asc,id:asc", NULL, 200, .order = {"\"Main\"", "\"Other\""}},
};

START_TEST(lists_in_pages) {
    steps_run(&pages[_i], 1);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("tenants");
    TCase *tcase = suite_add(suite, "rows");
    tcase_add_checked_fixture(tcase, steps_setup, steps_teardown);
    suite_add_rows(tcase, refuses_all_but_super_admins, operations);
    suite_add_rows(tcase, refuses_bad_bodies, operations);
    suite_add_rows(tcase, refuses_and_changes_nothing, refused);
    tcase_add_test(tcase, keeps_details_as_sent);
    tcase_add_test(tcase, a_new_tenant_is_empty_and_works);
    tcase_add_test(tcase, deletes_everything_in_a_tenant);
    suite_add_rows(tcase, lists_in_pages, pages);
    return suite_run(suite);
}
