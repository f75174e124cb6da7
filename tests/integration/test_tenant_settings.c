/* The catalog of apps, logo and default dashboards of a tenant. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session.h"
#include "steps.h"
#include "suite.h"

#define T "/api/v1/tenants/main"
#define NOWHERE "/api/v1/tenants/nowhere"
#define CATALOG "/apps-catalog"
#define CATALOG_LOGO "/apps-catalog/logo"
#define LOGO "/logo"
#define DASHBOARDS "/settings/default-dashboards"
#define STATE "/__admin/kestub/state"
#define MULTIPART "Content-Type: multipart/form-data; boundary=xyz"
#define PART(name, type, content)                                                                  \
    "--xyz\r\nContent-Disposition: form-data; name=\"" name "\"; filename=\"a.png\"\r\n" type      \
    "\r\n" content "\r\n"
#define PNG "PNG\r\n\n"
#define PNG_URL "data:image/png;base64,UE5HDQoK"

/* Every operation, with a call that would succeed. */
static const struct {
    const char *method;
    const char *path;
    const char *body; /* NULL: it takes no body */
    unsigned versions;
    bool is_for_all; /* not only for super-admins */
    bool is_multipart;
} operations[] = {
    {"GET", CATALOG, NULL, .versions = SINCE_2_0_RC, .is_for_all = true},
    {"POST", CATALOG, "{\"title\":\"t\"}", .versions = SINCE_2_0_RC},
    {"POST", CATALOG_LOGO, PART("logo", "", "x") "--xyz--", .versions = SINCE_2_0_RC,
     .is_multipart = true},
    {"DELETE", CATALOG_LOGO, NULL, .versions = SINCE_2_0_RC},
    {"POST", LOGO, PART("logo", "", "x") "--xyz--", .is_multipart = true},
    {"GET", DASHBOARDS, NULL, .versions = SINCE_2_0_RC},
    {"POST", DASHBOARDS, "{\"defaultHomeDashboard\":\"h\"}", .versions = SINCE_2_0_RC},
};

static void check_unchanged(void) {
    STEPS_RUN(
        {"GET", T, NULL, 200, .has = {"{\"id\":\"main\",\"name\":\"Main\",\"deleted\":false}"}});
}

START_TEST(refuses_all_but_super_admins) {
    char path[128];
    char nowhere[128];
    snprintf(path, sizeof(path), T "%s", operations[_i].path);
    snprintf(nowhere, sizeof(nowhere), NOWHERE "%s", operations[_i].path);
    struct http_call call = {.method = operations[_i].method,
                             .target = path,
                             .header = operations[_i].is_multipart ? MULTIPART : NULL,
                             .body = operations[_i].body};
    if (!version_is_in(operations[_i].versions))
        return;
    steps_expect(&call, 401, NULL);
    call.basic = ORDINARY;
    steps_expect(&call, operations[_i].is_for_all ? 200 : 403, NULL);
    call.basic = ROOT;
    call.target = nowhere;
    steps_expect(&call, 404, "Tenant does not exist for id 'nowhere'");
    check_unchanged();
}
END_TEST

START_TEST(refuses_bad_bodies) {
    char path[128];
    snprintf(path, sizeof(path), T "%s", operations[_i].path);
    if (version_is_in(operations[_i].versions) && !operations[_i].is_multipart)
        steps_refuse_bodies(operations[_i].method, path, operations[_i].body);
    check_unchanged();
}
END_TEST

static const struct {
    const char *header;
    const char *body;
    int status;
    const char *type;
} bad_logos[] = {
    {JSON, "{\"logo\":\"x\"}", 415, NULL},
    {"Content-Type: multipart/form-data", PART("logo", "", "x") "--xyz--", 422, "invalid-json"},
    {"Content-Type: multipart/form-data; boundary=xy", PART("logo", "", "x") "--xyz--", 422,
     "invalid-json"},
    {MULTIPART, PART("logo", "", "x"), 422, "invalid-json"},
    {MULTIPART, PART("logo", "", "x") PART("logo", "", "y") "--xyz--", 422, "invalid-json"},
    {MULTIPART, PART("Logo", "", "x") "--xyz--", 422, NULL},
    {MULTIPART, "--xyz--", 422, NULL},
    {MULTIPART, NULL, 422, "invalid-request-body"},
};

START_TEST(refuses_bad_logos) {
    static const char *const paths[] = {T LOGO, T CATALOG_LOGO};
    for (size_t i = 0; i < (version_is_in(SINCE_2_0_RC) ? 2 : 1); i++) {
        struct http_call call = {.method = "POST",
                                 .target = paths[i],
                                 .basic = ROOT,
                                 .header = bad_logos[_i].header,
                                 .body = bad_logos[_i].body};
        steps_refuse(&call, bad_logos[_i].status, bad_logos[_i].type);
        call.header = MULTIPART;
        call.body = steps_too_large();
        call.body_size = steps_too_large_size;
        steps_expect(&call, 413, NULL);
    }
    check_unchanged();
}
END_TEST

static void send_logo(const char *path, const char *text) {
    static const char body[] =
        PART("other", "", "x") PART("logo", "Content-Type: image/png\r\n", PNG) "--xyz--\r\n";
    http_expect(steps_server(),
                &(struct http_call){.method = "POST",
                                    .target = path,
                                    .basic = ROOT,
                                    .header = MULTIPART,
                                    .body = body,
                                    .body_size = sizeof(body) - 1},
                200, text);
}

START_TEST(a_logo_is_kept) {
    STEPS_RUN({"PUT", T, "{\"name\":\"Main\",\"quotas\":[]}", 200, .has = {"quotas"}});
    send_logo(T LOGO, "{\"id\":\"main\",\"name\":\"Main\",\"quotas\":[],\"logo\":\"" PNG_URL
                      "\",\"deleted\":false}");
    send_logo(T LOGO, "\"logo\":\"" PNG_URL "\"");
    STEPS_RUN({"GET", T, NULL, 200, .counted = PNG_URL, .count = 1},
              {"PUT", T, "{\"name\":\"Main\"}", 200, .lacks = {"logo"}});
}
END_TEST

START_TEST(a_catalog_is_kept) {
    if (!version_is_in(SINCE_2_0_RC))
        return;
    STEPS_RUN({"PUT", T, "{\"name\":\"Main\",\"appCatalogConfig\":7}", 200, .has = {"7"}},
              {"GET", T CATALOG, NULL, 200, .has = {"{}"}},
              {"POST", T CATALOG, "{\"title\":\"t\",\"tileColor\":\"#fff\",\"logo\":\"x\"}", 200,
               .has = {"{\"title\":\"t\",\"tileColor\":\"#fff\"}"}},
              {"GET", T, NULL, 200,
               .has = {"\"appCatalogConfig\":{\"title\":\"t\",\"tileColor\":\"#fff\"}"}});
    send_logo(T CATALOG_LOGO, "{\"title\":\"t\",\"tileColor\":\"#fff\",\"logo\":\"" PNG_URL "\"}");
    STEPS_RUN({"POST", T CATALOG, "{\"title\":null,\"primaryColor\":\"red\"}", 200,
               .has = {"{\"primaryColor\":\"red\",\"logo\":\"" PNG_URL "\"}"}},
              {"GET", T CATALOG, NULL, 200, ORDINARY,
               .has = {"{\"primaryColor\":\"red\",\"logo\":\"" PNG_URL "\"}"}},
              {"DELETE", T CATALOG_LOGO, NULL, 200, .empty = true},
              {"DELETE", T CATALOG_LOGO, NULL, 200, .empty = true},
              {"GET", T CATALOG, NULL, 200, .has = {"{\"primaryColor\":\"red\"}"}});
}
END_TEST

START_TEST(dashboards_are_kept) {
    if (!version_is_in(SINCE_2_0_RC))
        return;
    STEPS_RUN(
        {"GET", T DASHBOARDS, NULL, 200, .has = {"{}"}},
        {"POST", T DASHBOARDS,
         "{\"defaultHomeDashboard\":\"h\",\"defaultFlowOverviewDashboard\":\"f\"}", 200,
         .has = {"{\"defaultHomeDashboard\":\"h\",\"defaultFlowOverviewDashboard\":\"f\"}"}},
        {"POST", T DASHBOARDS, "{\"defaultNamespaceOverviewDashboard\":\"n\"}", 200,
         .has = {"{\"defaultNamespaceOverviewDashboard\":\"n\"}"}},
        {"GET", T, NULL, 200,
         .has = {"\"settings\":{\"dashboard\":{\"defaultNamespaceOverviewDashboard\":\"n\"}}"}},
        {"GET", T DASHBOARDS, NULL, 200, .has = {"{\"defaultNamespaceOverviewDashboard\":\"n\"}"}});
}
END_TEST

START_TEST(settings_are_dumped) {
    send_logo(T LOGO, PNG_URL);
    char *state =
        session_call(steps_server(), &(struct http_call){.method = "GET", .target = STATE}, 200);
    ck_assert_ptr_nonnull(strstr(state, "\"details\":{\"logo\":\"" PNG_URL "\"}"));
    session_expect(
        steps_server(),
        &(struct http_call){.method = "PUT", .target = "/sandbox/copy" STATE, .body = state}, 200);
    free(state);
    STEPS_RUN({"GET", "/sandbox/copy" T, NULL, 200, .has = {PNG_URL}});
}
END_TEST

int main(void) {
    Suite *suite = suite_create("tenant_settings");
    TCase *tcase = suite_add(suite, "tenant settings");
    tcase_add_checked_fixture(tcase, steps_setup, steps_teardown);
    suite_add_rows(tcase, refuses_all_but_super_admins, operations);
    suite_add_rows(tcase, refuses_bad_bodies, operations);
    suite_add_rows(tcase, refuses_bad_logos, bad_logos);
    tcase_add_test(tcase, a_logo_is_kept);
    tcase_add_test(tcase, a_catalog_is_kept);
    tcase_add_test(tcase, dashboards_are_kept);
    tcase_add_test(tcase, settings_are_dumped);
    return suite_run(suite);
}
