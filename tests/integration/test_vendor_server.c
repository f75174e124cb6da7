/* `kestub server standalone|local`: in place of the vendor's program. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "session.h"
#include "suite.h"

#define ME "/api/v1/me"
#define PORTS "endpoints: {all: {port: 0}}\nmicronaut.server.port: 1\n"
#define ADMINISTRATOR                                                                              \
    "kestra:\n  queue: {type: memory}\n  security:\n    super-admin:\n      username: "            \
    "boss@x.org\n"                                                                                 \
    "      password: kestra\n      tenantAdminAccess: [main, fresh]\n"

static struct process server;

static void start(const char *const *arguments) {
    process_start(&server, arguments);
}

static void stop(void) {
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
    unsetenv("KESTRA_CONFIGURATION");
}

/* Sends a request to the management port, which is no part of any contract, and returns the
 * answer. */
static const char *ask_management(const char *line) {
    static char answer[1024];
    char request[256];
    int port;
    const char *url = strstr(server.ready, "health at ");
    ck_assert_msg(url && sscanf(url, "health at http://127.0.0.1:%d/health", &port) == 1, "%s",
                  server.ready);
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)port),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    int size = snprintf(request, sizeof(request),
                        "%s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n", line);
    ck_assert_int_eq(send(fd, request, (size_t)size, MSG_NOSIGNAL), size);
    /* it closes the connection after its answer */
    ssize_t received = recv(fd, answer, sizeof(answer) - 1, MSG_WAITALL);
    ck_assert_int_gt(received, 0);
    answer[received] = '\0';
    close(fd);
    return answer;
}

START_TEST(takes_the_administrator) {
    setenv("KESTRA_CONFIGURATION", PORTS ADMINISTRATOR, 1);
    start((const char *const[]){"server", "standalone", "--worker-thread=4", "--no-tutorials", "-l",
                                "INFO", NULL});
    session_expect(&server, &(struct http_call){.method = "GET", .target = ME}, 401);
    session_expect(&server,
                   &(struct http_call){.method = "GET",
                                       .target = "/api/v1/tenants/fresh",
                                       .basic = "boss@x.org:kestra"},
                   200);
    ck_assert_ptr_nonnull(strstr(server.ready, "administrator boss@x.org, password kestra,"));
    char *log = process_log(&server);
    ck_assert_ptr_nonnull(strstr(log, "ignored: option --worker-thread\n"));
    ck_assert_ptr_nonnull(strstr(log, "ignored: option --no-tutorials\n"));
    ck_assert_ptr_nonnull(strstr(log, "ignored: option -l\n"));
    ck_assert_ptr_nonnull(strstr(log, "ignored: setting kestra.queue\n"));
    ck_assert_ptr_null(strstr(log, "INFO"));
    free(log);
    stop();
}
END_TEST

START_TEST(changes_the_one_who_is_there) {
    setenv("KESTRA_CONFIGURATION",
           PORTS "kestra.server.basic-auth: {username: root@root.com, password: other}", 1);
    start((const char *const[]){"server", "local", NULL});
    session_expect(
        &server, &(struct http_call){.method = "GET", .target = ME, .basic = "root@root.com:other"},
        200);
    session_expect(
        &server,
        &(struct http_call){.method = "GET", .target = ME, .basic = "root@root.com:Root!1234"},
        401);
    session_expect(&server, &(struct http_call){.method = "POST", .target = "/__admin/reset"}, 200);
    session_expect(
        &server, &(struct http_call){.method = "GET", .target = ME, .basic = "root@root.com:other"},
        200);
    stop();
}
END_TEST

static const struct {
    const char *line;
    const char *status;
} health_requests[] = {
    {"GET /health", "HTTP/1.1 200 "},     {"HEAD /health", "HTTP/1.1 200 "},
    {"GET /health?x=1", "HTTP/1.1 200 "}, {"GET /health/readiness", "HTTP/1.1 200 "},
    {"GET /prometheus", "HTTP/1.1 404 "}, {"GET /healthy", "HTTP/1.1 404 "},
    {"GET " ME, "HTTP/1.1 404 "},         {"POST /health", "HTTP/1.1 405 "},
};

START_TEST(answers_health_at_the_management_port) {
    setenv("KESTRA_CONFIGURATION", PORTS, 1);
    start((const char *const[]){"server", "standalone", NULL});
    char *before = session_call(
        &server, &(struct http_call){.method = "GET", .target = "/__admin/requests"}, 200);
    for (size_t i = 0; i < sizeof(health_requests) / sizeof(health_requests[0]); i++) {
        const char *answer = ask_management(health_requests[i].line);
        ck_assert_msg(strncmp(answer, health_requests[i].status, 13) == 0, "%s: %s",
                      health_requests[i].line, answer);
    }
    ck_assert_ptr_nonnull(strstr(ask_management("GET /health"), "{\"status\":\"UP\"}"));
    char *after = session_call(
        &server, &(struct http_call){.method = "GET", .target = "/__admin/requests"}, 200);
    ck_assert_str_eq(before, after);
    free(before);
    free(after);
    stop();
}
END_TEST

static const struct {
    const char *arguments[4];
    const char *configuration;
    const char *error;
} mistakes[] = {
    {{"server"}, NULL, "kestub: server: '' is not one of standalone|local\n"},
    {{"server", "webserver"}, NULL, "kestub: server: 'webserver' is not one of standalone|local\n"},
    {{"server", "local", "oops"}, NULL, "kestub: server: oops: is no option\n"},
    {{"server", "local", "--config=/nowhere.yml"},
     NULL,
     "kestub: --config: /nowhere.yml: No such file or directory\n"},
    {{"server", "local"},
     "a: [",
     "kestub: KESTRA_CONFIGURATION: line 2, column 1: did not find expected node content\n"},
    {{"server", "local"},
     "endpoints.all.port: many",
     "kestub: endpoints.all.port: 'many' is not a number from 0 to 65535\n"},
    {{"server", "local"},
     "micronaut.server.port: many",
     "kestub: --port: 'many' is not a number from 0 to 65535\n"},
    {{"server", "local", "--auth=maybe"},
     NULL,
     "kestub: --auth: 'maybe' is not one of strict|any|off\n"},
};

START_TEST(refuses) {
    char out[256];
    char err[512];
    if (mistakes[_i].configuration)
        setenv("KESTRA_CONFIGURATION", mistakes[_i].configuration, 1);
    const char *arguments[5] = {0};
    memcpy(arguments, mistakes[_i].arguments, sizeof(mistakes[_i].arguments));
    ck_assert_int_eq(process_run(arguments, out, sizeof(out), err, sizeof(err)), 2);
    ck_assert_str_eq(err, mistakes[_i].error);
    unsetenv("KESTRA_CONFIGURATION");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("vendor_server");
    TCase *tcase = suite_add(suite, "vendor_server");
    tcase_add_test(tcase, takes_the_administrator);
    tcase_add_test(tcase, changes_the_one_who_is_there);
    tcase_add_test(tcase, answers_health_at_the_management_port);
    suite_add_rows(tcase, refuses, mistakes);
    return suite_run(suite);
}
