#include <string.h>

#include "exchange/request.h"
#include "exchange/router.h"
#include "suite.h"

static struct request request;

static void parse(const char *target) {
    ck_assert_int_eq(request_init(&request, target), 0);
}

static const struct {
    const char *target;
    size_t n_segments;
    const char *last;
    bool bad;
} targets[] = {
    {"/", 1, "", false},
    {"/a", 1, "a", false},
    {"/a/b", 2, "b", false},
    {"/a//b", 3, "b", false},
    {"/a/", 2, "", false},
    {"/a%2Fb", 1, "a/b", false},
    {"/a?b=c/d", 1, "a", false},
    {"/a#b/c", 1, "a", false},
    {"/%7e", 1, "~", false},
    {"http://host:80/a/b?c", 2, "b", false},
    {"HTTPS://host/a", 1, "a", false},
    {"http://host", 1, "", false},
    {"http://host?x=/a", 1, "", false},
    {"*", 0, NULL, false},
    {"", 0, NULL, false},
    {"a/b", 0, NULL, false},
    {"/%", 0, NULL, true},
    {"/a/%GG", 1, "a", true},
    {"/1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7/8/9/0/1/2/3", 32, "2", false},
};

START_TEST(splits_before_it_decodes) {
    parse(targets[_i].target);
    ck_assert_int_eq(request.bad_path, targets[_i].bad);
    ck_assert_uint_eq(request.n_segments, targets[_i].n_segments);
    if (targets[_i].last)
        ck_assert_str_eq(request.segments[request.n_segments - 1], targets[_i].last);
    request_deinit(&request);
}
END_TEST

START_TEST(recognizes_methods_exactly) {
    parse("/");
    request_set_method(&request, "PUT");
    ck_assert_int_eq(request.method, HTTP_PUT);
    request_set_method(&request, "HEAD");
    ck_assert(request.method == HTTP_GET && request.is_head);
    request_set_method(&request, "OPTIONS");
    ck_assert(request.method == HTTP_OTHER && request.is_options && !request.is_head);
    request_set_method(&request, "put");
    ck_assert_int_eq(request.method, HTTP_OTHER);
    request_deinit(&request);
}
END_TEST

START_TEST(counts_credentials) {
    parse("/");
    request_add_header(&request, "authorization", "a");
    request_add_header(&request, "AUTHORIZATION", "b");
    request_add_header(&request, "content-type", "c");
    request_add_header(&request, "Content-Type", "d");
    ck_assert_uint_eq(request.n_authorization, 2);
    ck_assert_str_eq(request.content_type, "c");
    request_deinit(&request);
}
END_TEST

static const struct {
    const char *header; /* NULL: no header */
    const char *value;  /* of the cookie JWT; NULL: no such cookie */
} cookies[] = {
    {"JWT=abc", "abc"},
    {"JWT=abc;", "abc"},
    {"a=b; JWT=abc; c=d", "abc"},
    {"a=b;JWT=abc;c=d", "abc"},
    {"a=b;;; \t;JWT=abc", "abc"},
    {"a; JWT=abc", "abc"},
    {"=a; JWT=abc", "abc"},
    {"JWT=first; JWT=second", "first"},
    {"JWT=; JWT=second", ""},
    {"JWT=a=b==", "a=b=="},
    {"JWT=\"abc\"", "abc"},
    {"JWT=\"\"", ""},
    {"JWT=\"", "\""},
    {"JWT=\"abc", "\"abc"},
    {"JWT=abc \t ; c=d", "abc"},
    {"JWT= \"a b\" ", " \"a b\""},
    {"JWT=\xff\xfe", "\xff\xfe"},
    {"JWT=%41", "%41"},
    {"JWT", NULL},
    {"JWT; c=d", NULL},
    {"JWT =abc", NULL},
    {"jwt=abc", NULL},
    {"XJWT=abc", NULL},
    {"JWTX=abc", NULL},
    {"a=\"; JWT=abc\"", "abc\""}, /* quotes do not hide semicolons (RFC 6265) */
    {"a=JWT=abc", NULL},
    {";", NULL},
    {"", NULL},
    {NULL, NULL},
};

START_TEST(finds_cookies) {
    const char *value = NULL;
    parse("/");
    if (cookies[_i].header)
        request_add_header(&request, "cookie", cookies[_i].header);
    request_add_header(&request, "Cookie-Not", "JWT=not");
    ck_assert_int_eq(request_find_cookie(&request, "JWT", &value), cookies[_i].value ? 0 : 1);
    if (cookies[_i].value)
        ck_assert_str_eq(value, cookies[_i].value);
    request_deinit(&request);
}
END_TEST

START_TEST(routes_to_the_operation) {
    struct routing match = {0};
    unsigned allowed = 0;
    parse("/api/v1/t%2F1/users/u/groups");
    request_set_method(&request, "PUT");
    ck_assert_int_eq(router_find(&version_find("2.0")->routes, &request, &match, &allowed), 0);
    ck_assert_str_eq(match.operation->id, "updateUserGroups");
    ck_assert_str_eq(match.parameters[0], "t/1");
    ck_assert_str_eq(match.parameters[1], "u");
    request_set_method(&request, "GET");
    ck_assert_int_eq(router_find(&version_find("2.0")->routes, &request, &match, &allowed),
                     ROUTER_UNKNOWN_METHOD);
    ck_assert_uint_eq(allowed, 1U << HTTP_PUT);
    request_deinit(&request);
    parse("/api/v1/t/users//groups");
    ck_assert_int_eq(router_find(&version_find("2.0")->routes, &request, &match, &allowed),
                     ROUTER_UNKNOWN_PATH);
    request_deinit(&request);
}
END_TEST

START_TEST(lists_allowed_methods) {
    char allow[ROUTER_ALLOW_SIZE];
    router_format_allow((1U << HTTP_N_METHODS) - 1, allow);
    ck_assert_str_eq(allow, "GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS");
    router_format_allow(0, allow);
    ck_assert_str_eq(allow, "OPTIONS");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("request");
    TCase *tcase = suite_add(suite, "request");
    suite_add_rows(tcase, splits_before_it_decodes, targets);
    tcase_add_test(tcase, recognizes_methods_exactly);
    tcase_add_test(tcase, counts_credentials);
    suite_add_rows(tcase, finds_cookies, cookies);
    tcase_add_test(tcase, routes_to_the_operation);
    tcase_add_test(tcase, lists_allowed_methods);
    return suite_run(suite);
}
