/* The stream of events, what it tells of changes, and the files of the console. The suite `console`
 * looks at the page itself. */
#include <poll.h>
#include <pthread.h>
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
#define TOKEN "the-token-of-the-control-plane"

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
    {"GET", "/__admin/kestub/memberships", NULL, 400, .has = {"tenant"}},
    {"GET", "/__admin/kestub/memberships?tenant=nope&users=a", NULL, 404,
     .has = {"no such tenant"}},
    {"GET", "/__admin/ui/nothing.js", NULL, 404, .has = {NULL}},
    {"GET", "/__admin/ui/..%2fconfig.h", NULL, 404, .has = {NULL}},
    {"POST", "/__admin/ui", NULL, 405, .has = {NULL}},
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

/* ---- What changed */

#define MEMBER(act, rest) "{\"kind\":\"MEMBERSHIP\",\"change\":\"" act "\",\"user\":" rest
#define LAST "/__admin/requests?limit=1"

START_TEST(keeps_what_a_request_has_changed) {
    STEPS_RUN(
        {"POST", "/api/v1/main/groups", "{\"name\":\"a \\\"b\\\" <c>\"}", 200, .keep = 1},
        {"GET", LAST, NULL, 200,
         .has = {"\"changeCount\":1", "{\"kind\":\"GROUP\",\"change\":\"ADDED\",\"id\":\"{1}\","
                                      "\"name\":\"a \\\"b\\\" <c>\",\"tenant\":\"main\"}"}},
        {"PUT", "/api/v1/main/groups/{1}/members/ordinary", NULL, 200, .has = {NULL}},
        {"GET", LAST, NULL, 200,
         .has = {MEMBER("ADDED", "{\"id\":\"ordinary\","), "\"membership\":\"MEMBER\""}},
        {"PUT", "/api/v1/main/groups/{1}/members/membership/ordinary?membership=OWNER", NULL, 200,
         .has = {NULL}},
        {"GET", LAST, NULL, 200,
         .has = {MEMBER("UPDATED", "{\"id\":\"ordinary\","), "\"membership\":\"OWNER\""}},
        {"PUT", "/api/v1/main/groups/{1}/members/nobody", NULL, 404, .has = {NULL}},
        {"GET", LAST, NULL, 200,
         .has = {"\"kestub\":{\"operation\":\"addUserToGroup\",\"principal\":\"root@root.com\"}"},
         .lacks = {"changeCount"}},
        {"GET", "/api/v1/main/groups/{1}", NULL, 200, .has = {NULL}},
        {"GET", LAST, NULL, 200, .lacks = {"changeCount"}},
        {"DELETE", "/api/v1/main/groups/{1}/members/ordinary", NULL, 200, .has = {NULL}},
        {"GET", LAST, NULL, 200, .has = {MEMBER("REMOVED", "{\"id\":\"ordinary\",")}},
        {"DELETE", "/api/v1/main/groups/{1}", NULL, 200, .empty = true},
        {"GET", LAST, NULL, 200,
         .has = {"{\"kind\":\"GROUP\",\"change\":\"REMOVED\",\"id\":\"{1}\",\"name\":\"a \\\"b\\\" "
                 "<c>\""}}, );
}
END_TEST

START_TEST(keeps_the_changes_of_all_resources) {
    STEPS_RUN(
        {"POST", "/api/v1/users", "{\"email\":\"new@example.com\",\"tenants\":[\"main\"]}", 201,
         .keep = 1},
        {"GET", LAST, NULL, 200,
         .has = {"{\"kind\":\"USER\",\"change\":\"ADDED\",\"id\":\"{1}\",\"name\":\"new@example."
                 "com\"}",
                 "{\"kind\":\"ACCESS\",\"change\":\"ADDED\",\"user\":"}},
        {"POST", "/api/v1/users/{1}/api-tokens", "{\"name\":\"key\"}", 201, .keep = 2},
        {"GET", LAST, NULL, 200,
         .has = {"{\"kind\":\"TOKEN\",\"change\":\"ADDED\",\"id\":\"{2}\",\"name\":\"key\","
                 "\"user\":{\"id\":\"{1}\""}},
        {"DELETE", "/api/v1/users/{1}/api-tokens/{2}", NULL, 204, .empty = true},
        {"GET", LAST, NULL, 200,
         .has = {"{\"kind\":\"TOKEN\",\"change\":\"REMOVED\",\"user\":{\"id\":\"{1}\""}},
        {"POST", "/api/v1/main/roles", "{\"name\":\"role\",\"permissions\":{\"GROUP\":[\"VIEW\"]}}",
         200, .keep = 3},
        {"GET", LAST, NULL, 200, .has = {"{\"kind\":\"ROLE\",\"change\":\"ADDED\",\"id\":\"{3}\""}},
        {"POST", "/api/v1/main/bindings",
         "{\"type\":\"USER\",\"externalId\":\"{1}\",\"roleId\":\"{3}\"}", 200, .keep = 2},
        {"GET", LAST, NULL, 200,
         .has = {"{\"kind\":\"BINDING\",\"change\":\"ADDED\",\"id\":\"{2}\"",
                 "\"role\":{\"id\":\"{3}\",\"name\":\"role\"}"}},
        {"DELETE", "/api/v1/main/bindings/{2}", NULL, 204, .empty = true},
        {"GET", LAST, NULL, 200,
         .has = {"{\"kind\":\"BINDING\",\"change\":\"REMOVED\",\"id\":\"{2}\""}},
        {"DELETE", "/api/v1/users/{1}", NULL, 204, .empty = true},
        {"GET", LAST, NULL, 200,
         .has = {"{\"kind\":\"USER\",\"change\":\"REMOVED\",\"id\":\"{1}\",\"name\":\"new@example."
                 "com\"}"}},
        {"POST", "/api/v1/tenants", "{\"id\":\"second\",\"name\":\"Second\"}", 200, .has = {NULL}},
        {"GET", LAST, NULL, 200,
         .has =
             {"{\"kind\":\"TENANT\",\"change\":\"ADDED\",\"id\":\"second\",\"name\":\"Second\"}"}},
        {"DELETE", "/api/v1/tenants/second", NULL, 204, .empty = true},
        {"GET", LAST, NULL, 200,
         .has = {"{\"kind\":\"TENANT\",\"change\":\"REMOVED\",\"id\":\"second\""}}, );
}
END_TEST

START_TEST(a_lost_update_changes_nothing) {
    STEPS_RUN(
        {"PUT", "/__admin/kestub/faults", "{\"faults\":[\"license-limit=1\"]}", 200, .has = {NULL}},
        {"POST", "/api/v1/users", "{\"email\":\"late@example.com\"}", 403,
         .type = "license-limit-exceeded"},
        {"GET", LAST, NULL, 200, .has = {"\"faults\":[\"license-limit\"]"},
         .lacks = {"changeCount"}});
}
END_TEST

START_TEST(many_changes_are_counted) {
    enum { MANY = 100 };
    char body[MANY * 32] = "{\"groupIds\":[";
    for (int i = 0; i < MANY; i++) {
        char group[128];
        char id[SECRET_SIZE];
        snprintf(group, sizeof(group), "{\"name\":\"many %d\"}", i);
        char *answer = session_call(steps_server(),
                                    &(struct http_call){.method = "POST",
                                                        .target = "/api/v1/main/groups",
                                                        .basic = ROOT,
                                                        .header = JSON,
                                                        .body = group},
                                    200);
        session_member(answer, "id", id);
        free(answer);
        snprintf(body + strlen(body), sizeof(body) - strlen(body), "%s\"%s\"", i > 0 ? "," : "",
                 id);
    }
    strcat(body, "]}");
    steps_expect(&(struct http_call){.method = "PUT",
                                     .target = "/api/v1/main/users/ordinary/groups",
                                     .basic = ROOT,
                                     .header = JSON,
                                     .body = body},
                 204, NULL);
    STEPS_RUN({"GET", LAST, NULL, 200, .has = {"\"changeCount\":"},
               .counted = "\"kind\":\"MEMBERSHIP\"", .count = 64});
}
END_TEST

/* ---- The console's key */

START_TEST(the_key_opens_the_api) {
    char key[SECRET_SIZE];
    char header[SECRET_SIZE + 32];
    char *about = session_call(
        steps_server(), &(struct http_call){.method = "GET", .target = "/__admin/kestub/console"},
        200);
    session_member(about, "key", key);
    free(about);
    snprintf(header, sizeof(header), "X-Kestub-Console: %s", key);
    const struct http_call reading = {.method = "GET", .target = "/api/v1/users", .header = header};
    const struct http_call writing = {.method = "POST",
                                      .target = "/api/v1/main/groups",
                                      .header = header,
                                      .header2 = JSON,
                                      .body = "{\"name\":\"ours\"}"};
    steps_expect(&reading, 200, "results");
    STEPS_RUN({"GET", "/__admin/requests", NULL, 200, .has = {"\"requests\":[]"}},
              {"PUT", "/__admin/kestub/faults", "{\"faults\":[\"flaky=1\"]}", 200, .has = {NULL}});
    steps_expect(&writing, 200, "ours");
    STEPS_RUN(
        {"GET", LAST, NULL, 200,
         .has = {"\"principal\":\"console\"", "\"console\":true", "\"X-Kestub-Console\":\"***\""}},
        {"GET", "/__admin/kestub/coverage", NULL, 200, .has = {"\"exercisedOperations\":0"}});
    key[0] = (char)(key[0] == 'a' ? 'b' : 'a');
    snprintf(header, sizeof(header), "X-Kestub-Console: %s", key);
    STEPS_RUN({"DELETE", "/__admin/kestub/faults", NULL, 204, .empty = true});
    steps_expect(&reading, 401, NULL);
    steps_expect(&(struct http_call){.method = "GET",
                                     .target = "/api/v1/users",
                                     .header = "X-Kestub-Console: "},
                 401, NULL);
}
END_TEST

START_TEST(lists_memberships) {
    STEPS_RUN(
        {"GET", "/__admin/kestub/memberships?tenant=main&users=owner,nobody", NULL, 200,
         .has = {"{\"users\":[{\"id\":\"owner\",\"groups\":[{\"id\":",
                 "\"membership\":\"OWNER\",\"external\":"},
         .lacks = {"nobody"}},
        {"GET", "/__admin/kestub/memberships?tenant=main", NULL, 200, .has = {"{\"users\":[]}"}});
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
#ifndef __SANITIZE_ADDRESS__
    ck_assert_int_lt(resident_kib(steps_server()) - before, 40 * 1024);
#endif
    for (int i = 0; i < SLOW; i++)
        close(slow[i]);
    close_stream(&reader);
}
END_TEST

/* ---- Other servers */

START_TEST(the_token_guards_the_events_and_not_the_page) {
    struct process server;
    struct http_answer answer;
    process_start(&server, (const char *const[]){"--admin-token", TOKEN, NULL});
    http_expect(&server, &(struct http_call){.method = "GET", .target = E "?poll=true"}, 401, NULL);
    http_expect(&server, &(struct http_call){.method = "GET", .target = "/__admin/kestub/console"},
                401, NULL);
    http_expect(
        &server,
        &(struct http_call){.method = "GET", .target = "/__admin/kestub/memberships?tenant=main"},
        401, NULL);
    http_expect(&server,
                &(struct http_call){.method = "GET", .target = E "?poll=true", .bearer = TOKEN},
                200, "hello");
    http_expect(&server, &(struct http_call){.method = "GET", .target = "/sandbox/new/__admin/ui"},
                200, "<!doctype html>");
    http_expect(&server,
                &(struct http_call){
                    .method = "GET", .target = "/__admin/kestub/sandboxes", .bearer = TOKEN},
                200, "{\"sandboxes\":[{\"name\":\"default\"}]}"); /* the page has made none */
    http_send(&server, &(struct http_call){.method = "GET", .target = "/__admin/ui/app.js"},
              &answer);
    ck_assert_int_eq(answer.status, 200);
    ck_assert_str_eq(http_header(&answer, "Content-Type"), "text/javascript; charset=utf-8");
    ck_assert_ptr_nonnull(
        strstr(http_header(&answer, "Content-Security-Policy"), "default-src 'none'"));
    http_answer_deinit(&answer);
    process_stop(&server, SIGTERM);
}
END_TEST

START_TEST(pages_of_others_see_nothing) {
    static const char *const targets[] = {"/__admin/ui", "/__admin/ui/app.js",
                                          "/__admin/kestub/console", E "?poll=true",
                                          "/__admin/kestub/memberships?tenant=main"};
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
        http_expect(steps_server(),
                    &(struct http_call){.method = "GET", .target = targets[i], .header = EVIL_PAGE},
                    403, NULL);
}
END_TEST

START_TEST(a_browser_keeps_the_files) {
    static const char *const targets[] = {"/__admin/ui", "/__admin/ui/console.css"};
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        char known[96];
        struct http_answer answer;
        http_send(steps_server(), &(struct http_call){.method = "GET", .target = targets[i]},
                  &answer);
        ck_assert_int_eq(answer.status, 200);
        snprintf(known, sizeof(known), "If-None-Match: %s", http_header(&answer, "ETag"));
        http_answer_deinit(&answer);
        http_expect(steps_server(),
                    &(struct http_call){.method = "GET", .target = targets[i], .header = known},
                    304, NULL);
    }
}
END_TEST

START_TEST(there_is_none_without_a_control_plane) {
    struct process server;
    process_start(&server, (const char *const[]){"--admin", "off", NULL});
    ck_assert_ptr_null(strstr(server.ready, "console"));
    http_expect(&server,
                &(struct http_call){.method = "GET", .target = "/__admin/ui", .off_record = true},
                404, NULL);
    http_expect(&server, &(struct http_call){.method = "GET", .target = E, .off_record = true}, 404,
                NULL);
    process_stop(&server, SIGTERM);
}
END_TEST

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
    tcase = suite_add(suite, "changes");
    tcase_add_checked_fixture(tcase, steps_setup, steps_teardown);
    tcase_add_test(tcase, keeps_what_a_request_has_changed);
    tcase_add_test(tcase, keeps_the_changes_of_all_resources);
    tcase_add_test(tcase, a_lost_update_changes_nothing);
    tcase_add_test(tcase, many_changes_are_counted);
    tcase = suite_add(suite, "console");
    tcase_add_checked_fixture(tcase, steps_setup, steps_teardown);
    tcase_add_test(tcase, the_key_opens_the_api);
    tcase_add_test(tcase, lists_memberships);
    tcase_add_test(tcase, pages_of_others_see_nothing);
    tcase_add_test(tcase, a_browser_keeps_the_files);
    tcase = suite_add(suite, "own servers");
    tcase_add_test(tcase, the_token_guards_the_events_and_not_the_page);
    tcase_add_test(tcase, there_is_none_without_a_control_plane);
    tcase_add_test(tcase, without_a_journal_it_stays_quiet);
    return suite_run(suite);
}
