/* The audit log. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "steps.h"
#include "suite.h"

#define LOGS "/api/v1/main/auditlogs"
#define ALL "/api/v1/auditlogs"
#define ERRORS "\"errors\":[{"

/* Every operation, with a call that would succeed when there is an entry. */
static const struct {
    const char *method;
    const char *path; /* below a tenant, unless it starts with a slash */
    const char *body;
} operations[] = {
    {"GET", "auditlogs/search", NULL},    {"GET", "auditlogs/export", NULL},
    {"POST", "auditlogs/find", "{}"},     {"GET", "auditlogs/history/both", NULL},
    {"GET", "auditlogs/nope/diff", NULL}, {"GET", ALL "/search", NULL},
    {"GET", ALL "/export", NULL},         {"GET", ALL "/nope/diff", NULL},
};

START_TEST(refuses_without_permission_or_tenant) {
    char path[128];
    bool is_global = operations[_i].path[0] == '/';
    snprintf(path, sizeof(path), "%s%s", is_global ? "" : "/api/v1/main/", operations[_i].path);
    struct http_call call = {
        .method = operations[_i].method, .target = path, .body = operations[_i].body};
    steps_expect(&call, 401, NULL);
    call.basic = ORDINARY;
    steps_expect(&call, 403, NULL);
    call.basic = ROOT;
    snprintf(path, sizeof(path), "/api/v1/nowhere/%s", operations[_i].path);
    if (!is_global)
        steps_expect(&call, 404, "Tenant does not exist for id 'nowhere'");
}
END_TEST

START_TEST(refuses_bad_input) {
    steps_refuse_bodies("POST", LOGS "/find", "{}");
    STEPS_RUN(
        {"GET", LOGS "/search?page=0", NULL, 422, .has = {ERRORS}},
        {"GET", ALL "/search?page=0", NULL, 422, .has = {ERRORS}},
        {"GET", LOGS "/search?sort=nope:asc", NULL, 422, .type = "invalid-argument"},
        {"GET", LOGS "/search?q=%00", NULL, 400, .has = {"invalid escape"}},
        {"GET", ALL "/search?q=%00", NULL, 400, .has = {"invalid escape"}},
        {"GET", LOGS "/search?filters[nope][EQUALS]=a", NULL, 422, .versions = SINCE_2_0_RC,
         .type = "invalid-query-filters"},
        {"POST", LOGS "/find", "{\"resource\":1}", 422, .unreadable = "resource", .has = {ERRORS}},
        {"GET", LOGS "/nope/diff", NULL, 404, .has = {"Audit log does not exist"}},
        {"GET", ALL "/nope/diff", NULL, 404, .has = {"Audit log does not exist"}});
}
END_TEST

START_TEST(is_empty_at_first) {
    STEPS_RUN({"GET", LOGS "/search", NULL, 200, .has = {"{\"results\":[],\"total\":0}"}},
              {"POST", LOGS "/find", "{\"resource\":\"FLOW\"}", 200, .has = {"{}"}},
              {"GET", LOGS "/history/both", NULL, 200, .has = {"[]"}});
}
END_TEST

START_TEST(records_what_changes) {
    STEPS_RUN(
        {"PUT", "/api/v1/main/users/both/groups", "{\"groupIds\":[\"owned-b\"]}", 204,
         .empty = true},
        {"POST", "/api/v1/main/groups", "{\"name\":\"new\"}", 200, .keep = 1},
        {"GET", "/api/v1/main/groups/{1}", NULL, 200, .basic = NULL},
        {"POST", "/api/v1/main/groups", "{\"name\":\"new\"}", 409, .basic = NULL},
        {"DELETE", "/api/v1/main/groups/{1}", NULL, 200, .empty = true},
        {"DELETE", "/api/v1/users/ordinary", NULL, 204, .empty = true},
        {"GET", LOGS "/search", NULL, 200,
         .has = {"\"total\":3}", "\"tenantId\":\"main\"",
                 "\"type\":\"DELETE\",\"detail\":{\"type\":\"GROUP\",\"resource\":\"GROUP\","
                 "\"id\":\"{1}\"}",
                 "\"userId\":\"root\",\"ipAddress\":\"127.0.0.1\"},\"user\":{\"id\":\"root\""},
         .order = {"\"type\":\"DELETE\"", "\"type\":\"CREATE\""}},
        {"GET", LOGS "/search?size=1&sort=date:asc", NULL, 200,
         .has = {"\"type\":\"UPDATE\"", "\"id\":\"both\"", "\"total\":3}"}},
        {"GET", LOGS "/search?q=group", NULL, 200, .has = {"\"total\":2}"}},
        {"GET", LOGS "/search?sort=userId:asc", NULL, 200, .has = {"\"total\":3}"}},
        {"GET", LOGS "/search?filters[type][EQUALS]=CREATE", NULL, 200, .versions = SINCE_2_0_RC,
         .has = {"\"total\":1}"}},
        {"GET", ALL "/search", NULL, 200,
         .has = {"\"total\":4}", "\"type\":\"DELETE\",\"detail\":{\"type\":\"USER\"",
                 "\"id\":\"ordinary\""}},
        {"POST", LOGS "/find", "{\"resource\":\"USER\"}", 200,
         .has = {"\"auditLog\":{", "\"id\":\"both\""}},
        {"POST", LOGS "/find", "{\"type\":\"CREATE\",\"detail\":{\"id\":\"{1}\"}}", 200,
         .has = {"\"type\":\"CREATE\""}},
        {"POST", LOGS "/find", "{\"detail\":{\"id\":\"ordinary\"}}", 200, .has = {"{}"}},
        {"GET", LOGS "/history/{1}", NULL, 200, .has = {"\"username\":\"root@root.com\""},
         .counted = "\"id\":", .count = 2});
}
END_TEST

/* Reads the id of the newest entry. */
static void newest_id(const char *target, char out[64]) {
    static const char start[] = "\"id\":\"";
    struct http_answer answer;
    http_send(steps_server(), &(struct http_call){.method = "GET", .target = target, .basic = ROOT},
              &answer);
    const char *id = strstr(answer.body, start);
    ck_assert_ptr_nonnull(id);
    snprintf(out, 64, "%.*s", (int)strcspn(id + strlen(start), "\""), id + strlen(start));
    http_answer_deinit(&answer);
}

START_TEST(exports_and_compares) {
    char id[64];
    char target[128];
    struct http_answer answer;
    STEPS_RUN({"PUT", "/api/v1/main/tenant-access/no-tenant", NULL, 201, .empty = true});
    newest_id(LOGS "/search", id);
    for (int global = 0; global < 2; global++) {
        struct http_call call = {.method = "GET", .target = target, .basic = ROOT};
        snprintf(target, sizeof(target), "%s/export", global ? ALL : LOGS);
        http_send(steps_server(), &call, &answer);
        ck_assert_int_eq(answer.status, 200);
        ck_assert_str_eq(http_header(&answer, "Content-Type"), "text/csv");
        ck_assert_ptr_nonnull(strstr(answer.body, "id,date,tenantId,type,resource,detailId,"));
        ck_assert_ptr_nonnull(
            strstr(answer.body, ",main,CREATE,TENANT_ACCESS,no-tenant,root,127.0.0.1\n"));
        http_answer_deinit(&answer);
        snprintf(target, sizeof(target), "%s/%s/diff", global ? ALL : LOGS, id);
        steps_expect(&call, 200, "\"before\":\"\"");
    }
}
END_TEST

START_TEST(quotes_in_csv) {
    struct http_answer answer;
    STEPS_RUN({"DELETE", "/api/v1/users/a%2Fb%20c%25%3F%23%C3%A9", NULL, 204, .empty = true},
              {"POST", "/api/v1/tenants", "{\"id\":\"t\",\"name\":\"t\"}", 200, .basic = NULL},
              {"DELETE", "/api/v1/tenants/t", NULL, 204, .empty = true});
    http_send(steps_server(),
              &(struct http_call){.method = "GET", .target = ALL "/export", .basic = ROOT},
              &answer);
    ck_assert_ptr_nonnull(strstr(answer.body, ",DELETE,USER,a/b c%?#é,root,"));
    http_answer_deinit(&answer);
}
END_TEST

START_TEST(records_logins_and_forgets_at_a_reset) {
    STEPS_RUN({"POST", "/api/v1/login",
               "{\"username\":\"ordinary@example.com\",\"password\":\"Password!234\"}", 200,
               .basic = NULL},
              {"POST", "/api/v1/login",
               "{\"username\":\"ordinary@example.com\",\"password\":\"x\"}", 401, .basic = NULL},
              {"GET", ALL "/search", NULL, 200,
               .has = {"\"total\":1}", "\"type\":\"LOGIN\"", "\"userId\":\"ordinary@example.com\""},
               .lacks = {"\"user\""}},
              {"POST", "/__admin/reset", NULL, 200, .basic = NULL},
              {"GET", ALL "/search", NULL, 200, .has = {"\"total\":0}"}});
}
END_TEST

int main(void) {
    Suite *suite = suite_create("audit_logs");
    TCase *tcase = suite_add(suite, "audit_logs");
    tcase_add_checked_fixture(tcase, steps_setup, steps_teardown);
    suite_add_rows(tcase, refuses_without_permission_or_tenant, operations);
    tcase_add_test(tcase, refuses_bad_input);
    tcase_add_test(tcase, is_empty_at_first);
    tcase_add_test(tcase, records_what_changes);
    tcase_add_test(tcase, exports_and_compares);
    tcase_add_test(tcase, quotes_in_csv);
    tcase_add_test(tcase, records_logins_and_forgets_at_a_reset);
    return suite_run(suite);
}
