/* What kestub takes from a configuration of the vendor's image. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"
#include "vendor_settings.h"

#define ACCOUNT(place) place ": {username: a@b.c, password: Secret:1}"

static struct vendor_settings settings;
static char error[VENDOR_ERROR_SIZE];

static const char *environment(const char *name) {
    return strcmp(name, "ADMIN") == 0   ? "env@example.com"
           : strcmp(name, "A_B_C") == 0 ? "relaxed"
                                        : NULL;
}

static int read_yaml(const char *text) {
    memset(&settings, 0, sizeof(settings));
    return vendor_settings_read_yaml(&settings, text, strlen(text), environment, error);
}

static const struct {
    const char *yaml;
    const char *username, *password, *tenants;
} accounts[] = {
    {"kestra: {security: {" ACCOUNT("super-admin") "}}", "a@b.c", "Secret:1", ""},
    {"kestra: {security: {" ACCOUNT("superAdmin") "}}", "a@b.c", "Secret:1", ""},
    {"kestra: {security: {" ACCOUNT("super_admin") "}}", "a@b.c", "Secret:1", ""},
    {"kestra: {security: {" ACCOUNT("instance-owner") "}}", "a@b.c", "Secret:1", ""},
    {"kestra: {ee: {" ACCOUNT("super-admin") "}}", "a@b.c", "Secret:1", ""},
    {"kestra: {server: {" ACCOUNT("basic-auth") "}}", "a@b.c", "Secret:1", ""},
    {"kestra: {server: {" ACCOUNT("basicAuth") "}}", "a@b.c", "Secret:1", ""},
    {"kestra.server.basic-auth.username: x\nkestra.server: {basic-auth.password: 'y'}", "x", "y",
     ""},
    {"{\"kestra\": {\"server\": {\"basic-auth\": {\"username\": \"x\", \"password\": 12}}}}", "x",
     "12", ""},
    /* the super-admin wins over basic-auth, and an incomplete one does not count */
    {"kestra: {server: {" ACCOUNT("basic-auth") "}, security: {super-admin: {username: s, "
                                                "password: p}}}",
     "s", "p", ""},
    {"kestra: {server: {" ACCOUNT("basic-auth") "}, security: {super-admin: {username: s, "
                                                "password: null}}}",
     "a@b.c", "Secret:1", ""},
    {"kestra: {security: {super-admin: {username: s, password: p, tenantAdminAccess: main}}}", "s",
     "p", "main"},
    {"kestra: {security: {super-admin: {username: s, password: p, tenant-admin-access: [a, b]}}}",
     "s", "p", "a,b"},
    {"kestra: {server: {basic-auth: {username: '${ADMIN:x}', password: '${NONE:`p:q`}'}}}",
     "env@example.com", "p:q", ""},
    {"kestra: {server: {basic-auth: {username: '<${a.b-c}>', password: '${X:${Y:deep}}!'}}}",
     "<relaxed>", "deep!", ""},
    {"x: &x {username: m, password: w}\nkestra: {server: {basic-auth: {<<: *x, username: own}}}",
     "own", "w", ""},
    {"---\nkestra: {server: {" ACCOUNT("basic-auth") "}}\n---\nkestra.server.basic-auth.password: "
                                                     "later\n",
     "a@b.c", "later", ""},
};

START_TEST(finds_the_administrator) {
    ck_assert_msg(read_yaml(accounts[_i].yaml) == 0, "%s: %s", accounts[_i].yaml, error);
    const struct vendor_account *account = vendor_settings_administrator(&settings);
    ck_assert_ptr_nonnull(account);
    ck_assert_str_eq(account->username, accounts[_i].username);
    ck_assert_str_eq(account->password, accounts[_i].password);
    ck_assert_str_eq(account->tenants, accounts[_i].tenants);
}
END_TEST

START_TEST(lists_what_it_ignores) {
    ck_assert_int_eq(
        read_yaml("datasources: {postgres: {url: x}}\ndatasources.x: 1\n"
                  "kestra: {queue: {type: h2}, server: {basic-auth: {enabled: true}}}\n"
                  "micronaut.server.port: 9090\nendpoints: {all: {port: 9091}}\n"),
        0);
    ck_assert_uint_eq(settings.n_ignored, 4);
    ck_assert_str_eq(settings.ignored[0], "datasources");
    ck_assert_str_eq(settings.ignored[1], "datasources.x");
    ck_assert_str_eq(settings.ignored[2], "kestra.queue");
    ck_assert_str_eq(settings.ignored[3], "kestra.server.basic-auth.enabled");
    ck_assert_str_eq(settings.port, "9090");
    ck_assert_str_eq(settings.management_port, "9091");
    ck_assert_ptr_null(vendor_settings_administrator(&settings));
}
END_TEST

static const struct {
    const char *yaml, *error;
} mistakes[] = {
    {"a: [", "line 2, column 1: did not find expected node content"},
    {"just text", "the document: must be a mapping"},
    {"[a, b]", "the document: must be a mapping"},
    {"kestra.server.basic-auth.password: '${NOBODY}'",
     "kestra.server.basic-auth.password: the variable NOBODY is not set, and has no default"},
    {"kestra.server.basic-auth.password: {a: b}",
     "kestra.server.basic-auth.password: must be a text"},
    {"kestra.security.super-admin.tenantAdminAccess: [[a]]",
     "kestra.security.super-admin.tenantAdminAccess: must be a text, or a list of texts"},
};

START_TEST(says_what_is_wrong) {
    ck_assert_int_gt(read_yaml(mistakes[_i].yaml), 0);
    ck_assert_str_eq(error, mistakes[_i].error);
}
END_TEST

START_TEST(bounds_its_work) {
    char text[4096] = "a0: &a0 {kestra: x}\n";
    size_t used = strlen(text);
    for (int i = 1; i < 30; i++)
        used += (size_t)snprintf(text + used, sizeof(text) - used,
                                 "a%d: &a%d {<<: [*a%d, *a%d, *a%d]}\n", i, i, i - 1, i - 1, i - 1);
    snprintf(text + used, sizeof(text) - used, "kestra: *a29\n");
    ck_assert_int_gt(read_yaml(text), 0);
    ck_assert_str_eq(error, "kestra: is nested too deep, or too large");
    memset(text, 'x', 600);
    memcpy(text, "kestra.server.basic-auth.password: ", 35);
    text[600] = '\0';
    ck_assert_int_gt(read_yaml(text), 0);
    ck_assert_str_eq(error, "kestra.server.basic-auth.password: is too long");
}
END_TEST

START_TEST(takes_variables_and_properties) {
    char text[] = "# a comment\nkestra.security.super-admin.username = me@x.org \r\n"
                  "kestra.security.superAdmin.password: a b\nother=1\n";
    memset(&settings, 0, sizeof(settings));
    ck_assert_int_eq(vendor_settings_read_properties(&settings, text, environment, error), 0);
    const struct vendor_account *account = vendor_settings_administrator(&settings);
    ck_assert_ptr_nonnull(account);
    ck_assert_str_eq(account->username, "me@x.org");
    ck_assert_str_eq(account->password, "a b");
    ck_assert_uint_eq(settings.n_ignored, 1);
    ck_assert_int_eq(vendor_settings_take(&settings, "KESTRA_SECURITY_SUPER_ADMIN_PASSWORD", "new",
                                          environment, error),
                     0);
    ck_assert_str_eq(account->password, "new");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("vendor_settings");
    TCase *tcase = suite_add(suite, "vendor_settings");
    suite_add_rows(tcase, finds_the_administrator, accounts);
    tcase_add_test(tcase, lists_what_it_ignores);
    suite_add_rows(tcase, says_what_is_wrong, mistakes);
    tcase_add_test(tcase, bounds_its_work);
    tcase_add_test(tcase, takes_variables_and_properties);
    return suite_run(suite);
}
