/* The protocol: what polite and rude clients do on the wire. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http.h"
#include "process.h"
#include "suite.h"

#define GRACE "/api/v1/main/users/4by6NvSLcPXFhCj8nwbZOM/groups"
#define CREDENTIALS                                                                                \
    "Authorization: Bearer KESTUB-root-token-for-tests-only-0123456789\r\n"                        \
    "Content-Type: application/json\r\n"
#define EMPTY "{\"groupIds\":[]}"

static struct process server;

static void setup(void) {
    process_start(&server, (const char *const[]){NULL});
}

static void teardown(void) {
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
}

static void send_text(const char *text, bool one_answer, struct http_answer *answer) {
    http_raw(&server, text, strlen(text), one_answer, answer);
}

static int occurrences(const char *text, const char *part) {
    int n = 0;
    for (; (text = strstr(text, part)); text += strlen(part))
        n++;
    return n;
}

static const struct {
    const char *method;
    const char *target;
    int status;
    const char *allow;
} routes[] = {
    {"GET", "/health", 200, NULL},
    {"HEAD", "/health", 200, NULL},
    {"OPTIONS", "/health", 204, "GET, HEAD, OPTIONS"},
    {"POST", "/health", 405, "GET, HEAD, OPTIONS"},
    {"GET", "/openapi.yaml", 200, NULL},
    {"HEAD", "/openapi.yaml", 200, NULL},
    {"GET", GRACE, 405, "PUT, OPTIONS"},
    {"POST", "/api/v1/users/x", 405, "GET, HEAD, PUT, DELETE, PATCH, OPTIONS"},
    /* Both /groups/search and /groups/{id} fit. */
    {"OPTIONS", "/api/v1/main/groups/search", 204, "GET, HEAD, PUT, DELETE, OPTIONS"},
    {"HEAD", GRACE, 405, "PUT, OPTIONS"},
    {"POST", GRACE, 405, "PUT, OPTIONS"},
    {"PATCH", GRACE, 405, "PUT, OPTIONS"},
    {"DELETE", GRACE, 405, "PUT, OPTIONS"},
    {"BREW", GRACE, 405, "PUT, OPTIONS"},
    {"OPTIONS", GRACE, 204, "PUT, OPTIONS"},
    {"GET", "/", 404, NULL},
    {"GET", "/nowhere", 404, NULL},
    {"GET", "/health/", 404, NULL},
    {"GET", "//health", 404, NULL},
    {"GET", "/HEALTH", 404, NULL},
    {"GET", "/health%2F", 404, NULL},
    {"GET", "/h%65alth", 200, NULL},
    {"PUT", "/api/v1/main/users//groups", 404, NULL},
    {"PUT", "/api/v1/main/users/x/groups/", 404, NULL},
    {"PUT", "/api/v1/main/users/%zz/groups", 400, NULL},
    {"PUT", "/api/v1/main/users/%4/groups", 400, NULL},
    {"PUT", "/api/v1/main/users/x/groups%", 400, NULL},
    {"PUT", "/api/v1/main/users/%00/groups", 400, NULL},
    {"PUT", "/api/v1/main/users/%FF/groups", 400, NULL},
    {"PUT", "/api/v1/main/users/%C0%80/groups", 400, NULL},
    {"PUT", "/api/v1/main/users/%ED%A0%80/groups", 400, NULL},
    {"GET", "/%", 400, NULL},
};

START_TEST(routes_by_method_and_path) {
    struct http_answer answer;
    http_send(&server,
              &(struct http_call){.method = routes[_i].method, .target = routes[_i].target},
              &answer);
    ck_assert_msg(answer.status == routes[_i].status, "%s %s: %d", routes[_i].method,
                  routes[_i].target, answer.status);
    const char *allow = http_header(&answer, "Allow");
    ck_assert(routes[_i].allow ? allow && strcmp(allow, routes[_i].allow) == 0 : !allow);
    if (strcmp(routes[_i].method, "HEAD") == 0)
        ck_assert_uint_eq(answer.body_size, 0);
    else if (routes[_i].status >= 400)
        ck_assert_msg(strstr(answer.body, "\"instance\":\"/"), "%s", answer.body);
    http_answer_deinit(&answer);
}
END_TEST

START_TEST(tells_its_health_and_contract) {
    struct http_answer answer;
    http_send(&server, &(struct http_call){.method = "GET", .target = "/health"}, &answer);
    ck_assert_str_eq(answer.body, "{\"status\":\"UP\"}");
    http_answer_deinit(&answer);
    http_send(&server, &(struct http_call){.method = "GET", .target = "/openapi.yaml"}, &answer);
    ck_assert_ptr_nonnull(strstr(answer.body, "operationId: updateUserGroups"));
    ck_assert_str_eq(http_header(&answer, "Content-Type"), "application/yaml");
    http_answer_deinit(&answer);
}
END_TEST

START_TEST(tells_the_path_as_received) {
    struct http_answer answer;
    http_send(&server, &(struct http_call){.method = "GET", .target = "/a%20b?c=%22"}, &answer);
    ck_assert_ptr_nonnull(strstr(answer.body, "\"instance\":\"/a%20b\""));
    http_answer_deinit(&answer);
    /* What is not UTF-8 does not fit into JSON. */
    send_text("GET /a?\xff HTTP/1.0\r\n\r\n", true, &answer);
    ck_assert_int_eq(answer.status, 404);
    ck_assert_ptr_nonnull(strstr(answer.body, "\"instance\":\"/a\""));
    http_answer_deinit(&answer);
}
END_TEST

START_TEST(answers_100_continue) {
    static const char head[] = "PUT " GRACE " HTTP/1.1\r\nHost: x\r\n" CREDENTIALS
                               "Content-Length: 15\r\nExpect: 100-continue\r\n\r\n";
    char bytes[64];
    int fd = http_connect(&server);
    ck_assert_int_eq(send(fd, head, strlen(head), 0), (ssize_t)strlen(head));
    ssize_t n = recv(fd, bytes, 25, MSG_WAITALL);
    ck_assert_int_eq(n, 25);
    ck_assert_int_eq(strncmp(bytes, "HTTP/1.1 100 Continue\r\n\r\n", 25), 0);
    ck_assert_int_eq(send(fd, EMPTY, 15, 0), 15);
    ck_assert_int_eq(recv(fd, bytes, 12, MSG_WAITALL), 12);
    ck_assert_int_eq(strncmp(bytes, "HTTP/1.1 204", 12), 0);
    close(fd);
}
END_TEST

static const struct {
    const char *head;
    int status;
} early[] = {
    /* The server refuses these by their head, before the client sends the body. */
    {"PUT " GRACE " HTTP/1.1\r\nHost: x\r\nContent-Length: 15\r\nExpect: 100-continue\r\n\r\n",
     401},
    {"PUT " GRACE " HTTP/1.1\r\nHost: x\r\n" CREDENTIALS
     "Content-Length: 99999999\r\nExpect: 100-continue\r\n\r\n",
     413},
    {"PUT " GRACE " HTTP/1.1\r\nHost: x\r\n" CREDENTIALS
     "Content-Length: 99999999999\r\n\r\n{\"groupIds\":[",
     413},
};

START_TEST(refuses_early) {
    struct http_answer answer;
    send_text(early[_i].head, true, &answer);
    ck_assert_int_eq(answer.status, early[_i].status);
    ck_assert_ptr_nonnull(strstr(answer.body, "\"title\":"));
    http_answer_deinit(&answer);
}
END_TEST

START_TEST(lets_a_refused_client_finish) {
    /* The client must get the answer although it is still sending. */
    static char body[8 * 1024 * 1024];
    for (int i = 0; i < 5; i++) {
        struct http_answer answer;
        http_send(&server,
                  &(struct http_call){.method = "PUT",
                                      .target = GRACE,
                                      .basic = ROOT,
                                      .body = body,
                                      .body_size = sizeof(body)},
                  &answer);
        ck_assert_int_eq(answer.status, 413);
        http_answer_deinit(&answer);
    }
}
END_TEST

START_TEST(cuts_off_an_endless_chunked_body) {
    static char request[20 * 1024 * 1024];
    int length = snprintf(request, sizeof(request),
                          "PUT " GRACE " HTTP/1.1\r\nHost: x\r\n" CREDENTIALS
                          "Transfer-Encoding: chunked\r\n\r\n7ffffff\r\n");
    struct http_answer answer;
    memset(request + length, ' ', sizeof(request) - (size_t)length);
    http_raw(&server, request, sizeof(request), true, &answer);
    ck_assert_int_eq(answer.status, 0);
    http_answer_deinit(&answer);
}
END_TEST

START_TEST(speaks_http_1_0) {
    struct http_answer answer;
    send_text("PUT " GRACE " HTTP/1.0\r\n" CREDENTIALS "Content-Length: 15\r\n\r\n" EMPTY, true,
              &answer);
    ck_assert_int_eq(answer.status, 204);
    http_answer_deinit(&answer);
    send_text("GET /health HTTP/1.0\r\n\r\n", false, &answer);
    ck_assert_int_eq(answer.status, 200);
    ck_assert_str_eq(answer.body, "{\"status\":\"UP\"}");
    http_answer_deinit(&answer);
}
END_TEST

START_TEST(answers_pipelined_requests_in_order) {
    struct http_answer answer;
    send_text("GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
              "PUT " GRACE " HTTP/1.1\r\nHost: x\r\n" CREDENTIALS "Content-Length: 15\r\n\r\n" EMPTY
              "PUT " GRACE " HTTP/1.1\r\nHost: x\r\nContent-Length: 15\r\n\r\n" EMPTY
              "GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
              false, &answer);
    ck_assert_int_eq(answer.status, 200);
    const char *second = strstr(answer.body, "HTTP/1.1 204");
    ck_assert_ptr_nonnull(second);
    const char *third = strstr(second, "HTTP/1.1 401");
    ck_assert_ptr_nonnull(third);
    ck_assert_ptr_nonnull(strstr(third, "HTTP/1.1 404"));
    ck_assert_int_eq(occurrences(answer.body, "HTTP/1.1 "), 3);
    http_answer_deinit(&answer);
}
END_TEST

/* libmicrohttpd either lets the NUL through to kestub or closes the connection. */
START_TEST(refuses_a_nul_in_the_path) {
    static const char request[] = "GET /health\0x HTTP/1.1\r\nHost: x\r\n\r\n";
    struct http_answer answer;
    http_raw(&server, request, sizeof(request) - 1, true, &answer);
    ck_assert_int_eq(answer.status, STRICT_LIBRARY ? 0 : 400);
    http_answer_deinit(&answer);
    send_text("GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", false, &answer);
    ck_assert_int_eq(answer.status, 200);
    http_answer_deinit(&answer);
}
END_TEST

#define NOT_SUPPORTED "The Transfer-Encoding used in request is not supported"
#define BOTH "both Transfer-Encoding and Content-Length headers are used"

static const struct {
    const char *headers;
    const char *strict; /* what a strict library says when it refuses them itself */
} ambiguous[] = {
    {"Content-Length: 15\r\nContent-Length: 2\r\n", NULL},
    {"Content-Length: 15\r\nContent-Length: 15\r\n", NULL},
    {"Transfer-Encoding: chunked\r\nContent-Length: 15\r\n", BOTH},
    {"Content-Length: 15\r\nTransfer-Encoding: chunked\r\n", BOTH},
    {"Transfer-Encoding: gzip, chunked\r\n", NOT_SUPPORTED},
    {"Transfer-Encoding: identity\r\n", NOT_SUPPORTED},
    {"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", NULL},
};

START_TEST(refuses_an_ambiguous_length) {
    struct http_answer answer;
    char request[512];
    snprintf(request, sizeof(request),
             "PUT " GRACE " HTTP/1.1\r\nHost: x\r\n" CREDENTIALS "%s\r\n" EMPTY,
             ambiguous[_i].headers);
    send_text(request, false, &answer);
    ck_assert_int_eq(answer.status, 400);
    const char *reason = STRICT_LIBRARY && ambiguous[_i].strict ? ambiguous[_i].strict
                                                                : "length of the body is ambiguous";
    ck_assert_msg(strstr(answer.body, reason) != NULL, "%s", answer.body);
    http_answer_deinit(&answer);
}
END_TEST

START_TEST(lists_the_methods_of_the_server) {
    struct http_answer answer;
    send_text("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", true, &answer);
    ck_assert_int_eq(answer.status, 204);
    ck_assert_str_eq(http_header(&answer, "Allow"), "GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS");
    http_answer_deinit(&answer);
}
END_TEST

START_TEST(accepts_an_absolute_target) {
    struct http_answer answer;
    send_text("GET http://somewhere:99/health?x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
              false, &answer);
    ck_assert_int_eq(answer.status, 200);
    http_answer_deinit(&answer);
}
END_TEST

static const char *const rude[] = {
    "GARBAGE\r\n\r\n",
    "GET\r\n\r\n",
    "GET /health HTTP/9.9\r\nHost: x\r\n\r\n",
    "GET /health HTTP/1.1\r\nBroken\r\n\r\n",
    "PUT " GRACE " HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "PUT " GRACE " HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n",
    "PUT " GRACE " HTTP/1.1\r\nHost: x\r\nContent-Length: 1x\r\n\r\n",
    "PUT " GRACE " HTTP/1.1\r\nHost: x\r\n" CREDENTIALS "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
};

static const char *const incomplete[] = {
    "",
    "\r\n\r\n",
    "GET /hea",
    "GET /health HTTP/1.1\r\nHost: ",
    "PUT " GRACE " HTTP/1.1\r\nHost: x\r\n" CREDENTIALS "Content-Length: 15\r\n\r\n{\"gro",
    "PUT " GRACE " HTTP/1.1\r\nHost: x\r\n" CREDENTIALS "Transfer-Encoding: chunked\r\n\r\n5\r\n{",
};

START_TEST(survives_clients_that_leave) {
    struct http_answer answer;
    int fd = http_connect(&server);
    ck_assert_int_ge(send(fd, incomplete[_i], strlen(incomplete[_i]), 0), 0);
    close(fd);
    http_send(&server, &(struct http_call){.method = "GET", .target = "/health"}, &answer);
    ck_assert_int_eq(answer.status, 200);
    http_answer_deinit(&answer);
}
END_TEST

START_TEST(survives_rude_clients) {
    struct http_answer answer;
    send_text(rude[_i], false, &answer);
    ck_assert_msg(answer.status == 0 || (answer.status >= 400 && answer.status <= 505), "%d",
                  answer.status);
    http_answer_deinit(&answer);
    http_send(&server, &(struct http_call){.method = "GET", .target = "/health"}, &answer);
    ck_assert_int_eq(answer.status, 200);
    http_answer_deinit(&answer);
}
END_TEST

START_TEST(limits_the_size_of_the_head) {
    static char request[300 * 1024];
    int length = snprintf(request, sizeof(request), "GET /health HTTP/1.1\r\nHost: x\r\nX: ");
    memset(request + length, 'a', sizeof(request) - (size_t)length - 5);
    strcpy(request + sizeof(request) - 5, "\r\n\r\n");
    struct http_answer answer;
    http_raw(&server, request, sizeof(request) - 1, true, &answer);
    ck_assert_msg(answer.status == 431 || answer.status == 413, "%d", answer.status);
    http_answer_deinit(&answer);
}
END_TEST

START_TEST(serves_others_beside_slow_clients) {
    int slow[300];
    for (size_t i = 0; i < 300; i++) {
        static const char start[] =
            "PUT " GRACE " HTTP/1.1\r\nHost: x\r\n" CREDENTIALS "Content-Length: 15\r\n\r\n{\"g";
        slow[i] = http_connect(&server);
        ck_assert_int_eq(send(slow[i], start, strlen(start), 0), (ssize_t)strlen(start));
    }
    struct http_answer answer;
    http_send(&server,
              &(struct http_call){.method = "PUT", .target = GRACE, .basic = ROOT, .body = EMPTY},
              &answer);
    ck_assert_int_eq(answer.status, 204);
    http_answer_deinit(&answer);
    for (size_t i = 0; i < 300; i++)
        close(slow[i]);
}
END_TEST

START_TEST(accepts_ten_thousand_ids) {
    char *body = malloc(10000 * 32);
    ck_assert_ptr_nonnull(body);
    char *end = stpcpy(body, "{\"groupIds\":[");
    for (int i = 0; i < 10000; i++)
        end += sprintf(end, "%s\"%s\"", i ? "," : "",
                       i % 2 ? "7C1klfgdQmLTCyrnlejrtg" : "4LeYKUcqzLlRGlnKAzeqvF");
    strcpy(end, "]}");
    struct http_answer answer;
    http_send(&server,
              &(struct http_call){.method = "PUT", .target = GRACE, .basic = ROOT, .body = body},
              &answer);
    ck_assert_msg(answer.status == 204, "%d %s", answer.status, answer.body);
    http_answer_deinit(&answer);
    free(body);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("http");
    TCase *tcase = suite_add(suite, "http");
    tcase_add_checked_fixture(tcase, setup, teardown);
    suite_add_rows(tcase, routes_by_method_and_path, routes);
    tcase_add_test(tcase, tells_its_health_and_contract);
    tcase_add_test(tcase, tells_the_path_as_received);
    tcase_add_test(tcase, answers_100_continue);
    suite_add_rows(tcase, refuses_early, early);
    tcase_add_test(tcase, lets_a_refused_client_finish);
    tcase_add_test(tcase, cuts_off_an_endless_chunked_body);
    tcase_add_test(tcase, speaks_http_1_0);
    tcase_add_test(tcase, answers_pipelined_requests_in_order);
    tcase_add_test(tcase, refuses_a_nul_in_the_path);
    suite_add_rows(tcase, refuses_an_ambiguous_length, ambiguous);
    tcase_add_test(tcase, lists_the_methods_of_the_server);
    tcase_add_test(tcase, accepts_an_absolute_target);
    suite_add_rows(tcase, survives_rude_clients, rude);
    suite_add_rows(tcase, survives_clients_that_leave, incomplete);
    tcase_add_test(tcase, limits_the_size_of_the_head);
    tcase_add_test(tcase, serves_others_beside_slow_clients);
    tcase_add_test(tcase, accepts_ten_thousand_ids);
    return suite_run(suite);
}
