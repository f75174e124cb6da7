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

enum { MAX_TEXT = 1 << 20 }; /* all lines together */

/* Adds a line. Returns 1 or -ENOMEM. */
static int note(struct mapping_mistakes *mistakes, const char *name, const char *place,
                const char *problem) {
    char line[1024];
    snprintf(line, sizeof(line), "%.300s: %.260s%s%.320s", name, place, *place ? ": " : "",
             problem);
    for (char *c = line; *c; c++) /* a name must not break the line */
        if ((unsigned char)*c < ' ')
            *c = '?';
    strcat(line, "\n");
    mistakes->count++;
    /* A directory may have more mistakes than anybody reads. */
    int r = buffer_append(&mistakes->lines, line, strlen(line), MAX_TEXT);
    return r < 0 ? r : 1;
}

void mapping_mistakes_deinit(struct mapping_mistakes *mistakes) {
    buffer_deinit(&mistakes->lines);
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

/* Parses the mappings of a list. Returns 0, >0 with violations, or -ENOMEM. */
static int parse_list(const cJSON *list, unsigned options, struct violations *violations,
                      struct stub_list *parsed) {
    const struct json_place place = json_place_member(&json_root, list->string);
    const cJSON *mapping;
    size_t index = 0;
    int outcome = 0;
    if (strcmp(list->string, "mappings") != 0)
        return violations_refuse(violations, &place, "unknown; did you mean mappings?");
    if (!cJSON_IsArray(list))
        return violations_refuse(violations, &place, "must be a list");
    parsed->stubs = calloc((size_t)cJSON_GetArraySize(list) + 1, sizeof(struct stub *));
    if (!parsed->stubs)
        return FATAL(ENOMEM);
    cJSON_ArrayForEach (mapping, list) {
        const struct json_place element = json_place_element(&place, index++);
        int r =
            stub_parse(mapping, NULL, options, &element, violations, &parsed->stubs[parsed->count]);
        if (r < 0)
            return r;
        parsed->count += r == 0;
        outcome = r > 0 ? r : outcome;
        if (violations->count >= VIOLATIONS_KEPT || parsed->count > STUBS_MAX)
            break;
    }
    return outcome;
}

/* Parses the only mapping of a file. */
static int parse_one(const cJSON *tree, unsigned options, struct violations *violations,
                     struct stub_list *parsed) {
    parsed->stubs = calloc(1, sizeof(struct stub *));
    if (!parsed->stubs)
        return FATAL(ENOMEM);
    int r = stub_parse(tree, NULL, options, &json_root, violations, &parsed->stubs[0]);
    parsed->count = r == 0;
    return r;
}

/* Returns 0, STUBS_TOO_MANY with a violation, or -ENOMEM. */
static int add_all(struct stubs *stubs, struct stub_list *parsed, const cJSON *list,
                   struct violations *violations) {
    const struct json_place place = json_place_member(&json_root, "mappings");
    for (size_t i = 0; i < parsed->count; i++) {
        const struct json_place element = json_place_element(&place, i);
        int r = stubs_add(stubs, parsed->stubs[i]);
        if (r == 0)
            parsed->stubs[i] = NULL; /* taken over */
        else if (r == STUBS_TOO_MANY)
            r = violations_refuse(violations, list ? &element : &json_root,
                                  "the sandbox has no room for more stubs");
        if (r != 0)
            return r < 0 ? r : STUBS_TOO_MANY;
    }
    return 0;
}

int mapping_files_add(struct stubs *stubs, const cJSON *tree, unsigned options,
                      struct violations *violations, size_t *ret_count) {
    CLEANUP(stub_list_deinit) struct stub_list parsed = {0};
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(tree, "mappings");
    if (!list)
        list = find_misspelt_list(tree);
    int r = list ? parse_list(list, options, violations, &parsed)
                 : parse_one(tree, options, violations, &parsed);
    if (r == 0)
        r = add_all(stubs, &parsed, list, violations);
    if (r == 0)
        *ret_count = parsed.count;
    return r;
}

static int refuse_reading(struct mapping_mistakes *mistakes, const char *name, int failure) {
    char hint[PERMISSION_HINT_SIZE];
    char problem[PERMISSION_HINT_SIZE + 64];
    int code = fatal_errno(failure);
    if (code == ENOMEM)
        return failure;
    permission_hint(code, hint);
    snprintf(problem, sizeof(problem), "%s%s", strerror(code), hint);
    return note(mistakes, name, "", problem);
}

/* The progress of a load. */
struct load {
    struct stubs *stubs;
    unsigned options; /* of stub_parse */
    const char *name;
    size_t count;
    struct mapping_mistakes *mistakes;
};

/* Returns >0 or -ENOMEM. */
static int note_all(struct load *load, const struct violations *violations) {
    for (size_t i = 0; i < violations->count && i < VIOLATIONS_KEPT; i++) {
        const struct violation *violation = &violations->items[i];
        const char *pointer = json_place_pointer(violation->place, violations->arena);
        int r =
            pointer ? note(load->mistakes, load->name, pointer, violation->message) : FATAL(ENOMEM);
        if (r < 0)
            return r;
    }
    return violations->count < VIOLATIONS_KEPT
               ? 1
               : note(load->mistakes, load->name, "", "there may be more mistakes");
}

/* Returns 0, STUBS_TOO_MANY, another value >0 with a mistake, or -ENOMEM. */
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
        return refuse_reading(load->mistakes, load->name, r);
    r = json_parse_dump(text, size, &tree, &json_error);
    if (r > 0) {
        char place[64];
        snprintf(place, sizeof(place), "line %zu, column %zu", json_error.line, json_error.column);
        return note(load->mistakes, load->name, place, json_error.reason);
    }
    if (r == 0)
        r = mapping_files_add(load->stubs, tree, load->options, &violations, &count);
    if (r == 0)
        load->count += count;
    int noted = r > 0 ? note_all(load, &violations) : 0;
    return noted < 0 ? noted : r;
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
    stubs_clear(stubs); /* a known stub would keep its place */
    return stubs_import(stubs, &list, 0);
}

int mapping_files_load(struct stubs *stubs, const char *directory, unsigned options, bool skips,
                       size_t *ret_count, struct mapping_mistakes *mistakes) {
    struct load load = {.stubs = stubs, .options = options, .mistakes = mistakes};
    CLEANUP(mapping_listing_deinit) struct mapping_listing listing = {0};
    int outcome = 0;
    int r = mapping_listing_make(directory, &listing);
    if (r < 0)
        return refuse_reading(mistakes, directory, r);
    for (size_t i = 0; r >= 0 && r != STUBS_TOO_MANY && i < listing.count; i++) {
        load.name = listing.names[i];
        r = load_file(&load, directory);
        if (r > 0 && (!skips || r == STUBS_TOO_MANY))
            outcome = 1;
    }
    if (r < 0 || outcome > 0)
        return r < 0 ? r : outcome;
    r = sort_by_index(stubs);
    if (r == 0)
        r = stubs_save(stubs);
    if (r == 0)
        *ret_count = load.count;
    return r;
}
