/* fixtures/terraform.json: what the provider's acceptance tests read of a server. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http.h"
#include "session.h"
#include "suite.h"

#define ACCOUNT "2EPi5XC0oluKRCVF56gcC"
#define TIMES                                                                                      \
    "\"description\":\"test\",\"prefix\":\"TCAMX5\",\"iat\":\"2024-01-01T00:00:00Z\","             \
    "\"exp\":\"2024-01-02T00:00:00Z\",\"lastUsed\":\"2024-01-01T00:00:00Z\",\"extended\":false"

static struct process server;
static char directory[64];

static void setup(void) {
    char db[96];
    char fixture[512];
    make_directory(directory);
    snprintf(db, sizeof(db), "%s/state.db", directory);
    snprintf(fixture, sizeof(fixture), "%s/terraform.json", getenv("KESTUB_FIXTURES"));
    process_start(&server, (const char *const[]){"--db", db, "--fixture", fixture, NULL});
}

static void teardown(void) {
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
    remove_directory(directory);
}

static const struct {
    const char *path;
    const char *text;
} pieces[] = {
    {"tenants/admin", "\"name\":\"My admin tenants\""},
    {"tenants/unit_test", "\"name\":\"My admin tenants\""},
    {"main/groups/admin",
     "{\"id\":\"admin\",\"name\":\"Group Admin\",\"description\":\"My description\"}"},
    {"users/john", "\"email\":\"john@doe.com\""},
    {"users/john", "\"groups\":[{\"id\":\"admin\",\"tenantId\":\"main\"}]"},
    {"users?filters[q][EQUALS]=john@doe.com&size=100", "\"username\":\"john@doe.com\""},
    {"users/user_with_api_tokens/api-tokens", TIMES},
    {"main/service-accounts/" ACCOUNT,
     "{\"id\":\"" ACCOUNT "\",\"name\":\"test-sa\",\"groups\":[]"},
    {"main/service-accounts/" ACCOUNT "/api-tokens",
     "{\"total\":1,\"results\":[{\"id\":\"2XDKrmqyHDkoGnU11wlj87\",\"name\":\"test\"," TIMES},
    {"main/roles/admin", "\"permissions\":{\"FLOW\":[\"VIEW\",\"LIST\""},
    {"main/roles/search?filters[name][EQUALS]=Admin", "\"id\":\"admin_main\""},
    {"unit_test/roles/admin2", "{\"id\":\"admin2\""},
    {"main/bindings/john",
     "\"role\":{\"id\":\"admin\",\"name\":\"Admin\"},\"user\":{\"id\":\"john\""},
    {"unit_test/bindings/john2", "\"user\":{\"id\":\"john\""},
    {"main/tenant-access/root", "\"username\":\"root@root.com\""},
};

START_TEST(has_every_piece) {
    char target[256];
    snprintf(target, sizeof(target), "/api/v1/%s", pieces[_i].path);
    http_expect(&server, &(struct http_call){.method = "GET", .target = target, .basic = ROOT}, 200,
                pieces[_i].text);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("terraform_fixture");
    TCase *tcase = suite_add(suite, "terraform_fixture");
    tcase_add_checked_fixture(tcase, setup, teardown);
    suite_add_rows(tcase, has_every_piece, pieces);
    return suite_run(suite);
}
