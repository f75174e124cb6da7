#include "stubs/mapping_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/json.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/files.h"

static int refuse(char reterr_error[MAPPING_FILES_ERROR_SIZE], const char *name, const char *place,
                  const char *problem) {
    snprintf(reterr_error, MAPPING_FILES_ERROR_SIZE, "%.300s: %.260s%s%.320s", name, place,
             *place ? ": " : "", problem);
    for (char *c = reterr_error; *c; c++) /* it is one line whatever the names are */
        if ((unsigned char)*c < ' ')
            *c = '?';
    return 1;
}

/* What is loaded, and from which file. */
struct load {
    struct stubs *stubs;
    const char *name;
    size_t count;
    char *error; /* MAPPING_FILES_ERROR_SIZE */
};

static int add_mapping(struct load *load, const cJSON *mapping, const struct json_place *place) {
    CLEANUP(arena_deinit) struct arena arena;
    arena_init(&arena);
    struct violations violations = {.arena = &arena};
    struct stub *stub;
    int r = stub_parse(mapping, NULL, place, &violations, &stub);
    if (r > 0) {
        const char *pointer = json_place_pointer(violations.items[0].place, &arena);
        return pointer ? refuse(load->error, load->name, pointer, violations.items[0].message)
                       : FATAL(ENOMEM);
    }
    if (r < 0)
        return r;
    r = stubs_add(load->stubs, stub);
    if (r != 0)
        stub_release(stub);
    if (r == STUBS_TOO_MANY)
        return refuse(load->error, load->name, "", "a sandbox may have no more stubs");
    load->count += r == 0;
    return r;
}

static int load_file(struct load *load, const char *directory) {
    CLEANUP(cleanup_free) char *text = NULL;
    CLEANUP(cleanup_json) cJSON *tree = NULL;
    struct json_error json_error;
    size_t size;
    int r = files_read(directory, load->name, &text, &size);
    if (r < 0)
        return fatal_errno(r) == ENOMEM
                   ? r
                   : refuse(load->error, load->name, "", strerror(fatal_errno(r)));
    r = json_parse_dump(text, size, &tree, &json_error);
    if (r > 0) {
        char place[64];
        snprintf(place, sizeof(place), "line %zu, column %zu", json_error.line, json_error.column);
        return refuse(load->error, load->name, place, json_error.reason);
    }
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(tree, "mappings");
    if (r < 0 || !list)
        return r < 0 ? r : add_mapping(load, tree, &json_root);
    if (!cJSON_IsArray(list))
        return refuse(load->error, load->name, "/mappings", "must be a list");
    const struct json_place place = json_place_member(&json_root, "mappings");
    const cJSON *mapping;
    size_t index = 0;
    cJSON_ArrayForEach (mapping, list) {
        const struct json_place element = json_place_element(&place, index++);
        if (r == 0)
            r = add_mapping(load, mapping, &element);
    }
    return r;
}

static int is_json_file(const struct dirent *entry) {
    const char *dot = strrchr(entry->d_name, '.');
    return dot && strcmp(dot, ".json") == 0;
}

int mapping_files_load(struct stubs *stubs, const char *directory, size_t *ret_count,
                       char reterr_error[MAPPING_FILES_ERROR_SIZE]) {
    struct load load = {.stubs = stubs, .error = reterr_error};
    struct dirent **entries;
    int r = 0;
    int n = scandir(directory, &entries, is_json_file, alphasort);
    if (n < 0)
        return refuse(reterr_error, directory, "", strerror(errno));
    for (int i = 0; i < n; i++) {
        load.name = entries[i]->d_name;
        if (r == 0)
            r = load_file(&load, directory);
        free(entries[i]);
    }
    free(entries);
    if (r == 0)
        r = stubs_save(stubs);
    if (r == 0)
        *ret_count = load.count;
    return r;
}
