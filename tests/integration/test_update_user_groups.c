/* PUT /api/v1/{tenant}/users/{id}/groups: every case of its contract, and what each leaves in the
 * database. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "errors.h"
#include "process.h"
#include "state.h"
#include "suite.h"

#define ORDINARY "ordinary@example.com:Password!234"
#define OWNER "owner@example.com:Password!234"
#define BOTH "/api/v1/main/users/both/groups"
#define BEFORE "owned-a:MEMBER scim:MEMBER* shared-id:OWNER"
#define BEFORE_OTHER "other-only:OWNER shared-id:MEMBER"

static struct process server;
static char directory[64];
static char db[96];

static void start(const char *option, const char *value) {
    char fixture[512];
    make_directory(directory);
    snprintf(db, sizeof(db), "%s/state.db", directory);
    snprintf(fixture, sizeof(fixture), "%s/edge.json", getenv("KESTUB_FIXTURES"));
    process_start(&server,
                  (const char *const[]){"--db", db, "--fixture", fixture, option, value, NULL});
}

static void setup(void) {
    start(NULL, NULL);
}

static void teardown(void) {
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
    remove_directory(directory);
}

/* A call, the answer it must get, and the groups that the user `both` must have afterwards in the
 * tenant `main`. */
struct row {
    const char *name;
    struct http_call call;
    int status;
    const char *body;  /* a part of the body, or NULL */
    const char *after; /* NULL: unchanged, so BEFORE */
};

static void check_row(const struct row *row) {
    struct http_answer answer;
    struct http_call call = row->call;
    if (!call.method)
        call.method = "PUT";
    if (!call.target)
        call.target = BOTH;
    http_send(&server, &call, &answer);
    ck_assert_msg(answer.status == row->status, "%s: status %d instead of %d: %s", row->name,
                  answer.status, row->status, answer.body);
    ck_assert_msg(!row->body || strstr(answer.body, row->body), "%s: no '%s' in %s", row->name,
                  row->body, answer.body);
    if (row->status == 204)
        ck_assert_msg(answer.body_size == 0, "%s: has a body: %s", row->name, answer.body);
    errors_check(row->status, NULL, &answer);
    char *groups = state_groups(db, "both", "main");
    ck_assert_msg(strcmp(groups, row->after ? row->after : BEFORE) == 0, "%s: groups are '%s'",
                  row->name, groups);
    free(groups);
    http_answer_deinit(&answer);
}

#define EMPTY "{\"groupIds\":[]}"
#define ONE "{\"groupIds\":[\"main-only\"]}"
#define AS_ROOT .basic = ROOT, .header = JSON

static const struct row unauthorized[] = {
    {"no credentials", {.header = JSON, .body = EMPTY}, 401, NULL, NULL},
    {"wrong password",
     {.basic = "root@root.com:wrong", .header = JSON, .body = EMPTY},
     401,
     NULL,
     NULL},
    {"unknown user", {.basic = "nobody@x.com:Root!1234", .body = EMPTY}, 401, NULL, NULL},
    {"user without a password", {.basic = "both@example.com:", .body = EMPTY}, 401, NULL, NULL},
    {"empty user", {.basic = ":Root!1234", .body = EMPTY}, 401, NULL, NULL},
    {"unknown token",
     {.bearer = "VALID0-token-of-root-012345678X", .body = EMPTY},
     401,
     NULL,
     NULL},
    {"prefix of a token", {.bearer = "VALID0", .body = EMPTY}, 401, NULL, NULL},
    {"short token", {.bearer = "V", .body = EMPTY}, 401, NULL, NULL},
    {"expired token",
     {.bearer = "EXPIRE-token-of-root-0123456789", .body = EMPTY},
     401,
     NULL,
     NULL},
    {"unknown scheme", {.header = "Authorization: Digest abc", .body = EMPTY}, 401, NULL, NULL},
    {"no scheme",
     {.header = "Authorization: cm9vdEByb290LmNvbTpSb290ITEyMzQ=", .body = EMPTY},
     401,
     NULL,
     NULL},
    {"not base64", {.header = "Authorization: Basic !!!!", .body = EMPTY}, 401, NULL, NULL},
    {"no colon", {.header = "Authorization: Basic cm9vdA==", .body = EMPTY}, 401, NULL, NULL},
    {"a NUL in the name",
     {.header = "Authorization: Basic cm9vdABAcm9vdC5jb206UA==", .body = EMPTY},
     401,
     NULL,
     NULL},
    {"not UTF-8", {.header = "Authorization: Basic //86eA==", .body = EMPTY}, 401, NULL, NULL},
    {"nothing after Bearer", {.header = "Authorization: Bearer ", .body = EMPTY}, 401, NULL, NULL},
    {"two headers",
     {.header = "Authorization: Bearer VALID0-token-of-root-0123456789",
      .header2 = "Authorization: Bearer VALID0-token-of-root-0123456789",
      .body = EMPTY},
     401,
     NULL,
     NULL},
    {"checks the credentials before all else",
     {.target = "/api/v1/nowhere/users/x/groups",
      .header = "Content-Type: text/plain",
      .body = "x"},
     401,
     NULL,
     NULL},
};

START_TEST(refuses_bad_credentials) {
    struct http_answer answer;
    check_row(&unauthorized[_i]);
    http_send(&server, &(struct http_call){.method = "PUT", .target = BOTH}, &answer);
    ck_assert_str_eq(http_header(&answer, "WWW-Authenticate"), "Basic realm=\"Kestra\"");
    http_answer_deinit(&answer);
}
END_TEST

static const struct row forbidden[] = {
    {"unknown tenant, administrator",
     {AS_ROOT, .target = "/api/v1/nowhere/users/both/groups", .body = EMPTY},
     404,
     "Tenant does not exist for id 'nowhere'",
     NULL},
    {"unknown tenant, ordinary user",
     {.basic = ORDINARY, .target = "/api/v1/nowhere/users/both/groups", .body = EMPTY},
     403,
     NULL,
     NULL},
    {"tenant that the caller has no access to",
     {.basic = OWNER, .target = "/api/v1/other/users/both/groups", .body = EMPTY},
     403,
     NULL,
     NULL},
    {"no permission", {.basic = ORDINARY, .body = EMPTY}, 403, NULL, NULL},
    {"no permission, with a token",
     {.bearer = "ORDINA-token-0123456789", .body = EMPTY},
     403,
     NULL,
     NULL},
    {"checks the permission before the body",
     {.basic = ORDINARY, .header = "Content-Type: text/plain", .body = "x"},
     403,
     NULL,
     NULL},
    {"owner adds a group that is not owned",
     {.basic = OWNER, .body = "{\"groupIds\":[\"owned-a\",\"shared-id\",\"main-only\"]}"},
     403,
     "you do not own every group that would change",
     NULL},
    {"owner removes a group that is not owned",
     {.basic = OWNER, .body = "{\"groupIds\":[\"owned-a\",\"owned-b\"]}"},
     403,
     NULL,
     NULL},
};

START_TEST(refuses_callers_without_permission) {
    check_row(&forbidden[_i]);
}
END_TEST

static const struct row payloads[] = {
    {"text", {.basic = ROOT, .header = "Content-Type: text/plain", .body = EMPTY}, 415, NULL, NULL},
    {"form",
     {.basic = ROOT, .header = "Content-Type: application/x-www-form-urlencoded", .body = EMPTY},
     415,
     NULL,
     NULL},
    {"nearly JSON",
     {.basic = ROOT, .header = "Content-Type: application/jsonx", .body = EMPTY},
     415,
     NULL,
     NULL},
    {"empty", {AS_ROOT}, 400, "\"path\":\"updateUserGroups.request\"", NULL},
    {"broken", {AS_ROOT, .body = "{\"groupIds\":["}, 400, "Invalid request payload", NULL},
    {"broken, with its place",
     {AS_ROOT, .body = "{\n \"groupIds\": [}"},
     400,
     "invalid JSON at line 2, column 15: unexpected character",
     NULL},
    {"trailing garbage", {AS_ROOT, .body = ONE "x"}, 400, "unexpected text after the value", NULL},
    {"two values", {AS_ROOT, .body = ONE ONE}, 400, NULL, NULL},
    {"blanks only", {AS_ROOT, .body = " \n"}, 400, "unexpected end", NULL},
    {"single quotes", {AS_ROOT, .body = "{'groupIds':[]}"}, 400, NULL, NULL},
    {"trailing comma", {AS_ROOT, .body = "{\"groupIds\":[],}"}, 400, NULL, NULL},
    {"raw control character",
     {AS_ROOT, .body = "{\"groupIds\":[\"a\nb\"]}"},
     400,
     "control character",
     NULL},
    {"invalid UTF-8", {AS_ROOT, .body = "{\"groupIds\":[\"\xff\"]}"}, 400, "invalid UTF-8", NULL},
    {"overlong UTF-8",
     {AS_ROOT, .body = "{\"groupIds\":[\"\xc0\xaf\"]}"},
     400,
     "invalid UTF-8",
     NULL},
    {"NUL in an id",
     {AS_ROOT, .body = "{\"groupIds\":[\"main-only\\u0000x\"]}"},
     400,
     "NUL is not allowed",
     NULL},
    {"raw NUL", {AS_ROOT, .body = "{\"groupIds\":[]}\0", .body_size = 16}, 400, NULL, NULL},
    {"lone surrogate",
     {AS_ROOT, .body = "{\"groupIds\":[\"\\ud800\"]}"},
     400,
     "unpaired surrogate",
     NULL},
    {"array", {AS_ROOT, .body = "[]"}, 400, "must be an object", NULL},
    {"string", {AS_ROOT, .body = "\"x\""}, 400, "must be an object", NULL},
    {"null", {AS_ROOT, .body = "null"}, 400, "must be an object", NULL},
    {"groupIds missing",
     {AS_ROOT, .body = "{}"},
     400,
     "\"path\":\"updateUserGroups.request.groupIds\"",
     NULL},
    {"groupIds null", {AS_ROOT, .body = "{\"groupIds\":null}"}, 400, "must not be null", NULL},
    {"groupIds in another case",
     {AS_ROOT, .body = "{\"GROUPIDS\":[]}"},
     400,
     "must not be null",
     NULL},
    {"groupIds a string",
     {AS_ROOT, .body = "{\"groupIds\":\"main-only\"}"},
     400,
     "must be an array",
     NULL},
    {"groupIds an object", {AS_ROOT, .body = "{\"groupIds\":{}}"}, 400, "must be an array", NULL},
    {"an element is a number",
     {AS_ROOT, .body = "{\"groupIds\":[\"main-only\",1]}"},
     400,
     "\"path\":\"updateUserGroups.request.groupIds[1]\"",
     NULL},
    {"an element is null",
     {AS_ROOT, .body = "{\"groupIds\":[null]}"},
     400,
     "must be a string",
     NULL},
    {"an element is empty",
     {AS_ROOT, .body = "{\"groupIds\":[\"\"]}"},
     400,
     "must not be blank",
     NULL},
    {"an element is blank",
     {AS_ROOT, .body = "{\"groupIds\":[\" \\t\"]}"},
     400,
     "must not be blank",
     NULL},
    {"checks the body before the user",
     {AS_ROOT, .target = "/api/v1/main/users/nobody/groups", .body = "{}"},
     400,
     NULL,
     NULL},
};

START_TEST(refuses_bad_payloads) {
    check_row(&payloads[_i]);
}
END_TEST

static const struct row unknown[] = {
    {"unknown user",
     {AS_ROOT, .target = "/api/v1/main/users/nobody/groups", .body = ONE},
     404,
     "User does not exist for id 'nobody'",
     NULL},
    {"checks the user before the groups",
     {AS_ROOT, .target = "/api/v1/main/users/nobody/groups", .body = "{\"groupIds\":[\"nope\"]}"},
     404,
     "User does not exist",
     NULL},
    {"user's id in another case",
     {AS_ROOT, .target = "/api/v1/main/users/BOTH/groups", .body = ONE},
     404,
     NULL,
     NULL},
    {"username instead of id",
     {AS_ROOT, .target = "/api/v1/main/users/both@example.com/groups", .body = ONE},
     404,
     NULL,
     NULL},
    {"user of another tenant",
     {AS_ROOT, .target = "/api/v1/main/users/other-tenant/groups", .body = ONE},
     404,
     "User does not exist for id 'other-tenant'",
     NULL},
    {"user without any tenant",
     {AS_ROOT, .target = "/api/v1/main/users/no-tenant/groups", .body = EMPTY},
     404,
     NULL,
     NULL},
    {"unknown group",
     {AS_ROOT, .body = "{\"groupIds\":[\"main-only\",\"nope\"]}"},
     404,
     "Group does not exist for id 'nope'",
     NULL},
    {"unknown groups",
     {AS_ROOT, .body = "{\"groupIds\":[\"n1\",\"main-only\",\"n2\"]}"},
     404,
     "Groups do not exist for ids 'n1', 'n2'",
     NULL},
    {"group of another tenant",
     {AS_ROOT, .body = "{\"groupIds\":[\"other-only\"]}"},
     404,
     "Group does not exist for id 'other-only'",
     NULL},
    {"group's name instead of id",
     {AS_ROOT, .body = "{\"groupIds\":[\"only in main\"]}"},
     404,
     NULL,
     NULL},
    {"quotes in the error",
     {AS_ROOT, .body = "{\"groupIds\":[\"a\\\"b\"]}"},
     404,
     "id 'a\\\"b'",
     NULL},
};

START_TEST(names_what_is_unknown) {
    check_row(&unknown[_i]);
}
END_TEST

static const struct row without_type[] = {
    {"refused", {.basic = ROOT, .header = "Content-Type:", .body = ONE}, 415, NULL, NULL},
    {"taken for JSON",
     {.basic = ROOT, .header = "Content-Type:", .body = ONE},
     204,
     NULL,
     "main-only:MEMBER scim:MEMBER*"},
};

START_TEST(a_body_needs_a_content_type) {
    check_row(&without_type[version_under_test()->needs_content_type ? 0 : 1]);
}
END_TEST

static const struct row accepted[] = {
    {"replaces", {AS_ROOT, .body = ONE}, 204, NULL, "main-only:MEMBER scim:MEMBER*"},
    {"keeps the kind",
     {AS_ROOT, .body = "{\"groupIds\":[\"main-only\",\"shared-id\"]}"},
     204,
     NULL,
     "main-only:MEMBER scim:MEMBER* shared-id:OWNER"},
    {"changes nothing",
     {AS_ROOT, .body = "{\"groupIds\":[\"shared-id\",\"owned-a\"]}"},
     204,
     NULL,
     BEFORE},
    {"empty list", {AS_ROOT, .body = EMPTY}, 204, NULL, "scim:MEMBER*"},
    {"duplicates",
     {AS_ROOT, .body = "{\"groupIds\":[\"main-only\",\"owned-a\",\"main-only\",\"owned-a\"]}"},
     204,
     NULL,
     "main-only:MEMBER owned-a:MEMBER scim:MEMBER*"},
    {"lists an external group",
     {AS_ROOT, .body = "{\"groupIds\":[\"scim\"]}"},
     204,
     NULL,
     "scim:MEMBER*"},
    {"unknown members",
     {AS_ROOT, .body = "{\"username\":7,\"groupIds\":[\"main-only\"],\"x\":{\"groupIds\":1}}"},
     204,
     NULL,
     "main-only:MEMBER scim:MEMBER*"},
    {"the last of two members counts",
     {AS_ROOT, .body = "{\"groupIds\":[\"owned-b\"],\"groupIds\":[\"main-only\"]}"},
     204,
     NULL,
     "main-only:MEMBER scim:MEMBER*"},
    {"charset",
     {.basic = ROOT, .header = "Content-Type: Application/JSON ; charset=utf-8", .body = ONE},
     204,
     NULL,
     "main-only:MEMBER scim:MEMBER*"},
    {"byte order mark",
     {AS_ROOT, .body = "\xef\xbb\xbf" ONE},
     204,
     NULL,
     "main-only:MEMBER scim:MEMBER*"},
    {"chunked",
     {AS_ROOT, .body = ONE, .chunked = true},
     204,
     NULL,
     "main-only:MEMBER scim:MEMBER*"},
    {"bearer",
     {.bearer = "VALID0-token-of-root-0123456789", .header = JSON, .body = ONE},
     204,
     NULL,
     "main-only:MEMBER scim:MEMBER*"},
    {"bearer with an equal prefix",
     {.bearer = "VALID0-another-token-9876543210", .body = ONE},
     204,
     NULL,
     "main-only:MEMBER scim:MEMBER*"},
    {"username in another case",
     {.basic = "ROOT@Root.COM:Root!1234", .body = ONE},
     204,
     NULL,
     "main-only:MEMBER scim:MEMBER*"},
    {"scheme in another case",
     {.header = "Authorization: bASIC cm9vdEByb290LmNvbTpSb290ITEyMzQ=", .body = ONE},
     204,
     NULL,
     "main-only:MEMBER scim:MEMBER*"},
    {"caller owns all groups that change",
     {.basic = OWNER, .body = "{\"groupIds\":[\"shared-id\",\"owned-b\"]}"},
     204,
     NULL,
     "owned-b:MEMBER scim:MEMBER* shared-id:OWNER"},
    {"odd ids",
     {AS_ROOT,
      .body = "{\"groupIds\":[\"with/slash\",\"\\u65e5本語\",\"pünkt%2F?#&=+\",\"with space\"]}"},
     204,
     NULL,
     "pünkt%2F?#&=+:MEMBER scim:MEMBER* with space:MEMBER with/slash:MEMBER 日本語:MEMBER"},
    {"query is ignored",
     {AS_ROOT, .target = BOTH "?x=1", .body = ONE},
     204,
     NULL,
     "main-only:MEMBER scim:MEMBER*"},
    {"each tenant has its own list",
     {AS_ROOT, .target = "/api/v1/other/users/both/groups", .body = EMPTY},
     204,
     NULL,
     BEFORE},
};

START_TEST(sets_exactly_the_groups) {
    check_row(&accepted[_i]);
    if (!accepted[_i].call.target || strstr(accepted[_i].call.target, "/main/")) {
        char *groups = state_groups(db, "both", "other");
        ck_assert_str_eq(groups, BEFORE_OTHER);
        free(groups);
    }
    char *access = state_query(db, "SELECT count(*) FROM tenant_access a JOIN users u "
                                   "ON u.pk = a.user_pk WHERE u.id = 'both'");
    ck_assert_str_eq(access, "2");
    free(access);
}
END_TEST

/* Groups that the user keeps move to where the request lists them. */
static const struct {
    const char *ids;
    const char *listed[4];
} orders[] = {
    {"\"shared-id\",\"owned-a\"", {"shared-id", "owned-a"}},
    {"\"main-only\",\"owned-a\",\"shared-id\"", {"main-only", "owned-a", "shared-id"}},
    {"\"scim\",\"shared-id\",\"main-only\"", {"scim", "shared-id", "main-only"}},
    {"\"main-only\",\"scim\",\"main-only\"", {"main-only", "scim"}},
};

START_TEST(keeps_the_order_of_the_request) {
    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        char body[128];
        struct http_answer answer;
        snprintf(body, sizeof(body), "{\"groupIds\":[%s]}", orders[i].ids);
        http_expect(&server,
                    &(struct http_call){.method = "PUT", .target = BOTH, AS_ROOT, .body = body},
                    204, NULL);
        http_send(
            &server,
            &(struct http_call){.method = "GET", .target = "/api/v1/users/both", .basic = ROOT},
            &answer);
        const char *at = strstr(answer.body, "\"groups\":[");
        for (size_t g = 0; g < 4 && orders[i].listed[g]; g++) {
            char group[96];
            snprintf(group, sizeof(group), "{\"id\":\"%s\",\"tenantId\":\"main\"}",
                     orders[i].listed[g]);
            at = at ? strstr(at, group) : NULL;
            ck_assert_msg(at, "%s: %s is not number %zu: %s", body, group, g + 1, answer.body);
        }
        http_answer_deinit(&answer);
    }
}
END_TEST

static const struct {
    const char *target;
    const char *user;
} odd_users[] = {
    {"/api/v1/main/users/a%2Fb%20c%25%3F%23%C3%A9/groups", "a/b c%?#é"},
    {"/api/v1/main/users/a%2fb%20c%25%3f%23%c3%a9/groups", "a/b c%?#é"},
    {"/api/v1/main/users/%E6%97%A5%E6%9C%AC/groups", "日本"},
};

START_TEST(accepts_any_user_id) {
    struct http_answer answer;
    http_send(
        &server,
        &(struct http_call){.method = "PUT", .target = odd_users[_i].target, AS_ROOT, .body = ONE},
        &answer);
    ck_assert_msg(answer.status == 204, "%d %s", answer.status, answer.body);
    char *groups = state_groups(db, odd_users[_i].user, "main");
    ck_assert_str_eq(groups, "main-only:MEMBER");
    free(groups);
    http_answer_deinit(&answer);
}
END_TEST

START_TEST(refuses_a_body_over_the_limit) {
    const size_t size = 1024 * 1024 + 1;
    char *body = malloc(size + 1);
    ck_assert_ptr_nonnull(body);
    memset(body, ' ', size);
    body[size] = '\0';
    memcpy(body, ONE, strlen(ONE));
    check_row(&(struct row){"at the limit",
                            {AS_ROOT, .body = body, .body_size = size - 1},
                            204,
                            NULL,
                            "main-only:MEMBER scim:MEMBER*"});
    const struct row over[] = {
        {"too large",
         {AS_ROOT, .body = body, .body_size = size},
         413,
         "1048576 bytes",
         "main-only:MEMBER scim:MEMBER*"},
        {"too large and chunked",
         {AS_ROOT, .body = body, .body_size = size, .chunked = true},
         413,
         "1048576 bytes",
         "main-only:MEMBER scim:MEMBER*"},
        {"checks the media type first",
         {.basic = ROOT, .header = "Content-Type: text/plain", .body = body, .body_size = size},
         415,
         NULL,
         "main-only:MEMBER scim:MEMBER*"},
        {"checks the credentials first",
         {.header = JSON, .body = body, .body_size = size},
         401,
         NULL,
         "main-only:MEMBER scim:MEMBER*"},
    };
    for (size_t i = 0; i < sizeof(over) / sizeof(over[0]); i++)
        check_row(&over[i]);
    free(body);
}
END_TEST

START_TEST(limits_the_depth_of_the_body) {
    static char body[400];
    strcpy(body, "{\"groupIds\":[],\"x\":");
    memset(body + strlen(body), '[', 100);
    memset(body + strlen(body), ']', 100);
    strcat(body, "}");
    check_row(&(struct row){"too deep", {AS_ROOT, .body = body}, 400, "nested too deeply", NULL});
}
END_TEST

START_TEST(missing_groups_clear_on_demand) {
    start("--missing-groups", "clear");
    check_row(
        &(struct row){"null", {AS_ROOT, .body = "{\"groupIds\":null}"}, 204, NULL, "scim:MEMBER*"});
    check_row(&(struct row){
        "not an array", {AS_ROOT, .body = "{\"groupIds\":1}"}, 400, NULL, "scim:MEMBER*"});
    check_row(
        &(struct row){"one", {AS_ROOT, .body = ONE}, 204, NULL, "main-only:MEMBER scim:MEMBER*"});
    check_row(&(struct row){"missing", {AS_ROOT, .body = "{}"}, 204, NULL, "scim:MEMBER*"});
    teardown();
}
END_TEST

START_TEST(auth_any_accepts_any_credentials) {
    start("--auth", "any");
    check_row(&(struct row){
        "anyone", {.basic = "x:y", .body = ONE}, 204, NULL, "main-only:MEMBER scim:MEMBER*"});
    check_row(
        &(struct row){"any token", {.bearer = "t", .body = EMPTY}, 204, NULL, "scim:MEMBER*"});
    check_row(&(struct row){
        "malformed", {.header = "Authorization: Basic !", .body = ONE}, 401, NULL, "scim:MEMBER*"});
    check_row(&(struct row){"none", {.body = ONE}, 401, NULL, "scim:MEMBER*"});
    teardown();
}
END_TEST

START_TEST(auth_off_needs_no_credentials) {
    start("--auth", "off");
    check_row(&(struct row){"none", {.body = ONE}, 204, NULL, "main-only:MEMBER scim:MEMBER*"});
    check_row(&(struct row){
        "malformed", {.header = "Authorization: x", .body = EMPTY}, 204, NULL, "scim:MEMBER*"});
    teardown();
}
END_TEST

int main(void) {
    Suite *suite = suite_create("update_user_groups");
    TCase *rows = suite_add(suite, "rows");
    tcase_add_checked_fixture(rows, setup, teardown);
    suite_add_rows(rows, refuses_bad_credentials, unauthorized);
    suite_add_rows(rows, refuses_callers_without_permission, forbidden);
    suite_add_rows(rows, refuses_bad_payloads, payloads);
    suite_add_rows(rows, names_what_is_unknown, unknown);
    suite_add_rows(rows, sets_exactly_the_groups, accepted);
    suite_add_rows(rows, accepts_any_user_id, odd_users);
    tcase_add_test(rows, a_body_needs_a_content_type);
    tcase_add_test(rows, keeps_the_order_of_the_request);
    tcase_add_test(rows, refuses_a_body_over_the_limit);
    tcase_add_test(rows, limits_the_depth_of_the_body);
    TCase *options = suite_add(suite, "options");
    tcase_add_test(options, missing_groups_clear_on_demand);
    tcase_add_test(options, auth_any_accepts_any_credentials);
    tcase_add_test(options, auth_off_needs_no_credentials);
    return suite_run(suite);
}
