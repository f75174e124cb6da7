#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "control/fixture.h"
#include "control/sandbox.h"
#include "store/user.h"
#include "suite.h"
#include "util/cleanup.h"

static struct sandbox sandbox;

static void setup(void) {
    char error[STORE_ERROR_SIZE];
    ck_assert_int_ge(sodium_init(), 0);
    ck_assert_int_eq(sandbox_init(&sandbox, NULL, error), 0);
}

static void teardown(void) {
    sandbox_deinit(&sandbox);
}

static int load(const char *text, struct fixture_summary *ret_summary, char *error) {
    return fixture_load(&sandbox.iam, text, strlen(text), 0, ret_summary, error);
}

#define TENANT "\"tenants\":[{\"id\":\"t\",\"groups\":[{\"id\":\"g\",\"name\":\"g\"}]}]"
#define USER(members) "{" TENANT ",\"users\":[{\"email\":\"a@b.c\"," members "}]}"
#define TOKEN "\"name\":\"n\",\"token\":\"0123456789abcdef\""

static const struct {
    const char *text;
    const char *error;
} mistakes[] = {
    {"", "line 1, column 1: unexpected end"},
    {"{\n\"tenants\": [}", "line 2, column 13: unexpected character"},
    {"[]", "$: must be an object"},
    {"{\"tenant\":[]}", "$.tenant: is not known"},
    {"{\"tenants\":{}}", "$.tenants: must be an array"},
    {"{\"tenants\":[{}]}", "$.tenants[0].id: is required"},
    {"{\"tenants\":[{\"id\":\" \"}]}", "$.tenants[0].id: must not be blank"},
    {"{\"tenants\":[{\"id\":\"t\",\"title\":\"T\"}]}", "$.tenants[0].title: is not known"},
    {"{\"tenants\":[{\"id\":\"t\"},{\"id\":\"t\"}]}",
     "$.tenants[1]: 't' is the id of another tenant"},
    {"{\"tenants\":[{\"id\":\"t\",\"groups\":[{\"id\":\"a\",\"name\":\"n\"},{\"id\":\"b\",\"name\":"
     "\"n\"}]}]}",
     "$.tenants[0].groups[1]: 'b' has an id or name that another group of the tenant has"},
    {"{\"users\":[{}]}", "$.users[0].email: is required"},
    {"{\"users\":[{\"email\":\"a\",\"superAdmin\":\"yes\"}]}",
     "$.users[0].superAdmin: must be true or false"},
    {"{\"users\":[{\"email\":\"a@b.c\"},{\"email\":\"A@B.C\"}]}",
     "$.users[1]: 'A@B.C' has an id, e-mail or username that another user has"},
    {USER("\"password\":\"\""), "$.users[0].password: must have 1 characters or more"},
    {USER("\"passwordHash\":\"plain\""),
     "$.users[0]: 'a@b.c' has a passwordHash that is no Argon2id string"},
    {USER("\"password\":\"x\",\"passwordHash\":\"y\""),
     "$.users[0]: 'a@b.c' has both password and passwordHash"},
    {USER("\"tenants\":[\"t\",\"u\"]"),
     "$.users[0].tenants[1]: 'u' is not a tenant of this fixture"},
    {USER("\"groups\":[{\"tenant\":\"t\"}]"), "$.users[0].groups[0].id: is required"},
    {USER("\"groups\":[{\"tenant\":\"u\",\"id\":\"g\"}]"),
     "$.users[0].groups[0]: 'u' is not a tenant of this fixture"},
    {USER("\"groups\":[{\"tenant\":\"t\",\"id\":\"h\"}]"),
     "$.users[0].groups[0]: 'h' is not a group of the tenant"},
    {USER("\"groups\":[{\"tenant\":\"t\",\"id\":\"g\"},{\"tenant\":\"t\",\"id\":\"g\"}]"),
     "$.users[0].groups[1]: 'g' is listed twice"},
    {USER("\"groups\":[{\"tenant\":\"t\",\"id\":\"g\",\"membership\":\"BOSS\"}]"),
     "$.users[0].groups[0].membership: must be one of: MEMBER, OWNER"},
    {USER("\"tokens\":[{\"name\":\"n\",\"token\":\"short\"}]"),
     "$.users[0].tokens[0].token: must have 16 characters or more"},
    {USER("\"tokens\":[{\"name\":\"n\",\"token\":\"0123456789 abcdef\"}]"),
     "$.users[0].tokens[0]: 'n' has a token that no Authorization header can carry"},
    {USER("\"tokens\":[{" TOKEN ",\"expiresAt\":\"tomorrow\"}]"),
     "$.users[0].tokens[0].expiresAt: must be an RFC 3339 date-time with offset"},
    {USER("\"tokens\":[{" TOKEN "},{" TOKEN "}]"),
     "$.users[0].tokens[1]: 'n' has the same token as another"},
    {USER("\"username\":\"a:b\",\"password\":\"x\""),
     "$.users[0]: 'a:b' has a colon, which Basic credentials cannot carry"},
    {USER("\"tokens\":[{\"id\":\"i\"," TOKEN
          "},{\"id\":\"i\",\"name\":\"n\",\"token\":\"fedcba9876543210\"}]"),
     "$.users[0].tokens[1]: 'i' is the id of another token"},
};

START_TEST(refuses_and_says_where) {
    struct fixture_summary summary;
    char error[FIXTURE_ERROR_SIZE] = "";
    ck_assert_int_gt(load(mistakes[_i].text, &summary, error), 0);
    ck_assert_str_eq(error, mistakes[_i].error);
    struct transaction transaction;
    store_begin(sandbox.iam.store, &transaction);
    ck_assert_int_eq(store_find_any(sandbox.iam.store), STORE_NOT_FOUND);
    store_transaction_end(&transaction);
}
END_TEST

START_TEST(loads_what_users_share) {
    static const char *const names[] = {"default", "edge"};
    for (size_t i = 0; i < 2; i++) {
        char path[512];
        char error[FIXTURE_ERROR_SIZE] = "";
        struct fixture_summary summary;
        CLEANUP(cleanup_free) char *text = NULL;
        size_t size;
        struct sandbox fresh;
        snprintf(path, sizeof(path), "%s/%s.json", getenv("KESTUB_FIXTURES"), names[i]);
        ck_assert_int_eq(sandbox_init(&fresh, NULL, error), 0);
        ck_assert_int_eq(fixture_read(path, &text, &size, error), 0);
        ck_assert_msg(fixture_load(&fresh.iam, text, size, 0, &summary, error) == 0, "%s", error);
        ck_assert_str_eq(summary.administrator, "root@root.com");
        ck_assert_str_eq(summary.password, "Root!1234");
        sandbox_deinit(&fresh);
    }
}
END_TEST

START_TEST(fills_in_what_is_left_out) {
    struct fixture_summary summary;
    struct arena arena;
    struct transaction transaction;
    struct user user;
    char error[FIXTURE_ERROR_SIZE];
    ck_assert_int_eq(load("{\"tenants\":[{\"id\":\"t\",\"groups\":[{\"name\":\"g\"}]}],\"users\":[{"
                          "\"email\":\"a@b.c\"}]}",
                          &summary, error),
                     0);
    ck_assert_str_eq(summary.administrator, "");
    arena_init(&arena);
    store_begin(sandbox.iam.store, &transaction);
    ck_assert_int_eq(store_user_find_by_username(sandbox.iam.store, "A@b.c", &arena, &user), 0);
    ck_assert_uint_ge(strlen(user.id), 18);
    ck_assert_str_eq(user.email, "a@b.c");
    ck_assert_ptr_null(user.password_hash);
    ck_assert_ptr_null(user.first_name);
    store_transaction_end(&transaction);
    arena_deinit(&arena);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("fixture");
    TCase *tcase = suite_add(suite, "fixture");
    tcase_add_checked_fixture(tcase, setup, teardown);
    suite_add_rows(tcase, refuses_and_says_where, mistakes);
    tcase_add_test(tcase, loads_what_users_share);
    tcase_add_test(tcase, fills_in_what_is_left_out);
    return suite_run(suite);
}
