#include "stubs/mapping_files.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/json.h"
#include "stubs/mapping_listing.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/files.h"
#include "util/permission.h"

static int refuse(char reterr_error[MAPPING_FILES_ERROR_SIZE], const char *name, const char *place,
                  const char *problem) {
    snprintf(reterr_error, MAPPING_FILES_ERROR_SIZE, "%.300s: %.260s%s%.320s", name, place,
             *place ? ": " : "", problem);
    for (char *c = reterr_error; *c; c++) /* a name must not break the line */
        if ((unsigned char)*c < ' ')
            *c = '?';
    return 1;
}

static int refuse_reading(char reterr_error[MAPPING_FILES_ERROR_SIZE], const char *name,
                          int failure) {
    char hint[PERMISSION_HINT_SIZE];
    char problem[PERMISSION_HINT_SIZE + 64];
    int code = fatal_errno(failure);
    if (code == ENOMEM)
        return failure;
    permission_hint(code, hint);
    snprintf(problem, sizeof(problem), "%s%s", strerror(code), hint);
    return refuse(reterr_error, name, "", problem);
}

/* Returns 0, STUBS_TOO_MANY or another value >0 with a violation, or <0. */
static int add_mapping(struct stubs *stubs, const cJSON *mapping, const struct json_place *place,
                       struct violations *violations, size_t *count) {
    struct stub *stub;
    int r = stub_parse(mapping, NULL, place, violations, &stub);
    if (r != 0)
        return r;
    r = stubs_add(stubs, stub);
    if (r != 0)
        stub_release(stub);
    *count += r == 0;
    if (r != STUBS_TOO_MANY)
        return r;
    r = violations_refuse(violations, place, "the sandbox has no room for more stubs");
    return r < 0 ? r : STUBS_TOO_MANY;
}

/* Returns a member that is probably a misspelt "mappings", or NULL. */
static const cJSON *find_misspelt_list(const cJSON *tree) {
    const cJSON *member = cJSON_IsObject(tree) ? tree->child : NULL;
    for (; member; member = member->next) {
        struct nearest nearest = {.text = member->string};
        json_members_offer(&stub_object, &nearest);
        nearest_offer(&nearest, "mappings");
        if (nearest.name && strcmp(nearest.name, "mappings") == 0)
            return member;
    }
    return NULL;
}

static int add_list(struct stubs *stubs, const cJSON *list, struct violations *violations,
                    size_t *count) {
    const struct json_place place = json_place_member(&json_root, list->string);
    const cJSON *mapping;
    size_t index = 0;
    int outcome = 0;
    if (strcmp(list->string, "mappings") != 0)
        return violations_refuse(violations, &place, "unknown; did you mean mappings?");
    if (!cJSON_IsArray(list))
        return violations_refuse(violations, &place, "must be a list");
    cJSON_ArrayForEach (mapping, list) {
        const struct json_place element = json_place_element(&place, index++);
        int r = add_mapping(stubs, mapping, &element, violations, count);
        if (r < 0)
            return r;
        outcome = r > 0 ? r : outcome;
        if (r == STUBS_TOO_MANY || violations->count >= VIOLATIONS_KEPT)
            break;
    }
    return outcome;
}

int mapping_files_add(struct stubs *stubs, const cJSON *tree, struct violations *violations,
                      size_t *ret_count) {
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(tree, "mappings");
    size_t count = 0;
    if (!list)
        list = find_misspelt_list(tree);
    int r = list ? add_list(stubs, list, violations, &count)
                 : add_mapping(stubs, tree, &json_root, violations, &count);
    if (r == 0)
        *ret_count = count;
    return r;
}

/* The progress of a load. */
struct load {
    struct stubs *stubs;
    const char *name;
    size_t count;
    char *error; /* MAPPING_FILES_ERROR_SIZE */
};

static int refuse_first(struct load *load, const struct violations *violations) {
    char more[VIOLATIONS_MORE_SIZE];
    violations_count_more(violations, more);
    const char *pointer = json_place_pointer(violations->items[0].place, violations->arena);
    const char *problem =
        arena_format(violations->arena, "%s%s", violations->items[0].message, more);
    return pointer && problem ? refuse(load->error, load->name, pointer, problem) : FATAL(ENOMEM);
}

static int load_file(struct load *load, const char *directory) {
    CLEANUP(cleanup_free) char *text = NULL;
    CLEANUP(cleanup_json) cJSON *tree = NULL;
    CLEANUP(arena_deinit) struct arena arena;
    arena_init(&arena);
    struct violations violations = {.arena = &arena};
    struct json_error json_error;
    size_t size;
    size_t count;
    int r = files_read(directory, load->name, &text, &size);
    if (r < 0)
        return refuse_reading(load->error, load->name, r);
    r = json_parse_dump(text, size, &tree, &json_error);
    if (r > 0) {
        char place[64];
        snprintf(place, sizeof(place), "line %zu, column %zu", json_error.line, json_error.column);
        return refuse(load->error, load->name, place, json_error.reason);
    }
    if (r == 0)
        r = mapping_files_add(load->stubs, tree, &violations, &count);
    if (r == 0)
        load->count += count;
    return r > 0 ? refuse_first(load, &violations) : r;
}

/* What has no index was not saved by kestub or WireMock, and counts as newer. */
static double index_of(const struct stub *stub) {
    const cJSON *index = cJSON_GetObjectItemCaseSensitive(stub->json, "insertionIndex");
    return cJSON_IsNumber(index) ? index->valuedouble : HUGE_VAL;
}

/* The newest first. */
static int compare_age(const void *a, const void *b) {
    const struct stub *left = *(struct stub *const *)a;
    const struct stub *right = *(struct stub *const *)b;
    double left_index = index_of(left);
    double right_index = index_of(right);
    if (left_index != right_index)
        return left_index < right_index ? 1 : -1;
    return left->state.number < right->state.number ? 1 : -1;
}

static int sort_by_index(struct stubs *stubs) {
    CLEANUP(stub_list_deinit) struct stub_list list = {0};
    int r = stubs_list(stubs, &list);
    if (r < 0)
        return r;
    qsort(list.stubs, list.count, sizeof(struct stub *), compare_age);
    return stubs_import(stubs, &list, IMPORT_REMOVES_OTHERS);
}

int mapping_files_load(struct stubs *stubs, const char *directory, size_t *ret_count,
                       char reterr_error[MAPPING_FILES_ERROR_SIZE]) {
    struct load load = {.stubs = stubs, .error = reterr_error};
    CLEANUP(mapping_listing_deinit) struct mapping_listing listing = {0};
    int r = mapping_listing_make(directory, &listing);
    if (r < 0)
        return refuse_reading(reterr_error, directory, r);
    for (size_t i = 0; r == 0 && i < listing.count; i++) {
        load.name = listing.names[i];
        r = load_file(&load, directory);
    }
    if (r == 0)
        r = sort_by_index(stubs);
    if (r == 0)
        r = stubs_save(stubs);
    if (r == 0)
        *ret_count = load.count;
    return r;
}
