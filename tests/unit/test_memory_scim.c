/* Torture tests of security integrations and SCIM. */
#include "store/integration.h"
#include "store/tenant.h"
#include "torture.h"

#define T "/api/v1/main"
#define INTEGRATIONS T "/security-integrations"
#define SCIM T "/integrations/idp/scim/v2"
#define OPERATIONS(list) "{\"Operations\":[" list "]}"

static void setup(void) {
    torture_setup();
    struct integration integration = {
        .id = "idp", .name = "idp", .description = "d", .enabled = true};
    struct transaction transaction;
    store_begin(sandbox.iam.store, &transaction);
    ck_assert_int_eq(store_tenant_find(sandbox.iam.store, "main", &integration.tenant_pk), 0);
    ck_assert_int_eq(store_start_writing(&transaction), 0);
    ck_assert_int_eq(store_integration_insert(sandbox.iam.store, &integration), 0);
    ck_assert_int_eq(store_commit(&transaction), 0);
}

static const struct torture_call calls[] = {
    {"POST", INTEGRATIONS, "{\"name\":\"a\",\"type\":\"SCIM\",\"description\":\"d\"}",
     .status = 200},
    {"GET", INTEGRATIONS, "", .status = 200},
    {"GET", INTEGRATIONS "/search?sort=name:asc&filters[enabled][EQUALS]=true", "", .status = 200},
    {"POST", INTEGRATIONS "/idp/disable", "", .status = 200},
    {"DELETE", INTEGRATIONS "/idp", "", .status = 200, .again = 404},
    {"GET", SCIM "/Users", "", .status = 200},
    {"GET", SCIM "/Users?filter=emails[value%20co%20%22a%22]&sortBy=userName&attributes=emails", "",
     .status = 200},
    {"GET", SCIM "/Users?filter=userName", "", .status = 400},
    {"POST", SCIM "/Users/.search", "{\"attributes\":[\"name\"],\"filter\":\"active eq true\"}",
     .status = 200},
    {"POST", SCIM "/Users",
     "{\"userName\":\"n@x.y\",\"name\":{\"givenName\":\"N\"},\"emails\":[{\"value\":\"n@x.y\"}],"
     "\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User\":{\"department\":\"D\"}}",
     .status = 201, .again = 409},
    {"POST", SCIM "/Users", "{\"userName\":\"root@root.com\"}", .status = 409},
    {"POST", SCIM "/Users", "{\"userName\":7}", .status = 400},
    {"GET", SCIM "/Users/" ALAN, "", .status = 200},
    {"PUT", SCIM "/Users/" ALAN, "{\"userName\":\"alan\",\"title\":\"Dr\"}", .status = 200},
    {"PATCH", SCIM "/Users/" ALAN,
     OPERATIONS(
         "{\"op\":\"add\",\"path\":\"emails[type eq \\\"work\\\"].value\",\"value\":\"a@b\"},"
         "{\"op\":\"replace\",\"value\":{\"active\":false,\"name\":{\"givenName\":\"A\"}}},"
         "{\"op\":\"remove\",\"path\":\"name.familyName\"}"),
     .status = 204},
    {"PATCH", SCIM "/Users/" ALAN, OPERATIONS("{\"op\":\"add\",\"path\":\"nope\",\"value\":1}"),
     .status = 400},
    {"DELETE", SCIM "/Users/" ALAN, "", .status = 204, .again = 404},
    {"GET", SCIM "/Groups?sortBy=displayName", "", .status = 200},
    {"POST", SCIM "/Groups", "{\"displayName\":\"g\",\"members\":[{\"value\":\"" ALAN "\"}]}",
     .status = 201, .again = 409},
    {"POST", SCIM "/Groups", "{\"displayName\":\"g\",\"members\":[{\"value\":\"nope\"}]}",
     .status = 400},
    {"GET", SCIM "/Groups/" PLATFORM, "", .status = 200},
    {"PUT", SCIM "/Groups/" PLATFORM, "{\"displayName\":\"g\"}", .status = 200},
    {"PATCH", SCIM "/Groups/" PLATFORM,
     OPERATIONS("{\"op\":\"add\",\"path\":\"members\",\"value\":[{\"value\":\"" ALAN "\"}]},"
                "{\"op\":\"remove\",\"path\":\"members\",\"value\":[{\"value\":\"x\"}]}"),
     .status = 204},
    {"DELETE", SCIM "/Groups/" PLATFORM, "", .status = 204, .again = 404},
    {"GET", SCIM "/Schemas", "", .status = 200},
    {"GET", SCIM "/ResourceTypes/User", "", .status = 200},
    {"GET", SCIM "/ServiceProviderConfig", "", .status = 200},
    {"GET", T "/integrations/nope/scim/v2/Users", "", .status = 404},
};

START_TEST(every_allocation_may_fail) {
    bool reached = true;
    int failures = 0;
    for (int n = 1; reached; n++) {
        int status = torture_run(&calls[_i], n, &reached);
        failures += status == 500;
    }
    ck_assert_int_gt(failures, 0);
    ck_assert_int_eq(torture_send("GET", "/api/v1/users?q=n@x.y", ""), 200);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("memory_scim");
    TCase *tcase = suite_add(suite, "calls");
    tcase_add_checked_fixture(tcase, setup, torture_teardown);
    suite_add_rows(tcase, every_allocation_may_fail, calls);
    return suite_run(suite);
}
