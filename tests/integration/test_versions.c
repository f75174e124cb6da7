/* Versions of the server: each sandbox emulates its own, and a client sees what changes from one to
 * the next. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "session.h"
#include "steps.h"
#include "suite.h"

#define SANDBOXES "/__admin/kestub/sandboxes"
#define CONFIGS "/api/v1/configs"

START_TEST(each_sandbox_has_a_version) {
    STEPS_RUN({"PUT", SANDBOXES "/old", "{\"serverVersion\":\"1.3\"}", 201,
               .has = {"{\"name\":\"old\",\"serverVersion\":\"1.3\"}"}},
              {"PUT", SANDBOXES "/new", NULL, 201,
               .has = {"{\"name\":\"new\",\"serverVersion\":\"2.0\"}"}},
              {"PUT", SANDBOXES "/empty", "{\"fixture\":{},\"serverVersion\":\"1.0\"}", 201,
               .has = {"{\"name\":\"empty\",\"serverVersion\":\"1.0\"}"}},
              {"GET", SANDBOXES "/old", NULL, 200,
               .has = {"{\"name\":\"old\",\"serverVersion\":\"1.3\"}"}},
              {"GET", SANDBOXES "/default", NULL, 200,
               .has = {"{\"name\":\"default\",\"serverVersion\":\"2.0\"}"}},
              {"GET", SANDBOXES "/nowhere", NULL, 404, .has = {"there is no such sandbox"}},
              {"GET", SANDBOXES, NULL, 200, .lacks = {"nowhere"}},
              {"POST", "/sandbox/old/__admin/reset", NULL, 200, .has = {"{}"}},
              {"GET", SANDBOXES "/old", NULL, 200, .has = {"\"serverVersion\":\"1.3\""}},
              {"DELETE", SANDBOXES "/old", NULL, 204, .empty = true},
              {"GET", SANDBOXES "/old", NULL, 404, .has = {"\"code\":404"}},
              {"PUT", SANDBOXES "/old", NULL, 201, .has = {"\"serverVersion\":\"2.0\""}});
}
END_TEST

START_TEST(an_unknown_version_is_refused) {
    STEPS_RUN(
        {"PUT", SANDBOXES "/a", "{\"serverVersion\":\"3.0\"}", 422,
         .has = {"\"/serverVersion\"", "must be one of: 1.0, 1.3, 2.0-rc, 2.0"}},
        {"PUT", SANDBOXES "/a", "{\"serverVersion\":null}", 422, .has = {"\"/serverVersion\""}},
        {"PUT", SANDBOXES "/a", "{\"serverVersion\":\"\"}", 422, .has = {"\"/serverVersion\""}},
        {"PUT", SANDBOXES "/a", "{\"serverVersion\":2.0}", 422, .has = {"\"/serverVersion\""}},
        {"GET", SANDBOXES "/a", NULL, 404, .has = {"\"code\":404"}});
}
END_TEST

START_TEST(a_server_has_a_version_for_all) {
    struct process server;
    process_start(&server, (const char *const[]){"--server-version", "1.3", NULL});
    http_expect(
        &server,
        &(struct http_call){.method = "GET", .target = CONFIGS, .basic = ROOT, .version = "1.3"},
        200, "{\"version\":\"1.3.39\"");
    http_expect(&server, &(struct http_call){.method = "PUT", .target = SANDBOXES "/a"}, 201,
                "\"serverVersion\":\"1.3\"");
    http_expect(&server,
                &(struct http_call){.method = "PUT",
                                    .target = SANDBOXES "/b",
                                    .body = "{\"serverVersion\":\"2.0\"}"},
                201, "\"serverVersion\":\"2.0\"");
    http_expect(
        &server,
        &(struct http_call){
            .method = "GET", .target = "/sandbox/b" CONFIGS, .basic = ROOT, .version = "2.0"},
        200, "{\"version\":\"2.0.2\"");
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
}
END_TEST

static const struct {
    const char *name;
    const char *announces;
    const char *has; /* a part of its contract */
    const char *lacks;
} versions[] = {
    {"1.0", "1.0.45", "createApiTokensForUser", "validatePassword"},
    {"1.3", "1.3.39", "validatePassword", "instanceOwner"},
    {"2.0-rc", "2.0.0-rc11", "JsonError", "instanceowner"},
    {"2.0", "2.0.2", "patchUserInstanceOwner", "JsonError"},
};

START_TEST(each_version_tells_its_contract) {
    char body[64];
    char configs[64];
    char announced[64];
    struct http_answer answer;
    snprintf(body, sizeof(body), "{\"serverVersion\":\"%s\"}", versions[_i].name);
    snprintf(announced, sizeof(announced), "{\"version\":\"%s\"", versions[_i].announces);
    snprintf(configs, sizeof(configs), "/sandbox/s%s", CONFIGS);
    http_expect(steps_server(),
                &(struct http_call){.method = "PUT", .target = SANDBOXES "/s", .body = body}, 201,
                NULL);
    http_expect(
        steps_server(),
        &(struct http_call){
            .method = "GET", .target = configs, .basic = ROOT, .version = versions[_i].name},
        200, announced);
    http_send(steps_server(),
              &(struct http_call){.method = "GET",
                                  .target = "/sandbox/s/openapi.yaml",
                                  .version = versions[_i].name},
              &answer);
    ck_assert_int_eq(answer.status, 200);
    ck_assert_ptr_nonnull(strstr(answer.body, versions[_i].has));
    ck_assert_ptr_null(strstr(answer.body, versions[_i].lacks));
    ck_assert_ptr_null(strstr(answer.body, "x-from"));
    ck_assert_ptr_null(strstr(answer.body, "x-as-of"));
    http_answer_deinit(&answer);
}
END_TEST

#define U "/api/v1/users"
#define G "/api/v1/main/groups"
#define A "/api/v1/main/tenant-access"
#define ALL "{\"email\":\"m@x.com\",\"superAdmin\":true,\"groups\":[\"owned-b\",\"owned-a\"]}"

/* What a client of 1.3 does, in this order, and its answers there and in 2.0. NULL: any body. `{1}`
 * is the id of the user that the first call makes. */
static const struct {
    const char *method;
    const char *target;
    const char *body;
    int old_status, new_status;
    const char *old_text, *new_text;
} migration[] = {
    {"POST", U, ALL, 201, 201, "\"superAdmin\":true", "\"instanceOwner\":true"},
    {"GET", U "/{1}", NULL, 200, 200, "\"superAdmin\":true", "\"instanceOwner\":true"},
    {"PATCH", U "/{1}/superadmin", "{\"superAdmin\":false}", 200, 200, "", ""},
    {"PATCH", U "/{1}/instanceowner", "{\"instanceOwner\":false}", 404, 200, "\"message\"", ""},
    {"GET", U "?filters[super_admin][EQUALS]=true", NULL, 200, 400, "\"total\":1}",
     "invalid-query-filters"},
    {"GET", U "?filters[nope][EQUALS]=a", NULL, 422, 400,
     "\"message\":\"Illegal argument: ", "invalid-query-filters"},
    {"GET", U "?size=1001", NULL, 200, 422, "\"total\":9}", "validation-failed"},
    {"GET", G "/search?filters[name][EQUALS]=x", NULL, 200, 200, "\"total\":9}", "\"total\":0}"},
    {"GET", U "/nobody", NULL, 404, 404, "\"message\":\"Not Found: User", "not-found"},
    {"POST", U, "{}", 422, 422, "\"_embedded\":{\"errors\":[", "\"pointer\":\"/email\""},
    {"POST", U, "{\"email\":1}", 422, 422, "\"message\":\"must be a string\"", "invalid-json"},
    {"POST", U, "{\"email\":\"p@x.com\",\"password\":\"Password_1\"}", 422, 201, "must have one of",
     "p@x.com"},
    {"PUT", G "/scim/members/no-tenant", NULL, 200, 404, "\"external\":false", "not-found"},
    {"PUT", A "/no-tenant", NULL, 201, 201, "", ""},
    {"PUT", A "/no-tenant", NULL, 201, 409, "", "entity-already-exists"},
    {"PUT", G "/scim/members/ordinary@example.com", NULL, 404, 200, "\"message\"", "\"ordinary\""},
    {"DELETE", G "/owned-a/members/{1}", NULL, 200, 200, "\"owned-b\"", "\"owned-b\""},
    {"DELETE", G "/owned-b/members/{1}", NULL, 200, 200, "\"groups\":[]", "\"groups\":[]"},
    {"GET", A "/{1}", NULL, 404, 200, "\"message\"", "\"groups\":[]"},
    {"PUT", U "/both", "{\"email\":\"both@example.com\"}", 200, 200, "\"owned-a\"",
     "\"groups\":[{\"id\":\"scim\",\"tenantId\":\"main\"}]"},
    {"GET", "/api/v1/me", NULL, 200, 200, "\"superAdmin\":true", "\"ownedGroups\":[]"},
    {"GET", "/nowhere", NULL, 404, 404, "\"message\"", "not-found"},
};

/* Sends a call of the table to a sandbox. `id` is the new user's there. */
static int send_migrated(size_t row, const char *sandbox, const char *version, char id[SECRET_SIZE],
                         struct http_answer *answer) {
    char target[256];
    const char *hole = strstr(migration[row].target, "{1}");
    int length = hole ? (int)(hole - migration[row].target) : 255;
    snprintf(target, sizeof(target), "/sandbox/%s%.*s%s%s", sandbox, length, migration[row].target,
             hole ? id : "", hole ? hole + 3 : "");
    http_send(steps_server(),
              &(struct http_call){.method = migration[row].method,
                                  .target = target,
                                  .basic = ROOT,
                                  .body = migration[row].body,
                                  .version = version},
              answer);
    if (row == 0)
        session_member(answer->body, "id", id);
    return answer->status;
}

START_TEST(a_migration_shows_what_changes) {
    char old_id[SECRET_SIZE];
    char new_id[SECRET_SIZE];
    STEPS_RUN({"PUT", SANDBOXES "/old", "{\"serverVersion\":\"1.3\"}", 201, .has = {"1.3"}},
              {"PUT", SANDBOXES "/new", "{\"serverVersion\":\"2.0\"}", 201, .has = {"2.0"}});
    for (size_t i = 0; i < sizeof(migration) / sizeof(migration[0]); i++) {
        struct http_answer before;
        struct http_answer after;
        int old_status = send_migrated(i, "old", "1.3", old_id, &before);
        int new_status = send_migrated(i, "new", "2.0", new_id, &after);
        ck_assert_msg(old_status == migration[i].old_status &&
                          strstr(before.body, migration[i].old_text),
                      "call %zu, 1.3: %d %s", i + 1, old_status, before.body);
        ck_assert_msg(new_status == migration[i].new_status &&
                          strstr(after.body, migration[i].new_text),
                      "call %zu, 2.0: %d %s", i + 1, new_status, after.body);
        http_answer_deinit(&before);
        http_answer_deinit(&after);
    }
}
END_TEST

/* The same calls find no difference between two sandboxes of one version. */
START_TEST(a_version_does_not_differ_from_itself) {
    char first_id[SECRET_SIZE];
    char second_id[SECRET_SIZE];
    STEPS_RUN({"PUT", SANDBOXES "/first", "{\"serverVersion\":\"1.3\"}", 201, .has = {"1.3"}},
              {"PUT", SANDBOXES "/second", "{\"serverVersion\":\"1.3\"}", 201, .has = {"1.3"}});
    for (size_t i = 0; i < sizeof(migration) / sizeof(migration[0]); i++) {
        struct http_answer first;
        struct http_answer second;
        ck_assert_int_eq(send_migrated(i, "first", "1.3", first_id, &first),
                         send_migrated(i, "second", "1.3", second_id, &second));
        http_answer_deinit(&first);
        http_answer_deinit(&second);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("versions");
    TCase *tcase = suite_add(suite, "sandboxes");
    tcase_add_checked_fixture(tcase, steps_setup, steps_teardown);
    tcase_add_test(tcase, each_sandbox_has_a_version);
    tcase_add_test(tcase, an_unknown_version_is_refused);
    suite_add_rows(tcase, each_version_tells_its_contract, versions);
    tcase_add_test(tcase, a_migration_shows_what_changes);
    tcase_add_test(tcase, a_version_does_not_differ_from_itself);
    TCase *servers = suite_add(suite, "servers");
    tcase_add_test(servers, a_server_has_a_version_for_all);
    return suite_run(suite);
}
