/* Files below a directory, and the stub mappings in them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "json/json.h"
#include "refusal.h"
#include "stubs/mapping_files.h"
#include "stubs/mapping_listing.h"
#include "suite.h"
#include "util/fatal.h"
#include "util/files.h"

enum { ERROR_SIZE = 1024 };

static char directory[64];

static const char *path_of(const char *name) {
    static char path[128];
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    return path;
}

/* The served directory lies inside the test's directory, so there are files outside it. */
static void setup(void) {
    strcpy(directory, "/tmp/kestub-files-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    suite_write(directory, "secret", "secret");
    strcat(directory, "/in");
    ck_assert_int_eq(mkdir(directory, 0700), 0);
    ck_assert_int_eq(mkdir(path_of("sub"), 0700), 0);
    suite_write(directory, "plain", "text");
    suite_write(directory, "empty", "");
    suite_write(directory, "sub/deep", "deep");
    ck_assert_int_eq(symlink("sub/deep", path_of("link")), 0);
    ck_assert_int_eq(symlink("../secret", path_of("escape")), 0);
    ck_assert_int_eq(symlink("/etc/hostname", path_of("absolute")), 0);
    ck_assert_int_eq(symlink("..", path_of("up")), 0);
    ck_assert_int_eq(symlink("loop", path_of("loop")), 0);
    ck_assert_int_eq(mkfifo(path_of("fifo"), 0600), 0);
    suite_write(directory, "large", "");
    ck_assert_int_eq(truncate(path_of("large"), (off_t)FILES_MAX_SIZE + 1), 0);
}

static void teardown(void) {
    static const char *const names[] = {"plain",  "empty",    "sub/deep", "link",
                                        "escape", "absolute", "up",       "loop",
                                        "fifo",   "large",    "../secret"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        unlink(path_of(names[i]));
    rmdir(path_of("sub"));
    char mapping[32];
    for (int i = 0; i < 10; i++) {
        snprintf(mapping, sizeof(mapping), "%d.json", i);
        unlink(path_of(mapping));
    }
    unlink(path_of("notes.txt"));
    ck_assert_int_eq(rmdir(directory), 0);
    directory[strlen(directory) - strlen("/in")] = '\0';
    ck_assert_int_eq(rmdir(directory), 0);
}

static const struct {
    const char *name;
    int error; /* an errno, or 0 */
    const char *text;
} files[] = {
    {"plain", 0, "text"},
    {"./plain", 0, "text"},
    {"sub/../plain", 0, "text"},
    {"sub/deep", 0, "deep"},
    {"link", 0, "deep"},
    {"empty", 0, ""},
    {"", ENOENT, NULL},
    {"none", ENOENT, NULL},
    {"plain/x", ENOTDIR, NULL},
    {"../secret", EXDEV, NULL},
    {"sub/../../secret", EXDEV, NULL},
    {"up/secret", EXDEV, NULL},
    {"escape", EXDEV, NULL},
    {"/etc/hostname", EXDEV, NULL},
    {"absolute", EXDEV, NULL},
    {"loop", ELOOP, NULL},
    {"fifo", EINVAL, NULL},
    {"sub", EISDIR, NULL},
    {".", EISDIR, NULL},
    {"large", EFBIG, NULL},
};

START_TEST(reads_only_below_the_directory) {
    char *bytes = NULL;
    size_t size = 0;
    int r = files_read(directory, files[_i].name, &bytes, &size);
    ck_assert_int_eq(fatal_errno(r), files[_i].error);
    if (r == 0) {
        ck_assert_uint_eq(size, strlen(files[_i].text));
        ck_assert_mem_eq(bytes, files[_i].text, size);
    }
    free(bytes);
}
END_TEST

START_TEST(refuses_a_path_that_is_not_a_directory) {
    char *bytes = NULL;
    size_t size = 0;
    ck_assert_int_eq(fatal_errno(files_read(path_of("none"), "x", &bytes, &size)), ENOENT);
    ck_assert_int_eq(fatal_errno(files_read(path_of("plain"), "x", &bytes, &size)), ENOTDIR);
}
END_TEST

/* Reads a pipe, and refuses one that has more bytes than allowed. */
START_TEST(drains_a_descriptor) {
    char *bytes = NULL;
    size_t size = 0;
    int fds[2];
    ck_assert_int_eq(pipe(fds), 0);
    ck_assert_int_eq(write(fds[1], "text", 4), 4);
    close(fds[1]);
    ck_assert_int_eq(files_drain(fds[0], 4, &bytes, &size), 0);
    ck_assert_uint_eq(size, 4);
    ck_assert_mem_eq(bytes, "text", 4);
    free(bytes);
    close(fds[0]);
    ck_assert_int_eq(pipe(fds), 0);
    ck_assert_int_eq(write(fds[1], "text", 4), 4);
    close(fds[1]);
    ck_assert_int_eq(fatal_errno(files_drain(fds[0], 3, &bytes, &size)), EFBIG);
    ck_assert_int_eq(fatal_errno(files_drain(-1, 3, &bytes, &size)), EBADF);
    close(fds[0]);
}
END_TEST

static int load_from(const char *path, bool skips, struct stubs **ret_stubs, size_t *ret_count,
                     char error[ERROR_SIZE]) {
    struct mapping_mistakes mistakes = {0};
    *ret_stubs = stubs_new();
    ck_assert_ptr_nonnull(*ret_stubs);
    int r = mapping_files_load(*ret_stubs, path, 0, skips, ret_count, &mistakes);
    ck_assert_int_eq(mistakes.count > 0, mistakes.lines.size > 0);
    snprintf(error, ERROR_SIZE, "%s", mistakes.lines.bytes ? mistakes.lines.bytes : "");
    mapping_mistakes_deinit(&mistakes);
    return r;
}

static int load(struct stubs **ret_stubs, size_t *ret_count, char error[ERROR_SIZE]) {
    return load_from(directory, false, ret_stubs, ret_count, error);
}

START_TEST(loads_mappings) {
    char error[ERROR_SIZE];
    struct stubs *stubs;
    struct stub_list list;
    size_t count = 0;
    suite_write(directory, "2.json", "{\"name\":\"c\"}");
    suite_write(directory, "1.json",
                "\xef\xbb\xbf{\"mappings\":[{\"name\":\"a\"},{\"name\":\"b\"}],\"meta\":1}");
    suite_write(directory, "3.json", "{\"mappings\":[]}");
    suite_write(directory, "notes.txt", "no mapping");
    ck_assert_int_eq(load(&stubs, &count, error), 0);
    ck_assert_uint_eq(count, 3);
    stubs_clear(stubs);
    ck_assert_int_eq(stubs_reset(stubs), 0);
    ck_assert_int_eq(stubs_list(stubs, &list), 0);
    ck_assert_uint_eq(list.count, 3);
    for (size_t i = 0; i < 3; i++) {
        const cJSON *name = cJSON_GetObjectItemCaseSensitive(list.stubs[i]->json, "name");
        ck_assert_int_eq(name->valuestring[0], "cba"[i]);
    }
    stub_list_deinit(&list);
    stubs_free(stubs);
}
END_TEST

/* Stubs with an index are older than others, and ordered by it. */
START_TEST(orders_mappings_by_their_index) {
    char error[ERROR_SIZE];
    struct stubs *stubs;
    struct stub_list list;
    size_t count = 0;
    suite_write(directory, "1.json", "{\"name\":\"d\"}");
    suite_write(directory, "2.json", "{\"name\":\"b\",\"insertionIndex\":7}");
    suite_write(directory, "3.json", "{\"name\":\"a\",\"insertionIndex\":2}");
    suite_write(directory, "4.json", "{\"name\":\"e\"}");
    suite_write(directory, "5.json", "{\"name\":\"c\",\"insertionIndex\":7}");
    ck_assert_int_eq(load(&stubs, &count, error), 0);
    ck_assert_uint_eq(count, 5);
    ck_assert_int_eq(stubs_list(stubs, &list), 0);
    ck_assert_uint_eq(list.count, 5);
    for (size_t i = 0; i < 5; i++) {
        const cJSON *name = cJSON_GetObjectItemCaseSensitive(list.stubs[i]->json, "name");
        ck_assert_int_eq(name->valuestring[0], "edcba"[i]);
    }
    stub_list_deinit(&list);
    stubs_free(stubs);
}
END_TEST

/* A tree that is too deep is refused, so that no walk runs out of descriptors. */
START_TEST(lists_files_down_to_a_depth) {
    enum { DEPTH = 40 };
    struct mapping_listing listing;
    char path[64 + 2 * DEPTH + 8];
    strcpy(path, directory);
    for (int i = 0; i < DEPTH; i++) {
        strcat(path, "/d");
        ck_assert_int_eq(mkdir(path, 0700), 0);
    }
    ck_assert_int_eq(fatal_errno(mapping_listing_make(directory, &listing)), ELOOP);
    ck_assert_uint_eq(listing.count, 0);
    for (int i = 0; i < DEPTH; i++) {
        rmdir(path);
        *strrchr(path, '/') = '\0';
    }
    ck_assert_int_eq(mapping_listing_make(directory, &listing), 0);
    ck_assert_uint_eq(listing.count, 0);
    mapping_listing_deinit(&listing);
}
END_TEST

static const struct {
    const char *text;
    const char *error;
} broken[] = {
    {"{", "1.json: line 1, column 2: "},
    {"", "1.json: line 1, column 1: "},
    {"[{}]", "1.json: must be an object"},
    {"{\"mappings\":{}}", "1.json: /mappings: must be a list"},
    {"{\"mapping\":[]}", "1.json: /mapping: unknown; did you mean mappings?"},
    {"{\"mappings\":[{\"nam\":1},{},{\"id\":1,\"name\":[]}]}",
     "1.json: /mappings/0/nam: unknown; did you mean name?\n1.json: /mappings/2/id: "},
    {"{\"nam\":1,\"name\":[]}",
     "1.json: /nam: unknown; did you mean name?\n1.json: /name: must be a string\n"},
    {"{\"mappings\":[{},7]}", "1.json: /mappings/1: must be an object"},
    {"{\"mappings\":[{\"priority\":\"x\"}]}", "1.json: /mappings/0/priority: must be an integer"},
    {"{\"re\\nquest\":{}}", "1.json: /re?quest: unknown; did you mean request?"},
};

START_TEST(names_the_broken_mapping) {
    char error[ERROR_SIZE] = "";
    struct stubs *stubs;
    size_t count;
    suite_write(directory, "1.json", broken[_i].text);
    ck_assert_int_gt(load(&stubs, &count, error), 0);
    ck_assert_msg(strncmp(error, broken[_i].error, strlen(broken[_i].error)) == 0, "%s", error);
    ck_assert_int_eq(error[strlen(error) - 1], '\n');
    stubs_free(stubs);
}
END_TEST

/* Nothing of a file with a mistake is loaded. */
START_TEST(leaves_out_broken_files) {
    char error[ERROR_SIZE];
    struct stubs *stubs;
    struct stub_list list;
    size_t count = 0;
    suite_write(directory, "1.json", "{\"name\":\"a\"}");
    suite_write(directory, "2.json", "{\"mappings\":[{\"name\":\"b\"},{\"nam\":1}]}");
    suite_write(directory, "3.json", "{\"name\":\"c\"}");
    suite_write(directory, "4.json", "");
    ck_assert_int_eq(load_from(directory, true, &stubs, &count, error), 0);
    ck_assert_uint_eq(count, 2);
    ck_assert_ptr_nonnull(strstr(error, "2.json: /mappings/1/nam: unknown"));
    ck_assert_ptr_nonnull(strstr(error, "\n4.json: line 1, column 1: "));
    ck_assert_int_eq(stubs_list(stubs, &list), 0);
    ck_assert_uint_eq(list.count, 2);
    stub_list_deinit(&list);
    stubs_free(stubs);
}
END_TEST

/* Too many stubs are a single mistake, however many there are. */
START_TEST(reports_once_that_there_are_too_many_stubs) {
    CLEANUP(cleanup_json) cJSON *tree = cJSON_CreateObject();
    CLEANUP(refusal_deinit) struct refusal refusal;
    struct stubs *stubs = stubs_new();
    size_t count;
    cJSON *list = cJSON_AddArrayToObject(tree, "mappings");
    for (int i = 0; i < STUBS_MAX + 3; i++)
        cJSON_AddItemToArray(list, cJSON_CreateObject());
    refusal_init(&refusal);
    ck_assert_int_gt(mapping_files_add(stubs, tree, 0, &refusal.violations, &count), 0);
    ck_assert_str_eq(refusal_pointer(&refusal), "/mappings/10000");
    ck_assert_str_eq(refusal_message(&refusal), "the sandbox has no room for more stubs");
    ck_assert_uint_eq(refusal.violations.count, 1);
    stubs_free(stubs);
}
END_TEST

START_TEST(names_a_missing_file) {
    char error[ERROR_SIZE] = "";
    struct stubs *stubs;
    size_t count;
    ck_assert_int_eq(symlink("sub", path_of("1.json")), 0);
    ck_assert_int_gt(load(&stubs, &count, error), 0);
    ck_assert_str_eq(error, "1.json: Is a directory\n");
    stubs_free(stubs);
    ck_assert_int_gt(load_from("/nowhere", true, &stubs, &count, error), 0);
    ck_assert_str_eq(error, "/nowhere: No such file or directory\n");
    stubs_free(stubs);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("mapping_files");
    TCase *tcase = suite_add(suite, "mapping_files");
    tcase_add_checked_fixture(tcase, setup, teardown);
    suite_add_rows(tcase, reads_only_below_the_directory, files);
    tcase_add_test(tcase, refuses_a_path_that_is_not_a_directory);
    tcase_add_test(tcase, drains_a_descriptor);
    tcase_add_test(tcase, loads_mappings);
    tcase_add_test(tcase, orders_mappings_by_their_index);
    tcase_add_test(tcase, lists_files_down_to_a_depth);
    suite_add_rows(tcase, names_the_broken_mapping, broken);
    tcase_add_test(tcase, leaves_out_broken_files);
    tcase_add_test(tcase, reports_once_that_there_are_too_many_stubs);
    tcase_add_test(tcase, names_a_missing_file);
    return suite_run(suite);
}
