/* --mounts: what users of the image mount is found without a flag. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "session.h"
#include "suite.h"

#define MAPPING                                                                                    \
    "{\"request\": {\"urlPath\": \"/hello\"}, \"response\": {\"bodyFileName\": \"hi.txt\"}}"

static char root[64];
static struct process server;

/* Writes a file below the root, and makes its directories. */
static void put(const char *name, const char *text) {
    char path[192];
    snprintf(path, sizeof(path), "%s/%s", root, name);
    for (char *slash = path + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        mkdir(path, 0755);
        *slash = '/';
    }
    FILE *file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

static void start(const char *option, const char *value) {
    process_start(&server, (const char *const[]){"--mounts", root, option, value, NULL});
}

static void stop(void) {
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
    remove_directory(root);
}

START_TEST(needs_nothing) {
    make_directory(root);
    start(NULL, NULL);
    ck_assert_ptr_nonnull(strstr(server.ready, "administrator root@root.com"));
    stop();
}
END_TEST

static const char *const layouts[][3] = {
    {"kestub/fixture.json", "kestub/mappings/a.json", "kestub/__files/hi.txt"},
    {"fixtures/fixture.json", "mappings/a.json", "files/hi.txt"},
    {"fixtures/default.json", "kestub/mappings/b/a.json", "files/hi.txt"},
    {"fixtures/only.json", "mappings/a.json", "kestub/__files/hi.txt"},
};

START_TEST(finds_them) {
    make_directory(root);
    put(layouts[_i][0], "{}");
    put(layouts[_i][1], MAPPING);
    put(layouts[_i][2], "hello");
    start(NULL, NULL);
    ck_assert_ptr_null(strstr(server.ready, "administrator"));
    char *body = session_call(
        &server, &(struct http_call){.method = "GET", .target = "/hello", .off_record = true}, 200);
    ck_assert_str_eq(body, "hello");
    free(body);
    stop();
}
END_TEST

START_TEST(fixture_json_comes_first) {
    make_directory(root);
    put("fixtures/fixture.json", "{}");
    put("fixtures/default.json", "wrong");
    put("fixtures/other.json", "wrong");
    start(NULL, NULL);
    ck_assert_ptr_null(strstr(server.ready, "administrator"));
    stop();
}
END_TEST

START_TEST(the_flag_wins) {
    make_directory(root);
    put("fixtures/a.json", "wrong");
    put("fixtures/b.json", "wrong");
    start("--fixture", "empty");
    ck_assert_ptr_null(strstr(server.ready, "administrator"));
    stop();
}
END_TEST

static const struct {
    const char *first, *second, *error;
} mistakes[] = {
    {"fixtures/a.json", "fixtures/b.json",
     "/fixtures: has 2 fixtures, and none is called fixture.json or default.json; choose one with "
     "--fixture "},
    {"kestub/fixture.json", "fixtures/b.json", "are both there; choose one with --fixture\n"},
    {"kestub/mappings/a.json", "mappings/b.json", "are both there; choose one with --mappings\n"},
    {"kestub/__files/a", "files/b", "are both there; choose one with --files\n"},
    {"mappings", "other", "/mappings: Not a directory\n"},
    {"kestub/fixture.json/x", "other", "/kestub/fixture.json: Is a directory\n"},
};

START_TEST(refuses) {
    char out[256];
    char err[512];
    make_directory(root);
    put(mistakes[_i].first, "{}");
    put(mistakes[_i].second, "{}");
    const char *arguments[] = {"--mounts", root, "--port", "0", NULL};
    ck_assert_int_eq(process_run(arguments, out, sizeof(out), err, sizeof(err)), 2);
    ck_assert_msg(strstr(err, mistakes[_i].error) != NULL, "%s", err);
    ck_assert_ptr_eq(strchr(err, '\n'), err + strlen(err) - 1);
    remove_directory(root);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("mounts");
    TCase *tcase = suite_add(suite, "mounts");
    tcase_add_test(tcase, needs_nothing);
    suite_add_rows(tcase, finds_them, layouts);
    tcase_add_test(tcase, fixture_json_comes_first);
    tcase_add_test(tcase, the_flag_wins);
    suite_add_rows(tcase, refuses, mistakes);
    return suite_run(suite);
}
