/* The options --mappings and --files. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "http.h"
#include "process.h"
#include "suite.h"

#define MAPPINGS "/__admin/mappings"

static char directory[64];
static struct process server;

static void setup(void) {
    make_directory(directory);
}

static void teardown(void) {
    remove_directory(directory);
}

static void write_file(const char *name, const char *text) {
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    FILE *file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

static void expect(const char *method, const char *target, const char *body, int status,
                   const char *text) {
    struct http_answer answer;
    http_send(
        &server,
        &(struct http_call){.method = method, .target = target, .body = body, .off_record = true},
        &answer);
    ck_assert_msg(answer.status == status && strstr(answer.body, text), "%s %s: %d %s", method,
                  target, answer.status, answer.body);
    http_answer_deinit(&answer);
}

START_TEST(starts_every_sandbox_with_the_mappings) {
    write_file("a.json", "{\"request\":{\"url\":\"/a\"},\"response\":{\"body\":\"one\"}}");
    write_file("b.json", "{\"mappings\":[{\"request\":{\"url\":\"/b\"},\"response\":{\"status\":"
                         "418},\"metadata\":{\"kestub\":{\"times\":1}}}]}");
    write_file("README.md", "{");
    process_start(&server, (const char *const[]){"--mappings", directory, NULL});
    expect("GET", "/a", NULL, 200, "one");
    expect("GET", "/sandbox/s/a", NULL, 200, "one");
    expect("GET", "/b", NULL, 418, "");
    expect("GET", "/b", NULL, 404, "");
    expect("GET", "/sandbox/s/b", NULL, 418, "");
    expect("DELETE", MAPPINGS, NULL, 200, "");
    expect("GET", "/a", NULL, 404, "");
    expect("GET", "/sandbox/s/a", NULL, 200, "one");
    expect("POST", MAPPINGS "/reset", NULL, 200, "");
    expect("GET", "/a", NULL, 200, "one");
    expect("GET", "/b", NULL, 418, "");
    expect("POST", MAPPINGS "/save", NULL, 200, "");
    expect("GET", "/sandbox/late/b", NULL, 418, "");
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
}
END_TEST

START_TEST(serves_stubs_without_a_control_plane) {
    write_file("a.json", "{\"request\":{\"url\":\"/a\"},\"response\":{\"body\":\"one\"}}");
    process_start(&server, (const char *const[]){"--mappings", directory, "--admin", "off", NULL});
    expect("GET", "/a", NULL, 200, "one");
    expect("GET", MAPPINGS, NULL, 404, "");
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
}
END_TEST

static const struct {
    const char *text;
    const char *error;
} broken[] = {
    {"{", "bad.json: line 1, column 2: "},
    {"{\"response\":{\"Body\":1}}", "bad.json: /response/Body: unknown; did you mean body?\n"},
    {"{\"mappings\":[{},{\"request\":{\"urlPattern\":\"(\"}}]}",
     "bad.json: /mappings/1/request/urlPattern: is not a regular expression: "},
    {"{\"\\n\":1}", "bad.json: /?: is not known\n"},
};

START_TEST(names_what_is_wrong_with_a_file) {
    char out[256];
    char err[1024];
    char wanted[256];
    write_file("a.json", "{}");
    write_file("bad.json", broken[_i].text);
    const char *const arguments[] = {"--mappings", directory, "--port", "0", NULL};
    ck_assert_int_eq(process_run(arguments, out, sizeof(out), err, sizeof(err)), 2);
    snprintf(wanted, sizeof(wanted), "kestub: --mappings: %s", broken[_i].error);
    ck_assert_msg(strncmp(err, wanted, strlen(wanted)) == 0, "%s", err);
    ck_assert_ptr_eq(strchr(err, '\n'), err + strlen(err) - 1);
}
END_TEST

START_TEST(names_a_missing_directory) {
    char out[256];
    char err[1024];
    const char *const arguments[] = {"--mappings", "/nowhere", "--port", "0", NULL};
    ck_assert_int_eq(process_run(arguments, out, sizeof(out), err, sizeof(err)), 2);
    ck_assert_str_eq(err, "kestub: --mappings: /nowhere: No such file or directory\n");
}
END_TEST

static void add_file_stub(const char *name) {
    char body[256];
    snprintf(body, sizeof(body),
             "{\"response\":{\"status\":201,\"bodyFileName\":\"%s\","
             "\"headers\":{\"Content-Type\":\"text/css\"}}}",
             name);
    expect("POST", MAPPINGS, body, 201, "");
}

START_TEST(answers_with_files) {
    struct http_answer answer;
    write_file("style.css", "a{}");
    process_start(&server, (const char *const[]){"--files", directory, NULL});
    add_file_stub("style.css");
    http_send(&server, &(struct http_call){.method = "GET", .target = "/x", .off_record = true},
              &answer);
    ck_assert_int_eq(answer.status, 201);
    ck_assert_str_eq(answer.body, "a{}");
    ck_assert_str_eq(http_header(&answer, "Content-Type"), "text/css");
    http_answer_deinit(&answer);
    static const char *const names[] = {"none", "../etc/passwd", "/etc/passwd", "", "."};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        add_file_stub(names[i]);
        http_send(&server, &(struct http_call){.method = "GET", .target = "/x", .off_record = true},
                  &answer);
        ck_assert_int_eq(answer.status, 500);
        ck_assert_msg(strstr(answer.body, "\"detail\":\"bodyFileName '"), "%s", answer.body);
        ck_assert_ptr_null(strstr(answer.headers, "text/css"));
        http_answer_deinit(&answer);
    }
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
}
END_TEST

/* A large file is sent from its descriptor: whole, in drops, or not at all. */
START_TEST(answers_with_large_files) {
    enum { SIZE = 300000 };
    static char text[SIZE + 1];
    static const char *const extras[] = {
        "", ",\"chunkedDribbleDelay\":{\"numberOfChunks\":7,\"totalDuration\":20}",
        ",\"fixedDelayMilliseconds\":5", ",\"fault\":\"EMPTY_RESPONSE\""};
    struct http_answer answer;
    char body[512];
    for (int i = 0; i < SIZE; i++)
        text[i] = (char)('a' + i * 7 / 4096 % 26);
    write_file("large", text);
    process_start(&server, (const char *const[]){"--files", directory, NULL});
    for (size_t i = 0; i < sizeof(extras) / sizeof(extras[0]); i++) {
        snprintf(body, sizeof(body), "{\"response\":{\"bodyFileName\":\"large\"%s}}", extras[i]);
        expect("POST", MAPPINGS, body, 201, "");
        http_send(&server, &(struct http_call){.method = "GET", .target = "/x", .off_record = true},
                  &answer);
        bool is_broken = strstr(extras[i], "fault") != NULL;
        ck_assert_int_eq(answer.status, is_broken ? 0 : 200);
        if (!is_broken)
            ck_assert_str_eq(answer.body, text);
        http_answer_deinit(&answer);
    }
    http_send(&server,
              &(struct http_call){
                  .method = "GET", .target = "/__admin/requests?limit=1", .off_record = true},
              &answer);
    ck_assert_int_eq(answer.status, 200);
    http_answer_deinit(&answer);
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
}
END_TEST

START_TEST(has_no_files_without_a_directory) {
    process_start(&server, (const char *const[]){NULL});
    add_file_stub("x");
    expect("GET", "/x", NULL, 500, "kestub was started without --files");
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("stub_options");
    TCase *tcase = suite_add(suite, "stub_options");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, starts_every_sandbox_with_the_mappings);
    tcase_add_test(tcase, serves_stubs_without_a_control_plane);
    suite_add_rows(tcase, names_what_is_wrong_with_a_file, broken);
    tcase_add_test(tcase, names_a_missing_directory);
    tcase_add_test(tcase, answers_with_files);
    tcase_add_test(tcase, answers_with_large_files);
    tcase_add_test(tcase, has_no_files_without_a_directory);
    return suite_run(suite);
}
