/* Which web pages may use the control plane and the stubs. */
#include <string.h>

#include "exchange/dispatch.h"
#include "suite.h"
#include "world.h"

#define STUB "/stub"
#define ADMIN "/__admin/version"

static struct config config;
static struct sandbox sandbox;

static void add_stub(const char *text) {
    struct arena arena;
    arena_init(&arena);
    struct violations violations = {.arena = &arena};
    struct stub *stub;
    cJSON *mapping = cJSON_Parse(text);
    ck_assert_int_eq(stub_parse(mapping, NULL, 0, &json_root, &violations, &stub), 0);
    ck_assert_int_eq(stubs_add(sandbox.stubs, stub), 0);
    cJSON_Delete(mapping);
    arena_deinit(&arena);
}

static void setup(void) {
    world_init(&config, &sandbox);
    add_stub("{\"request\":{\"urlPath\":\"/stub\"},\"response\":{\"body\":\"ours\"}}");
    add_stub("{\"request\":{\"urlPath\":\"/open\"},\"response\":{\"body\":\"ours\",\"headers\":"
             "{\"access-control-allow-origin\":\"*\"}}}");
    add_stub("{\"request\":{\"urlPath\":\"/once\"},\"response\":{\"body\":\"ours\"},"
             "\"metadata\":{\"kestub\":{\"times\":1}}}");
}

static void teardown(void) {
    sandbox_deinit(&sandbox);
}

enum { MAX_HEADERS = 5 };

static int status_of(const char *method, const char *target, const char *const (*headers)[2],
                     const char *text) {
    struct exchange exchange;
    ck_assert_int_eq(exchange_init(&exchange, &config, &sandbox, target), 0);
    ck_assert_int_eq(request_set_method(&exchange.request, method), 0);
    for (int i = 0; i < MAX_HEADERS && headers[i][0]; i++)
        ck_assert_int_eq(request_add_header(&exchange.request, headers[i][0], headers[i][1]), 0);
    exchange.may_block = true;
    if (dispatch_head(&exchange) == 0)
        dispatch_body(&exchange);
    int status = exchange.response.status;
    if (text)
        ck_assert_ptr_nonnull(
            memmem(exchange.response.body, exchange.response.body_size, text, strlen(text)));
    exchange_deinit(&exchange);
    return status;
}

#define HOST(value)                                                                                \
    { "Host", value }
#define ORIGIN(value)                                                                              \
    { "Origin", value }
#define SITE(value)                                                                                \
    { "Sec-Fetch-Site", value }
#define VISIT                                                                                      \
    {"Sec-Fetch-Mode", "navigate"}, {                                                              \
        "Sec-Fetch-Dest", "document"                                                               \
    }

static const struct {
    const char *headers[MAX_HEADERS][2];
    bool is_refused; /* by the control plane */
    bool is_foreign; /* for stubs */
} pages[] = {
    /* programs */
    {{{NULL}}, false, false},
    {{HOST("")}, false, false},
    {{HOST("127.0.0.1:8080")}, false, false},
    {{HOST("192.168.7.9")}, false, false},
    {{HOST("93.184.216.34:8080")}, false, false},
    {{HOST("[::1]:8080")}, false, false},
    {{HOST("[2001:db8::1]")}, false, false},
    {{HOST("localhost")}, false, false},
    {{HOST("localhost.:8080")}, false, false},
    {{HOST("kestub:8080")}, false, false},
    {{HOST("my_service:8080")}, false, false},
    {{HOST("kestub.default.svc:8080")}, false, false},
    {{HOST("kestub.default.svc.cluster.local")}, false, false},
    {{HOST("host.docker.internal:8080")}, false, false},
    {{HOST("HOST.DOCKER.INTERNAL:8080")}, false, false},
    {{HOST("app.localhost:8080")}, false, false},
    {{HOST("kestra.test")}, false, false},
    {{HOST("printer.local")}, false, false},
    /* a page of this server, and a user at the address bar */
    {{HOST("127.0.0.1:8080"), ORIGIN("http://127.0.0.1:8080"), SITE("same-origin")}, false, false},
    {{HOST("LOCALHOST:8080"), ORIGIN("http://localhost:8080")}, false, false},
    {{HOST("localhost"), ORIGIN("http://localhost")}, false, false},
    {{HOST("localhost:80"), ORIGIN("http://localhost")}, false, false},
    {{HOST("kestub.test"), ORIGIN("https://kestub.test")}, false, false},
    {{HOST("[::1]:8080"), ORIGIN("http://[::1]:8080")}, false, false},
    {{HOST("127.0.0.1:8080"), SITE("none"), VISIT}, false, false},
    /* a page of the same machine */
    {{HOST("localhost:8080"), ORIGIN("http://localhost:3000")}, true, false},
    {{HOST("localhost:8080"), ORIGIN("http://localhost:3000"), SITE("same-site")}, true, false},
    {{HOST("localhost:8080"), SITE("same-site")}, true, false},
    {{HOST("[::1]:8080"), ORIGIN("http://[::1]:3000")}, true, false},
    /* pages of others */
    {{HOST("127.0.0.1:8080"), ORIGIN("http://evil.example")}, true, true},
    {{HOST("127.0.0.1:8080"), ORIGIN("https://evil.example:8080")}, true, true},
    {{HOST("127.0.0.1:8080"), ORIGIN("http://127.0.0.1.evil.example:8080")}, true, true},
    {{HOST("127.0.0.1:8080"), ORIGIN("http://127.0.0.10:8080")}, true, true},
    {{HOST("127.0.0.1:8080"), ORIGIN("http://127.0.0.1@evil.example:8080")}, true, true},
    {{HOST("127.0.0.1:8080"), ORIGIN("null")}, true, true},
    {{HOST("127.0.0.1:8080"), ORIGIN("")}, true, true},
    {{HOST("127.0.0.1:8080"), ORIGIN("evil")}, true, true},
    {{ORIGIN("http://127.0.0.1:8080")}, true, true},
    {{HOST("127.0.0.1:8080"), SITE("cross-site")}, true, true},
    {{HOST("127.0.0.1:8080"), SITE("Cross-Site")}, true, true},
    {{HOST("127.0.0.1:8080"), SITE("what comes next")}, true, true},
    {{HOST("127.0.0.1:8080"), ORIGIN("http://127.0.0.1:8080"), ORIGIN("http://evil.example")},
     true,
     true},
    {{HOST("127.0.0.1:8080"), {"oRiGiN", "http://evil.example"}}, true, true},
    {{HOST("127.0.0.1:8080"), ORIGIN("http://127.0.0.1:8080"), SITE("cross-site")}, true, true},
    {{HOST("127.0.0.1:8080"), SITE("cross-site"), VISIT}, true, false},
    {{HOST("127.0.0.1:8080"),
      SITE("cross-site"),
      {"Sec-Fetch-Mode", "navigate"},
      {"Sec-Fetch-Dest", "iframe"}},
     true,
     true},
    /* rebound names; a program may call a stub by any name */
    {{HOST("evil.example:8080")}, true, false},
    {{HOST("evil.example.")}, true, false},
    {{HOST("127.0.0.1.nip.io")}, true, false},
    {{HOST("127.0.0.1.")}, false, false},
    {{HOST("localhost.evil.example")}, true, false},
    {{HOST("local.evil")}, true, false},
    {{HOST("evilinternal.example")}, true, false},
    {{HOST("notlocal.xlocal")}, true, false},
    {{HOST("evil.example:8080"), ORIGIN("http://evil.example:8080")}, true, true},
    {{HOST("evil.example:8080"), SITE("same-origin")}, true, true},
    {{HOST("127.0.0.1:8080"), HOST("evil.example"), SITE("same-origin")}, true, true},
};

START_TEST(knows_a_page) {
    static const char *const admin[] = {"/__admin/version", "/sandbox/s/__admin/version",
                                        "/%5f_admin/version", "/__admin/nowhere"};
    const char *const(*headers)[2] = pages[_i].headers;
    for (size_t i = 0; i < sizeof(admin) / sizeof(admin[0]); i++) {
        int status = status_of("GET", admin[i], headers, NULL);
        ck_assert_int_eq(status, pages[_i].is_refused          ? 403
                                 : strstr(admin[i], "nowhere") ? 404
                                                               : 200);
    }
    ck_assert_int_eq(status_of("GET", STUB, headers, NULL), pages[_i].is_foreign ? 403 : 200);
    ck_assert_int_eq(status_of("GET", "/open", headers, "ours"), 200);
    ck_assert_int_eq(status_of("GET", "/health", headers, "UP"), 200);
}
END_TEST

static const char *const evil[MAX_HEADERS][2] = {HOST("127.0.0.1"), ORIGIN("http://evil.example")};
static const char *const rebound[MAX_HEADERS][2] = {HOST("Kestub.Example.com:8080")};

START_TEST(refuses_each_method) {
    static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "X"};
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
        ck_assert_int_eq(status_of(methods[i], "/__admin/mappings", evil, "web page"), 403);
}
END_TEST

START_TEST(a_foreign_page_uses_nothing_up) {
    static const char *const program[MAX_HEADERS][2] = {{NULL}};
    ck_assert_int_eq(status_of("GET", "/once", evil, "Access-Control-Allow-Origin"), 403);
    ck_assert_int_eq(status_of("GET", "/once", program, "ours"), 200);
    ck_assert_int_eq(status_of("GET", "/once", program, NULL), 404);
}
END_TEST

START_TEST(options_open_the_control_plane) {
    ck_assert_int_eq(status_of("GET", ADMIN, rebound, "'Kestub.Example.com'"), 403);
    config.admin_hosts = "a.example,kestub.example.co,xkestub.example.com";
    ck_assert_int_eq(status_of("GET", ADMIN, rebound, "--admin-hosts"), 403);
    config.admin_hosts = "a.example,kestub.example.com,b.example";
    ck_assert_int_eq(status_of("GET", ADMIN, rebound, NULL), 200);
    ck_assert_int_eq(status_of("GET", ADMIN, evil, NULL), 403);
    config.admin_hosts = NULL;
    config.host = "kestub.example.com";
    ck_assert_int_eq(status_of("GET", ADMIN, rebound, NULL), 200);
    config.host = "127.0.0.1";
    config.admin_token = "secret";
    ck_assert_int_eq(status_of("GET", ADMIN, rebound, NULL), 401);
    ck_assert_int_eq(status_of("GET", ADMIN, evil, NULL), 403);
    config.admin_token = NULL;
    config.admin = false;
    ck_assert_int_eq(status_of("GET", ADMIN, evil, NULL), 404);
}
END_TEST

START_TEST(cors_opens_stubs_and_what_it_names) {
    static const char *const null[MAX_HEADERS][2] = {HOST("127.0.0.1:8080"), ORIGIN("null")};
    static const char *const image[MAX_HEADERS][2] = {HOST("127.0.0.1:8080"), SITE("cross-site")};
    static const char *const own[MAX_HEADERS][2] = {HOST("kestub.example.com"),
                                                    ORIGIN("http://kestub.example.com")};
    config.cors = "*";
    ck_assert_int_eq(status_of("GET", STUB, evil, "ours"), 200);
    ck_assert_int_eq(status_of("GET", STUB, image, "ours"), 200);
    ck_assert_int_eq(status_of("GET", STUB, null, NULL), 403);
    ck_assert_int_eq(status_of("GET", ADMIN, evil, NULL), 403);
    ck_assert_int_eq(status_of("GET", ADMIN, image, NULL), 403);
    config.cors = "http://other.example";
    ck_assert_int_eq(status_of("GET", STUB, evil, NULL), 403);
    ck_assert_int_eq(status_of("GET", STUB, image, NULL), 403);
    ck_assert_int_eq(status_of("GET", ADMIN, own, NULL), 403);
    config.cors = "http://other.example,http://evil.example,http://kestub.example.com";
    ck_assert_int_eq(status_of("GET", STUB, evil, "ours"), 200);
    ck_assert_int_eq(status_of("GET", ADMIN, evil, NULL), 200);
    ck_assert_int_eq(status_of("GET", ADMIN, own, NULL), 200);
    ck_assert_int_eq(status_of("GET", STUB, image, NULL), 403);
    config.cors = NULL;
}
END_TEST

int main(void) {
    Suite *suite = suite_create("origin");
    TCase *tcase = suite_add(suite, "origin");
    tcase_add_checked_fixture(tcase, setup, teardown);
    suite_add_rows(tcase, knows_a_page, pages);
    tcase_add_test(tcase, refuses_each_method);
    tcase_add_test(tcase, a_foreign_page_uses_nothing_up);
    tcase_add_test(tcase, options_open_the_control_plane);
    tcase_add_test(tcase, cors_opens_stubs_and_what_it_names);
    return suite_run(suite);
}
