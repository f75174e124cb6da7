/* /api/v1/{tenant}/integrations/{integration}/scim/v2. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session.h"
#include "steps.h"
#include "suite.h"

#define T "/api/v1/main"
#define B T "/integrations/{1}/scim/v2"
#define NEW "{\"name\":\"idp\",\"type\":\"SCIM\",\"description\":\"d\"}"
#define SCIM_JSON "Content-Type: application/scim+json"
#define PATCH(operations)                                                                          \
    "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"],\"Operations\":[" operations \
    "]}"
#define ERROR "\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:Error\"]"
#define ENTERPRISE "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

/* Makes an integration, whose id is {1}. */
static void integrate(void) {
    STEPS_RUN({"POST", T "/security-integrations", NEW, 200, .keep = 1});
}

static void setup(void) {
    steps_setup();
    integrate();
}

/* Every operation, with a call that would succeed. */
static const struct {
    const char *method;
    const char *path;
    const char *body; /* NULL: it takes no body */
    bool is_open;     /* to all who have access to the tenant */
} operations[] = {
    {"GET", "/Users", NULL, false},
    {"POST", "/Users", "{\"userName\":\"new@example.com\"}", false},
    {"POST", "/Users/.search", "{}", false},
    {"GET", "/Users/both", NULL, false},
    {"PUT", "/Users/both", "{\"userName\":\"both@example.com\"}", false},
    {"PATCH", "/Users/both", PATCH("{\"op\":\"add\",\"path\":\"title\",\"value\":\"x\"}"), false},
    {"DELETE", "/Users/both", NULL, false},
    {"GET", "/Groups", NULL, false},
    {"POST", "/Groups", "{\"displayName\":\"new\"}", false},
    {"POST", "/Groups/.search", "{}", false},
    {"GET", "/Groups/scim", NULL, false},
    {"PUT", "/Groups/scim", "{\"displayName\":\"x\"}", false},
    {"PATCH", "/Groups/scim", PATCH("{\"op\":\"remove\",\"path\":\"members\"}"), false},
    {"DELETE", "/Groups/scim", NULL, false},
    {"GET", "/ResourceTypes", NULL, true},
    {"GET", "/ResourceTypes/User", NULL, true},
    {"GET", "/Schemas", NULL, true},
    {"GET", "/Schemas/urn%3Aietf%3Aparams%3Ascim%3Aschemas%3Acore%3A2.0%3AUser", NULL, true},
    {"GET", "/ServiceProviderConfig", NULL, true},
};

START_TEST(refuses_in_its_own_form) {
    char path[256];
    char nowhere[256];
    char unknown[256];
    const char *tail = operations[_i].path;
    snprintf(path, sizeof(path), T "/integrations/%s/scim/v2%s", steps_kept(1), tail);
    snprintf(nowhere, sizeof(nowhere), "/api/v1/nowhere/integrations/%s/scim/v2%s", steps_kept(1),
             tail);
    snprintf(unknown, sizeof(unknown), T "/integrations/nope/scim/v2%s", tail);
    struct http_call call = {
        .method = operations[_i].method, .target = path, .body = operations[_i].body};
    steps_expect(&call, 401, "{" ERROR ",\"status\":\"401\"");
    call.basic = "elsewhere@example.com:Password!234";
    steps_expect(&call, 403, "{" ERROR ",\"status\":\"403\"");
    call.basic = ORDINARY;
    steps_expect(&call, operations[_i].is_open ? 200 : 403, NULL);
    call.basic = ROOT;
    call.target = nowhere;
    steps_expect(&call, 404, "Tenant does not exist for id 'nowhere'");
    call.target = unknown;
    steps_expect(&call, 404, "Integration does not exist for id 'nope'");
}
END_TEST

START_TEST(refuses_bad_bodies) {
    char path[256];
    snprintf(path, sizeof(path), T "/integrations/%s/scim/v2%s", steps_kept(1),
             operations[_i].path);
    struct http_call call = {.method = operations[_i].method,
                             .target = path,
                             .basic = ROOT,
                             .header = "Content-Type: text/plain",
                             .body = operations[_i].body};
    if (!call.body)
        return;
    steps_expect(&call, 415, "{" ERROR ",\"status\":\"415\"");
    call.header = SCIM_JSON "; charset=utf-8";
    call.body = "{";
    steps_refuse(&call, 400, "invalidSyntax");
    call.body = "[]";
    steps_refuse(&call, 400, "invalidSyntax");
    call.body = NULL;
    steps_refuse(&call, 400, "invalidSyntax");
    call.body = steps_too_large();
    call.body_size = steps_too_large_size;
    steps_expect(&call, 413, "\"status\":\"413\"");
}
END_TEST

START_TEST(takes_both_media_types) {
    char path[256];
    snprintf(path, sizeof(path), T "/integrations/%s/scim/v2%s", steps_kept(1),
             operations[_i].path);
    struct http_call call = {.method = operations[_i].method,
                             .target = path,
                             .basic = ROOT,
                             .header = SCIM_JSON,
                             .body = operations[_i].body};
    struct http_answer answer;
    http_send(steps_server(), &call, &answer);
    ck_assert_msg(answer.status >= 200 && answer.status < 300, "%d: %s", answer.status,
                  answer.body);
    if (answer.body_size > 0)
        ck_assert_str_eq(http_header(&answer, "Content-Type"), "application/scim+json");
    http_answer_deinit(&answer);
}
END_TEST

static const struct step rows[] = {
    {"GET", B "/Users/nobody", NULL, 404, .has = {"User does not exist for id 'nobody'"}},
    {"GET", B "/Users/other-tenant", NULL, .status = 404},
    {"PUT", B "/Users/nobody", "{\"userName\":\"x\"}", .status = 404},
    {"PATCH", B "/Users/nobody", PATCH("{\"op\":\"remove\",\"path\":\"title\"}"), .status = 404},
    {"DELETE", B "/Users/nobody", NULL, .status = 404},
    {"GET", B "/Groups/other-only", NULL, 404, .has = {"Group does not exist"}},
    {"PUT", B "/Groups/nope", "{\"displayName\":\"x\"}", .status = 404},
    {"PATCH", B "/Groups/nope", PATCH("{\"op\":\"remove\",\"path\":\"members\"}"), .status = 404},
    {"DELETE", B "/Groups/nope", NULL, .status = 404},
    {"GET", B "/ResourceTypes/Nope", NULL, .status = 404},
    {"GET", B "/Schemas/urn:nope", NULL, .status = 404},
    {"POST", B "/Users", "{}", 400, .type = "invalidValue", .has = {"userName is required"}},
    {"POST", B "/Users", "{\"userName\":\"x\",\"active\":7}", 400, .type = "invalidValue"},
    {"POST", B "/Users", "{\"userName\":\"BOTH@example.com\"}", 409, .type = "uniqueness"},
    {"POST", B "/Users", "{\"userName\":\"x\",\"emails\":[{\"value\":\"both@example.com\"}]}", 409,
     .type = "uniqueness"},
    {"PUT", B "/Users/both", "{\"userName\":\"root@root.com\"}", 409, .type = "uniqueness"},
    {"PUT", B "/Users/both", "{\"name\":{}}", 400, .type = "invalidValue"},
    {"PATCH", B "/Users/both",
     PATCH("{\"op\":\"replace\",\"path\":\"userName\",\"value\":\"root@root.com\"}"), 409,
     .type = "uniqueness"},
    {"PATCH", B "/Users/both", PATCH("{\"op\":\"replace\",\"path\":\"userName\",\"value\":\" \"}"),
     400, .type = "invalidValue"},
    {"PATCH", B "/Users/both", PATCH("{\"op\":\"replace\",\"path\":\"id\",\"value\":\"x\"}"), 400,
     .type = "mutability"},
    {"PATCH", B "/Users/both", PATCH("{\"op\":\"remove\"}"), 400, .type = "noTarget"},
    {"PATCH", B "/Users/both", PATCH("{\"op\":\"add\",\"path\":\"nope\",\"value\":\"x\"}"), 400,
     .type = "invalidPath"},
    {"PATCH", B "/Users/both", PATCH("{\"op\":\"add\",\"path\":\"emails[nope]\",\"value\":\"x\"}"),
     400, .type = "invalidFilter"},
    {"POST", B "/Groups", "{}", 400, .type = "invalidValue"},
    {"POST", B "/Groups", "{\"displayName\":\"owned a\"}", 409, .type = "uniqueness"},
    {"PUT", B "/Groups/scim", "{\"displayName\":\"owned a\"}", 409, .type = "uniqueness"},
    {"PATCH", B "/Groups/scim",
     PATCH("{\"op\":\"replace\",\"value\":{\"displayName\":\"owned a\"}}"), 409,
     .type = "uniqueness"},
    {"POST", B "/Groups", "{\"displayName\":\"x\",\"members\":[{\"value\":\"nobody\"}]}", 400,
     .type = "invalidValue", .has = {"User does not exist for id 'nobody'"}},
    {"POST", B "/Groups", "{\"displayName\":\"x\",\"members\":[{\"value\":\"no-tenant\"}]}", 400,
     .type = "invalidValue"},
    {"POST", B "/Groups", "{\"displayName\":\"x\",\"members\":[{\"type\":\"User\"}]}", 400,
     .type = "invalidValue", .has = {"a member needs a value"}},
    {"PATCH", B "/Groups/scim",
     PATCH("{\"op\":\"add\",\"path\":\"members\",\"value\":[{\"value\":\"nobody\"}]}"), 400,
     .type = "invalidValue"},
    {"GET", B "/Users?filter=nope", NULL, 400, .type = "invalidFilter"},
    {"GET", B "/Groups?filter=displayName", NULL, 400, .type = "invalidFilter"},
    {"GET", B "/Users?sortBy=nope", NULL, 400, .type = "invalidPath"},
    {"GET", B "/Users?sortBy=userName&sortOrder=up", NULL, 400, .type = "invalidValue"},
    {"GET", B "/Users?startIndex=x", NULL, 400, .type = "invalidValue"},
    {"GET", B "/Groups?count=1.5", NULL, 400, .type = "invalidValue"},
    {"POST", B "/Users/.search", "{\"filter\":7}", 400, .type = "invalidValue"},
    {"POST", B "/Users/.search", "{\"count\":\"7\"}", 400, .type = "invalidValue"},
    {"POST", B "/Users/.search", "{\"attributes\":[7]}", 400, .type = "invalidValue"},
    {"POST", B "/Groups/.search", "{\"filter\":\"nope\"}", 400, .type = "invalidFilter"},

    {"GET", B "/Users/both", NULL, 200,
     .has = {"\"userName\":\"both@example.com\"", "\"active\":true",
             "{\"value\":\"both@example.com\",\"primary\":true}",
             "\"meta\":{\"resourceType\":\"User\",\"location\":\"http://"},
     .lacks = {"other-only", "created", "null"}},
    {"GET", B "/Users/both", NULL, 200,
     .has = {"{\"value\":\"scim\",\"$ref\":\"http://", "/scim/v2/Groups/scim\",",
             "\"display\":\"managed by the identity provider\",\"type\":\"direct\"}"}},
    {"GET", B "/Users/a%2Fb%20c%25%3F%23%C3%A9", NULL, 200,
     .has = {"/Users/a%2Fb%20c%25%3F%23%C3%A9\"", "\"userName\":\"odd one\""}},
    {"GET", B "/Users/both?attributes=userName,name.givenName", NULL, 200,
     .has = {"\"userName\"", "\"schemas\"", "\"id\":\"both\""}, .lacks = {"emails", "meta"}},
    {"GET", B "/Users/both?excludedAttributes=groups,META", NULL, 200,
     .has = {"emails", "\"id\":\"both\""}, .lacks = {"groups", "meta"}},
    {"GET", B "/Users", NULL, 200,
     .has = {"{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:ListResponse\"],"
             "\"totalResults\":6,\"startIndex\":1,\"itemsPerPage\":6,\"Resources\":[{"},
     .lacks = {"\"idp\"", "elsewhere"}, .order = {"root@root.com", "nihon@example.com"},
     .counted = "\"active\"", .count = 6},
    {"GET", B "/Users?startIndex=2&count=2", NULL, 200,
     .has = {"\"totalResults\":6,\"startIndex\":2,\"itemsPerPage\":2"}, .lacks = {"root@root.com"},
     .order = {"ordinary", "wner@"}},
    {"GET", B "/Users?startIndex=-5&count=-5", NULL, 200,
     .has = {"\"totalResults\":6,\"startIndex\":1,\"itemsPerPage\":0,\"Resources\":[]}"}},
    {"GET", B "/Users?startIndex=2147483647&count=9007199254740991&sortBy=id", NULL, 200,
     .has = {"\"totalResults\":6", "\"Resources\":[]"}},
    {"GET", B "/Users?sortBy=userName&sortOrder=DESCENDING&count=3", NULL, 200,
     .order = {"root@root.com", "Owner@Example.com"}, .counted = "\"active\"", .count = 3},
    {"GET", B "/Users?sortBy=userName&startIndex=2&count=1", NULL, 200,
     .has = {"nihon@example.com", "\"totalResults\":6,\"startIndex\":2,\"itemsPerPage\":1"}},
    {"GET", B "/Users?filter=userName%20eq%20%22BOTH@example.com%22", NULL, 200,
     .has = {"\"totalResults\":1", "\"id\":\"both\""}, .lacks = {"root"}},
    {"GET", B "/Users?filter=emails[value%20ew%20%22example.com%22]&sortBy=userName&count=1", NULL,
     200, .has = {"\"totalResults\":5", "both@example.com"}, .counted = "\"active\"", .count = 1},
    {"GET", B "/Users?filter=groups.value%20eq%20%22owned-a%22&attributes=id", NULL, 200,
     .has = {"\"totalResults\":2", "\"id\":\"both\"", "\"id\":\"owner\""}, .lacks = {"userName"}},
    {"POST", B "/Users/.search", "{\"integration\":\"x\"}", 200, .has = {"\"totalResults\":6"}},
    {"POST", B "/Users/.search",
     "{\"filter\":\"active eq true\",\"SORTBY\":\"userName\",\"sortOrder\":\"descending\","
     "\"startIndex\":1,\"count\":1,\"attributes\":[\"userName\"],\"excludedAttributes\":null}",
     200, .has = {"\"totalResults\":6", "root@root.com"}, .lacks = {"emails"}},
    {"GET", B "/Groups?count=2", NULL, 200,
     .has = {"\"totalResults\":9", "\"itemsPerPage\":2", "\"displayName\":\"shared in main\"",
             "\"display\":\"both@example.com\""},
     .lacks = {"shared in other"}},
    {"GET", B "/Groups?excludedAttributes=members", NULL, 200, .has = {"\"totalResults\":9"},
     .lacks = {"members"}},
    {"GET", B "/Groups?filter=members[value%20eq%20%22owner%22]&attributes=displayName", NULL, 200,
     .has = {"\"totalResults\":2", "owned a", "owned b"}, .lacks = {"members"}},
    {"GET", B "/Groups?filter=displayName%20eq%20%22OWNED%20a%22", NULL, 200,
     .has = {"\"totalResults\":0"}},
    {"POST", B "/Groups/.search", "{\"sortBy\":\"displayName\",\"count\":1}", 200,
     .has = {"a blank in its id", "\"totalResults\":9"}},
    {"GET", B "/Groups/scim", NULL, 200,
     .has = {"\"displayName\":\"managed by the identity provider\"",
             "\"members\":[{\"value\":\"both\",\"$ref\":\"http://",
             "\"type\":\"User\",\"display\":\"both@example.com\"}]", "\"resourceType\":\"Group\""}},
    {"GET", B "/ServiceProviderConfig", NULL, 200,
     .has = {"\"patch\":{\"supported\":true}", "\"etag\":{\"supported\":false}",
             "\"maxResults\":1000", "/scim/v2/ServiceProviderConfig\""}},
    {"GET", B "/ResourceTypes", NULL, 200,
     .has = {"[{\"schemas\":", "\"endpoint\":\"/Users\"", "\"endpoint\":\"/Groups\""}},
    {"GET", B "/ResourceTypes/User", NULL, 200, .has = {"\"schema\":\"" ENTERPRISE "\""}},
    {"GET", B "/Schemas", NULL, 200, .has = {"[{\"schemas\":", "\"id\":\"" ENTERPRISE "\""}},
    {"GET", B "/Schemas/" ENTERPRISE, NULL, 200, .has = {"\"name\":\"department\""}},
};

START_TEST(answers_each_call) {
    steps_run(&rows[_i], 1);
}
END_TEST

START_TEST(a_user_comes_changes_and_goes) {
    STEPS_RUN(
        {"POST", B "/Users",
         "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\",\"" ENTERPRISE "\"],"
         "\"userName\":\"grace\",\"externalId\":\"e-1\",\"password\":\"secret\","
         "\"name\":{\"givenName\":\"Grace\",\"familyName\":\"Hopper\",\"honorificPrefix\":\"Dr\"},"
         "\"emails\":[{\"value\":\"old@example.com\"},"
         "{\"value\":\"grace@example.com\",\"primary\":true,\"type\":\"work\"}],"
         "\"" ENTERPRISE "\":{\"department\":\"Navy\"}}",
         201, .keep = 2,
         .has = {"\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\",\"" ENTERPRISE "\"]",
                 "\"externalId\":\"e-1\"", "\"honorificPrefix\":\"Dr\"", "\"created\":\"20"},
         .lacks = {"secret", "password"}},
        {"GET", "/api/v1/users/{2}", NULL, 200,
         .has = {"\"username\":\"grace\"", "\"email\":\"grace@example.com\"",
                 "\"firstName\":\"Grace\"", "\"lastName\":\"Hopper\""}},
        {"GET", T "/tenant-access/{2}", NULL, 200, .has = {"\"userId\":\"{2}\""}},
        {"GET", B "/Users?filter=externalId%20eq%20%22e-1%22", NULL, 200,
         .has = {"\"totalResults\":1", "{2}"}},
        {"PATCH", "/api/v1/users/{2}", "{\"email\":\"new@example.com\",\"firstName\":\"G\"}",
         .status = 200},
        {"GET", B "/Users/{2}", NULL, 200,
         .has = {"{\"value\":\"old@example.com\"}", "\"value\":\"new@example.com\"",
                 "\"givenName\":\"G\"", "\"department\":\"Navy\""},
         .lacks = {"grace@example.com"}},
        {"PATCH", B "/Users/{2}",
         PATCH("{\"op\":\"Replace\",\"path\":\"active\",\"value\":\"False\"},"
               "{\"op\":\"replace\",\"path\":\"emails[type eq \\\"work\\\"].value\","
               "\"value\":\"work@example.com\"},"
               "{\"op\":\"remove\",\"path\":\"" ENTERPRISE ":department\"}"),
         204, .empty = true},
        {"GET", B "/Users/{2}", NULL, 200, .has = {"\"active\":false", "work@example.com"},
         .lacks = {"department", ENTERPRISE}},
        {"GET", "/api/v1/users/{2}", NULL, 200,
         .has = {"\"restricted\":true", "\"email\":\"work@example.com\""}},
        {"PUT", B "/Users/{2}?attributes=userName", "{\"userName\":\"hopper\"}", 200,
         .has = {"\"userName\":\"hopper\""}, .lacks = {"active"}},
        {"GET", B "/Users/{2}", NULL, 200, .has = {"\"active\":true", "\"created\":\"20"},
         .lacks = {"emails", "\"name\"", "externalId"}},
        {"GET", "/api/v1/users/{2}", NULL, 200,
         .has = {"\"restricted\":false", "\"email\":\"hopper\""}, .lacks = {"firstName"}},
        {"DELETE", B "/Users/{2}", NULL, 204, .empty = true},
        {"GET", B "/Users/{2}", NULL, .status = 404},
        {"GET", "/api/v1/users/{2}", NULL, 200, .has = {"\"hopper\""}},
        {"POST", B "/Users", "{\"userName\":\"Hopper\",\"title\":\"back\"}", 201,
         .has = {"\"id\":\"{2}\"", "\"title\":\"back\""}},
        {"DELETE", "/api/v1/users/{2}", NULL, 204, .empty = true},
        {"GET", B "/Users/{2}", NULL, .status = 404});
}
END_TEST

START_TEST(memberships_are_externally_managed) {
    STEPS_RUN({"POST", B "/Groups",
               "{\"displayName\":\"crew\",\"externalId\":\"g-1\",\"members\":[{\"value\":\"both\"},"
               "{\"value\":\"owner\",\"display\":\"x\"},{\"value\":\"both\"}]}",
               201, .keep = 2,
               .has = {"\"externalId\":\"g-1\"", "/scim/v2/Users/both\"",
                       "\"display\":\"both@example.com\""},
               .counted = "\"$ref\"", .count = 2},
              {"GET", T "/groups/{2}", NULL, 200, .has = {"\"name\":\"crew\""}},
              {"PUT", T "/users/both/groups", "{\"groupIds\":[]}", 204, .empty = true},
              {"GET", T "/tenant-access/both", NULL, 200,
               .has = {"{\"id\":\"{2}\",\"name\":\"crew\",\"external\":true}"}},
              {"PATCH", B "/Groups/{2}",
               PATCH("{\"op\":\"add\",\"path\":\"members\",\"value\":[{\"value\":\"root\"},"
                     "{\"value\":\"owner\"}]},"
                     "{\"op\":\"remove\",\"path\":\"members[value eq \\\"both\\\"]\"}"),
               204, .empty = true},
              {"GET", B "/Groups/{2}", NULL, 200,
               .has = {"\"value\":\"root\"", "\"value\":\"owner\""}, .lacks = {"both"}},
              {"PATCH", B "/Groups/{2}",
               PATCH("{\"op\":\"Remove\",\"path\":\"members\",\"value\":[{\"value\":\"root\"}]},"
                     "{\"op\":\"replace\",\"value\":{\"displayName\":\"team\",\"id\":\"{2}\"}}"),
               204, .empty = true},
              {"GET", B "/Groups/{2}", NULL, 200,
               .has = {"\"displayName\":\"team\"", "\"value\":\"owner\"", "\"externalId\":\"g-1\""},
               .lacks = {"root"}},
              {"PUT", B "/Groups/{2}",
               "{\"displayName\":\"team\",\"members\":[{\"value\":\"both\"}]}", 200,
               .has = {"\"value\":\"both\""}, .lacks = {"owner", "externalId"}},
              {"PUT", B "/Groups/{2}", "{\"displayName\":\"team\"}", 200, .lacks = {"members"}},
              {"GET", T "/tenant-access/both", NULL, 200, .lacks = {"{2}"}},
              {"DELETE", B "/Groups/{2}", NULL, 204, .empty = true},
              {"GET", T "/groups/{2}", NULL, .status = 404});
}
END_TEST

/* The owner stays one, and from now on the provider manages the membership. */
START_TEST(a_provider_takes_memberships_over) {
    STEPS_RUN({"PUT", B "/Groups/owned-a",
               "{\"displayName\":\"owned a\",\"members\":[{\"value\":\"owner\"}]}", 200,
               .has = {"\"value\":\"owner\""}, .lacks = {"both"}},
              {"GET", T "/groups/owned-a/members", NULL, 200, .has = {"\"total\":1}", "OWNER"}},
              {"PUT", T "/users/owner/groups", "{\"groupIds\":[]}", 204, .empty = true},
              {"GET", T "/groups/owned-a/members", NULL, 200, .has = {"\"total\":1}"}},
              {"GET", T "/groups/owned-b/members", NULL, 200, .has = {"\"total\":0}"}});
}
END_TEST

START_TEST(gives_the_address_of_what_is_new) {
    char path[256];
    char location[256];
    struct http_answer answer;
    snprintf(path, sizeof(path), T "/integrations/%s/scim/v2/Users", steps_kept(1));
    http_send(steps_server(),
              &(struct http_call){.method = "POST",
                                  .target = path,
                                  .basic = ROOT,
                                  .header = "Host: idp.example:8443",
                                  .body = "{\"userName\":\"n\"}"},
              &answer);
    ck_assert_int_eq(answer.status, 201);
    snprintf(location, sizeof(location), "%s", http_header(&answer, "Location"));
    ck_assert_msg(strncmp(location, "http://idp.example:8443" T "/integrations/", 42) == 0, "%s",
                  location);
    ck_assert_ptr_nonnull(strstr(answer.body, location));
    http_answer_deinit(&answer);
}
END_TEST

/* Makes another integration and returns its token (owned by the caller, free). */
static char *make_token(void) {
    char *answer = session_call(
        steps_server(),
        &(struct http_call){
            .method = "POST", .target = T "/security-integrations", .basic = ROOT, .body = NEW},
        200);
    char *token = NULL;
    ck_assert_int_eq(sscanf(strstr(answer, "\"fullToken\""), "\"fullToken\":\"%m[^\"]", &token), 1);
    free(answer);
    return token;
}

/* Loads a dump of the state. */
static void reload(void) {
    char *dump = session_call(
        steps_server(),
        &(struct http_call){.method = "GET", .target = "/__admin/kestub/state", .basic = ROOT},
        200);
    session_expect(
        steps_server(),
        &(struct http_call){.method = "PUT", .target = "/__admin/kestub/state", .body = dump}, 200);
    free(dump);
}

START_TEST(a_dump_keeps_integrations_and_what_they_wrote) {
    char path[256];
    char *token = make_token(); /* of a second integration, which is as good */
    STEPS_RUN({"POST", B "/Users",
               "{\"userName\":\"no address\",\"title\":\"x\",\"externalId\":\"u-1\"}", 201,
               .keep = 2},
              {"POST", B "/Groups",
               "{\"displayName\":\"g\",\"externalId\":\"g-1\",\"members\":[{\"value\":\"{2}\"}]}",
               201, .keep = 3});
    snprintf(path, sizeof(path), T "/integrations/%s/scim/v2/Users/%s", steps_kept(1),
             steps_kept(2));
    const struct http_call get = {.method = "GET", .target = path, .bearer = token};
    char *user = session_call(steps_server(), &get, 200);
    reload();
    char *again = session_call(steps_server(), &get, 200);
    ck_assert_str_eq(again, user);
    STEPS_RUN(
        {"GET", "/api/v1/users/{2}", NULL, 200, .has = {"no address"}},
        {"GET", T "/groups/{3}/members", NULL, 200, .has = {"{2}", "\"total\":1}"}},
        {"GET", B "/Groups/{3}", NULL, 200, .has = {"\"value\":\"{2}\"", "\"externalId\":\"g-1\""}},
        {"DELETE", T "/security-integrations/{1}", NULL, 200, .empty = true},
        {"GET", B "/Groups/{3}", .status = 404});
    free(again);
    free(user);
    free(token);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("scim");
    TCase *tcase = suite_add(suite, "rows");
    tcase_add_checked_fixture(tcase, setup, steps_teardown);
    suite_add_rows(tcase, refuses_in_its_own_form, operations);
    suite_add_rows(tcase, refuses_bad_bodies, operations);
    suite_add_rows(tcase, takes_both_media_types, operations);
    suite_add_rows(tcase, answers_each_call, rows);
    tcase_add_test(tcase, a_user_comes_changes_and_goes);
    tcase_add_test(tcase, memberships_are_externally_managed);
    tcase_add_test(tcase, a_provider_takes_memberships_over);
    tcase_add_test(tcase, gives_the_address_of_what_is_new);
    tcase_add_test(tcase, a_dump_keeps_integrations_and_what_they_wrote);
    return suite_run(suite);
}
