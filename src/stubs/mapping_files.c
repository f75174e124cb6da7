#include "stubs/mapping_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"
#include "util/files.h"
#include "json/json.h"

static int refuse(char error[MAPPING_FILES_ERROR_SIZE], const char *name, const char *place,
                  const char *problem) {
    snprintf(error, MAPPING_FILES_ERROR_SIZE, "%.300s: %.260s%s%.320s", name, place,
             *place ? ": " : "", problem);
    for (char *c = error; *c; c++) /* it is one line whatever the names are */
        if ((unsigned char)*c < ' ')
            *c = '?';
    return 1;
}

/* `list` is how its place starts. */
static int add_mapping(struct stubs *stubs, const cJSON *mapping, const char *name,
                       const char *list, char error[MAPPING_FILES_ERROR_SIZE]) {
    struct pattern_error problem;
    struct stub *stub;
    int r = stub_parse(mapping, NULL, &stub, &problem);
    if (r > 0) {
        char place[PATTERN_POINTER_SIZE + 32];
        snprintf(place, sizeof(place), "%s%s", list, problem.pointer);
        return refuse(error, name, place, problem.detail);
    }
    if (r < 0)
        return r;
    r = stubs_add(stubs, stub);
    if (r != 0)
        stub_release(stub);
    return r == STUBS_TOO_MANY ? refuse(error, name, "", "a sandbox may have no more stubs") : r;
}

static int load_file(struct stubs *stubs, const char *directory, const char *name,
                     size_t *ret_count, char error[MAPPING_FILES_ERROR_SIZE]) {
    CLEANUP(cleanup_free) char *text = NULL;
    CLEANUP(cleanup_json) cJSON *tree = NULL;
    struct json_error json_error;
    char place[64];
    size_t size;
    int r = files_read(directory, name, &text, &size);
    if (r < 0)
        return r == -ENOMEM ? r : refuse(error, name, "", strerror(-r));
    r = json_parse(text, size, &tree, &json_error);
    if (r > 0) {
        snprintf(place, sizeof(place), "line %zu, column %zu", json_error.line, json_error.column);
        return refuse(error, name, place, json_error.reason);
    }
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(tree, "mappings");
    if (r == 0 && !list) {
        r = add_mapping(stubs, tree, name, "", error);
        *ret_count += r == 0;
    }
    if (list && !cJSON_IsArray(list))
        return refuse(error, name, "/mappings", "must be a list");
    const cJSON *mapping;
    size_t index = 0;
    cJSON_ArrayForEach (mapping, list) {
        snprintf(place, sizeof(place), "/mappings/%zu", index++);
        if (r == 0)
            r = add_mapping(stubs, mapping, name, place, error);
        *ret_count += r == 0;
    }
    return r;
}

static int is_json_file(const struct dirent *entry) {
    const char *dot = strrchr(entry->d_name, '.');
    return dot && strcmp(dot, ".json") == 0;
}

int mapping_files_load(struct stubs *stubs, const char *directory, size_t *ret_count,
                       char error[MAPPING_FILES_ERROR_SIZE]) {
    struct dirent **entries;
    size_t count = 0;
    int r = 0;
    int n = scandir(directory, &entries, is_json_file, alphasort);
    if (n < 0)
        return refuse(error, directory, "", strerror(errno));
    for (int i = 0; i < n; i++) {
        if (r == 0)
            r = load_file(stubs, directory, entries[i]->d_name, &count, error);
        free(entries[i]);
    }
    free(entries);
    if (r == 0)
        r = stubs_save(stubs);
    if (r == 0)
        *ret_count = count;
    return r;
}
