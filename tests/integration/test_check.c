/* `kestub check`: files, directories and standard input. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "process.h"
#include "suite.h"

static char directory[64];
static char out[65536];
static char err[65536];

static const struct {
    const char *name;
    const char *text;
} files[] = {
    {"world.json",
     "{\"tenants\":[{\"id\":\"t\",\"groups\":[{\"name\":\"a\"},{\"name\":\"b\"}]}],\"users\":[]}"},
    {"odd.json", "{\"tenants\":[{\"id\":\"t\",\"nam\":\"T\"}],\"users\":[{\"email\":\"a\","
                 "\"tenants\":[\"u\"]},{\"email\":\"a\"}]}"},
    {"stub.json", "{\"request\":{\"method\":\"GET\"},\"response\":{\"status\":200}}"},
    {"stubs.json", "{\"mappings\":[{},{\"name\":\"x\"}],\"meta\":{\"total\":2}}"},
    {"odd-stub.json", "{\"requests\":{},\"response\":{\"status\":99}}"},
    {"odd-stubs.json", "{\"mapping\":[{}]}"},
    {"broken.json", "{\n\"users\": [}"},
    {"list.json", "[]"},
    {"empty.json", ""},
    {"line.json", "{\"us\\ners\":[]}"},
};

static void setup(void) {
    make_directory(directory);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        suite_write(directory, files[i].name, files[i].text);
    ck_assert_int_eq(chdir(directory), 0);
}

static void teardown(void) {
    ck_assert_int_eq(chdir("/"), 0);
    remove_directory(directory);
}

static const struct {
    const char *arguments[6];
    int status;
    const char *out;
    const char *err;
} checks[] = {
    {{"check", "world.json"},
     0,
     "world.json: ok, a fixture with 1 tenant, 2 groups, 0 roles, 0 bindings, "
     "0 invitations, 0 security integrations, 0 users, "
     "0 service accounts, 0 memberships, 0 tokens\n",
     ""},
    {{"check", "empty"},
     0,
     "empty: ok, a fixture with 0 tenants, 0 groups, 0 roles, 0 bindings, "
     "0 invitations, 0 security integrations, 0 users, "
     "0 service accounts, 0 memberships, 0 tokens\n",
     ""},
    {{"check", "stub.json"}, 0, "stub.json: ok, 1 stub mapping\n", ""},
    {{"check", "--", "stubs.json"}, 0, "stubs.json: ok, 2 stub mappings\n", ""},
    {{"check", "odd.json"},
     1,
     "",
     "odd.json: $.tenants[0].nam: unknown; did you mean name?\n"
     "odd.json: $.users[0].tenants[0]: 'u' is not a tenant of this fixture\n"
     "odd.json: $.users[1]: 'a' has an id, e-mail or username that another user has\n"
     "odd.json: 3 mistakes in the fixture\n"},
    {{"check", "odd-stub.json"},
     1,
     "",
     "odd-stub.json: $.requests: unknown; did you mean request?\n"
     "odd-stub.json: $.response.status: must be an integer from 200 to 999\n"
     "odd-stub.json: 2 mistakes in the stub mappings\n"},
    {{"check", "odd-stubs.json"},
     1,
     "",
     "odd-stubs.json: $.mapping: unknown; did you mean mappings?\n"
     "odd-stubs.json: 1 mistake in the stub mappings\n"},
    {{"check", "broken.json", "stub.json", "odd-stubs.json", "empty.json"},
     1,
     "stub.json: ok, 1 stub mapping\n",
     "broken.json: line 2, column 11: unexpected character\n"
     "odd-stubs.json: $.mapping: unknown; did you mean mappings?\n"
     "odd-stubs.json: 1 mistake in the stub mappings\n"
     "empty.json: line 1, column 1: unexpected end\n"},
    {{"check", "list.json"},
     1,
     "",
     "list.json: $: must be an object\nlist.json: 1 mistake in the fixture\n"},
    {{"check", "line.json"},
     1,
     "",
     "line.json: $.us?ers: unknown; did you mean users?\nline.json: 1 mistake in the fixture\n"},
    {{"check", "Default", "stub.json"},
     1,
     "stub.json: ok, 1 stub mapping\n",
     "Default: No such file or directory; did you mean default?\n"},
    {{"check", "/dev/null"}, 1, "", "/dev/null: line 1, column 1: unexpected end\n"},
};

START_TEST(reports_every_mistake) {
    int status = process_run(checks[_i].arguments, out, sizeof(out), err, sizeof(err));
    ck_assert_str_eq(err, checks[_i].err);
    ck_assert_str_eq(out, checks[_i].out);
    ck_assert_int_eq(status, checks[_i].status);
}
END_TEST

/* Runs a line in a shell. */
static int run_shell(const char *line) {
    char whole[512];
    snprintf(whole, sizeof(whole), "{ %s; } > out 2> err", line);
    int status = system(whole);
    FILE *file = fopen("out", "re");
    ck_assert_ptr_nonnull(file);
    out[fread(out, 1, sizeof(out) - 1, file)] = '\0';
    fclose(file);
    file = fopen("err", "re");
    ck_assert_ptr_nonnull(file);
    err[fread(err, 1, sizeof(err) - 1, file)] = '\0';
    fclose(file);
    return WEXITSTATUS(status);
}

static const struct {
    const char *line;
    int status;
    const char *out;
    const char *err;
} inputs[] = {
    {"\"$KESTUB_BINARY\" check - < stub.json", 0, "standard input: ok, 1 stub mapping\n", ""},
    {"cat stub.json | \"$KESTUB_BINARY\" check stubs.json -", 0,
     "stubs.json: ok, 2 stub mappings\nstandard input: ok, 1 stub mapping\n", ""},
    {"echo '{\"users\":[{}]}' | \"$KESTUB_BINARY\" check -", 1, "",
     "standard input: $.users[0].email: is required\nstandard input: 1 mistake in the fixture\n"},
    {"\"$KESTUB_BINARY\" check - <&-", 1, "", "standard input: Bad file descriptor\n"},
};

START_TEST(reads_standard_input) {
    int status = run_shell(inputs[_i].line);
    ck_assert_str_eq(err, inputs[_i].err);
    ck_assert_str_eq(out, inputs[_i].out);
    ck_assert_int_eq(status, inputs[_i].status);
}
END_TEST

/* As --mappings takes it: all *.json are mappings, in their order. */
START_TEST(checks_directories) {
    static const char *const arguments[] = {"check", "stubs", "stubs/", "e", NULL};
    ck_assert_int_eq(mkdir("stubs", 0700), 0);
    ck_assert_int_eq(mkdir("e", 0700), 0);
    suite_write(directory, "stubs/b.json", "{}");
    suite_write(directory, "stubs/a.json", "{\"nam\":1}");
    suite_write(directory, "stubs/c.json", "{\"users\":[]}");
    suite_write(directory, "stubs/notes.txt", "nothing");
    ck_assert_int_eq(symlink("../stub.json", "stubs/d.json"), 0);
    int status = process_run(arguments, out, sizeof(out), err, sizeof(err));
    remove_directory("stubs");
    rmdir("e");
    ck_assert_int_eq(status, 1);
    ck_assert_str_eq(out, "stubs/b.json: ok, 1 stub mapping\nstubs/b.json: ok, 1 stub mapping\n");
#define MISTAKES                                                                                   \
    "stubs/a.json: $.nam: unknown; did you mean name?\n"                                           \
    "stubs/a.json: 1 mistake in the stub mappings\n"                                               \
    "stubs/c.json: $.users: is not known\n"                                                        \
    "stubs/c.json: 1 mistake in the stub mappings\n"                                               \
    "stubs/d.json: Invalid cross-device link\n"
    ck_assert_str_eq(err, MISTAKES MISTAKES "e: is a directory without *.json files\n");
}
END_TEST

START_TEST(says_what_it_cannot_read) {
    static const char *const arguments[] = {"check", "huge.json", "secret.json", "nothing", NULL};
    suite_write(directory, "huge.json", "");
    suite_write(directory, "secret.json", "{}");
    ck_assert_int_eq(truncate("huge.json", (INT64_C(1) << 30) + 1), 0);
    ck_assert_int_eq(chmod("secret.json", 0), 0);
    ck_assert_int_eq(process_run(arguments, out, sizeof(out), err, sizeof(err)), 1);
    bool is_root = geteuid() == 0; /* who may read everything */
    ck_assert_str_eq(out, is_root ? "secret.json: ok, a fixture with 0 tenants, 0 groups, 0 roles, "
                                    "0 bindings, 0 invitations, 0 security integrations, 0 users, "
                                    "0 service accounts, 0 memberships, "
                                    "0 tokens\n"
                                  : "");
    ck_assert_str_eq(err, is_root ? "huge.json: is larger than 1 GiB\n"
                                    "nothing: No such file or directory\n"
                                  : "huge.json: is larger than 1 GiB\n"
                                    "secret.json: Permission denied\n"
                                    "nothing: No such file or directory\n");
}
END_TEST

/* Only the first are listed, and so it says. */
START_TEST(reads_a_pipe_to_its_end) {
    const char *const arguments[] = {"check", "pipe", NULL};
    ck_assert_int_eq(mkfifo("pipe", 0600), 0);
    ck_assert_int_eq(process_run(arguments, out, sizeof(out), err, sizeof(err)), 1);
    ck_assert_str_eq(err, "pipe: line 1, column 1: unexpected end\n");
    int fd = open("pipe", O_RDWR | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    pid_t writer = fork();
    ck_assert_int_ge(writer, 0);
    if (writer == 0) { /* slower than the reader */
        const struct timespec pause = {.tv_nsec = 100000000};
        for (int i = 0; i < 3; i++) {
            nanosleep(&pause, NULL);
            if (write(fd, &"{} "[i], 1) != 1)
                _exit(1);
        }
        _exit(0);
    }
    close(fd);
    ck_assert_int_eq(process_run(arguments, out, sizeof(out), err, sizeof(err)), 0);
    ck_assert_int_eq(waitpid(writer, NULL, 0), writer);
}
END_TEST

START_TEST(bounds_what_it_lists) {
    static const char *const arguments[] = {"check", "many.json", NULL};
    FILE *file = fopen("many.json", "we");
    ck_assert_ptr_nonnull(file);
    fputs("{\"users\":[{}", file);
    for (int i = 0; i < 149; i++)
        fputs(",{}", file);
    fputs("]}", file);
    fclose(file);
    ck_assert_int_eq(process_run(arguments, out, sizeof(out), err, sizeof(err)), 1);
    int lines = 0;
    for (const char *at = err; (at = strchr(at, '\n')); at++)
        lines++;
    ck_assert_int_eq(lines, 101);
    ck_assert_ptr_nonnull(strstr(err, "$.users[99].email: is required\n"));
    ck_assert_ptr_nonnull(
        strstr(err, "many.json: at least 150 mistakes in the fixture; the first 100 are listed\n"));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("check");
    TCase *tcase = suite_add(suite, "check");
    tcase_add_checked_fixture(tcase, setup, teardown);
    suite_add_rows(tcase, reports_every_mistake, checks);
    suite_add_rows(tcase, reads_standard_input, inputs);
    tcase_add_test(tcase, checks_directories);
    tcase_add_test(tcase, says_what_it_cannot_read);
    tcase_add_test(tcase, reads_a_pipe_to_its_end);
    tcase_add_test(tcase, bounds_what_it_lists);
    return suite_run(suite);
}
