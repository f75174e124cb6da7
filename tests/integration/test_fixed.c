/* What clients ask beside IAM: documents that are always the same. */
#include <stdio.h>
#include <string.h>

#include "steps.h"
#include "suite.h"

#define ZERO "{\"count\":0}"

static const struct {
    const char *path;
    unsigned versions;
    const char *answer; /* the start of it */
} documents[] = {
    {"license-info", 0, "{\"type\":\"ENTERPRISE\",\"expiry\":\"2099-12-31T23:59:59Z\""},
    {"pebble/filters", SINCE_2_0_RC, "[]"},
    {"pebble/functions", SINCE_2_0_RC, "[]"},
    {"main/usages", 0, "{\"flows\":{\"count\":0"},
    {"main/usages/all", 0, "{\"flows\":{\"count\":0"},
    {"main/support/debug-info", SINCE_2_0_RC, "{\"kestraVersion\":\"2.0"},
    {"main/worker-selectors/tags", SINCE_2_0_RC, "{\"tags\":[]}"},
    {"main/dependencies", 0, "{\"nodes\":[],\"edges\":[]}"},
    {"main/dependencies?destinationOnly=true", 0, "{\"nodes\":[],\"edges\":[]}"},
    {"main/quota-limits", SINCE_2_0_RC, "[]"},
};

START_TEST(answers_users_of_the_tenant) {
    char path[128];
    char nowhere[128];
    const char *in_tenant = strchr(documents[_i].path, '/');
    struct http_call call = {.method = "GET", .target = path};
    struct http_answer answer;
    if (!version_is_in(documents[_i].versions))
        return;
    snprintf(path, sizeof(path), "/api/v1/%s", documents[_i].path);
    steps_expect(&call, 401, NULL);
    call.basic = ROOT;
    http_send(steps_server(), &call, &answer);
    ck_assert_int_eq(answer.status, 200);
    ck_assert_msg(strncmp(answer.body, documents[_i].answer, strlen(documents[_i].answer)) == 0,
                  "%s: %s", path, answer.body);
    http_answer_deinit(&answer);
    if (strncmp(documents[_i].path, "main/", 5) != 0)
        return;
    call.basic = "elsewhere@example.com:Password!234"; /* who has no access to the tenant */
    steps_expect(&call, 403, NULL);
    call.basic = ROOT;
    snprintf(nowhere, sizeof(nowhere), "/api/v1/nowhere%s", in_tenant);
    call.target = nowhere;
    steps_expect(&call, 404, "Tenant does not exist for id 'nowhere'");
}
END_TEST

START_TEST(refuses) {
    STEPS_RUN(
        {"GET", "/api/v1/main/dependencies?destinationOnly=%00", NULL, 400,
         .has = {"invalid escape"}},
        {"GET", "/api/v1/main/dependencies?destinationOnly=x", NULL, 422,
         .type = "invalid-argument", .unreadable = ""},
        {"GET", "/api/v1/main/support/debug-info", NULL, 403, ORDINARY, .versions = SINCE_2_0_RC},
        {"GET", "/api/v1/main/usages", NULL, 200, ORDINARY, .has = {ZERO}});
}
END_TEST

int main(void) {
    Suite *suite = suite_create("fixed");
    TCase *tcase = suite_add(suite, "fixed");
    tcase_add_checked_fixture(tcase, steps_setup, steps_teardown);
    suite_add_rows(tcase, answers_users_of_the_tenant, documents);
    tcase_add_test(tcase, refuses);
    return suite_run(suite);
}
