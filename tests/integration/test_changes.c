/* What the journal tells of the changes that a request has made. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "session.h"
#include "steps.h"
#include "suite.h"

#define MEMBER(act, rest) "{\"kind\":\"MEMBERSHIP\",\"change\":\"" act "\",\"user\":" rest
#define LAST "/__admin/requests?limit=1"

START_TEST(keeps_what_a_request_has_changed) {
    STEPS_RUN(
        {"POST", "/api/v1/main/groups", "{\"name\":\"a \\\"b\\\" <c>\"}", 200, .keep = 1},
        {"GET", LAST, NULL, 200,
         .has = {"\"changeCount\":1", "{\"kind\":\"GROUP\",\"change\":\"ADDED\",\"id\":\"{1}\","
                                      "\"name\":\"a \\\"b\\\" <c>\",\"tenant\":\"main\"}"}},
        {"PUT", "/api/v1/main/groups/{1}/members/ordinary", NULL, 200, .has = {NULL}},
        {"GET", LAST, NULL, 200,
         .has = {MEMBER("ADDED", "{\"id\":\"ordinary\","), "\"membership\":\"MEMBER\""}},
        {"PUT", "/api/v1/main/groups/{1}/members/membership/ordinary?membership=OWNER", NULL, 200,
         .has = {NULL}},
        {"GET", LAST, NULL, 200,
         .has = {MEMBER("UPDATED", "{\"id\":\"ordinary\","), "\"membership\":\"OWNER\""}},
        {"PUT", "/api/v1/main/groups/{1}/members/nobody", NULL, 404, .has = {NULL}},
        {"GET", LAST, NULL, 200,
         .has = {"\"kestub\":{\"operation\":\"addUserToGroup\",\"principal\":\"root@root.com\"}"},
         .lacks = {"changeCount"}},
        {"GET", "/api/v1/main/groups/{1}", NULL, 200, .has = {NULL}},
        {"GET", LAST, NULL, 200, .lacks = {"changeCount"}},
        {"DELETE", "/api/v1/main/groups/{1}/members/ordinary", NULL, 200, .has = {NULL}},
        {"GET", LAST, NULL, 200, .has = {MEMBER("REMOVED", "{\"id\":\"ordinary\",")}},
        {"DELETE", "/api/v1/main/groups/{1}", NULL, 200, .empty = true},
        {"GET", LAST, NULL, 200,
         .has = {"{\"kind\":\"GROUP\",\"change\":\"REMOVED\",\"id\":\"{1}\",\"name\":\"a \\\"b\\\" "
                 "<c>\""}}, );
}
END_TEST

START_TEST(keeps_the_changes_of_all_resources) {
    STEPS_RUN(
        {"POST", "/api/v1/users", "{\"email\":\"new@example.com\",\"tenants\":[\"main\"]}", 201,
         .keep = 1},
        {"GET", LAST, NULL, 200,
         .has = {"{\"kind\":\"USER\",\"change\":\"ADDED\",\"id\":\"{1}\",\"name\":\"new@example."
                 "com\"}",
                 "{\"kind\":\"ACCESS\",\"change\":\"ADDED\",\"user\":"}},
        {"POST", "/api/v1/users/{1}/api-tokens", "{\"name\":\"key\"}", 201, .keep = 2},
        {"GET", LAST, NULL, 200,
         .has = {"{\"kind\":\"TOKEN\",\"change\":\"ADDED\",\"id\":\"{2}\",\"name\":\"key\","
                 "\"user\":{\"id\":\"{1}\""}},
        {"DELETE", "/api/v1/users/{1}/api-tokens/{2}", NULL, 204, .empty = true},
        {"GET", LAST, NULL, 200,
         .has = {"{\"kind\":\"TOKEN\",\"change\":\"REMOVED\",\"user\":{\"id\":\"{1}\""}},
        {"POST", "/api/v1/main/roles", "{\"name\":\"role\",\"permissions\":{\"GROUP\":[\"VIEW\"]}}",
         200, .keep = 3},
        {"GET", LAST, NULL, 200, .has = {"{\"kind\":\"ROLE\",\"change\":\"ADDED\",\"id\":\"{3}\""}},
        {"POST", "/api/v1/main/bindings",
         "{\"type\":\"USER\",\"externalId\":\"{1}\",\"roleId\":\"{3}\"}", 200, .keep = 2},
        {"GET", LAST, NULL, 200,
         .has = {"{\"kind\":\"BINDING\",\"change\":\"ADDED\",\"id\":\"{2}\"",
                 "\"role\":{\"id\":\"{3}\",\"name\":\"role\"}"}},
        {"DELETE", "/api/v1/main/bindings/{2}", NULL, 204, .empty = true},
        {"GET", LAST, NULL, 200,
         .has = {"{\"kind\":\"BINDING\",\"change\":\"REMOVED\",\"id\":\"{2}\""}},
        {"DELETE", "/api/v1/users/{1}", NULL, 204, .empty = true},
        {"GET", LAST, NULL, 200,
         .has = {"{\"kind\":\"USER\",\"change\":\"REMOVED\",\"id\":\"{1}\",\"name\":\"new@example."
                 "com\"}"}},
        {"POST", "/api/v1/tenants", "{\"id\":\"second\",\"name\":\"Second\"}", 200, .has = {NULL}},
        {"GET", LAST, NULL, 200,
         .has =
             {"{\"kind\":\"TENANT\",\"change\":\"ADDED\",\"id\":\"second\",\"name\":\"Second\"}"}},
        {"DELETE", "/api/v1/tenants/second", NULL, 204, .empty = true},
        {"GET", LAST, NULL, 200,
         .has = {"{\"kind\":\"TENANT\",\"change\":\"REMOVED\",\"id\":\"second\""}}, );
}
END_TEST

START_TEST(a_lost_update_changes_nothing) {
    STEPS_RUN(
        {"PUT", "/__admin/kestub/faults", "{\"faults\":[\"license-limit=1\"]}", 200, .has = {NULL}},
        {"POST", "/api/v1/users", "{\"email\":\"late@example.com\"}", 403,
         .type = "license-limit-exceeded"},
        {"GET", LAST, NULL, 200, .has = {"\"faults\":[\"license-limit\"]"},
         .lacks = {"changeCount"}});
}
END_TEST

START_TEST(many_changes_are_counted) {
    enum { MANY = 100 };
    char body[MANY * 32] = "{\"groupIds\":[";
    for (int i = 0; i < MANY; i++) {
        char group[128];
        char id[SECRET_SIZE];
        snprintf(group, sizeof(group), "{\"name\":\"many %d\"}", i);
        char *answer = session_call(steps_server(),
                                    &(struct http_call){.method = "POST",
                                                        .target = "/api/v1/main/groups",
                                                        .basic = ROOT,
                                                        .header = JSON,
                                                        .body = group},
                                    200);
        session_member(answer, "id", id);
        free(answer);
        snprintf(body + strlen(body), sizeof(body) - strlen(body), "%s\"%s\"", i > 0 ? "," : "",
                 id);
    }
    strcat(body, "]}");
    steps_expect(&(struct http_call){.method = "PUT",
                                     .target = "/api/v1/main/users/ordinary/groups",
                                     .basic = ROOT,
                                     .header = JSON,
                                     .body = body},
                 204, NULL);
    STEPS_RUN({"GET", LAST, NULL, 200, .has = {"\"changeCount\":"},
               .counted = "\"kind\":\"MEMBERSHIP\"", .count = 64});
}
END_TEST

int main(void) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    Suite *suite = suite_create("changes");
    TCase *tcase = suite_add(suite, "changes");
    tcase_add_checked_fixture(tcase, steps_setup, steps_teardown);
    tcase_add_test(tcase, keeps_what_a_request_has_changed);
    tcase_add_test(tcase, keeps_the_changes_of_all_resources);
    tcase_add_test(tcase, a_lost_update_changes_nothing);
    tcase_add_test(tcase, many_changes_are_counted);
    return suite_run(suite);
}
