/* The stream of events. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <curl/curl.h>

#include "session.h"
#include "steps.h"
#include "suite.h"

#define E "/__admin/kestub/events"

enum { STREAM_SIZE = 1 << 20, READ_SIZE = 1 << 16, PATIENCE_MS = 20000 };

/* An open stream, and what has come of it. */
struct reader {
    int fd;
    size_t size;
    char text[STREAM_SIZE];
};

static void open_stream(struct reader *reader, const struct process *server, const char *target,
                        const char *header) {
    char request[512];
    reader->fd = http_connect(server);
    reader->size = 0;
    reader->text[0] = '\0';
    int length = snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n",
                          target, header ? header : "");
    ck_assert_int_eq(write(reader->fd, request, (size_t)length), length);
}

/* Reads until the text has come so many times. Returns its last place, or NULL when the stream has
 * ended before. */
static const char *await(struct reader *reader, const char *text, int count) {
    for (;;) {
        const char *place = reader->text;
        int found = 0;
        for (const char *at = reader->text; (at = strstr(at, text)); at++, found++)
            place = at;
        if (found >= count)
            return place;
        struct pollfd polled = {.fd = reader->fd, .events = POLLIN};
        ck_assert_msg(poll(&polled, 1, PATIENCE_MS) == 1, "no '%s' in %s", text, reader->text);
        ck_assert_uint_lt(reader->size, STREAM_SIZE - READ_SIZE);
        ssize_t size = read(reader->fd, reader->text + reader->size, READ_SIZE);
        if (size <= 0)
            return NULL;
        reader->size += (size_t)size;
        reader->text[reader->size] = '\0';
    }
}

static void close_stream(struct reader *reader) {
    close(reader->fd);
}

/* One at a time, since it is large. */
static struct reader reader;

static void open_here(const char *target, const char *header) {
    open_stream(&reader, steps_server(), target, header);
    ck_assert_ptr_nonnull(await(&reader, "event: hello", 1));
}

static void visit(const char *target) {
    struct http_answer answer;
    http_send(
        steps_server(),
        &(struct http_call){.method = "GET", .target = target, .basic = ROOT, .off_record = true},
        &answer);
    ck_assert_int_eq(answer.status, 404);
    http_answer_deinit(&answer);
}

static void visit_many(const char *path, int count) {
    char target[64];
    for (int i = 0; i < count; i++) {
        snprintf(target, sizeof(target), "%s%d", path, i);
        visit(target);
    }
}

static const struct step refused[] = {
    {"GET", E "?last=-1&poll=true", NULL, 422, .has = {"greater than or equal to 0"}},
    {"GET", E "?last=x&poll=true", NULL, 422, .has = {NULL}},
    {"GET", E "?poll=maybe", NULL, 422, .has = {NULL}},
    {"POST", E, NULL, 405, .has = {NULL}},
};

START_TEST(refuses) {
    steps_run(&refused[_i], 1);
}
END_TEST

START_TEST(tells_requests_in_their_order) {
    open_here(E, NULL);
    ck_assert_ptr_nonnull(strstr(reader.text, "200 OK"));
    ck_assert_ptr_nonnull(strstr(reader.text, "Content-Type: text/event-stream"));
    visit_many("/order/", 30);
    ck_assert_ptr_nonnull(await(&reader, "event: request", 30));
    const char *last = reader.text;
    for (int i = 0; i < 30; i++) {
        char url[64];
        snprintf(url, sizeof(url), "\"url\":\"/order/%d\"", i);
        const char *place = strstr(last, url);
        ck_assert_msg(place != NULL, "no %s after the one before", url);
        last = place;
    }
    close_stream(&reader);
}
END_TEST

/* Copies the id of the last event. */
static void copy_id(char out[64]) {
    const char *place = await(&reader, "\nid: ", 1);
    ck_assert_int_eq(sscanf(place, "\nid: %63s", out), 1);
}

START_TEST(resumes_after_an_event) {
    char id[64];
    char header[128];
    open_here(E, NULL);
    visit("/resume/1");
    ck_assert_ptr_nonnull(await(&reader, "/resume/1", 1));
    copy_id(id);
    close_stream(&reader);
    visit_many("/resume/2/", 250); /* more than one text has */
    snprintf(header, sizeof(header), "Last-Event-ID: %s\r\n", id);
    open_here(E "?last=1000", header);
    ck_assert_ptr_nonnull(await(&reader, "event: request", 250));
    ck_assert_ptr_null(strstr(reader.text, "/resume/1\""));
    ck_assert_ptr_null(strstr(reader.text, "event: reset"));
    ck_assert_ptr_null(strstr(reader.text, "event: missed"));
    close_stream(&reader);
    header[strcspn(header, "/")] = '\0'; /* only the id of the entry will do, too */
    strcat(header, "\r\n");
    open_here(E, header);
    ck_assert_ptr_nonnull(await(&reader, "event: request", 250));
    ck_assert_ptr_null(strstr(reader.text, "event: reset"));
    close_stream(&reader);
}
END_TEST

static const char *const foreign_ids[] = {
    "Last-Event-ID: 00000000-0000-8000-8000-000000000001/1\r\n",
    "Last-Event-ID: nonsense\r\n",
    "Last-Event-ID: ////\r\n",
};

START_TEST(begins_anew_after_an_id_of_another_run) {
    visit("/anew");
    open_here(E, foreign_ids[_i]);
    ck_assert_ptr_nonnull(await(&reader, "event: reset", 1));
    ck_assert_ptr_nonnull(await(&reader, "/anew", 1));
    close_stream(&reader);
}
END_TEST

START_TEST(tells_that_entries_were_removed) {
    char id[64];
    char header[128];
    visit("/before");
    open_here(E "?last=10", NULL);
    ck_assert_ptr_nonnull(await(&reader, "/before", 1));
    copy_id(id);
    steps_expect(&(struct http_call){.method = "DELETE", .target = "/__admin/requests"}, 200, NULL);
    ck_assert_ptr_nonnull(await(&reader, "event: reset", 1));
    visit("/after");
    ck_assert_ptr_nonnull(await(&reader, "/after", 1));
    close_stream(&reader);
    snprintf(header, sizeof(header), "Last-Event-ID: %s\r\n", id);
    open_here(E, header);
    ck_assert_ptr_nonnull(await(&reader, "event: reset", 1));
    ck_assert_ptr_nonnull(await(&reader, "/after", 1));
    close_stream(&reader);
}
END_TEST

static char *poll_events(const char *query) {
    char target[96];
    snprintf(target, sizeof(target), E "?poll=true%s", query);
    return session_call(steps_server(), &(struct http_call){.method = "GET", .target = target},
                        200);
}

START_TEST(ends_a_poll_by_itself) {
    visit("/poll/1");
    visit("/poll/2");
    char *nothing = poll_events("");
    ck_assert_ptr_nonnull(strstr(nothing, "event: hello"));
    ck_assert_ptr_null(strstr(nothing, "event: request"));
    char *last = poll_events("&last=1");
    ck_assert_ptr_null(strstr(last, "/poll/1"));
    ck_assert_ptr_nonnull(strstr(last, "/poll/2"));
    char *all = poll_events("&last=100000");
    ck_assert_ptr_nonnull(strstr(all, "/poll/1"));
    ck_assert(strstr(all, "/poll/1") < strstr(all, "/poll/2"));
    free(nothing);
    free(last);
    free(all);
}
END_TEST

START_TEST(tells_only_of_its_sandbox_until_that_is_deleted) {
    open_here("/sandbox/here" E, NULL);
    visit("/sandbox/there/nothing/here");
    visit("/sandbox/here/to/see");
    ck_assert_ptr_nonnull(await(&reader, "/to/see", 1));
    ck_assert_ptr_null(strstr(reader.text, "/nothing/here"));
    steps_expect(
        &(struct http_call){.method = "DELETE", .target = "/__admin/kestub/sandboxes/here"}, 204,
        NULL);
    ck_assert_ptr_nonnull(await(&reader, "event: end", 1));
    ck_assert_ptr_nonnull(await(&reader, "\r\n0\r\n\r\n", 1)); /* the end of the body */
    close_stream(&reader);
}
END_TEST

START_TEST(says_what_it_is_told_of) {
    struct http_answer answer;
    open_here(E, NULL);
    STEPS_RUN({"PUT", "/api/v1/main/users/nobody/groups", "{\"groupIds\":[]}", 404, .has = {NULL}},
              {"GET", "/__admin/kestub/journal", NULL, 200, .has = {NULL}});
    const char *event = await(&reader, "event: request", 1);
    ck_assert_ptr_nonnull(await(&reader, "updateUserGroups", 1));
    ck_assert_ptr_nonnull(strstr(event, "\"principal\":\"root@root.com\""));
    ck_assert_ptr_nonnull(strstr(event, "\"status\":404"));
    ck_assert_ptr_null(strstr(reader.text, "__admin/kestub/journal"));
    static const char odd[] = "GET /\xff<script>\" HTTP/1.1\r\nHost: x\r\n\r\n";
    http_raw(steps_server(), odd, sizeof(odd) - 1, true, &answer);
    http_answer_deinit(&answer);
    close_stream(&reader);
}
END_TEST

/* ---- Readers that do not read */

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static long resident_kib(const struct process *server) {
    char path[64];
    char line[128];
    long kib = 0;
    snprintf(path, sizeof(path), "/proc/%d/status", (int)server->pid);
    FILE *file = fopen(path, "re");
    ck_assert_ptr_nonnull(file);
    while (fgets(line, sizeof(line), file))
        sscanf(line, "VmRSS: %ld", &kib);
    fclose(file);
    return kib;
}

START_TEST(a_slow_reader_holds_up_nobody) {
#ifdef __SANITIZE_ADDRESS__
    enum { MOST_KIB = 1 << 20 };
#else
    enum { MOST_KIB = 40 * 1024 };
#endif
    enum { SLOW = 50, REQUESTS = 3000 };
    int slow[SLOW];
    for (int i = 0; i < SLOW; i++) {
        static const char request[] = "GET " E " HTTP/1.1\r\nHost: x\r\n\r\n";
        int small = 4096;
        slow[i] = http_connect(steps_server());
        setsockopt(slow[i], SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
        ck_assert_int_eq(write(slow[i], request, sizeof(request) - 1),
                         (ssize_t)sizeof(request) - 1);
    }
    open_here(E, NULL);
    visit("/warm");
    long before = resident_kib(steps_server());
    double start = seconds();
    visit_many("/slow/", REQUESTS);
    ck_assert_ptr_nonnull(await(&reader, "/slow/2999", 1));
    ck_assert_double_lt(seconds() - start, 60);
    long grown = resident_kib(steps_server()) - before;
    ck_assert_int_lt(grown, (long)MOST_KIB);
    for (int i = 0; i < SLOW; i++)
        close(slow[i]);
    close_stream(&reader);
}
END_TEST

/* ---- Other servers */

START_TEST(without_a_journal_it_stays_quiet) {
    struct process server;
    process_start(&server, (const char *const[]){"--journal", "0", NULL});
    http_expect(&server, &(struct http_call){.method = "GET", .target = E "?poll=true&last=5"}, 200,
                "\"journal\":false");
    open_stream(&reader, &server, E, NULL);
    ck_assert_ptr_nonnull(await(&reader, "event: hello", 1));
    http_expect(&server,
                &(struct http_call){.method = "GET", .target = "/api/v1/users", .basic = ROOT}, 200,
                NULL);
    double start = seconds();
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
    ck_assert_double_lt(seconds() - start, 15);
    ck_assert_ptr_null(await(&reader, "event: request", 1)); /* the stop has ended the stream */
    close_stream(&reader);
}
END_TEST

int main(void) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    Suite *suite = suite_create("events");
    TCase *tcase = suite_add(suite, "events");
    tcase_add_checked_fixture(tcase, steps_setup, steps_teardown);
    suite_add_rows(tcase, refuses, refused);
    tcase_add_test(tcase, tells_requests_in_their_order);
    tcase_add_test(tcase, resumes_after_an_event);
    suite_add_rows(tcase, begins_anew_after_an_id_of_another_run, foreign_ids);
    tcase_add_test(tcase, tells_that_entries_were_removed);
    tcase_add_test(tcase, ends_a_poll_by_itself);
    tcase_add_test(tcase, tells_only_of_its_sandbox_until_that_is_deleted);
    tcase_add_test(tcase, says_what_it_is_told_of);
    tcase_add_test(tcase, a_slow_reader_holds_up_nobody);
    tcase = suite_add(suite, "own servers");
    tcase_add_test(tcase, without_a_journal_it_stays_quiet);
    return suite_run(suite);
}
