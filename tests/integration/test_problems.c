/* The errors of each kind, to the letter: problem documents since 2.0, JsonErrors before. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "session.h"
#include "steps.h"
#include "suite.h"

#define G "/api/v1/main/groups"
#define U "/api/v1/users"
#define ME "/api/v1/me"
#define BOTH "/api/v1/main/users/both/groups"
#define START(slug, title, status, detail, path)                                                   \
    "{\"type\":\"https://kestra.io/docs/api-reference/problems/" slug "\",\"title\":\"" title      \
    "\",\"status\":" status ",\"detail\":\"" detail "\",\"instance\":\"" path "\""
#define PROBLEM(...) START(__VA_ARGS__) "}"
#define LISTS(errors, ...) START(__VA_ARGS__) ",\"errors\":[" errors "]}"
#define AT(detail, pointer, path)                                                                  \
    "{\"detail\":\"" detail "\",\"pointer\":\"" pointer "\",\"path\":\"" path "\"}"
#define LINK(target) ",\"_links\":{\"self\":{\"href\":\"" target "\",\"templated\":false}}"
#define OLDER(message, target) "{\"message\":\"" message "\"" LINK(target) "}"
#define EMBEDS(errors, message, target)                                                            \
    "{\"message\":\"" message "\"" LINK(target) ",\"_embedded\":{\"errors\":[" errors "]}}"
#define IN(message, path) "{\"message\":\"" message "\",\"path\":\"" path "\"}"
#define INVALID "Invalid entity"
#define FAILED "validation-failed", "Validation failed", "422", "Validation failed"

static const struct {
    struct http_call call;
    int status;
    const char *problem;
    const char *older;
} rows[] = {
    {{.method = "GET", .target = ME},
     401,
     PROBLEM("unauthenticated", "Authentication required", "401", "Authentication required", ME),
     OLDER("Unauthorized", ME)},
    {{.method = "GET", .target = U "?q=x", .basic = ORDINARY},
     403,
     PROBLEM("forbidden", "Access denied", "403", "Access denied", U),
     OLDER("Forbidden", U "?q=x")},
    {{.method = "PUT",
      .target = BOTH,
      .basic = OWNER,
      .body = "{\"groupIds\":[\"owned-a\",\"shared-id\",\"main-only\"]}"},
     403,
     PROBLEM("forbidden", "Access denied", "403", "you do not own every group that would change",
             BOTH),
     OLDER("Forbidden: you do not own every group that would change", BOTH)},
    {{.method = "GET", .target = U "/nobody?a=b", .basic = ROOT},
     404,
     PROBLEM("not-found", "Resource not found", "404", "User does not exist for id 'nobody'",
             U "/nobody"),
     OLDER("Not Found: User does not exist for id 'nobody'", U "/nobody?a=b")},
    {{.method = "GET", .target = "/nowhere?a=%22", .basic = ROOT},
     404,
     PROBLEM("not-found", "Resource not found", "404", "Resource not found", "/nowhere"),
     OLDER("Not Found: no operation has this path", "/nowhere?a=%22")},
    {{.method = "DELETE", .target = BOTH, .basic = ROOT},
     405,
     PROBLEM("method-not-allowed", "Method not allowed", "405", "Method not allowed", BOTH),
     NULL},
    {{.method = "POST", .target = U, .basic = ROOT, .body = "{\"email\":\"both@example.com\"}"},
     409,
     PROBLEM("entity-already-exists", "Entity already exists", "409",
             "another user has the e-mail address 'both@example.com'", U),
     OLDER("Conflict: another user has the e-mail address 'both@example.com'", U)},
    {{.method = "DELETE", .target = G "/scim/members/ordinary", .basic = ROOT},
     409,
     PROBLEM("conflict", "Conflict", "409", "the user 'ordinary' is not a member of the group",
             G "/scim/members/ordinary"),
     OLDER("Conflict: the user 'ordinary' is not a member of the group",
           G "/scim/members/ordinary")},
    {{.method = "POST", .target = G, .basic = ROOT, .header = TEXT, .body = "{\"name\":\"x\"}"},
     415,
     PROBLEM("unsupported-media-type", "Unsupported media type", "415", "Unsupported media type",
             G),
     OLDER("Unsupported Media Type: the body must be application/json", G)},
    {{.method = "POST", .target = G, .basic = ROOT, .body = "{\"name\":\"\",\"membersId\":null}"},
     422,
     LISTS(AT("must not be empty", "/name", "createGroup.request.name"), FAILED, G),
     EMBEDS(IN("must not be empty", "createGroup.request.name"), INVALID, G)},
    {{.method = "POST",
      .target = "/api/v1/tenants",
      .basic = ROOT,
      .body = "{\"name\":\" \",\"id\":\"A\"}"},
     422,
     LISTS(AT("must match \\\"^[a-z0-9][a-z0-9_-]*$\\\"", "/id",
              "create_2.request.id") "," AT("must not be blank", "/name", "create_2.request.name"),
           FAILED, "/api/v1/tenants"),
     NULL},
    {{.method = "GET", .target = U "?page=0&size=0", .basic = ROOT},
     422,
     LISTS("{\"detail\":\"must be greater than or equal to 1\",\"path\":\"listUsers.page\"},"
           "{\"detail\":\"must be greater than or equal to 1\",\"path\":\"listUsers.size\"}",
           FAILED, U),
     EMBEDS(IN("must be greater than or equal to 1",
               "listUsers.page") "," IN("must be greater than or equal to 1", "listUsers.size"),
            INVALID, U "?page=0&size=0")},
    {{.method = "GET", .target = U "?page=x", .basic = ROOT},
     422,
     PROBLEM("invalid-argument", "Invalid argument", "422", "Invalid argument", U),
     EMBEDS(IN("must be an integer", "listUsers.page"), INVALID, U "?page=x")},
    {{.method = "GET", .target = U "?sort=no:asc", .basic = ROOT},
     422,
     PROBLEM("invalid-argument", "Invalid argument", "422", "Invalid sort parameter", U),
     OLDER("Illegal argument: Invalid sort parameter", U "?sort=no:asc")},
    {{.method = "POST", .target = G, .basic = ROOT, .body = "{\"name\":"},
     422,
     PROBLEM("invalid-json", "Invalid JSON", "422", "Invalid JSON", G),
     EMBEDS(IN("invalid JSON at line 1, column 9: unexpected end", "createGroup.request"), INVALID,
            G)},
    {{.method = "POST",
      .target = G,
      .basic = ROOT,
      .body = "{\"name\":\"\",\"membersId\":[\"a\",1,2]}"},
     422,
     LISTS("{\"path\":\"membersId[1]\"}", "invalid-json", "Invalid JSON", "422", "Invalid JSON", G),
     EMBEDS(IN("must not be empty", "createGroup.request.name") "," IN(
                "must be a string",
                "createGroup.request.membersId[1]") "," IN("must be a string",
                                                           "createGroup.request.membersId[2]"),
            INVALID, G)},
    {{.method = "POST", .target = G, .basic = ROOT},
     422,
     PROBLEM("invalid-request-body", "Invalid request body", "422", "Required body is missing.", G),
     EMBEDS(IN("a JSON body is required", "createGroup.request"), INVALID, G)},
    {{.method = "PUT", .target = BOTH, .basic = ROOT, .body = "{\"groupIds\":[\"a\",1,\" \"]}"},
     400,
     LISTS(AT("must be a string", "/groupIds/1", "updateUserGroups.request.groupIds[1]") "," AT(
               "must not be blank", "/groupIds/2", "updateUserGroups.request.groupIds[2]"),
           "bad-request", "Bad request", "400", "Invalid request payload", BOTH),
     EMBEDS(IN("must be a string", "updateUserGroups.request.groupIds[1]") "," IN(
                "must not be blank", "updateUserGroups.request.groupIds[2]"),
            "Invalid request payload", BOTH)},
    {{.method = "PUT", .target = G "/owned-a/members/membership/both", .basic = ROOT},
     400,
     PROBLEM("invalid-query-parameter", "Invalid query parameter", "400",
             "Required query parameter 'membership' is missing.",
             G "/owned-a/members/membership/both"),
     OLDER("Bad Request: Required query parameter 'membership' is missing.",
           G "/owned-a/members/membership/both")},
    {{.method = "PUT",
      .target = ME "/password",
      .basic = ROOT,
      .body = "{\"oldPassword\":\"x\",\"newPassword\":\"NewPass!1\"}"},
     400,
     PROBLEM("invalid-credentials", "Invalid credentials", "400", "The old password is incorrect.",
             ME "/password"),
     OLDER("Bad Request: The old password is incorrect.", ME "/password")},
    {{.method = "POST",
      .target = U,
      .basic = ROOT,
      .body = "{\"email\":\"n@x.y\",\"password\":\"Password\"}"},
     422,
     LISTS("{\"detail\":\"must have a digit\"},{\"detail\":\"must have one of !@#$%^&*_-\"}",
           "password-policy-violation", "Password policy not met", "422", "Password policy not met",
           U),
     EMBEDS(IN("must have a digit", "createUser.request.password") "," IN(
                "must have one of !@#$%^&*", "createUser.request.password"),
            INVALID, U)},
};

START_TEST(says_to_the_letter) {
    struct http_answer answer;
    bool is_problem = version_under_test()->problem_documents;
    const char *expected = is_problem ? rows[_i].problem : rows[_i].older;
    http_send(steps_server(), &rows[_i].call, &answer);
    ck_assert_msg(answer.status == rows[_i].status, "%d: %s", answer.status, answer.body);
    if (expected)
        ck_assert_str_eq(answer.body, expected);
    http_answer_deinit(&answer);
}
END_TEST

/* The bytes that a body may have at most are in its refusal. */
START_TEST(says_how_large_a_body_may_be) {
    struct http_call call = {.method = "POST", .target = G, .basic = ROOT};
    call.body = steps_too_large();
    call.body_size = steps_too_large_size;
    steps_expect(&call, 413, "1048576 bytes");
}
END_TEST

#define UNKNOWN_FILTER "'filters[nope][EQUALS]' has an unknown field"

static const char *const filtered[] = {U, "/api/v1/main/tenant-access", G "/owned-a/members",
                                       G "/search", "/api/v1/tenants/search"};

START_TEST(names_a_wrong_filter) {
    char target[128];
    struct http_answer answer;
    unsigned since = _i < 3 ? SINCE_1_3 : SINCE_2_0_RC;
    snprintf(target, sizeof(target), "%s?filters[nope][EQUALS]=a", filtered[_i]);
    http_send(steps_server(), &(struct http_call){.method = "GET", .target = target, .basic = ROOT},
              &answer);
    if (!version_is_in(since)) {
        ck_assert_int_eq(answer.status, 200);
    } else {
        ck_assert_int_eq(answer.status, version_is_in(IN_2_0) ? 400 : 422);
        errors_check(422, "invalid-query-filters", &answer);
        ck_assert_ptr_nonnull(strstr(answer.body, UNKNOWN_FILTER));
        ck_assert_ptr_null(strstr(answer.body, "\"errors\""));
    }
    http_answer_deinit(&answer);
}
END_TEST

/* Since 2.0 a page has at most 1000 rows. */
START_TEST(limits_the_size_of_a_page) {
    char target[128];
    snprintf(target, sizeof(target), "%s?size=1000", filtered[_i]);
    struct http_call call = {.method = "GET", .target = target, .basic = ROOT};
    steps_expect(&call, 200, "\"results\":[");
    snprintf(target, sizeof(target), "%s?size=1001", filtered[_i]);
    if (version_is_in(BEFORE_2_0))
        steps_expect(&call, 200, "\"results\":[");
    else
        steps_expect(&call, 422,
                     "\"errors\":[{\"detail\":\"must be less than or equal to 1000\","
                     "\"path\":\"");
}
END_TEST

static const struct {
    const char *method;
    const char *target;
    const char *basic;
    int status;
    const char *matched;
} routes[] = {
    {"GET", U "/nobody", ROOT, 404, "true"},
    {"HEAD", U "/nobody", ROOT, 404, "true"},
    {"GET", "/api/v1/nowhere/groups/search", ROOT, 404, "true"},
    {"GET", "/nowhere", NULL, 404, "false"},
    {"HEAD", "/nowhere", NULL, 404, "false"},
    {"DELETE", U "/both/nowhere", ROOT, 404, "false"},
    {"GET", "/sandbox/s/nowhere", NULL, 404, "false"},
    {"GET", U "/both", ROOT, 200, NULL},
    {"DELETE", U, ROOT, 405, NULL},
    {"GET", U, NULL, 401, NULL},
    {"GET", "/%", NULL, 400, NULL},
};

START_TEST(a_404_says_whether_there_is_a_route) {
    struct http_answer answer;
    http_send(steps_server(),
              &(struct http_call){.method = routes[_i].method,
                                  .target = routes[_i].target,
                                  .basic = routes[_i].basic},
              &answer);
    ck_assert_int_eq(answer.status, routes[_i].status);
    bool marks = version_is_in(IN_2_0) && routes[_i].matched;
    const char *matched = http_header(&answer, "X-Kestra-Route-Matched");
    ck_assert(marks ? matched && strcmp(matched, routes[_i].matched) == 0 : !matched);
    const char *edition = http_header(&answer, "X-Kestra-Edition");
    ck_assert(marks ? edition && strcmp(edition, "EE") == 0 : !edition);
    http_answer_deinit(&answer);
}
END_TEST

/* The order of errors is that of their pointers, not of the members in the body. */
START_TEST(orders_errors_by_pointer) {
    const struct http_call call = {
        .method = "POST", .target = "/api/v1/tenants", .basic = ROOT, .body = "{\"id\":\"-\"}"};
    struct http_answer answer;
    http_send(steps_server(), &call, &answer);
    const char *id = strstr(answer.body, "create_2.request.id");
    const char *name = strstr(answer.body, "create_2.request.name");
    ck_assert_msg(id && name, "%s", answer.body);
    ck_assert_msg((id < name) == version_under_test()->problem_documents, "%s", answer.body);
    http_answer_deinit(&answer);
}
END_TEST

/* Only an error of the server has an id by which support finds it. */
START_TEST(an_error_of_the_server_has_a_trace) {
    struct process server;
    struct http_answer answer;
    char first[64] = "";
    process_start(&server, (const char *const[]){"--fault", "sort-500", NULL});
    for (int i = 0; i < 2; i++) {
        http_send(&server,
                  &(struct http_call){.method = "GET",
                                      .target = U "?sort=username:asc",
                                      .basic = ROOT,
                                      .off_record = true},
                  &answer);
        ck_assert_int_eq(answer.status, 500);
        errors_check(500, NULL, &answer);
        const char *trace = strstr(answer.body, "\"instance\":\"" U "\",\"traceId\":\"");
        if (version_under_test()->problem_documents) {
            ck_assert_ptr_nonnull(strstr(
                answer.body, "\"detail\":\"An unexpected error occurred. Quote the traceId when "
                             "contacting support.\""));
            ck_assert_msg(trace, "%s", answer.body);
            ck_assert_str_ne(trace, first);
            snprintf(first, sizeof(first), "%s", trace);
        } else {
            ck_assert_ptr_null(strstr(answer.body, "traceId"));
        }
        http_answer_deinit(&answer);
    }
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("problems");
    TCase *tcase = suite_add(suite, "rows");
    tcase_add_checked_fixture(tcase, steps_setup, steps_teardown);
    suite_add_rows(tcase, says_to_the_letter, rows);
    tcase_add_test(tcase, says_how_large_a_body_may_be);
    suite_add_rows(tcase, names_a_wrong_filter, filtered);
    suite_add_rows(tcase, limits_the_size_of_a_page, filtered);
    suite_add_rows(tcase, a_404_says_whether_there_is_a_route, routes);
    tcase_add_test(tcase, orders_errors_by_pointer);
    TCase *faults = suite_add(suite, "faults");
    tcase_add_test(faults, an_error_of_the_server_has_a_trace);
    return suite_run(suite);
}
