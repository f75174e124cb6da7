/* The ways into the server besides HTTP over TCP: HTTPS, alone or beside HTTP, and Unix sockets. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <curl/curl.h>

#include "session.h"
#include "suite.h"

#define ME "/api/v1/me"

static struct process server;
static char directory[64];
static char certificate[96];
static char place[96]; /* of another file or socket */
static char out[1024];
static char err[1024];

static void setup(void) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    make_directory(directory);
    snprintf(certificate, sizeof(certificate), "%s/cert.pem", directory);
    snprintf(place, sizeof(place), "%s/place", directory);
}

static void teardown(void) {
    remove_directory(directory);
}

static int run(const char *const *arguments) {
    return process_run(arguments, out, sizeof(out), err, sizeof(err));
}

static void stop(void) {
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
}

static void start_tls(const char *option, const char *value) {
    process_start(&server, (const char *const[]){"--tls-self-signed", "--tls-cert-out", certificate,
                                                 option, value, NULL});
    server.ca = certificate;
}

static int status_of(const char *target) {
    struct http_answer answer;
    http_send(
        &server,
        &(struct http_call){.method = "GET", .target = target, .basic = ROOT, .off_record = true},
        &answer);
    int status = answer.status;
    http_answer_deinit(&answer);
    return status;
}

static void swap_scheme(const char *scheme) {
    char rest[128];
    snprintf(rest, sizeof(rest), "%s", strstr(server.url, "://"));
    snprintf(server.url, sizeof(server.url), "%s%.100s", scheme, rest);
}

START_TEST(speaks_https_at_its_only_port) {
    start_tls(NULL, NULL);
    ck_assert_int_eq(strncmp(server.url, "https://127.0.0.1:", 18), 0);
    ck_assert_int_eq(status_of(ME), 200);
    ck_assert_int_eq(run((const char *const[]){"healthcheck", server.url, NULL}), 0);
    server.ca = NULL;
    ck_assert_int_eq(status_of(ME), 0); /* nobody trusts the certificate unasked */
    swap_scheme("http");
    ck_assert_int_eq(status_of(ME), 0);
    ck_assert_int_eq(run((const char *const[]){"healthcheck", server.url, NULL}), 1);
    stop();
}
END_TEST

START_TEST(speaks_https_beside_http) {
    char second[128];
    char ready[2][128];
    process_start(&server,
                  (const char *const[]){"--tls-self-signed", "on", "--tls-cert-out", certificate,
                                        "--tls-port", "0", "--ready-file", place, NULL});
    ck_assert_int_eq(sscanf(server.ready, "kestub is ready at %*s and %127[^ ,\n]", second), 1);
    FILE *file = fopen(place, "re");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fscanf(file, "%127s\n%127s", ready[0], ready[1]), 2);
    fclose(file);
    ck_assert_str_eq(ready[0], server.url);
    ck_assert_str_eq(ready[1], second);
    ck_assert_int_eq(status_of(ME), 200);
    ck_assert_int_eq(run((const char *const[]){"healthcheck", server.url, NULL}), 0);
    strcpy(server.url, second);
    server.ca = certificate;
    ck_assert_int_eq(status_of(ME), 200);
    ck_assert_int_eq(run((const char *const[]){"healthcheck", second, NULL}), 0);
    stop();
}
END_TEST

/* A client may call the server by each of these names. */
START_TEST(makes_a_certificate_for_its_names) {
    static const char *const names[] = {"localhost", "127.0.0.1", "kestub.example.com"};
    char host[64];
    char port[16];
    start_tls("--admin-hosts", "kestub.example.com");
    ck_assert_int_eq(sscanf(strrchr(server.url, ':'), ":%15s", port), 1);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        CURL *curl = curl_easy_init();
        snprintf(host, sizeof(host), "%s:%s:127.0.0.1", names[i], port);
        struct curl_slist *addresses = curl_slist_append(NULL, host);
        snprintf(out, sizeof(out), "https://%s:%s/health", names[i], port);
        curl_easy_setopt(curl, CURLOPT_URL, out);
        curl_easy_setopt(curl, CURLOPT_RESOLVE, addresses);
        curl_easy_setopt(curl, CURLOPT_CAINFO, certificate);
        curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
        CURLcode code = curl_easy_perform(curl);
        ck_assert_msg(code == CURLE_OK, "%s: %s", names[i], curl_easy_strerror(code));
        curl_slist_free_all(addresses);
        curl_easy_cleanup(curl);
    }
    stop();
}
END_TEST

static const struct {
    long version;
    bool is_spoken;
} protocols[] = {
    {CURL_SSLVERSION_TLSv1_0, false},
    {CURL_SSLVERSION_TLSv1_1, false},
    {CURL_SSLVERSION_TLSv1_2, true},
    {CURL_SSLVERSION_TLSv1_3, true},
};

START_TEST(speaks_only_safe_versions) {
    start_tls(NULL, NULL);
    CURL *curl = curl_easy_init();
    curl_easy_setopt(curl, CURLOPT_URL, server.url);
    curl_easy_setopt(curl, CURLOPT_CAINFO, certificate);
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    /* At level 0 this client would speak the old versions, too. */
    curl_easy_setopt(curl, CURLOPT_SSL_CIPHER_LIST, "ALL:@SECLEVEL=0");
    curl_easy_setopt(curl, CURLOPT_SSLVERSION,
                     protocols[_i].version | (protocols[_i].version << 16));
    CURLcode code = curl_easy_perform(curl);
    ck_assert_msg((code == CURLE_OK) == protocols[_i].is_spoken, "%s", curl_easy_strerror(code));
    curl_easy_cleanup(curl);
    stop();
}
END_TEST

START_TEST(tells_stubs_and_the_journal_the_scheme) {
    start_tls(NULL, NULL);
    session_expect(&server,
                   &(struct http_call){.method = "POST",
                                       .target = "/__admin/mappings",
                                       .body = "{\"request\":{\"url\":\"/s\",\"scheme\":\"http\"},"
                                               "\"response\":{\"status\":202}}"},
                   201);
    ck_assert_int_eq(status_of("/s"), 404);
    session_expect(&server,
                   &(struct http_call){.method = "POST",
                                       .target = "/__admin/mappings",
                                       .body = "{\"request\":{\"url\":\"/s\",\"scheme\":\"HTTPS\"},"
                                               "\"response\":{\"status\":203}}"},
                   201);
    ck_assert_int_eq(status_of("/s"), 203);
    snprintf(out, sizeof(out), "\"absoluteUrl\":\"%s/s\"", server.url);
    http_expect(&server, &(struct http_call){.method = "GET", .target = "/__admin/requests"}, 200,
                out);
    stop();
}
END_TEST

static const struct {
    const char *name;
    CURLcode code;
} breakages[] = {
    {"EMPTY_RESPONSE", CURLE_GOT_NOTHING},
    {"MALFORMED_RESPONSE_CHUNK", CURLE_RECV_ERROR},
    {"RANDOM_DATA_THEN_CLOSE", CURLE_UNSUPPORTED_PROTOCOL},
    {"CONNECTION_RESET_BY_PEER", CURLE_RECV_ERROR},
};

static size_t drop(char *bytes, size_t size, size_t count, void *cls) {
    (void)bytes;
    (void)cls;
    return size * count;
}

START_TEST(breaks_answers_inside_of_tls) {
    char body[128];
    start_tls(NULL, NULL);
    snprintf(body, sizeof(body), "{\"request\":{\"url\":\"/f\"},\"response\":{\"fault\":\"%s\"}}",
             breakages[_i].name);
    session_expect(
        &server, &(struct http_call){.method = "POST", .target = "/__admin/mappings", .body = body},
        201);
    CURL *curl = curl_easy_init();
    snprintf(out, sizeof(out), "%s/f", server.url);
    curl_easy_setopt(curl, CURLOPT_URL, out);
    curl_easy_setopt(curl, CURLOPT_CAINFO, certificate);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop);
    CURLcode code = curl_easy_perform(curl);
    /* Newer libraries take an end without a goodbye for an error of its own. */
    bool is_end = breakages[_i].code == CURLE_GOT_NOTHING && code == CURLE_RECV_ERROR;
    ck_assert_msg(is_end || code == breakages[_i].code, "%d: %s", code, curl_easy_strerror(code));
    curl_easy_cleanup(curl);
    stop();
}
END_TEST

/* A head that does not fit gets its answer past libmicrohttpd. */
START_TEST(refuses_long_heads_inside_of_tls) {
    static char header[40000] = "X: ";
    memset(header + 3, 'a', sizeof(header) - 4);
    start_tls(NULL, NULL);
    struct http_answer answer;
    http_send(
        &server,
        &(struct http_call){.method = "GET", .target = ME, .header = header, .off_record = true},
        &answer);
    ck_assert_int_eq(answer.status, 431);
    ck_assert_ptr_nonnull(strstr(answer.body, "32 KiB"));
    http_answer_deinit(&answer);
    stop();
}
END_TEST

/* The certificate of one run serves as --tls-cert of another only together with its key. */
START_TEST(refuses_pairs_that_do_not_match) {
    start_tls(NULL, NULL);
    stop();
    ck_assert_int_eq(run((const char *const[]){"--port", "0", "--tls-cert", certificate,
                                               "--tls-key", certificate, NULL}),
                     2);
    snprintf(out, sizeof(out), "kestub: --tls-key: %s: ", certificate);
    ck_assert_msg(strstr(err, out) == err, "%s", err);
    FILE *file = fopen(place, "we");
    ck_assert_ptr_nonnull(file);
    fputs("nothing\n", file);
    fclose(file);
    ck_assert_int_eq(run((const char *const[]){"--port", "0", "--tls-cert", place, "--tls-key",
                                               certificate, NULL}),
                     2);
    ck_assert_ptr_nonnull(strstr(err, "has no certificate in PEM\n"));
}
END_TEST

/* The file was made once, with its key, and is valid until the year 9966. */
START_TEST(takes_a_certificate_and_its_key) {
    snprintf(out, sizeof(out), "%s/../tests/integration/certificate.pem",
             getenv("KESTUB_FIXTURES"));
    process_start(&server, (const char *const[]){"--tls-cert", out, "--tls-key", out, NULL});
    server.ca = out;
    ck_assert_int_eq(status_of(ME), 200);
    stop();
}
END_TEST

START_TEST(listens_on_a_unix_socket) {
    struct stat status;
    char host[128];
    snprintf(host, sizeof(host), "unix:%s", place);
    process_start(&server, (const char *const[]){"--host", host, NULL});
    ck_assert_str_eq(server.url, host);
    ck_assert_int_eq(status_of(ME), 200);
    ck_assert_int_eq(run((const char *const[]){"healthcheck", host, NULL}), 0);
    setenv("KESTUB_HOST", host, 1);
    ck_assert_int_eq(run((const char *const[]){"healthcheck", NULL}), 0);
    unsetenv("KESTUB_HOST");
    http_expect(&server, &(struct http_call){.method = "GET", .target = "/__admin/requests"}, 200,
                "\"absoluteUrl\":\"http://localhost" ME "\"");
    ck_assert_int_eq(run((const char *const[]){"--host", host, NULL}), 2);
    ck_assert_ptr_nonnull(strstr(err, "Address already in use"));
    ck_assert_int_eq(status_of(ME), 200);
    stop();
    ck_assert_int_ne(lstat(place, &status), 0);
}
END_TEST

START_TEST(replaces_only_a_socket_that_nobody_uses) {
    char host[128];
    snprintf(host, sizeof(host), "unix:%s", place);
    process_start(&server, (const char *const[]){"--host", host, NULL});
    ck_assert_int_eq(process_stop(&server, SIGKILL), 128 + SIGKILL);
    ck_assert_int_eq(access(place, F_OK), 0);
    process_start(&server, (const char *const[]){"--host", host, NULL});
    ck_assert_int_eq(status_of(ME), 200);
    stop();
    FILE *file = fopen(place, "we");
    ck_assert_ptr_nonnull(file);
    fclose(file);
    ck_assert_int_eq(run((const char *const[]){"--host", host, NULL}), 2);
    ck_assert_int_eq(access(place, F_OK), 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("doors");
    TCase *tcase = suite_add(suite, "doors");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, speaks_https_at_its_only_port);
    tcase_add_test(tcase, speaks_https_beside_http);
    tcase_add_test(tcase, makes_a_certificate_for_its_names);
    suite_add_rows(tcase, speaks_only_safe_versions, protocols);
    tcase_add_test(tcase, tells_stubs_and_the_journal_the_scheme);
    suite_add_rows(tcase, breaks_answers_inside_of_tls, breakages);
    tcase_add_test(tcase, refuses_long_heads_inside_of_tls);
    tcase_add_test(tcase, refuses_pairs_that_do_not_match);
    tcase_add_test(tcase, takes_a_certificate_and_its_key);
    tcase_add_test(tcase, listens_on_a_unix_socket);
    tcase_add_test(tcase, replaces_only_a_socket_that_nobody_uses);
    return suite_run(suite);
}
