/* Torture tests of the emulated API and of startup. */
#include <stdio.h>
#include <string.h>

#include "iam/credential_cache.h"
#include "iam/credentials.h"
#include "iam/setup.h"
#include "iam/tokens.h"
#include "sandbox/fixture.h"
#include "store/group.h"
#include "store/invitation.h"
#include "store/role.h"
#include "store/tenant.h"
#include "torture.h"
#include "util/timestamp.h"

static const struct torture_call requests[] = {
    {"PUT", GROUPS, "{\"groupIds\":[\"" PLATFORM "\",\"" DATA_ENG "\"]}", .status = 204},
    {"PUT", GROUPS, "{\"groupIds\":[\"" PLATFORM "\",\" \",7]}", .status = 400},
    {"PUT", GROUPS, "{\"groupIds\":[\"x\"]}", .status = 404},
    {"PUT", GROUPS, "{}", .status = 401, .authorization = "Bearer x"},
    {"PUT", GROUPS "?q=1", "{\"groupIds\":[\"" PLATFORM "\",\"" DATA_ENG "\"]}", .status = 204,
     .authorization = "Basic cm9vdEByb290LmNvbTpSb290ITEyMzQ="},
};

START_TEST(every_allocation_of_a_request_may_fail) {
    int failures = 0;
    int n = 0;
    bool reached = true;
    while (reached) {
        ck_assert_int_eq(torture_send("PUT", GROUPS, "{\"groupIds\":[]}"), 204);
        int status = torture_run(&requests[_i], ++n, &reached);
        size_t count = torture_count_memberships();
        if (status != 204)
            ck_assert_msg(count == 0, "failure %d with status %d left %zu memberships", n, status,
                          count);
        else
            ck_assert_uint_eq(count, 2);
        failures += status == 500;
    }
    ck_assert_int_gt(n, 5);
    ck_assert_int_gt(failures, 0);
}
END_TEST

#define CI "/api/v1/service-accounts/6dRk2MvTqZs8WbXn4JhYpC"
#define CI_IN_MAIN "/api/v1/main/service-accounts/6dRk2MvTqZs8WbXn4JhYpC"
#define GROUP "/api/v1/main/groups"
#define MEMBER GROUP "/" DATA_ENG "/members/" ALAN
#define ACCESS "/api/v1/main/tenant-access"
#define INVITATIONS "/api/v1/main/invitations"
#define ROLES "/api/v1/main/roles"
#define BINDINGS "/api/v1/main/bindings"
#define MANAGER "5fKw9XcQbN3rTgYh2LmVzP"
#define BINDING "1xTzR7bWcJ5nKqVd9LsYgE" /* gives MANAGER to CI */
#define CI_TOKEN "Bearer KESTUB-ci-token-for-tests-only-0123456789"
#define ADA "Basic YWRhQGV4YW1wbGUuY29tOlBhc3N3b3JkITIzNA=="   /* owns both groups */
#define GRACE "Basic Z3JhY2VAZXhhbXBsZS5jb206UGFzc3dvcmQhMjM0" /* a member of DATA_ENG */

static const struct torture_call others[] = {
    {"GET", "/api/v1/users?sort=email:asc&q=example&size=2", "", .status = 200},
    {"GET", "/api/v1/users?page=0&sort=x", "", .status = 422},
    {"GET", "/api/v1/users?filters[or][0][email][REGEX]=^a&filters[or][1][id][IN]=root,x", "",
     .status = 200},
    {"GET", "/api/v1/users?filters[email][REGEX]=(", "", .status = 400},
    {"GET", "/api/v1/main/tenant-access?type=STANDARD&filters[q][EQUALS]=a", "", .status = 200},
    {"POST", "/api/v1/users", "{\"email\":\"x\"}", .status = 422},
    {"POST", "/api/v1/users", "{\"email\":\"ADA@example.com\",\"tenants\":[\"main\"]}",
     .status = 409},
    {"POST", "/api/v1/users", "{\"email\":\"n@x.y\",\"groups\":[\"" PLATFORM "\",\"nope\"]}",
     .status = 404},
    {"PATCH", "/api/v1/users/root", "{\"firstName\":\"R\"}", .status = 200},
    {"PUT", "/api/v1/users/" ALAN,
     "{\"email\":\"alan@example.com\",\"password\":\"Alan!1234\",\"tenants\":[\"main\"],"
     "\"groups\":[\"" PLATFORM "\"]}",
     .status = 200},
    {"PUT", "/api/v1/users/" ALAN, "{\"email\":\"alan@example.com\",\"groups\":[\"nope\"]}",
     .status = 404},
    {"PATCH", "/api/v1/users/" ALAN "/superadmin", "{\"superAdmin\":true}", .status = 200},
    {"POST", "/api/v1/tenants", "{\"id\":\"main\",\"name\":\"n\",\"a\":{\"b\":null}}",
     .status = 409},
    {"PUT", "/api/v1/tenants/main", "{\"name\":\"n\",\"a\":{\"b\":1}}", .status = 200},
    {"PUT", "/api/v1/tenants/main", "{\"id\":\"x\",\"name\":\"n\"}", .status = 422},
    {"GET", "/api/v1/tenants/search?sort=name:asc", "", .status = 200},
    {"POST", "/api/v1/main/tenant-access/autocomplete",
     "{\"q\":\"example\",\"ids\":[\"" ALAN "\"]}", .status = 200},
    {"GET", "/api/v1/main/groups/" PLATFORM "/members?sort=email:asc", "", .status = 200},
    {"POST", "/api/v1/main/groups/autocomplete", "{\"q\":\"a\",\"ids\":[\"" PLATFORM "\"]}",
     .status = 200},
    {"PUT", "/api/v1/main/groups/" PLATFORM, "{\"name\":\"platform\"}", .status = 200},
    {"GET", "/api/v1/me", "", .status = 200},
    {"POST", "/api/v1/me/api-tokens", "{\"name\":\"ci\",\"maxAge\":\"P1D\"}", .status = 200},
    {"GET", "/api/v1/users/root/api-tokens", "", .status = 200},
    {"POST", "/api/v1/login", "{\"username\":\"root@root.com\",\"password\":\"Root!1234\"}",
     .status = 200},
    {"POST", "/api/v1/login", "{\"username\":\"root@root.com\",\"password\":\"Root!123\"}",
     .status = 401},
    {"PUT", "/api/v1/me/password", "{\"oldPassword\":\"x\",\"newPassword\":\"Root!12345\"}",
     .status = 400},
    {"POST", "/api/v1/users/root/impersonate", "", .status = 303},
    {"POST", "/api/v1/setup", "{\"username\":\"a@b.c\",\"password\":\"Root!1234\"}", .status = 405},
    {"POST", GROUP, "{\"name\":\"crew\",\"membersId\":[\"" ALAN "\"]}", .status = 200,
     .again = 409},
    {"PUT", GROUP "/" PLATFORM, "{\"name\":\"crew\",\"description\":\"d\"}", .status = 200},
    {"PUT", GROUP "/" PLATFORM, "{\"name\":\"data-eng\"}", .status = 409},
    {"GET", GROUP "/search?sort=name:desc", "", .status = 200},
    {"GET", GROUP "/" PLATFORM, "", .status = 200},
    {"POST", GROUP "/ids", "{\"ids\":[\"" PLATFORM "\",\"nope\"]}", .status = 200},
    {"POST", GROUP "/ids", "{\"ids\":[\"" DATA_ENG "\",\"" PLATFORM "\",\"" DATA_ENG "\"]}",
     .status = 200},
    {"POST", GROUP, "{}", .status = 422},
    {"POST", ROLES, "{\"name\":\"r\",\"permissions\":{\"GROUP\":[\"VIEW\"]},\"isDefault\":true}",
     .status = 200},
    {"POST", ROLES, "{\"name\":\"r\",\"permissions\":{\"NOPE\":[]}}", .status = 422},
    {"GET", ROLES "/search?sort=name:asc", "", .status = 200},
    {"GET", ROLES "/" MANAGER, "", .status = 200},
    {"GET", ROLES "/admin_main", "", .status = 200},
    {"POST", ROLES "/ids", "{\"ids\":[\"" MANAGER "\",\"nope\"]}", .status = 200},
    {"PUT", ROLES "/" MANAGER, "{\"name\":\"n\",\"permissions\":{\"GROUP\":[\"VIEW\"]}}",
     .status = 200},
    {"DELETE", ROLES "/" MANAGER, "", .status = 204, .again = 404},
    {"DELETE", ROLES "/admin_main", "", .status = 403},
    {"POST", BINDINGS, "{\"type\":\"USER\",\"externalId\":\"" ALAN "\",\"roleId\":\"" MANAGER "\"}",
     .status = 200, .again = 409},
    {"POST", BINDINGS "/bulk",
     "[{\"type\":\"USER\",\"externalId\":\"" ALAN "\",\"roleId\":\"" MANAGER
     "\"},{\"type\":\"GROUP\",\"externalId\":\"" PLATFORM "\",\"roleId\":\"" MANAGER "\"}]",
     .status = 200, .again = 409},
    {"GET", BINDINGS "/search", "", .status = 200},
    {"GET", BINDINGS "/" BINDING, "", .status = 200},
    {"DELETE", BINDINGS "/" BINDING, "", .status = 204, .again = 404},
    {"PUT", GROUPS, "{\"groupIds\":[]}", .status = 204, .authorization = CI_TOKEN},
    {"GET", "/api/v1/users", "", .status = 403, .authorization = CI_TOKEN},
    {"PUT", GROUP "/nope/members/" ALAN, "", .status = 403, .authorization = ADA},
    {"PUT", GROUP "/nope/members/" ALAN, "", .status = 404},
    {"DELETE", GROUP "/" PLATFORM, "", .status = 200, .again = 404},
    {"PUT", MEMBER, "", .status = 200, .again = 409, .authorization = ADA},
    {"DELETE", GROUP "/" PLATFORM "/members/1l08woM6yObCVr7nwrDZBX", "", .status = 200,
     .again = 409},
    {"PUT", GROUP "/" PLATFORM "/members/membership/1l08woM6yObCVr7nwrDZBX?membership=OWNER", "",
     .status = 200, .authorization = ADA},
    {"PUT", GROUPS, "{\"groupIds\":[\"" DATA_ENG "\"]}", .status = 204, .authorization = ADA},
    {"PUT", GROUPS, "{\"groupIds\":[\"" DATA_ENG "\"]}", .status = 403, .authorization = GRACE},
    {"PUT", GROUPS, "{\"groupIds\":[\"" PLATFORM "\"]}", .status = 403, .authorization = GRACE},
    {"GET", ACCESS "/" ALAN, "", .status = 200},
    {"POST", ACCESS, "{\"email\":\"root@root.com\"}", .status = 409},
    {"PUT", ACCESS "/" ALAN, "", .status = 409},
    {"DELETE", ACCESS "/" ALAN, "", .status = 204, .again = 404},
    {"POST", "/api/v1/tenants", "{\"id\":\"t\",\"name\":\"t\"}", .status = 200, .again = 409},
    {"GET", "/api/v1/tenants/main", "", .status = 200},
    {"POST", "/api/v1/users",
     "{\"email\":\"n@x.y\",\"password\":\"New!12345\",\"groups\":[\"" PLATFORM "\"]}",
     .status = 201, .again = 409},
    {"GET", "/api/v1/users/" ALAN, "", .status = 200},
    {"DELETE", "/api/v1/users/" ALAN, "", .status = 204, .again = 404},
    {"PATCH", "/api/v1/users/" ALAN "/restricted", "{\"restricted\":true}", .status = 200},
    {"PATCH", "/api/v1/users/" ALAN "/password", "{\"password\":\"New!12345\"}", .status = 200},
    {"DELETE", "/api/v1/users/1l08woM6yObCVr7nwrDZBX/auths/BasicAuth", "", .status = 200,
     .again = 404},
    {"DELETE", "/api/v1/users/" ALAN "/auths/nope", "", .status = 404},
    {"DELETE", "/api/v1/users/" ALAN "/refresh-token", "", .status = 204},
    {"PUT", "/api/v1/me/password", "{\"oldPassword\":\"Root!1234\",\"newPassword\":\"Root!12345\"}",
     .status = 200, .again = 400},
    {"PATCH", "/api/v1/me", "{\"lastName\":\"R\"}", .status = 200},
    {"GET", "/api/v1/service-accounts?sort=name:asc", "", .status = 200},
    {"POST", "/api/v1/service-accounts", "{\"name\":\"b\",\"tenants\":[\"main\"]}", .status = 200},
    {"PATCH", CI, "{\"name\":\"b\"}", .status = 200},
    {"DELETE", CI, "", .status = 204, .again = 404},
    {"GET", "/api/v1/main/service-accounts?sort=name:asc", "", .status = 200},
    {"POST", "/api/v1/main/service-accounts",
     "{\"name\":\"b\",\"groups\":[{\"id\":\"" PLATFORM "\"},{\"id\":\"" DATA_ENG "\"}]}",
     .status = 200},
    {"PUT", CI_IN_MAIN, "{\"name\":\"b\",\"groups\":[{\"id\":\"" PLATFORM "\"}]}", .status = 200},
    {"PUT", CI_IN_MAIN, "{\"name\":\"b\",\"groups\":[{\"id\":\"nope\"}]}", .status = 404},
    {"GET", CI_IN_MAIN "/api-tokens", "", .status = 200},
    {"POST", CI_IN_MAIN "/api-tokens", "{\"name\":\"t\"}", .status = 200},
    {"DELETE", CI_IN_MAIN, "", .status = 200, .again = 404},
    {"DELETE", "/api/v1/users/root/api-tokens/nope", "", .status = 404},
    {"POST", INVITATIONS,
     "{\"email\":\"i@x.y\",\"groups\":[\"" PLATFORM
     "\"],\"roles\":[{\"id\":\"admin_main\"},{\"id\":"
     "\"viewer_main\",\"namespaces\":[\"a\"]}]}",
     .status = 201, .again = 409},
    {"POST", INVITATIONS,
     "{\"email\":\"i@x.y\",\"createUserIfNotExist\":true,\"superAdmin\":true,\"groups\":["
     "\"" PLATFORM "\"],\"roles\":[{\"id\":\"admin_main\"}]}",
     .status = 204, .again = 409},
    {"POST", INVITATIONS, "{\"email\":\"i@x.y\",\"groups\":[\"nope\"]}", .status = 404},
    {"GET", INVITATIONS "/search?status=PENDING&sort=email:asc", "", .status = 200},
    {"GET", "/api/v1/me/invitations", "", .status = 200},
    {"DELETE", INVITATIONS "/nope", "", .status = 404},
    {"POST", "/api/v1/forgotten-password", "{\"username\":\"root@root.com\"}", .status = 200},
    {"POST", "/api/v1/reset-password", "{\"token\":\"x\",\"password\":\"Root!12345\"}",
     .status = 404},
    {"POST", "/api/v1/tenants/main/apps-catalog", "{\"title\":\"t\"}", .status = 200},
    {"GET", "/api/v1/tenants/main/apps-catalog", "", .status = 200},
    {"POST", "/api/v1/tenants/main/settings/default-dashboards", "{\"defaultHomeDashboard\":\"h\"}",
     .status = 200},
};

START_TEST(every_allocation_of_other_requests_may_fail) {
    bool reached = true;
    int failures = 0;
    for (int n = 1; reached; n++) {
        int status = torture_run(&others[_i], n, &reached);
        failures += status == 500;
    }
    ck_assert_int_gt(failures, 0);
    ck_assert_int_eq(torture_send("GET", "/api/v1/users?q=n@x.y", ""), 200);
}
END_TEST

START_TEST(every_allocation_of_a_tenant_deletion_may_fail) {
    bool reached = true;
    int failures = 0;
    for (int n = 1; reached; n++) {
        torture_send("POST", "/api/v1/tenants", "{\"id\":\"t\",\"name\":\"t\"}");
        torture_send("POST", "/api/v1/t/groups", "{\"name\":\"g\",\"membersId\":[\"" ALAN "\"]}");
        ck_assert_int_eq(torture_send("GET", "/api/v1/t/groups/search", ""), 200);
        torture_begin(n);
        int status = torture_send("DELETE", "/api/v1/tenants/t", "");
        reached = torture_end();
        ck_assert_msg(status == 204 || status == 500 || status == 0, "%d: %d", n, status);
        ck_assert_int_eq(torture_send("GET", "/api/v1/t/groups/search", ""),
                         status == 204 ? 404 : 200);
        failures += status == 500;
    }
    ck_assert_int_gt(failures, 0);
}
END_TEST

/* Adds an invitation that never expires. */
static void invite(const char *id, const char *email) {
    struct iam *iam = &sandbox.iam;
    struct invitation invitation = {
        .id = id, .email = email, .super_admin = true, .expires_at = INT64_MAX};
    struct invitation_grant role = {0};
    struct invitation_grant group = {0};
    struct transaction transaction;
    int64_t pk;
    store_begin(iam->store, &transaction);
    ck_assert_int_eq(store_tenant_find(iam->store, "main", &invitation.tenant_pk), 0);
    ck_assert_int_eq(store_role_find(iam->store, invitation.tenant_pk, "admin_main", &role.role_pk),
                     0);
    ck_assert_int_eq(store_group_find(iam->store, invitation.tenant_pk, PLATFORM, &group.group_pk),
                     0);
    ck_assert_int_eq(store_start_writing(&transaction), 0);
    ck_assert_int_eq(store_invitation_insert(iam->store, &invitation, &pk), 0);
    ck_assert_int_eq(store_invitation_insert_grant(iam->store, pk, &role), 0);
    ck_assert_int_eq(store_invitation_insert_grant(iam->store, pk, &group), 0);
    ck_assert_int_eq(store_commit(&transaction), 0);
}

static const struct torture_call acceptances[] = {
    {"POST", "/api/v1/invitation/accept/alan", "", .status = 200, .again = 404},
    {"POST", "/api/v1/invitation/create/new", "{\"password\":\"New!12345\"}", .status = 200,
     .again = 404},
    {"GET", INVITATIONS "/search", "", .status = 200},
    {"GET", INVITATIONS "/email/alan@example.com", "", .status = 200},
    {"GET", INVITATIONS "/alan", "", .status = 200},
    {"DELETE", INVITATIONS "/alan", "", .status = 204, .again = 404},
};

START_TEST(every_allocation_of_an_acceptance_may_fail) {
    bool reached = true;
    int failures = 0;
    invite("alan", "alan@example.com");
    invite("new", "new@example.com");
    for (int n = 1; reached; n++) {
        int status = torture_run(&acceptances[_i], n, &reached);
        failures += status == 500;
    }
    ck_assert_int_gt(failures, 0);
}
END_TEST

/* Whether there is a user; if so, the tenant must exist too. */
static bool is_set_up(void) {
    int64_t tenant_pk;
    bool done = false;
    ck_assert_int_eq(iam_is_set_up(&sandbox.iam, &done), 0);
    struct transaction transaction;
    store_begin(sandbox.iam.store, &transaction);
    ck_assert_int_eq(store_tenant_find(sandbox.iam.store, "main", &tenant_pk),
                     done ? 0 : STORE_NOT_FOUND);
    store_transaction_end(&transaction);
    return done;
}

START_TEST(every_allocation_of_a_setup_may_fail) {
    bool reached = true;
    int undone = 0;
    for (int n = 1; reached; n++) {
        char error[STORE_ERROR_SIZE];
        sandbox_deinit(&sandbox);
        ck_assert_int_eq(sandbox_init(&sandbox, NULL, version_find("2.0"), error), 0);
        torture_begin(n);
        int status = torture_send("POST", "/api/v1/setup",
                                  "{\"username\":\"a@b.c\",\"password\":\"Root!1234\"}");
        reached = torture_end();
        ck_assert_msg(status == 200 || status == 500 || status == 0, "%d: %d", n, status);
        bool done = is_set_up();
        ck_assert(done || status != 200);
        undone += !done;
    }
    ck_assert_int_gt(undone, 0);
}
END_TEST

/* A client with a session must never be treated as nobody. */
START_TEST(every_allocation_of_a_session_may_fail) {
    char secret[TOKEN_SECRET_SIZE];
    char cookie[TOKEN_SECRET_SIZE + 32];
    struct arena arena;
    bool reached = true;
    int failures = 0;
    arena_init(&arena);
    ck_assert_int_eq(
        iam_log_in(&sandbox.iam, "root@root.com", "Root!1234", timestamp_now(), &arena, secret), 0);
    arena_deinit(&arena);
    snprintf(cookie, sizeof(cookie), "csrfToken=x; JWT=%s", secret);
    for (int n = 1; reached; n++) {
        credential_cache_forget(sandbox.iam.cache, 0);
        torture_begin(n);
        int status =
            torture_send_with("POST", "/api/v1/me/api-tokens",
                              (const char *const[]){"Cookie", cookie, "X-CSRF-TOKEN", "x", NULL},
                              "{\"name\":\"ci\"}");
        reached = torture_end();
        ck_assert_msg(status == 200 || status == 500 || status == 0, "%d: %d", n, status);
        failures += status == 500;
    }
    ck_assert_int_gt(failures, 0);
}
END_TEST

START_TEST(every_allocation_of_a_fixture_may_fail) {
    static const char text[] =
        "{\"tenants\":[{\"id\":\"t\",\"groups\":[{\"id\":\"g\",\"name\":\"g\",\"scim\":{"
        "\"attributes\":"
        "{\"externalId\":\"e\"}}}],\"roles\":[{\"id\":\"r\",\"name\":"
        "\"r\",\"permissions\":{\"FLOW\":[\"READ\"]}}],\"bindings\":[{\"role\":"
        "\"admin_t\",\"serviceAccount\":\"s\"}],\"invitations\":[{\"email\":\"x@y.z\",\"groups\":["
        "\"g\"],"
        "\"roles\":[{\"id\":\"r\",\"namespaces\":[\"a\"]}],\"acceptedAt\":\"2024-01-01T00:00:00Z\"}"
        "],"
        "\"securityIntegrations\":[{\"name\":\"n\",\"role\":\"r\",\"serviceAccount\":\"s\"}]}],"
        "\"serviceAccounts\":[{\"id\":\"s\",\"name\":\"s\",\"tenants\":[\"t\"]}],"
        "\"users\":[{\"email\":\"a@b.c\",\"tenants\":[\"t\"],"
        "\"scim\":[{\"tenant\":\"t\",\"attributes\":{\"title\":\"x\"}}],"
        "\"tokens\":[{\"name\":\"n\",\"token\":\"0123456789abcdef\"}]}]}";
    bool reached = true;
    for (int n = 1; reached; n++) {
        char error[FIXTURE_ERROR_SIZE] = "";
        struct fixture_summary summary;
        struct sandbox fresh;
        struct transaction transaction;
        ck_assert_int_eq(sandbox_init(&fresh, NULL, version_find("2.0"), error), 0);
        torture_begin(n);
        int r = fixture_load(&fresh.iam, text, strlen(text), 0, &summary, error);
        reached = torture_end();
        ck_assert_int_le(r, 0);
        store_begin(fresh.iam.store, &transaction);
        ck_assert_int_eq(store_find_any(fresh.iam.store), r == 0 ? 0 : STORE_NOT_FOUND);
        store_transaction_end(&transaction);
        sandbox_deinit(&fresh);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("memory");
    TCase *tcase = suite_add(suite, "memory");
    tcase_add_checked_fixture(tcase, torture_setup, torture_teardown);
    suite_add_rows(tcase, every_allocation_of_a_request_may_fail, requests);
    suite_add_rows(tcase, every_allocation_of_other_requests_may_fail, others);
    tcase_add_test(tcase, every_allocation_of_a_tenant_deletion_may_fail);
    suite_add_rows(tcase, every_allocation_of_an_acceptance_may_fail, acceptances);
    tcase_add_test(tcase, every_allocation_of_a_setup_may_fail);
    tcase_add_test(tcase, every_allocation_of_a_session_may_fail);
    tcase_add_test(tcase, every_allocation_of_a_fixture_may_fail);
    return suite_run(suite);
}
