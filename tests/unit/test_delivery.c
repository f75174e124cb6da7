/* Responses that are delayed, dribble or break, over real sockets; see support/delivery_hook.h. */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "exchange/response.h"
#include "http/server.h"
#include "sandbox/coverage.h"
#include "suite.h"
#include "util/timestamp.h"
#include "world.h"

enum { PATIENCE_S = 100, REPLY_SIZE = 1 << 20, MAX_CLIENTS = 2000 };

#define FOREVER "3600000,0,0,0"
#define LAST " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

static struct config config;
static struct sandbox sandbox;
static struct sandboxes *sandboxes;
static struct server *server;

static void start_logging(enum log_format format) {
    char error[SERVER_ERROR_SIZE];
    world_init(&config, &sandbox);
    config.port = 0;
    config.threads = 2;
    config.log = format;
    ck_assert_int_eq(sandboxes_new(&sandbox, 1, &sandboxes), 0);
    ck_assert_int_eq(server_start(&config, sandboxes, &server, error), 0);
}

static void start(void) {
    start_logging(LOG_OFF);
}

static void stop(void) {
    server_free(server);
    sandboxes_free(sandboxes);
    sandbox_deinit(&sandbox);
}

static int client(void) {
    const struct timeval patience = {.tv_sec = PATIENCE_S};
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(server_port(server)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ge(fd, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static void put(int fd, const char *text) {
    ck_assert_int_eq(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

struct reply {
    size_t size;
    int error; /* 0: the server closed the connection */
    int64_t first_us;
    char bytes[REPLY_SIZE + 1];
};

static struct reply reply;

/* Reads until the connection ends, and closes it. */
static void get(int fd) {
    ssize_t n;
    reply.size = 0;
    reply.error = 0;
    reply.first_us = 0;
    while ((n = recv(fd, reply.bytes + reply.size, REPLY_SIZE - reply.size, 0)) > 0) {
        if (reply.size == 0)
            reply.first_us = timestamp_monotonic_us();
        reply.size += (size_t)n;
    }
    if (n < 0)
        reply.error = errno;
    reply.bytes[reply.size] = '\0';
    close(fd);
}

static int ask(const char *text) {
    int fd = client();
    put(fd, text);
    return fd;
}

static const char *body(void) {
    const char *end = strstr(reply.bytes, "\r\n\r\n");
    ck_assert_ptr_nonnull(end);
    return end + 4;
}

static int occurrences(const char *part) {
    int n = 0;
    for (const char *at = reply.bytes; (at = strstr(at, part)); at += strlen(part))
        n++;
    return n;
}

/* Joins the body's chunks in place. Returns their number. */
static int join_chunks(char *chunk) {
    char *out = chunk;
    for (int n = 0;; n++) {
        char *bytes;
        size_t size = strtoul(chunk, &bytes, 16);
        ck_assert_mem_eq(bytes, "\r\n", 2);
        if (size == 0) {
            ck_assert_mem_eq(bytes, "\r\n\r\n", 4);
            *out = '\0';
            return n;
        }
        memmove(out, bytes + 2, size);
        out += size;
        chunk = bytes + 2 + size;
        ck_assert_mem_eq(chunk, "\r\n", 2);
        chunk += 2;
    }
}

static char *whole_body(const char *text) {
    get(ask(text));
    return strdup(body());
}

static int fds[MAX_CLIENTS];

/* As many clients as the system has file descriptors for on both sides. */
static int client_count(void) {
    struct rlimit limit;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    rlim_t possible = (limit.rlim_cur - 200) / 2;
    return possible < MAX_CLIENTS ? (int)possible : MAX_CLIENTS;
}

static void ask_all(int count, const char *text) {
    for (int i = 0; i < count; i++)
        fds[i] = ask(text);
}

/* Until so many answers to GET /health were made, whether they have left or not. */
static void await_answers(uint64_t count) {
    const struct timespec tick = {.tv_nsec = 1000000};
    const struct operation *health = NULL;
    for (size_t i = 0; !health && i < version_find("2.0")->routes.n_routes; i++) {
        const struct operation *get = version_find("2.0")->routes.routes[i].operations[HTTP_GET];
        if (get && strcmp(get->id, "getHealth") == 0)
            health = get;
    }
    ck_assert_ptr_nonnull(health);
    while (coverage_count(sandbox.coverage, health, 0) < count)
        nanosleep(&tick, NULL);
}

START_TEST(a_late_response_is_never_early) {
    int64_t start_us = timestamp_monotonic_us();
    get(ask("GET /health?delivery=150,0,0,0" LAST));
    ck_assert_int_ge(reply.first_us - start_us, 150000);
    ck_assert_mem_eq(reply.bytes, "HTTP/1.1 200", 12);
    ck_assert_int_eq(reply.error, 0);
}
END_TEST

START_TEST(thousands_of_late_responses_arrive) {
    int count = client_count();
    int64_t start_us = timestamp_monotonic_us();
    ask_all(count, "GET /health?delivery=1000,0,0,0" LAST);
    for (int i = 0; i < count; i++) {
        get(fds[i]);
        ck_assert_int_ge(reply.first_us - start_us, 1000000);
        ck_assert_mem_eq(reply.bytes, "HTTP/1.1 200", 12);
    }
}
END_TEST

/* The responses are delayed by an hour, so the test would notice if they held threads. */
START_TEST(late_responses_hold_no_thread_and_end_with_the_server) {
    int count = client_count();
    ask_all(count, "GET /health?delivery=" FOREVER LAST);
    for (int i = 0; i < 100; i++) {
        get(ask("GET /health" LAST));
        ck_assert_mem_eq(reply.bytes, "HTTP/1.1 200", 12);
    }
    for (int i = 0; i < count; i++)
        ck_assert_int_eq(recv(fds[i], reply.bytes, 1, MSG_DONTWAIT), -1);
    await_answers((uint64_t)count + 100); /* what the server has not read yet it would refuse */
    server_stop(server, PATIENCE_S * 1000);
    for (int i = 0; i < count; i++) {
        get(fds[i]);
        ck_assert_mem_eq(reply.bytes, "HTTP/1.1 200", 12);
        ck_assert_int_eq(reply.error, 0);
    }
}
END_TEST

/* Some end with a reset. All must be gone when the server ends. */
START_TEST(clients_may_leave_while_they_wait) {
    static const char *const wishes[] = {
        "GET /health?delivery=200,0,0,0" LAST,
        "GET /nowhere?delivery=200,0,3,200" LAST,
        "GET /openapi.yaml?delivery=0,0,9,200" LAST,
        "GET /health?delivery=200,3,0,0" LAST,
        "GET /health?delivery=" FOREVER LAST,
        "GET /openapi.yaml?delivery=0,0,2,3600000" LAST,
    };
    const struct linger reset = {.l_onoff = 1, .l_linger = 0};
    enum { COUNT = 300, N_WISHES = sizeof(wishes) / sizeof(wishes[0]) };
    for (int i = 0; i < COUNT; i++)
        fds[i] = ask(wishes[i % N_WISHES]);
    for (int i = 0; i < COUNT; i++) {
        if (i / N_WISHES % 2)
            setsockopt(fds[i], SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
        close(fds[i]);
    }
    get(ask("GET /health?delivery=300,0,0,0" LAST));
    ck_assert_mem_eq(reply.bytes, "HTTP/1.1 200", 12);
    server_stop(server, _i ? PATIENCE_S * 1000 : 0);
}
END_TEST

/* Requests arrive while the server stops. Each must end, with or without an answer. */
START_TEST(stops_while_responses_become_late) {
    int count = client_count() / 4;
    for (int i = 0; i < count; i++)
        fds[i] = client();
    for (int i = 0; i < count; i++)
        put(fds[i], "GET /health?delivery=" FOREVER LAST);
    server_stop(server, 0);
    for (int i = 0; i < count; i++)
        get(fds[i]);
}
END_TEST

static const char *const refused[] = {
    "POST /nowhere?delivery=100,0,0,0 HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
    "Content-Length: 5\r\n\r\n",
    "POST /nowhere?delivery=100,0,0,0 HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\nabc",
    "POST /nowhere?delivery=100,0,0,0 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
    "Connection: close\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
};

START_TEST(a_refusal_can_be_late) {
    int64_t start_us = timestamp_monotonic_us();
    get(ask(refused[_i]));
    ck_assert_int_ge(reply.first_us - start_us, 100000);
    ck_assert_mem_eq(reply.bytes, "HTTP/1.1 404", 12);
    ck_assert_int_eq(occurrences("HTTP/1.1"), 1);
    ck_assert_int_eq(reply.error, 0);
}
END_TEST

static const struct {
    enum breakage fault;
    int error;
    const char *head; /* the beginning of the response */
    bool garbage;
    int status; /* in the log, next to the name */
    const char *name;
} faults[] = {
    {BREAKAGE_EMPTY_RESPONSE, 0, "", false, 0, "EMPTY_RESPONSE"},
    {BREAKAGE_CONNECTION_RESET_BY_PEER, ECONNRESET, "", false, 0, "CONNECTION_RESET_BY_PEER"},
    {BREAKAGE_MALFORMED_RESPONSE_CHUNK, 0, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
     true, 200, "MALFORMED_RESPONSE_CHUNK"},
    {BREAKAGE_RANDOM_DATA_THEN_CLOSE, 0, "", true, 0, "RANDOM_DATA_THEN_CLOSE"},
};

static void check_fault(size_t row) {
    size_t head = strlen(faults[row].head);
    ck_assert_int_eq(reply.error, faults[row].error);
    ck_assert_uint_ge(reply.size, head);
    ck_assert_mem_eq(reply.bytes, faults[row].head, head);
    ck_assert_int_eq(reply.size > head, faults[row].garbage);
    ck_assert(reply.size == head || (unsigned char)reply.bytes[head] < ' ');
}

START_TEST(faults_break_the_connection) {
    char text[512];
    int fault = (int)faults[_i].fault;
    snprintf(text, sizeof(text), "GET /health?delivery=0,%d,0,0 HTTP/1.1\r\nHost: x\r\n\r\n",
             fault);
    get(ask(text));
    check_fault((size_t)_i);

    snprintf(text, sizeof(text),
             "POST /nowhere?delivery=50,%d,0,0 HTTP/1.1\r\nHost: x\r\n"
             "Content-Length: 3\r\n\r\nabc",
             fault);
    int64_t start_us = timestamp_monotonic_us();
    get(ask(text));
    ck_assert_int_ge(timestamp_monotonic_us() - start_us, 50000);
    check_fault((size_t)_i);

    snprintf(text, sizeof(text),
             "POST /nowhere?delivery=0,%d,0,0 HTTP/1.1\r\nHost: x\r\n"
             "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n",
             fault);
    get(ask(text));
    check_fault((size_t)_i);
}
END_TEST

START_TEST(a_fault_leaves_earlier_answers_intact) {
    char text[512];
    char *expected = whole_body("GET /openapi.yaml" LAST);
    snprintf(text, sizeof(text),
             "GET /openapi.yaml HTTP/1.1\r\nHost: x\r\n\r\n"
             "GET /health?delivery=0,%d,0,0 HTTP/1.1\r\nHost: x\r\n\r\n",
             (int)BREAKAGE_EMPTY_RESPONSE);
    get(ask(text));
    ck_assert_str_eq(body(), expected);
    free(expected);
}
END_TEST

/* Writes what a new server logs about one request with the fault, beginning with the path. */
static void log_of(enum log_format format, enum breakage fault, char *out, size_t size) {
    char text[256];
    FILE *file = tmpfile();
    int saved = dup(STDERR_FILENO);
    ck_assert_ptr_nonnull(file);
    stop();
    start_logging(format);
    dup2(fileno(file), STDERR_FILENO);
    snprintf(text, sizeof(text), "GET /health?delivery=0,%d,0,0 HTTP/1.1\r\nHost: x\r\n\r\n",
             (int)fault);
    get(ask(text));
    dup2(saved, STDERR_FILENO);
    close(saved);
    rewind(file);
    out[fread(out, 1, size - 1, file)] = '\0';
    fclose(file);
    char *path = strstr(out, "/health");
    ck_assert_ptr_nonnull(path);
    memmove(out, path, strlen(path) + 1);
}

START_TEST(the_log_names_the_fault) {
    char log[1024], name[64];
    int status;
    long long took;
    log_of(LOG_TEXT, faults[_i].fault, log, sizeof(log));
    ck_assert_int_eq(sscanf(log, "/health %d %lldus - %63s", &status, &took, name), 3);
    ck_assert_int_eq(status, faults[_i].status);
    ck_assert_str_eq(name, faults[_i].name);
    log_of(LOG_JSON, faults[_i].fault, log, sizeof(log));
    ck_assert_int_eq(sscanf(log,
                            "/health\",\"status\":%d,\"microseconds\":%lld,\"principal\":\"-\","
                            "\"fault\":\"%63[^\"]\"}",
                            &status, &took, name),
                     3);
    ck_assert_int_eq(status, faults[_i].status);
    ck_assert_str_eq(name, faults[_i].name);
}
END_TEST

static const struct {
    const char *target;
    const char *wish;
    int chunks; /* -1: one for each byte of the body; 0: more than one */
    int64_t least_us;
} dribbles[] = {
    {"/health?", "delivery=0,0,4,120", 4, 120000},
    {"/health?", "delivery=0,0,1,50", 1, 50000},
    {"/health?", "delivery=60,0,2,60", 2, 120000},
    {"/health?", "delivery=0,0,2147483647,50", -1, 50000},
    {"/health?", "delivery=0,0,3,0", 3, 0},
    {"/health?", "delivery=0,0,3,-5", 3, 0},
    {"/nowhere?", "delivery=0,0,5,50", 5, 50000},
    {"/openapi.yaml?", "delivery=0,0,3,50", 0, 50000},
};

START_TEST(a_dribble_is_slow_but_complete) {
    char text[256];
    snprintf(text, sizeof(text), "GET %s%s" LAST, dribbles[_i].target, dribbles[_i].wish);
    char *expected = NULL;
    if (strcmp(dribbles[_i].target, "/nowhere?") != 0) {
        char plain[256];
        snprintf(plain, sizeof(plain), "GET %s" LAST, dribbles[_i].target);
        expected = whole_body(plain);
    }
    int64_t start_us = timestamp_monotonic_us();
    get(ask(text));
    ck_assert_int_ge(timestamp_monotonic_us() - start_us, dribbles[_i].least_us);
    ck_assert_ptr_nonnull(strstr(reply.bytes, "Transfer-Encoding: chunked\r\n"));
    int n = join_chunks(reply.bytes + (body() - reply.bytes));
    if (dribbles[_i].chunks == 0)
        ck_assert_int_gt(n, 1);
    else
        ck_assert_int_eq(n, dribbles[_i].chunks > 0 ? dribbles[_i].chunks : (int)strlen(expected));
    if (expected)
        ck_assert_str_eq(body(), expected);
    else
        ck_assert_ptr_nonnull(strstr(body(), "\"title\":"));
    free(expected);
}
END_TEST

/* Each chunk comes when it is due. The head comes at once and does not wait for the body. */
START_TEST(a_dribble_comes_in_chunks) {
    int fd = ask("GET /health?delivery=0,0,2,3600000" LAST);
    reply.size = 0;
    do {
        ssize_t n = recv(fd, reply.bytes + reply.size, REPLY_SIZE - reply.size, 0);
        ck_assert_int_gt(n, 0);
        reply.size += (size_t)n;
        reply.bytes[reply.size] = '\0';
    } while (!strstr(reply.bytes, "\r\n\r\n"));
    ck_assert_str_eq(body(), "");
    server_stop(server, PATIENCE_S * 1000);
    get(fd);
    ck_assert_int_eq(join_chunks(reply.bytes), 2);
}
END_TEST

START_TEST(other_forms_of_a_dribble) {
    char *expected = whole_body("GET /openapi.yaml" LAST);
    get(ask("GET /openapi.yaml?delivery=0,0,3,60 HTTP/1.0\r\n\r\n"));
    ck_assert_ptr_null(strstr(reply.bytes, "Transfer-Encoding"));
    ck_assert_str_eq(body(), expected);
    free(expected);
    get(ask("HEAD /health?delivery=0,0,3,60" LAST));
    ck_assert_str_eq(body(), "");
    get(ask("OPTIONS /health?delivery=0,0,3,60" LAST));
    ck_assert_mem_eq(reply.bytes, "HTTP/1.1 204", 12);
    ck_assert_str_eq(body(), "");
    get(ask("GET /health?delivery=30,0,3,30 HTTP/1.1\r\nHost: x\r\n\r\n"
            "GET /health?delivery=30,0,3,30" LAST));
    ck_assert_int_eq(occurrences("HTTP/1.1 200"), 2);
    ck_assert_int_eq(occurrences("\r\n0\r\n\r\n"), 2);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("delivery");
    TCase *tcase = suite_add(suite, "delivery");
    tcase_add_checked_fixture(tcase, start, stop);
    tcase_add_test(tcase, a_late_response_is_never_early);
    tcase_add_test(tcase, thousands_of_late_responses_arrive);
    tcase_add_test(tcase, late_responses_hold_no_thread_and_end_with_the_server);
    tcase_add_loop_test(tcase, clients_may_leave_while_they_wait, 0, 2);
    tcase_add_test(tcase, stops_while_responses_become_late);
    suite_add_rows(tcase, a_refusal_can_be_late, refused);
    suite_add_rows(tcase, faults_break_the_connection, faults);
    tcase_add_test(tcase, a_fault_leaves_earlier_answers_intact);
    suite_add_rows(tcase, the_log_names_the_fault, faults);
    suite_add_rows(tcase, a_dribble_is_slow_but_complete, dribbles);
    tcase_add_test(tcase, a_dribble_comes_in_chunks);
    tcase_add_test(tcase, other_forms_of_a_dribble);
    return suite_run(suite);
}
