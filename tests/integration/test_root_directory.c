/* The options --root-dir and --invalid-mappings: what is below a directory, and what is wrong
 * there. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "http.h"
#include "suite.h"

#define RESET "/__admin/mappings/reset"
#define STUB(url, more) "{\"request\":{\"url\":\"" url "\"},\"response\":{\"status\":203" more "}}"
#define FIXTURE(tenant)                                                                            \
    "{\"tenants\":[{\"id\":\"" tenant "\"}],\"users\":[{\"email\":\"root@root.com\",\"password\":" \
    "\"Root!1234\",\"superAdmin\":true}]}"

static char directory[64];
static char paths[4][160]; /* of the directories that a test makes */
static char out[1024];
static char err[16384];

static void setup(void) {
    make_directory(directory);
}

static void teardown(void) {
    remove_directory(directory);
}

static const char *path_of(const char *name) {
    static char path[160];
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    return path;
}

static const char *make(int number, const char *name) {
    strcpy(paths[number], path_of(name));
    ck_assert_int_eq(mkdir(paths[number], 0700), 0);
    return paths[number];
}

static void expect(const struct process *server, const char *method, const char *target, int status,
                   const char *text) {
    http_expect(
        server,
        &(struct http_call){.method = method, .target = target, .basic = ROOT, .off_record = true},
        status, text);
}

/* Runs kestub, which must refuse to start, with these lines. */
static void expect_refusal(const char *const *arguments, const char *lines) {
    ck_assert_int_eq(process_run(arguments, out, sizeof(out), err, sizeof(err)), 2);
    ck_assert_str_eq(err, lines);
}

static void make_all(void) {
    make(0, "mappings");
    make(1, "__files");
    make(2, "mappings/deep");
    suite_write(directory, "mappings/deep/a.json", STUB("/a", ",\"bodyFileName\":\"a.txt\""));
    suite_write(directory, "__files/a.txt", "from the root");
    suite_write(directory, "fixture.json", FIXTURE("rooted"));
}

START_TEST(finds_all_below_the_root) {
    struct process server;
    make_all();
    process_start(&server, (const char *const[]){"--root-dir", directory, NULL});
    expect(&server, "GET", "/a", 203, "from the root");
    expect(&server, "GET", "/sandbox/s/a", 203, "from the root");
    expect(&server, "GET", "/api/v1/tenants/rooted", 200, "rooted");
    suite_write(directory, "mappings/b.json", STUB("/b", ""));
    expect(&server, "POST", RESET, 200, "");
    expect(&server, "GET", "/b", 203, "");
    process_stop(&server, SIGTERM);
}
END_TEST

START_TEST(is_a_variable_too) {
    struct process server;
    make_all();
    setenv("KESTUB_ROOT_DIR", directory, 1);
    process_start(&server, (const char *const[]){NULL});
    unsetenv("KESTUB_ROOT_DIR");
    expect(&server, "GET", "/a", 203, "from the root");
    process_stop(&server, SIGTERM);
}
END_TEST

START_TEST(gives_way_to_what_is_given) {
    struct process server;
    make_all();
    make(3, "other");
    suite_write(directory, "other/a.txt", "from elsewhere");
    process_start(&server, (const char *const[]){"--root-dir", directory, "--files", paths[3],
                                                 "--fixture=default", NULL});
    expect(&server, "GET", "/a", 203, "from elsewhere");
    expect(&server, "GET", "/api/v1/tenants/rooted", 404, "");
    process_stop(&server, SIGTERM);
    setenv("KESTUB_MAPPINGS", paths[3], 1);
    process_start(&server, (const char *const[]){"--root-dir", directory, NULL});
    unsetenv("KESTUB_MAPPINGS");
    expect(&server, "GET", "/a", 404, "");
    expect(&server, "GET", "/api/v1/tenants/rooted", 200, "");
    process_stop(&server, SIGTERM);
}
END_TEST

START_TEST(may_have_only_some) {
    struct process server;
    suite_write(directory, "fixture.json", FIXTURE("rooted"));
    process_start(&server, (const char *const[]){"--root-dir", directory, NULL});
    expect(&server, "GET", "/api/v1/tenants/rooted", 200, "");
    process_stop(&server, SIGTERM);
    unlink(path_of("fixture.json"));
    make(0, "__files");
    process_start(&server, (const char *const[]){"--root-dir", directory, NULL});
    expect(&server, "GET", "/api/v1/tenants/main", 200, "");
    expect(&server, "POST", RESET, 200, "");
    process_stop(&server, SIGTERM);
}
END_TEST

START_TEST(refuses_what_is_no_root) {
    char lines[512];
    const char *const arguments[] = {"--root-dir", directory, "--port", "0", NULL};
    snprintf(lines, sizeof(lines),
             "kestub: --root-dir: %s: has neither mappings/ nor __files/ nor fixture.json\n",
             directory);
    expect_refusal(arguments, lines);
    make(0, "fixture.json");
    snprintf(lines, sizeof(lines), "kestub: --root-dir: %s/fixture.json: is no file\n", directory);
    expect_refusal(arguments, lines);
    suite_write(directory, "mappings", "{}");
    snprintf(lines, sizeof(lines), "kestub: --root-dir: %s/mappings: is no directory\n", directory);
    expect_refusal(arguments, lines);
    expect_refusal((const char *const[]){"--root-dir=/nowhere", NULL},
                   "kestub: --root-dir: /nowhere: No such file or directory\n");
    expect_refusal((const char *const[]){"--root-dir=/dev/null", NULL},
                   "kestub: --root-dir: /dev/null: is no directory\n");
    expect_refusal((const char *const[]){"--root-dir=", NULL},
                   "kestub: --root-dir: must not be empty\n");
}
END_TEST

/* Three files with four mistakes beside two without. The second mapping of the file with a mistake
 * is left out with it. */
static void make_mistakes(void) {
    make(0, "mappings");
    make(1, "mappings/deep");
    suite_write(directory, "mappings/a.json", STUB("/a", ""));
    suite_write(directory, "mappings/b.json",
                "{\"mappings\":[{\"nam\":1,\"request\":{\"method\":7}}," STUB("/b", "") "]}");
    suite_write(directory, "mappings/c.json", "{\n\"request\":{},}");
    suite_write(directory, "mappings/deep/d.json", "{\"response\":{\"status\":7}}");
    suite_write(directory, "mappings/e.json", STUB("/e", ""));
}

#define MISTAKES(start)                                                                            \
    start "b.json: /mappings/0/nam: unknown; did you mean name?\n" start                           \
          "b.json: /mappings/0/request/method: must be a string, or {\"oneOf\": […]} or "        \
          "{\"noneOf\": […]}\n" start "c.json: line 2, column 14: "

START_TEST(lists_all_mistakes) {
    static const char *const values[] = {"--invalid-mappings=fail", "--log=off"};
    make_mistakes();
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        const char *const arguments[] = {"--mappings", paths[0], "--port=0", values[i], NULL};
        ck_assert_int_eq(process_run(arguments, out, sizeof(out), err, sizeof(err)), 2);
        const char *start = MISTAKES("kestub: --mappings: ");
        ck_assert_msg(strncmp(err, start, strlen(start)) == 0, "%s", err);
        const char *last = strstr(err, "kestub: --mappings: deep/d.json: /response/status: ");
        ck_assert_ptr_nonnull(last);
        ck_assert_ptr_eq(strchr(last, '\n'), err + strlen(err) - 1);
    }
}
END_TEST

START_TEST(leaves_out_files_with_mistakes) {
    struct process server;
    make_mistakes();
    process_start(&server, (const char *const[]){"--root-dir", directory, "--invalid-mappings",
                                                 "skip", NULL});
    expect(&server, "GET", "/a", 203, "");
    expect(&server, "GET", "/e", 203, "");
    expect(&server, "GET", "/b", 404, "");
    char *log = process_log(&server);
    const char *start = MISTAKES("kestub: warning: --mappings: ");
    ck_assert_msg(strncmp(log, start, strlen(start)) == 0, "%s", log);
    ck_assert_ptr_nonnull(strstr(log, "kestub: warning: --mappings: deep/d.json: /response"));
    free(log);
    suite_write(directory, "mappings/b.json", STUB("/b", ""));
    suite_write(directory, "mappings/e.json", "[]");
    expect(&server, "POST", RESET, 200, "");
    expect(&server, "GET", "/b", 203, "");
    expect(&server, "GET", "/e", 404, "");
    expect(&server, "GET", "/sandbox/new/b", 203, "");
    log = process_log(&server);
    ck_assert_msg(strstr(log, " warning --mappings: e.json: must be an object\n") != NULL, "%s",
                  log);
    free(log);
    process_stop(&server, SIGTERM);
}
END_TEST

START_TEST(tells_all_mistakes_at_a_reset) {
    struct process server;
    make(0, "mappings");
    suite_write(directory, "mappings/a.json", STUB("/a", ""));
    process_start(&server, (const char *const[]){"--mappings", paths[0], NULL});
    suite_write(directory, "mappings/a.json", "{\"nam\":1}");
    suite_write(directory, "mappings/b.json", "[]");
    expect(&server, "POST", RESET, 422,
           "\"detail\":\"--mappings: a.json: /nam: unknown; did you mean name?\\n"
           "b.json: must be an object\"");
    expect(&server, "GET", "/a", 203, "");
    process_stop(&server, SIGTERM);
}
END_TEST

/* A directory that cannot be read is no mistake in a file. */
START_TEST(needs_the_directory_even_if_it_skips) {
    expect_refusal((const char *const[]){"--mappings=/nowhere", "--invalid-mappings=skip", NULL},
                   "kestub: --mappings: /nowhere: No such file or directory\n");
    expect_refusal((const char *const[]){"--invalid-mappings=skp", NULL},
                   "kestub: --invalid-mappings: 'skp' is not one of fail|skip; did you mean "
                   "skip?\n");
}
END_TEST

/* Only the first lines are kept, and the rest is counted. */
START_TEST(counts_what_it_does_not_list) {
    enum { FILES = 150, EACH = 99 };
    static char lines[4 << 20];
    char name[64];
    char text[EACH * 80 + 32] = "{\"mappings\":[";
    make(0, "mappings");
    for (int i = 0; i < EACH; i++)
        strcat(text, i > 0 ? ",{\"priority\":\"x\"}" : "{\"priority\":\"x\"}");
    strcat(text, "]}");
    for (int i = 0; i < FILES; i++) {
        snprintf(name, sizeof(name), "mappings/%0*d.json", 30, i);
        suite_write(directory, name, text);
    }
    const char *const arguments[] = {"--mappings", paths[0], "--port=0", NULL};
    ck_assert_int_eq(process_run(arguments, out, sizeof(out), lines, sizeof(lines)), 2);
    size_t listed = 0;
    for (const char *at = lines; (at = strchr(at, '\n')); at++)
        listed++;
    const char *last = strstr(lines, " more mistakes\n");
    ck_assert_msg(last && !last[strlen(" more mistakes\n")], "%.200s", lines);
    while (last[-1] != ' ')
        last--;
    ck_assert_uint_eq(listed - 1 + (size_t)atol(last), FILES * EACH);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("root_directory");
    TCase *tcase = suite_add(suite, "root_directory");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, finds_all_below_the_root);
    tcase_add_test(tcase, is_a_variable_too);
    tcase_add_test(tcase, gives_way_to_what_is_given);
    tcase_add_test(tcase, may_have_only_some);
    tcase_add_test(tcase, refuses_what_is_no_root);
    tcase_add_test(tcase, lists_all_mistakes);
    tcase_add_test(tcase, leaves_out_files_with_mistakes);
    tcase_add_test(tcase, tells_all_mistakes_at_a_reset);
    tcase_add_test(tcase, needs_the_directory_even_if_it_skips);
    tcase_add_test(tcase, counts_what_it_does_not_list);
    return suite_run(suite);
}
