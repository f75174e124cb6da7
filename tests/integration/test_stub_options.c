/* The options --mappings and --files. */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

static void expect(const char *method, const char *target, const char *body, int status,
                   const char *text) {
    struct http_answer answer;
    bool is_admin = strncmp(target, MAPPINGS "/", strlen(MAPPINGS "/")) == 0;
    http_send(&server,
              &(struct http_call){
                  .method = method, .target = target, .body = body, .off_record = !is_admin},
              &answer);
    ck_assert_msg(answer.status == status && strstr(answer.body, text), "%s %s: %d %s", method,
                  target, answer.status, answer.body);
    http_answer_deinit(&answer);
}

START_TEST(starts_every_sandbox_with_the_mappings) {
    suite_write(directory, "a.json",
                "{\"request\":{\"url\":\"/a\"},\"response\":{\"body\":\"one\"}}");
    suite_write(directory, "b.json",
                "{\"mappings\":[{\"request\":{\"url\":\"/b\"},\"response\":{\"status\":"
                "418},\"metadata\":{\"kestub\":{\"times\":1}}}]}");
    suite_write(directory, "README.md", "{");
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
    suite_write(directory, "a.json",
                "{\"request\":{\"url\":\"/a\"},\"response\":{\"body\":\"one\"}}");
    process_start(&server, (const char *const[]){"--mappings", directory, "--admin", "off", NULL});
    expect("GET", "/a", NULL, 200, "one");
    expect("GET", MAPPINGS, NULL, 404, "");
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
}
END_TEST

static void make_path(const char *name, char out[160]) {
    snprintf(out, 160, "%s/%s", directory, name);
}

static void make_subdirectory(const char *name) {
    char path[160];
    make_path(name, path);
    ck_assert_int_eq(mkdir(path, 0700), 0);
}

static void make_link(const char *target, const char *name) {
    char path[160];
    make_path(name, path);
    ck_assert_int_eq(symlink(target, path), 0);
}

static bool has_file(const char *name) {
    char path[160];
    make_path(name, path);
    return access(path, F_OK) == 0;
}

#define STUB(url, body) "{\"request\":{\"url\":\"" url "\"},\"response\":{\"body\":\"" body "\"}}"

static void start(void) {
    process_start(&server, (const char *const[]){"--mappings", directory, NULL});
}

static void stop(void) {
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
}

/* The last path wins. Links to directories and hidden directories are left out. */
START_TEST(reads_directories_below) {
    make_subdirectory("b");
    make_subdirectory("b/c");
    make_subdirectory(".hidden");
    suite_write(directory, "z.json", STUB("/z", "top"));
    suite_write(directory, "b/c/deep.json", STUB("/a", "deep"));
    suite_write(directory, "a.json", STUB("/a", "first"));
    suite_write(directory, "b/x.json", STUB("/x", "below"));
    suite_write(directory, ".hidden/x.json", "{");
    make_link(".", "loop");
    make_link("..", "b/c/up");
    make_link("/etc", "outside");
    make_link("b", "y");
    start();
    expect("GET", MAPPINGS, NULL, 200, "\"total\":4");
    expect("GET", "/a", NULL, 200, "deep");
    expect("GET", "/x", NULL, 200, "below");
    expect("GET", "/z", NULL, 200, "top");
    stop();
}
END_TEST

START_TEST(reads_the_files_again) {
    suite_write(directory, "a.json", STUB("/a", "one"));
    start();
    expect("GET", "/a", NULL, 200, "one");
    expect("POST", "/sandbox/old/__admin/mappings/save", NULL, 200, "");
    suite_write(directory, "a.json", STUB("/a", "two"));
    suite_write(directory, "b.json", STUB("/b", "new"));
    expect("GET", "/b", NULL, 404, "");
    expect("GET", "/__admin/requests", NULL, 200, "\"total\":2");
    expect("POST", MAPPINGS "/reset", NULL, 200, "");
    expect("GET", "/__admin/requests", NULL, 200, "\"total\":0");
    expect("GET", "/a", NULL, 200, "two");
    expect("GET", "/b", NULL, 200, "new");
    expect("GET", "/sandbox/new/b", NULL, 200, "new");
    expect("POST", "/sandbox/old/__admin/mappings/reset", NULL, 200, "");
    expect("GET", "/sandbox/old/a", NULL, 200, "one");
    expect("POST", "/__admin/reset", NULL, 200, "");
    expect("GET", "/a", NULL, 200, "two");
    stop();
}
END_TEST

START_TEST(changes_nothing_when_a_file_is_wrong) {
    suite_write(directory, "a.json", STUB("/a", "one"));
    start();
    suite_write(directory, "a.json", STUB("/a", "two"));
    suite_write(directory, "b.json", "{\"response\":{\"Body\":1}}");
    expect("GET", "/a", NULL, 200, "one");
    expect("POST", MAPPINGS "/reset", NULL, 422,
           "\"detail\":\"--mappings: b.json: /response/Body: unknown; did you mean body?\"");
    expect("GET", "/a", NULL, 200, "one");
    expect("GET", "/sandbox/new/a", NULL, 200, "one");
    expect("GET", "/__admin/requests", NULL, 200, "\"total\":2");
    stop();
}
END_TEST

#define ID "5bd5bb68-4f1a-4d4a-8f1d-3a3a4e5f0a0"

static const char *const to_save[] = {
    "{\"id\":\"" ID "1\",\"name\":\"zz\",\"request\":{\"url\":\"/a\"},"
    "\"response\":{\"body\":\"old\"}}",
    "{\"id\":\"" ID "2\",\"name\":\"aa\",\"request\":{\"url\":\"/a\"},"
    "\"response\":{\"body\":\"new\"}}",
    "{\"id\":\"" ID "3\",\"name\":\"../Up & away/.\",\"response\":{\"status\":201}}",
    "{\"id\":\"" ID "4\",\"name\":\"AA\",\"priority\":9,"
    "\"metadata\":{\"n\":[9007199254740993,299.0]}}",
    "{\"id\":\"" ID "5\",\"name\":\"..\",\"priority\":9}",
    "{\"id\":\"" ID "6\",\"name\":\"" ID "5\",\"priority\":9}",
};

static const char *const saved[] = {"zz.json",         "aa-" ID "2.json", "Up-away.json",
                                    "AA-" ID "4.json", ID "5.json",       ID "6.json"};

static void expect_saved(void) {
    expect("GET", MAPPINGS, NULL, 200, "\"total\":6");
    expect("GET", MAPPINGS "/" ID "6", NULL, 200, "\"name\":\"" ID "5\"");
    expect("GET", MAPPINGS "/" ID "3", NULL, 200, "\"name\":\"../Up & away/.\"");
    expect("GET", MAPPINGS "/" ID "4", NULL, 200, "[9007199254740993,299.0]");
    expect("DELETE", MAPPINGS "/" ID "3", NULL, 200, "");
    expect("GET", "/a", NULL, 200, "new");
    expect("GET", "/sandbox/s/other", NULL, 201, "");
}

/* Among equals the newest answers, whatever the order of the file names. */
START_TEST(saves_the_stubs_as_files) {
    make_subdirectory("sub");
    suite_write(directory, "list.json", "{\"mappings\":[" STUB("/a", "1") "," STUB("/b", "2") "]}");
    suite_write(directory, "sub/zz.json", STUB("/c", "3"));
    suite_write(directory, "notes.txt", "");
    start();
    expect("DELETE", MAPPINGS, NULL, 200, "");
    for (size_t i = 0; i < sizeof(to_save) / sizeof(to_save[0]); i++)
        expect("POST", MAPPINGS, to_save[i], 201, "");
    expect("POST", "/sandbox/s/__admin/mappings/save", NULL, 200, "");
    ck_assert(has_file("list.json"));
    expect("DELETE", "/__admin/kestub/sandboxes/s", NULL, 204, "");
    for (int i = 0; i < 2; i++)
        expect("POST", MAPPINGS "/save", NULL, 200, "");
    for (size_t i = 0; i < sizeof(saved) / sizeof(saved[0]); i++)
        ck_assert_msg(has_file(saved[i]), "%s", saved[i]);
    ck_assert(!has_file("list.json") && has_file("list.json.old") && has_file("notes.txt"));
    ck_assert(!has_file("sub/zz.json") && has_file("sub/zz.json.old"));
    ck_assert(!has_file("zz.json.saving"));
    expect("DELETE", MAPPINGS, NULL, 200, "");
    expect("POST", MAPPINGS "/reset", NULL, 200, "");
    expect_saved();
    stop();
    start();
    expect_saved();
    suite_write(directory, "0.json", STUB("/a", "newest"));
    expect("POST", MAPPINGS "/reset", NULL, 200, "");
    expect("GET", "/a", NULL, 200, "newest");
    stop();
}
END_TEST

START_TEST(tells_why_it_cannot_save) {
    suite_write(directory, "a.json", STUB("/a", "one"));
    start();
    expect("POST", MAPPINGS, to_save[0], 201, "");
    make_subdirectory("zz.json.saving");
    expect("POST", MAPPINGS "/save", NULL, 500,
           "\"detail\":\"--mappings: zz.json: Is a directory\"");
    ck_assert(has_file("a.json") && !has_file("a.json.old"));
    expect("POST", MAPPINGS "/reset", NULL, 200, "");
    expect("GET", "/a", NULL, 200, "one");
    remove_directory(directory);
    expect("POST", MAPPINGS "/save", NULL, 500, "No such file or directory");
    expect("POST", MAPPINGS "/reset", NULL, 422, "No such file or directory");
    expect("GET", "/a", NULL, 200, "one");
    stop();
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
    suite_write(directory, "a.json", "{}");
    suite_write(directory, "bad.json", broken[_i].text);
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
    suite_write(directory, "style.css", "a{}");
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
    suite_write(directory, "large", text);
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
    tcase_add_test(tcase, reads_directories_below);
    tcase_add_test(tcase, reads_the_files_again);
    tcase_add_test(tcase, changes_nothing_when_a_file_is_wrong);
    tcase_add_test(tcase, saves_the_stubs_as_files);
    tcase_add_test(tcase, tells_why_it_cannot_save);
    suite_add_rows(tcase, names_what_is_wrong_with_a_file, broken);
    tcase_add_test(tcase, names_a_missing_directory);
    tcase_add_test(tcase, answers_with_files);
    tcase_add_test(tcase, answers_with_large_files);
    tcase_add_test(tcase, has_no_files_without_a_directory);
    return suite_run(suite);
}
