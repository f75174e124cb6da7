/* Invitations: created, searched, deleted, accepted by users and by newcomers. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session.h"
#include "steps.h"
#include "suite.h"

#define I "/api/v1/main/invitations"
#define MINE "/api/v1/me/invitations"
#define ACCEPT "/api/v1/invitation/accept/"
#define CREATE "/api/v1/invitation/create/"
#define CLOCK "/__admin/kestub/clock"
#define ACCESS "/api/v1/main/tenant-access/"
#define NEWCOMER "{\"firstName\":\"New\",\"lastName\":\"Comer\",\"password\":\"Password!234\"}"
#define AS_NEWCOMER "new@example.com:Password!234"
#define AS_NOWHERE "nowhere@example.com:Password!234"
#define ROLE(name) "{\"name\":\"" name "\",\"permissions\":{\"FLOW\":[\"UPDATE\"]}}"
#define NO_INVITATION "Invitation does not exist for id 'nope'"

/* Every operation of a tenant, with a call that would succeed if there were such an invitation. */
static const struct {
    const char *method;
    const char *path;
    const char *body; /* NULL: it takes no body */
} operations[] = {
    {"POST", "", "{\"email\":\"new@example.com\"}"},
    {"GET", "/email/new@example.com", NULL},
    {"GET", "/search", NULL},
    {"GET", "/nope", NULL},
    {"DELETE", "/nope", NULL},
};

static void check_unchanged(void) {
    STEPS_RUN({"GET", I "/search", NULL, 200, .has = {"{\"results\":[],\"total\":0}"}});
}

START_TEST(refuses_without_permission_or_tenant) {
    char path[128];
    snprintf(path, sizeof(path), I "%s", operations[_i].path);
    steps_refuse_strangers(operations[_i].method, path, operations[_i].body, ORDINARY);
    check_unchanged();
}
END_TEST

START_TEST(refuses_bad_bodies) {
    steps_refuse_bodies("POST", I, "{\"email\":\"new@example.com\"}");
    steps_refuse_bodies("POST", CREATE "nope", NEWCOMER);
    check_unchanged();
}
END_TEST

static const struct step refused[] = {
    {"POST", I, "{}", 422, .has = {"createInvitation.request.email"}},
    {"POST", I, "{\"email\":\"new\"}", 422, .has = {"must match"}},
    {"POST", I, "{\"email\":\"stranger@example.org\",\"roles\":[{}]}", 422,
     .has = {"createInvitation.request.roles[0].id"}},
    {"POST", I,
     "{\"email\":\"stranger@example.org\",\"roles\":[{\"id\":\"x\",\"namespaces\":[7]}]}", 422,
     .unreadable = "roles[0].namespaces[0]"},
    {"POST", I,
     "{\"email\":\"stranger@example.org\",\"roles\":[{\"id\":\"admin_main\"},{\"id\":\"nope\"}]}",
     404, .has = {"Role does not exist for id 'nope'"}},
    {"POST", I, "{\"email\":\"stranger@example.org\",\"roles\":[{\"id\":\"admin_other\"}]}",
     .status = 404},
    {"POST", I, "{\"email\":\"stranger@example.org\",\"groups\":[\"main-only\",\"other-only\"]}",
     404, .has = {"Group does not exist for id 'other-only'"}},
    {"POST", I,
     "{\"email\":\"stranger@example.org\",\"createUserIfNotExist\":true,\"groups\":[\"nope\"]}",
     .status = 404},
    {"POST", I, "{\"email\":\"ORDINARY@example.com\"}", 409,
     .has = {"the user 'ORDINARY@example.com' already has access to the tenant"}},
    {"GET", I "/nope", NULL, 404, .has = {NO_INVITATION}},
    {"DELETE", I "/nope", NULL, 404, .has = {NO_INVITATION}},
    {"POST", ACCEPT "nope", NULL, 404, .has = {NO_INVITATION}},
    {"POST", CREATE "nope", NEWCOMER, 404, .has = {NO_INVITATION}},
    {"POST", CREATE "nope", "{\"firstName\":\"a\",\"lastName\":\"b\",\"password\":\"password\"}",
     422, .type = "password-policy-violation", .counted = "must have ", .count = 3},
    {"GET", I "/search?q=%00", NULL, 400, .has = {"invalid escape"}},
    {"GET", I "/search?sort=id:asc", NULL, 422, .type = "invalid-argument",
     .has = {"Invalid sort parameter"}},
    {"GET", I "/search?status=OPEN", NULL, 422, .type = "invalid-argument", .unreadable = ""},
    {"GET", I "/search?filters[sentAt][EQUALS]=x", NULL, 422, .type = "invalid-query-filters",
     .versions = SINCE_2_0_RC, .has = {"sentAt"}},
    {"POST", CREATE "nope", "{\"firstName\":\"a\"}", 422, .versions = BEFORE_2_0,
     .has = {"createFromInvitation.request.password"}},
};

START_TEST(refuses_and_changes_nothing) {
    steps_run(&refused[_i], 1);
    STEPS_RUN({"GET", "/api/v1/users?q=stranger", NULL, 200, .has = {"\"total\":0"}});
    check_unchanged();
}
END_TEST

START_TEST(an_invitation_is_found_and_deleted) {
    STEPS_RUN(
        {"POST", I,
         "{\"email\":\"New@example.com\",\"superAdmin\":true,\"groups\":[\"main-only\",\"scim\"],"
         "\"roles\":[{\"id\":\"viewer_main\",\"namespaces\":[\"a\",\"b\"]},{\"id\":\"admin_main\","
         "\"namespaces\":[]}]}",
         201,
         .has = {"\"roles\":[{\"id\":\"viewer_main\",\"name\":\"Viewer\",\"isDefault\":false,"
                 "\"isManaged\":true",
                 "\"groups\":[{\"id\":\"main-only\",\"name\":\"only in main\"},{\"id\":\"scim\"",
                 "\"tenantId\":\"main\",\"email\":\"New@example.com\",\"status\":\"PENDING\"",
                 "\"{privilege}\":true,\"link\":\"http://"},
         .lacks = {"acceptedAt"}, .counted = "viewer_main", .count = 1, .keep = 1},
        {"POST", I, "{\"email\":\"a@example.com\",\"roles\":null,\"groups\":null}", 201,
         .has = {"\"roles\":[],\"groups\":[]", "\"{privilege}\":false"}, .keep = 2},
        {"POST", I, "{\"email\":\"new@EXAMPLE.com\"}", 409,
         .has = {"'new@EXAMPLE.com' has a pending invitation already"}},
        {"POST", I, "{\"email\":\"new@EXAMPLE.com\",\"createUserIfNotExist\":true}", .status = 409},
        {"POST", "/api/v1/other/invitations", "{\"email\":\"new@example.com\"}", 201, .keep = 3},
        {"GET", I "/{1}", NULL, 200, .has = {"{\"id\":\"{1}\",\"roles\":[{", "/ui/invitation/{1}"}},
        {"GET", I "/{3}", NULL, .status = 404}, {"DELETE", I "/{3}", NULL, .status = 404},
        {"GET", I "/email/NEW%40example.com", NULL, 200, .has = {"[{\"id\":\"{1}\""},
         .counted = "\"tenantId\"", .count = 1},
        {"GET", I "/email/nobody%40example.com", NULL, 200, .has = {"[]"}},
        {"GET", I "/search?sort=email:asc", NULL, 200, .has = {"\"total\":2"},
         .order = {"{2}", "{1}"}},
        {"GET", I "/search?size=1", NULL, 200, .has = {"{1}", "\"total\":2"}, .lacks = {"{2}"}},
        {"GET", I "/search?status=PENDING&q=NEW", NULL, 200, .has = {"{1}", "\"total\":1"}},
        {"GET", I "/search?status=ACCEPTED", NULL, 200, .has = {"\"total\":0"}},
        {"GET", I "/search?email=NEW@example.com", NULL, 200, .versions = BEFORE_2_0,
         .has = {"{1}", "\"total\":1"}},
        {"GET", I "/search?email=nobody@example.com", NULL, 200, .versions = IN_2_0,
         .has = {"\"total\":2"}},
        {"GET", I "/search?filters[email][EQUALS]=a@example.com", NULL, 200,
         .versions = SINCE_2_0_RC, .has = {"{2}", "\"total\":1"}},
        {"GET", I "/search?filters[{privilege}][EQUALS]=true", NULL, 200, .versions = SINCE_2_0_RC,
         .has = {"{1}", "\"total\":1"}},
        {"GET", I "/search?filters[expired_at][GREATER_THAN]=2020-01-01T00:00:00Z", NULL, 200,
         .versions = SINCE_2_0_RC, .has = {"\"total\":2"}},
        {"GET", I "/search?filters[expired_at][LESS_THAN]=2020-01-01T00:00:00Z", NULL, 200,
         .versions = SINCE_2_0_RC, .has = {"\"total\":0"}},
        {"DELETE", I "/{1}", NULL, 204, .empty = true}, {"GET", I "/{1}", NULL, .status = 404},
        {"DELETE", I "/{1}", NULL, .status = 404}, {"POST", ACCEPT "{1}", NULL, .status = 404},
        {"POST", I, "{\"email\":\"new@example.com\"}", 201, .keep = 1},
        {"GET", "/api/v1/main/auditlogs/search", NULL, 200,
         .counted = "\"resource\":\"INVITATION\"", .count = 4});
}
END_TEST

/* A user who exists, or shall be created, gets everything at once. */
START_TEST(access_is_granted_at_once) {
    STEPS_RUN({"POST", I,
               "{\"email\":\"nowhere@example.com\",\"groups\":[\"main-only\"],\"roles\":[{\"id\":"
               "\"viewer_main\",\"namespaces\":[\"a\",\"a\"]},{\"id\":\"admin_main\"}]}",
               204, .empty = true},
              {"GET", ACCESS "no-tenant", NULL, 200,
               .has = {"\"groups\":[{\"id\":\"main-only\"",
                       "\"id\":\"viewer_main\",\"name\":\"Viewer\",\"namespace\":\"a\"",
                       "\"id\":\"admin_main\"", "\"{privilege}\":false"},
               .counted = "viewer_main", .count = 1},
              {"POST", "/api/v1/main/groups", "{\"name\":\"new\"}", 200, AS_NOWHERE, .keep = 2},
              {"POST", I,
               "{\"email\":\"made@example.com\",\"createUserIfNotExist\":true,\"superAdmin\":true,"
               "\"groups\":[\"main-only\"]}",
               204, .empty = true},
              {"GET", "/api/v1/users?q=made", NULL, 200,
               .has = {"\"username\":\"made@example.com\"", "\"tenants\":[{\"id\":\"main\"",
                       "\"{privilege}\":true"}},
              {"POST", I, "{\"email\":\"made@example.com\",\"createUserIfNotExist\":true}",
               .status = 409},
              {"GET", I "/search", NULL, 200, .has = {"\"total\":0"}});
}
END_TEST

/* The permission to invite is not enough to invite a super-admin. */
START_TEST(only_super_admins_invite_super_admins) {
    STEPS_RUN(
        {"PUT", "/api/v1/main/users/ordinary/groups", "{\"groupIds\":[\"main-only\"]}", 204,
         .empty = true},
        {"POST", "/api/v1/main/roles",
         "{\"name\":\"inviters\",\"permissions\":{\"INVITATION\":[\"CREATE\"]}}", 200, .keep = 1},
        {"POST", "/api/v1/main/bindings",
         "{\"type\":\"USER\",\"externalId\":\"ordinary\",\"roleId\":\"{1}\"}", 200, .keep = 2},
        {"POST", I, "{\"email\":\"a@example.com\",\"superAdmin\":true}", 403, .basic = ORDINARY},
        {"POST", I, "{\"email\":\"a@example.com\",\"instanceOwner\":true}", 403, .basic = ORDINARY,
         .versions = IN_2_0},
        {"GET", I "/search", NULL, 403, .basic = ORDINARY},
        {"POST", I, "{\"email\":\"a@example.com\"}", 201, ORDINARY, .keep = 3});
}
END_TEST

#define INVITE_NOWHERE                                                                             \
    "{\"email\":\"later@example.com\",\"groups\":[\"main-only\",\"owned-a\"],\"roles\":[{\"id\":"  \
    "\"admin_main\"},{\"id\":\"{2}\",\"namespaces\":[\"a\"]}]}"

START_TEST(a_user_accepts) {
    STEPS_RUN(
        {"POST", "/api/v1/main/roles", ROLE("gone"), 200, .keep = 2},
        {"POST", I, INVITE_NOWHERE, 201, .keep = 1},
        {"POST", ACCEPT "{1}", NULL, 404,
         .has = {"User does not exist for id 'later@example.com'"}},
        {"PATCH", "/api/v1/users/no-tenant", "{\"email\":\"LATER@example.com\"}", 200,
         .has = {"LATER"}},
        {"GET", MINE, NULL, 200, "LATER@example.com:Password!234",
         .has = {"[{\"id\":\"{1}\",\"bindings\":[{\"type\":\"USER\"",
                 "\"roleId\":\"{2}\",\"namespaceId\":\"a\",\"deleted\":false}],"
                 "\"groupIds\":[\"main-only\",\"owned-a\"]",
                 "\"status\":\"PENDING\"", "\"isExpired\":false,\"deleted\":false"}},
        {"GET", MINE, NULL, 200, .has = {"[]"}},
        /* What is gone meanwhile is not granted. */
        {"DELETE", "/api/v1/main/roles/{2}", NULL, 204, .empty = true},
        {"DELETE", "/api/v1/main/groups/owned-a", NULL, 200, .empty = true},
        {"GET", I "/{1}", NULL, 200, .has = {"admin_main", "main-only"}, .lacks = {"owned-a"}},
        {"POST", ACCEPT "{1}", NULL, 200, "anybody:at-all", .has = {"{}"}},
        {"GET", ACCESS "no-tenant", NULL, 200, .has = {"admin_main", "main-only"},
         .lacks = {"owned-a", "gone"}},
        {"GET", I "/{1}", NULL, 200, .has = {"\"status\":\"ACCEPTED\"", "\"acceptedAt\":\""}},
        {"GET", MINE, NULL, 200, "LATER@example.com:Password!234",
         .has = {"\"status\":\"ACCEPTED\"", "\"isExpired\":false"}},
        {"POST", ACCEPT "{1}", NULL, 404, .has = {"Invitation does not exist for id '{1}'"}},
        {"POST", CREATE "{1}", NEWCOMER, .status = 404},
        {"POST", "/api/v1/main/groups", "{\"name\":\"new\"}", 200, "LATER@example.com:Password!234",
         .keep = 3});
}
END_TEST

START_TEST(a_newcomer_accepts) {
    STEPS_RUN({"POST", I,
               "{\"email\":\"new@example.com\",\"superAdmin\":true,\"groups\":[\"main-only\"]}",
               201, .keep = 1},
              {"POST", CREATE "{1}", NEWCOMER, 200, "anybody:at-all", .has = {"{}"}},
              {"GET", "/api/v1/me", NULL, 200, AS_NEWCOMER,
               .has = {"\"firstName\":\"New\",\"lastName\":\"Comer\"", "\"{privilege}\":true",
                       "\"tenants\":[{\"id\":\"main\""}},
              {"GET", "/api/v1/main/groups/main-only/members", NULL, 200, .has = {"new@example"}},
              {"POST", CREATE "{1}", NEWCOMER, .status = 404},
              {"POST", I, "{\"email\":\"second@example.com\"}", 201, .keep = 2},
              {"POST", "/api/v1/users", "{\"email\":\"second@example.com\"}", 201, .keep = 3},
              {"POST", CREATE "{2}", NEWCOMER, 409,
               .has = {"another user has the e-mail address 'second@example.com'"}},
              {"POST", ACCEPT "{2}", NULL, 200, .has = {"{}"}},
              {"GET", ACCESS "{3}", NULL, 200, .has = {"second@example.com"}});
}
END_TEST

START_TEST(a_dump_keeps_invitations) {
    STEPS_RUN({"POST", "/api/v1/main/roles", ROLE("kept"), 200, .keep = 2},
              {"POST", I, INVITE_NOWHERE, 201, .keep = 1},
              {"POST", I, "{\"email\":\"new@example.com\",\"superAdmin\":true}", 201, .keep = 3},
              {"POST", CREATE "{3}", NEWCOMER, 200, .has = {"{}"}});
    const struct http_call search = {.method = "GET", .target = I "/search", .basic = ROOT};
    char *before = session_call(steps_server(), &search, 200);
    const struct http_call get = {
        .method = "GET", .target = "/__admin/kestub/state", .basic = ROOT};
    char *dump = session_call(steps_server(), &get, 200);
    STEPS_RUN({"DELETE", I "/{1}", NULL, 204, .empty = true});
    session_expect(
        steps_server(),
        &(struct http_call){.method = "PUT", .target = "/__admin/kestub/state", .body = dump}, 200);
    char *again = session_call(steps_server(), &get, 200);
    ck_assert_str_eq(again, dump);
    free(again);
    again = session_call(steps_server(), &search, 200);
    ck_assert_str_eq(again, before);
    STEPS_RUN(
        {"POST", CREATE "{3}", NEWCOMER, .status = 404},
        {"POST", CREATE "{1}", NEWCOMER, 200, .has = {"{}"}},
        {"GET", "/api/v1/main/groups/owned-a/members", NULL, 200, .has = {"later@example.com"}});
    free(again);
    free(dump);
    free(before);
}
END_TEST

/* Newer servers do not ask newcomers for anything. */
START_TEST(a_newcomer_needs_no_password) {
    STEPS_RUN({"POST", I, "{\"email\":\"new@example.com\"}", 201, .keep = 1},
              {"POST", CREATE "{1}", "{}", 200, .versions = IN_2_0, .has = {"{}"}},
              {"POST", CREATE "{1}", "{}", 422, .versions = BEFORE_2_0,
               .has = {"createFromInvitation.request.password"}},
              {"GET", "/api/v1/users?q=new", NULL, 200, .versions = IN_2_0,
               .has = {"new@example.com", "\"auths\":[]"}});
}
END_TEST

START_TEST(an_invitation_expires_after_seven_days) {
    STEPS_RUN(
        {"PUT", CLOCK, "{\"now\":\"2026-01-01T00:00:00Z\",\"frozen\":true}", 200, .has = {"true"}},
        {"POST", I, "{\"email\":\"nowhere@example.org\"}", 201,
         .has = {"\"sentAt\":\"2026-01-01T00:00:00Z\",\"expiredAt\":\"2026-01-08T00:00:00Z\""},
         .keep = 1},
        {"PUT", CLOCK, "{\"now\":\"2026-01-07T23:59:59.999Z\"}", 200, .has = {"true"}},
        {"GET", I "/search?status=PENDING", NULL, 200, .has = {"{1}"}},
        {"PUT", CLOCK, "{\"now\":\"2026-01-08T00:00:00Z\"}", 200, .has = {"true"}},
        {"GET", I "/search?status=PENDING", NULL, 200, .has = {"\"total\":0"}},
        {"GET", I "/search?status=EXPIRED", NULL, 200, .has = {"{1}", "\"status\":\"EXPIRED\""}},
        {"POST", CREATE "{1}", NEWCOMER, .status = 404},
        {"POST", ACCEPT "{1}", NULL, .status = 404},
        {"POST", I, "{\"email\":\"nowhere@example.org\"}", 201, .keep = 2},
        {"GET", I "/email/nowhere@example.org", NULL, 200, .order = {"{1}", "{2}"}},
        {"POST", CREATE "{2}", NEWCOMER, 200, .has = {"{}"}});
}
END_TEST

START_TEST(a_tenant_takes_its_invitations_along) {
    STEPS_RUN(
        {"POST", I, "{\"email\":\"new@example.com\",\"groups\":[\"main-only\"]}", 201, .keep = 1},
        {"DELETE", "/api/v1/tenants/main", NULL, 204, .empty = true},
        {"POST", CREATE "{1}", NEWCOMER, .status = 404},
        {"POST", "/api/v1/tenants", "{\"id\":\"main\",\"name\":\"Main\"}", 200, .has = {"main"}},
        {"GET", I "/search", NULL, 200, .has = {"\"total\":0"}});
}
END_TEST

START_TEST(shows_the_caller_only) {
    struct http_call call = {.method = "GET", .target = MINE};
    struct process server;
    steps_expect(&call, 401, NULL);
    /* An empty server has no user that the caller could be. */
    process_start(&server, (const char *const[]){"--fixture", "empty", "--auth", "off", NULL});
    char *body = session_call(&server, &call, 404);
    ck_assert_ptr_nonnull(strstr(body, "User does not exist for id 'anyone'"));
    free(body);
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("invitations");
    TCase *tcase = suite_add(suite, "invitations");
    tcase_add_checked_fixture(tcase, steps_setup, steps_teardown);
    suite_add_rows(tcase, refuses_without_permission_or_tenant, operations);
    tcase_add_test(tcase, refuses_bad_bodies);
    suite_add_rows(tcase, refuses_and_changes_nothing, refused);
    tcase_add_test(tcase, an_invitation_is_found_and_deleted);
    tcase_add_test(tcase, access_is_granted_at_once);
    tcase_add_test(tcase, only_super_admins_invite_super_admins);
    tcase_add_test(tcase, a_user_accepts);
    tcase_add_test(tcase, a_newcomer_accepts);
    tcase_add_test(tcase, a_dump_keeps_invitations);
    tcase_add_test(tcase, a_newcomer_needs_no_password);
    tcase_add_test(tcase, an_invitation_expires_after_seven_days);
    tcase_add_test(tcase, a_tenant_takes_its_invitations_along);
    tcase_add_test(tcase, shows_the_caller_only);
    return suite_run(suite);
}
