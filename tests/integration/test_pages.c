/* The pages for people at / and /docs, and the programs that must not see them. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "session.h"
#include "suite.h"

#define BROWSER "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
#define STUB                                                                                       \
    "{\"request\":{\"urlPattern\":\"/(docs)?\"},\"response\":{\"status\":418,\"body\":\"mine\"}}"

static struct process server;

static void setup(void) {
    process_start(&server, (const char *const[]){NULL});
}

static void teardown(void) {
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
}

static const struct {
    const char *target, *accept;
    bool is_page;
} clients[] = {
    {"/", BROWSER, true},
    {"/?a=b", BROWSER, true},
    {"/", "Accept: TEXT/HTML", true},
    {"/", "Accept: application/json, text/html;q=0.5", true},
    {"/sandbox/mine/", BROWSER, true},
    {"/", "Accept: text/html;q=0", false},
    {"/", "Accept: text/html; q=0.0, */*", false},
    {"/", "Accept: text/htmlx", false},
    {"/", "Accept: xtext/html", false},
    {"/", "Accept: */*", false},
    {"/", "Accept:", false},
    {"/", "Accept: application/json", false},
    {"/sandbox/mine", BROWSER, false},
    {"//", BROWSER, false},
    {"/index.html", BROWSER, false},
    {"/docs", BROWSER, true},
    {"/docs", "Accept: */*", true},
    {"/docs", "Accept:", true},
    {"/sandbox/mine/docs", BROWSER, true},
    {"/docs", "Accept: application/json", false},
    {"/docs", "Accept: application/json, text/plain, */*", false},
    {"/docs", "Accept: text/plain", false},
    {"/docs/", BROWSER, false},
    {"/api/v1/docs", BROWSER, false},
};

START_TEST(are_for_people) {
    struct http_answer answer;
    http_send(&server,
              &(struct http_call){.method = "GET",
                                  .target = clients[_i].target,
                                  .header = clients[_i].accept,
                                  .off_record = clients[_i].is_page},
              &answer);
    const char *type = http_header(&answer, "Content-Type");
    ck_assert_int_eq(strcmp(type, "text/html; charset=utf-8") == 0, clients[_i].is_page);
    ck_assert_int_eq(answer.status, clients[_i].is_page ? 200 : 404);
    if (clients[_i].is_page) {
        ck_assert_ptr_nonnull(
            strstr(http_header(&answer, "Content-Security-Policy"), "default-src 'none'"));
        ck_assert_ptr_nonnull(strstr(answer.body, "</html>"));
    }
    http_answer_deinit(&answer);
}
END_TEST

static const struct {
    const char *option, *value, *target;
    const char *has, *lacks;
} contents[] = {
    {NULL, NULL, "/", "<dd>2.0</dd>", NULL},
    {"--server-version", "1.3", "/", "<dd>1.3</dd>", "<dd>2.0</dd>"},
    {NULL, NULL, "/sandbox/mine/", "<dd>mine</dd>", NULL},
    {NULL, NULL, "/", "href=\"docs\"", "href=\"/"},
    {NULL, NULL, "/", "href=\"__admin/openapi.yaml\"", NULL},
    {"--admin", "off", "/", "href=\"openapi.yaml\"", "__admin"},
    {NULL, NULL, "/docs", "createUser</a>", "<script"},
    {NULL, NULL, "/docs", "id=\"admin-operation-createMapping\"", NULL},
    {"--admin", "off", "/docs", "id=\"api-operation-createUser\"", "__admin"},
    {"--server-version", "1.3", "/docs", "Emulated API, version 1.3", "version 2.0"},
    {"--admin-token", "t", "/docs", "createMapping", NULL},
};

START_TEST(say_what_this_is) {
    struct http_answer answer;
    process_start(&server, (const char *const[]){contents[_i].option, contents[_i].value, NULL});
    http_send(
        &server,
        &(struct http_call){
            .method = "GET", .target = contents[_i].target, .header = BROWSER, .off_record = true},
        &answer);
    ck_assert_ptr_nonnull(strstr(answer.body, contents[_i].has));
    if (contents[_i].lacks)
        ck_assert_ptr_null(strstr(answer.body, contents[_i].lacks));
    http_answer_deinit(&answer);
    teardown();
}
END_TEST

static const char *const targets[] = {"/", "/docs"};

START_TEST(need_no_credentials_and_yield_to_stubs) {
    const struct http_call call = {
        .method = "GET", .target = targets[_i], .header = BROWSER, .off_record = true};
    const struct http_call head = {
        .method = "HEAD", .target = targets[_i], .header = BROWSER, .off_record = true};
    const struct http_call post = {
        .method = "POST", .target = targets[_i], .header = BROWSER, .off_record = true};
    session_expect(&server, &call, 200);
    session_expect(&server, &head, 200);
    session_expect(&server, &post, 404);
    session_expect(
        &server, &(struct http_call){.method = "POST", .target = "/__admin/mappings", .body = STUB},
        201);
    http_expect(&server, &call, 418, "mine");
}
END_TEST

START_TEST(the_second_contract_is_served) {
    struct http_answer answer;
    const struct http_call call = {.method = "GET", .target = "/__admin/openapi.yaml"};
    http_send(&server, &call, &answer);
    ck_assert_int_eq(answer.status, 200);
    ck_assert_str_eq(http_header(&answer, "Content-Type"), "application/yaml");
    ck_assert_ptr_nonnull(strstr(answer.body, "\nopenapi: 3.0.3\n"));
    ck_assert_ptr_nonnull(strstr(answer.body, "operationId: getAdminContract"));
    http_answer_deinit(&answer);
    session_expect(&server,
                   &(struct http_call){
                       .method = "GET", .target = "/__admin/openapi.yaml", .header = EVIL_PAGE},
                   403);
    teardown();
    process_start(&server, (const char *const[]){"--admin-token", "t", NULL});
    session_expect(&server, &call, 401);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("pages");
    TCase *tcase = suite_add(suite, "pages");
    tcase_add_checked_fixture(tcase, setup, teardown);
    suite_add_rows(tcase, are_for_people, clients);
    suite_add_rows(tcase, need_no_credentials_and_yield_to_stubs, targets);
    tcase_add_test(tcase, the_second_contract_is_served);
    suite_add_rows(suite_add(suite, "contents"), say_what_this_is, contents);
    return suite_run(suite);
}
