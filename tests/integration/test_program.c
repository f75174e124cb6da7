/* The program as a process: start, signals and log. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "http.h"
#include "process.h"
#include "suite.h"

#define GRACE "/api/v1/main/users/4by6NvSLcPXFhCj8nwbZOM/groups"
#define TOKEN "KESTUB-root-token-for-tests-only-0123456789"

static char out[4096];
static char err[4096];

static int run(const char *const *arguments) {
    return process_run(arguments, out, sizeof(out), err, sizeof(err));
}

START_TEST(announces_itself) {
    char directory[64];
    char path[96];
    char url[128] = "";
    struct process server;
    make_directory(directory);
    snprintf(path, sizeof(path), "%s/url", directory);
    process_start(&server, (const char *const[]){"--ready-file", path, "--threads", "1", NULL});
    FILE *file = fopen(path, "re");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fscanf(file, "%127s", url), 1);
    fclose(file);
    ck_assert_str_eq(url, server.url);
    ck_assert_ptr_nonnull(
        strstr(server.ready,
               ", administrator root@root.com, password Root!1234, bearer token " TOKEN "\n"));
    ck_assert_int_eq(run((const char *const[]){"healthcheck", url, NULL}), 0);
    process_stop(&server, SIGTERM);
    ck_assert_int_eq(run((const char *const[]){"healthcheck", url, NULL}), 1);
    remove_directory(directory);
}
END_TEST

START_TEST(removes_a_stale_ready_file) {
    char directory[64];
    char path[96];
    make_directory(directory);
    snprintf(path, sizeof(path), "%s/url", directory);
    FILE *file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    fputs("http://127.0.0.1:1\n", file);
    fclose(file);
    ck_assert_int_eq(
        run((const char *const[]){"--ready-file", path, "--host", "no such host", NULL}), 2);
    ck_assert_int_ne(access(path, F_OK), 0);
    remove_directory(directory);
}
END_TEST

START_TEST(starts_empty_when_asked) {
    struct process server;
    struct http_answer answer;
    process_start(&server, (const char *const[]){"--fixture", "empty", NULL});
    ck_assert_ptr_null(strstr(server.ready, "administrator"));
    ck_assert_ptr_nonnull(strstr(server.ready, ", console at http://"));
    http_send(&server, &(struct http_call){.method = "PUT", .target = GRACE, .basic = ROOT},
              &answer);
    ck_assert_int_eq(answer.status, 401);
    http_answer_deinit(&answer);
    process_stop(&server, SIGTERM);
}
END_TEST

START_TEST(refuses_a_taken_port) {
    struct process server;
    char port[16];
    char wanted[128];
    process_start(&server, (const char *const[]){NULL});
    ck_assert_int_eq(sscanf(server.url, "http://127.0.0.1:%15s", port), 1);
    ck_assert_int_eq(run((const char *const[]){"--port", port, NULL}), 2);
    snprintf(wanted, sizeof(wanted),
             "kestub: --port: cannot listen on 127.0.0.1 port %s: Address already in use\n", port);
    ck_assert_str_eq(err, wanted);
    process_stop(&server, SIGTERM);
}
END_TEST

START_TEST(listens_on_ipv6) {
    int probe = socket(AF_INET6, SOCK_STREAM, 0);
    if (probe < 0)
        return; /* the kernel has no IPv6 */
    close(probe);
    struct process server;
    process_start(&server, (const char *const[]){"--host", "::1", NULL});
    ck_assert_ptr_nonnull(strstr(server.url, "http://[::1]:"));
    ck_assert_int_eq(run((const char *const[]){"healthcheck", server.url, NULL}), 0);
    process_stop(&server, SIGTERM);
}
END_TEST

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Starts a request. Returns its socket once the server waits for the body, so that the request is
 * in flight. */
static int start_a_request(const struct process *server) {
    static const char start[] = "PUT " GRACE " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " TOKEN
                                "\r\nContent-Type: application/json\r\nContent-Length: 15"
                                "\r\nExpect: 100-continue\r\n\r\n";
    char bytes[32];
    int fd = http_connect(server);
    ck_assert_int_eq(send(fd, start, strlen(start), 0), (ssize_t)strlen(start));
    ck_assert_int_eq(recv(fd, bytes, 25, MSG_WAITALL), 25); /* the 100 Continue */
    return fd;
}

static const int stop_signals[] = {SIGTERM, SIGINT};

START_TEST(finishes_requests_in_flight) {
    char bytes[128] = "";
    struct process server;
    process_start(&server, (const char *const[]){NULL});
    int fd = start_a_request(&server);
    kill(server.pid, stop_signals[_i]);
    /* The body is sent once the server no longer accepts connections. */
    for (int64_t deadline = now_ms() + 4000; now_ms() < deadline;)
        if (run((const char *const[]){"healthcheck", server.url, NULL}) != 0)
            break;
    ck_assert_int_eq(send(fd, "{\"groupIds\":[]}", 15, MSG_NOSIGNAL), 15);
    ck_assert_int_ge(recv(fd, bytes, sizeof(bytes) - 1, 0), 12);
    ck_assert_msg(strncmp(bytes, "HTTP/1.1 204", 12) == 0, "%s", bytes);
    ck_assert_ptr_nonnull(strstr(bytes, "Connection: close"));
    close(fd);
    ck_assert_int_eq(process_wait(&server), 0);
}
END_TEST

static const char *const idle[] = {"", "GET /hea", "GET /health HTTP/1.1\r\nHost:"};

START_TEST(does_not_wait_for_idle_clients) {
    struct process server;
    process_start(&server, (const char *const[]){NULL});
    int fd = http_connect(&server);
    size_t length = strlen(idle[_i]);
    ck_assert_int_eq(send(fd, idle[_i], length, 0), (ssize_t)length);
    int64_t start = now_ms();
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
    ck_assert_int_lt(now_ms() - start, 4000);
    close(fd);
}
END_TEST

START_TEST(gives_up_on_a_stuck_client) {
    struct process server;
    process_start(&server, (const char *const[]){NULL});
    int fd = start_a_request(&server);
    int64_t begin = now_ms();
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
    ck_assert_int_ge(now_ms() - begin, 4500);
    close(fd);
}
END_TEST

START_TEST(survives_a_closed_pipe) {
    struct process server;
    struct http_answer answer;
    process_start(&server, (const char *const[]){NULL});
    static const char request[] = "GET /openapi.yaml HTTP/1.1\r\nHost: x\r\n\r\n";
    for (int i = 0; i < 50; i++) {
        int fd = http_connect(&server);
        ck_assert_int_gt(send(fd, request, strlen(request), 0), 0);
        const struct linger reset = {.l_onoff = 1};
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
        close(fd);
    }
    http_send(&server, &(struct http_call){.method = "GET", .target = "/health"}, &answer);
    ck_assert_int_eq(answer.status, 200);
    http_answer_deinit(&answer);
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
}
END_TEST

/* Sends requests with every kind of credentials, and reads the log afterwards. */
static char *log_of(const char *format) {
    struct process server;
    struct http_answer answer;
    const struct http_call calls[] = {
        {.method = "PUT",
         .target = GRACE "?password=secret-query",
         .basic = ROOT,
         .header = JSON,
         .body = "{\"groupIds\":[]}"},
        {.method = "PUT",
         .target = GRACE,
         .bearer = TOKEN,
         .body = "{\"groupIds\":[\"secret-body\"]}"},
        {.method = "PUT", .target = GRACE, .basic = "root@root.com:secret-password"},
        {.method = "PUT", .target = GRACE, .bearer = "secret-token"},
    };
    process_start(&server, (const char *const[]){"--log", format, NULL});
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        http_send(&server, &calls[i], &answer);
        ck_assert_int_ne(answer.status, 0);
        http_answer_deinit(&answer);
    }
    static const char forged[] = "GET /%0A2026-01-01\xe2\x80\xa8\"x HTTP/1.1\r\nHost: x\r\n\r\n";
    http_raw(&server, forged, strlen(forged), true, &answer);
    ck_assert_int_eq(answer.status, 404);
    http_answer_deinit(&answer);
    kill(server.pid, SIGTERM);
    siginfo_t info;
    waitid(P_PID, (id_t)server.pid, &info, WEXITED | WNOWAIT);
    char *log = process_log(&server);
    ck_assert_int_eq(process_wait(&server), 0);
    const char *const secrets[] = {"secret", "Root!1234", TOKEN,    "cm9vd",
                                   "Basic",  "Bearer",    "KESTUB-"};
    for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
        ck_assert_msg(!strstr(log, secrets[i]), "'%s' in the log: %s", secrets[i], log);
    return log;
}

#define STUB "5bd5bb68-4f1a-4d4a-8f1d-3a3a4e5f0a0"

static struct process stubbed;

static void call_off_record(const struct http_call *call, int status) {
    struct http_call unrecorded = *call;
    struct http_answer answer;
    unrecorded.off_record = true;
    http_send(&stubbed, &unrecorded, &answer);
    ck_assert_msg(answer.status == status, "%s %s: %d", call->method, call->target, answer.status);
    http_answer_deinit(&answer);
}

static const char *const stubs[] = {
    "{\"id\":\"" STUB "1\",\"request\":{\"url\":\"/first?password=secret1\","
    "\"headers\":{\"X-Api-Key\":{\"equalTo\":\"secret2\"}},"
    "\"bodyPatterns\":[{\"equalTo\":\"secret3\"}]}}",
    "{\"id\":\"" STUB "2\",\"request\":{\"url\":\"/another/path\"}}",
    "{\"id\":\"" STUB "3\",\"request\":{\"url\":\"/waits\"},\"scenarioName\":\"s\","
    "\"requiredScenarioState\":\"up\"}",
    "{\"id\":\"" STUB "4\",\"request\":{\"urlPath\":\"/query\","
    "\"queryParameters\":{\"X\\nForged\":{\"equalTo\":\"x\"}}}}",
};

static const struct {
    struct http_call call;
    const char *text; /* what the line has, as text and as JSON */
    const char *json;
} misses[] = {
    {{.method = "POST",
      .target = "/first?password=secret1",
      .header = "X-Api-Key: secret4",
      .body = "secret3"},
     " closest stub " STUB "1 differs in header X-Api-Key\n",
     ",\"closestStub\":\"" STUB "1\",\"differsIn\":\"header X-Api-Key\"}\n"},
    {{.method = "POST",
      .target = "/first?password=secret1",
      .header = "X-Api-Key: secret2",
      .body = "secret5"},
     " closest stub " STUB "1 differs in body\n",
     ",\"closestStub\":\"" STUB "1\",\"differsIn\":\"body\"}\n"},
    {{.method = "GET", .target = "/another/pith"},
     " closest stub " STUB "2 differs in url\n",
     ",\"closestStub\":\"" STUB "2\",\"differsIn\":\"url\"}\n"},
    {{.method = "GET", .target = "/waits"},
     " closest stub " STUB "3 differs in scenario\n",
     ",\"closestStub\":\"" STUB "3\",\"differsIn\":\"scenario\"}\n"},
    {{.method = "GET", .target = "/query"},
     " closest stub " STUB "4 differs in query parameter X\\x0aForged\n",
     ",\"closestStub\":\"" STUB "4\",\"differsIn\":\"query parameter X\\u000aForged\"}\n"},
};

static void expect_in_log(const char *text, bool is_there) {
    char *log = process_log(&stubbed);
    ck_assert_msg(!!strstr(log, text) == is_there, "%s in %s", text, log);
    free(log);
}

/* Only the lines of requests that nothing served have a stub, and no line has a value. */
START_TEST(logs_the_closest_stub) {
    bool is_json = _i > 0;
    process_start(&stubbed, (const char *const[]){"--log", is_json ? "json" : "text", NULL});
    call_off_record(&(struct http_call){.method = "GET", .target = "/waits"}, 404);
    for (size_t i = 0; i < sizeof(stubs) / sizeof(stubs[0]); i++)
        call_off_record(
            &(struct http_call){.method = "POST", .target = "/__admin/mappings", .body = stubs[i]},
            201);
    call_off_record(&(struct http_call){.method = "GET", .target = "/another/path"}, 200);
    call_off_record(&(struct http_call){.method = "GET", .target = "/api/v1/me"}, 401);
    call_off_record(&(struct http_call){.method = "GET", .target = "/__admin/waits"}, 404);
    expect_in_log("closest", false);
    for (size_t i = 0; i < sizeof(misses) / sizeof(misses[0]); i++) {
        call_off_record(&misses[i].call, 404);
        expect_in_log(is_json ? misses[i].json : misses[i].text, true);
    }
    expect_in_log("secret", false);
    ck_assert_int_eq(process_stop(&stubbed, SIGTERM), 0);
}
END_TEST

START_TEST(logs_text) {
    char *log = log_of("text");
    int year = 0, status = 0;
    long long microseconds = -1;
    char principal[64] = "";
    ck_assert_int_eq(sscanf(log, "%d-%*[^ ] PUT " GRACE " %d %lldus %63s", &year, &status,
                            &microseconds, principal),
                     4);
    ck_assert_int_ge(year, 2020);
    ck_assert_int_eq(status, 204);
    ck_assert_int_ge(microseconds, 0);
    ck_assert_str_eq(principal, "root@root.com");
    ck_assert_ptr_nonnull(strstr(log, "/%0A2026-01-01\\xe2\\x80\\xa8\\x22x 404"));
    int lines = 0;
    for (const char *at = log; (at = strchr(at, '\n')); at++)
        lines++;
    ck_assert_int_eq(lines, 5);
    free(log);
}
END_TEST

START_TEST(logs_json) {
    char *log = log_of("json");
    int lines = 0;
    for (char *line = strtok(log, "\n"); line; line = strtok(NULL, "\n")) {
        cJSON *entry = cJSON_Parse(line);
        ck_assert_msg(entry != NULL, "not JSON: %s", line);
        ck_assert(cJSON_IsNumber(cJSON_GetObjectItemCaseSensitive(entry, "status")));
        ck_assert(cJSON_IsNumber(cJSON_GetObjectItemCaseSensitive(entry, "microseconds")));
        ck_assert(cJSON_IsString(cJSON_GetObjectItemCaseSensitive(entry, "principal")));
        cJSON_Delete(entry);
        lines++;
    }
    ck_assert_int_eq(lines, 5);
    free(log);
}
END_TEST

/* Reads the log of a write that the file system refuses. */
static void log_failure(const char *format, char *log, size_t size) {
    char directory[64];
    char path[96];
    int fds[2];
    struct process server;
    struct http_answer answer;
    const struct rlimit none = {.rlim_cur = 1, .rlim_max = 1};
    make_directory(directory);
    snprintf(path, sizeof(path), "%s/state.db", directory);
    ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0); /* the limit would also hit a file */
    signal(SIGXFSZ, SIG_IGN);
    process_start_logging(&server, (const char *const[]){"--db", path, "--log", format, NULL},
                          fds[1]);
    close(fds[1]);
    ck_assert_int_eq(prlimit(server.pid, RLIMIT_FSIZE, &none, NULL), 0);
    http_send(&server,
              &(struct http_call){.method = "PUT",
                                  .target = GRACE,
                                  .bearer = TOKEN,
                                  .body = "{\"groupIds\":[]}",
                                  .off_record = true},
              &answer);
    ck_assert_int_eq(answer.status, 500);
    ck_assert_ptr_null(strstr(answer.body, "src/"));
    http_answer_deinit(&answer);
    process_stop(&server, SIGTERM);
    ssize_t length = read(fds[0], log, size - 1);
    ck_assert_int_gt(length, 0);
    log[length] = '\0';
    close(fds[0]);
}

START_TEST(logs_the_origin_of_a_failure) {
    char log[4096];
    log_failure("text", log, sizeof(log));
    ck_assert_msg(strstr(log, " error Input/output error SQLite: disk I/O error"), "%s", log);
    ck_assert_msg(strstr(log, " in COMMIT at src/store/statement.c:"), "%s", log);
    ck_assert_msg(strstr(log, " failed at src/store/statement.c:"), "%s", log);
    ck_assert_msg(strstr(log, " 500 "), "%s", log);
    log_failure("json", log, sizeof(log));
    for (char *line = strtok(log, "\n"); line; line = strtok(NULL, "\n")) {
        cJSON *entry = cJSON_Parse(line);
        ck_assert_msg(entry != NULL, "not JSON: %s", line);
        const char *origin =
            cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, "origin"));
        ck_assert_msg(origin && strncmp(origin, "src/store/statement.c:", 22) == 0, "%s", line);
        cJSON_Delete(entry);
    }
}
END_TEST

/* The log must also have a client that is refused and leaves in the middle of its body. The client
 * waits for the answer to its first request, so that it leaves after the server has read everything
 * that it sent: when the end of a connection comes with data, libmicrohttpd may overlook it until
 * the connection times out. */
START_TEST(logs_clients_that_leave) {
    static const char request[] =
        "GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
        "PUT " GRACE " HTTP/1.1\r\nHost: x\r\nContent-Length: 15\r\n\r\n{";
    struct process server;
    char answer[512];
    process_start(&server, (const char *const[]){NULL});
    int fd = http_connect(&server);
    ck_assert_int_eq(send(fd, request, strlen(request), 0), (ssize_t)strlen(request));
    ck_assert_int_gt(recv(fd, answer, sizeof(answer), 0), 0);
    close(fd);
    bool logged = false;
    for (int64_t deadline = now_ms() + 20000; !logged && now_ms() < deadline;) {
        char *log = process_log(&server);
        logged = strstr(log, " PUT " GRACE " 401 ") != NULL;
        free(log);
    }
    ck_assert(logged);
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
}
END_TEST

/* Many harnesses capture stderr and read it late or never. */
START_TEST(survives_a_log_that_nobody_reads) {
    int fds[2];
    struct process server;
    struct http_answer answer;
    ck_assert_int_eq(pipe(fds), 0);
    ck_assert_int_ge(fcntl(fds[1], F_SETPIPE_SZ, 4096), 4096);
    process_start_logging(&server, (const char *const[]){"--threads", "2", NULL}, fds[1]);
    for (int i = 0; i < 200; i++) {
        http_send(&server, &(struct http_call){.method = "GET", .target = "/health"}, &answer);
        ck_assert_int_eq(answer.status, 200);
        http_answer_deinit(&answer);
    }
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
    close(fds[0]);
    close(fds[1]);
}
END_TEST

START_TEST(logs_nothing_when_off) {
    char *log = log_of("off");
    ck_assert_str_eq(log, "");
    free(log);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("program");
    TCase *tcase = suite_add(suite, "program");
    tcase_add_test(tcase, announces_itself);
    tcase_add_test(tcase, removes_a_stale_ready_file);
    tcase_add_test(tcase, starts_empty_when_asked);
    tcase_add_test(tcase, refuses_a_taken_port);
    tcase_add_test(tcase, listens_on_ipv6);
    suite_add_rows(tcase, finishes_requests_in_flight, stop_signals);
    suite_add_rows(tcase, does_not_wait_for_idle_clients, idle);
    tcase_add_test(tcase, gives_up_on_a_stuck_client);
    tcase_add_test(tcase, survives_a_closed_pipe);
    tcase_add_test(tcase, logs_text);
    tcase_add_loop_test(tcase, logs_the_closest_stub, 0, 2);
    tcase_add_test(tcase, logs_the_origin_of_a_failure);
    tcase_add_test(tcase, logs_json);
    tcase_add_test(tcase, logs_nothing_when_off);
    tcase_add_test(tcase, logs_clients_that_leave);
    tcase_add_test(tcase, survives_a_log_that_nobody_reads);
    return suite_run(suite);
}
