#include "stubs/scenarios.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "json/json_build.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/hash.h"

struct scenario_states {
    char *name;    /* (owned) */
    char *state;   /* (owned) */
    bool has_stub; /* for scenario_states_prune */
    bool lost;     /* see util/hash.h */
    UT_hash_handle hh;
};

const char *scenario_state_of(const struct scenario_states *states, const char *name) {
    struct scenario_states *found;
    HASH_FIND_STR(states, name, found);
    return found ? found->state : SCENARIO_STARTED;
}

static void free_state(struct scenario_states *state) {
    if (!state)
        return;
    free(state->name);
    free(state->state);
    free(state);
}

/* Returns NULL when memory is out. */
static struct scenario_states *add_state(struct scenario_states **states, const char *name) {
    struct scenario_states *fresh = calloc(1, sizeof(*fresh));
    if (!fresh)
        return NULL;
    fresh->name = strdup(name);
    if (fresh->name)
        HASH_ADD_KEYPTR(hh, *states, fresh->name, strlen(fresh->name), fresh);
    if (fresh->name && !fresh->lost)
        return fresh;
    free_state(fresh);
    return NULL;
}

bool scenario_has_stub(const struct stub_list *stubs, const char *name) {
    for (size_t i = 0; i < stubs->count; i++)
        if (stubs->stubs[i]->scenario && strcmp(stubs->stubs[i]->scenario, name) == 0)
            return true;
    return false;
}

int scenario_state_set(struct scenario_states **states, const char *name, const char *state) {
    struct scenario_states *found;
    char *copy = strdup(state);
    HASH_FIND_STR(*states, name, found);
    if (!found && copy)
        found = add_state(states, name);
    if (!found || !copy) {
        free(copy);
        return FATAL(ENOMEM);
    }
    free(found->state);
    found->state = copy;
    return 0;
}

void scenario_state_drop(struct scenario_states **states, const char *name) {
    struct scenario_states *found;
    HASH_FIND_STR(*states, name, found);
    if (found)
        HASH_DEL(*states, found);
    free_state(found);
}

void scenario_states_prune(struct scenario_states **states, const struct stub_list *stubs) {
    struct scenario_states *state;
    struct scenario_states *next;
    for (state = *states; state; state = state->hh.next)
        state->has_stub = false;
    for (size_t i = 0; *states && i < stubs->count; i++) {
        const char *name = stubs->stubs[i]->scenario;
        if (name)
            HASH_FIND_STR(*states, name, state);
        if (name && state)
            state->has_stub = true;
    }
    HASH_ITER (hh, *states, state, next)
        if (!state->has_stub)
            scenario_state_drop(states, state->name);
}

void scenario_states_clear(struct scenario_states **states) {
    struct scenario_states *state;
    struct scenario_states *next;
    HASH_ITER (hh, *states, state, next) {
        HASH_DEL(*states, state);
        free_state(state);
    }
}

static bool has_text(const cJSON *array, const char *text) {
    const cJSON *item;
    cJSON_ArrayForEach (item, array)
        if (strcmp(item->valuestring, text) == 0)
            return true;
    return false;
}

static void add_once(struct json_builder *builder, cJSON *array, const char *text) {
    if (text && !has_text(array, text))
        json_add_text(builder, array, NULL, text);
}

/* A scenario that is being rendered, found by its name. */
struct rendered {
    const char *name;
    cJSON *json;
    bool lost; /* see util/hash.h */
    UT_hash_handle hh;
};

static void cleanup_rendered(struct rendered **table) {
    struct rendered *rendered;
    struct rendered *next;
    HASH_ITER (hh, *table, rendered, next) {
        HASH_DEL(*table, rendered);
        free(rendered);
    }
}

static cJSON *add_scenario(struct json_builder *builder, cJSON *array, const char *name,
                           const char *state) {
    cJSON *scenario = json_add_object(builder, array, NULL);
    json_add_text(builder, scenario, "id", name);
    json_add_text(builder, scenario, "name", name);
    json_add_text(builder, scenario, "state", state);
    json_add_array(builder, scenario, "possibleStates");
    json_add_array(builder, scenario, "mappings");
    return scenario;
}

/* NULL when memory is out. */
static cJSON *find_or_add(struct json_builder *builder, struct rendered **table, cJSON *array,
                          const char *name, const struct scenario_states *states) {
    struct rendered *rendered;
    HASH_FIND_STR(*table, name, rendered);
    if (rendered)
        return rendered->json;
    rendered = calloc(1, sizeof(*rendered));
    if (!rendered)
        return NULL;
    rendered->name = name;
    rendered->json = add_scenario(builder, array, name, scenario_state_of(states, name));
    HASH_ADD_KEYPTR(hh, *table, name, strlen(name), rendered);
    if (!rendered->lost)
        return rendered->json;
    free(rendered);
    return NULL;
}

cJSON *scenarios_render(const struct scenario_states *states, const struct stub_list *stubs) {
    CLEANUP(cleanup_rendered) struct rendered *table = NULL;
    cJSON *array = cJSON_CreateArray();
    struct json_builder builder = {.failed = !array};
    for (size_t i = 0; !builder.failed && i < stubs->count; i++) {
        const struct stub *stub = stubs->stubs[i];
        if (!stub->scenario)
            continue;
        cJSON *scenario = find_or_add(&builder, &table, array, stub->scenario, states);
        builder.failed |= !scenario;
        cJSON *possible = cJSON_GetObjectItemCaseSensitive(scenario, "possibleStates");
        add_once(&builder, possible, stub->required_state);
        add_once(&builder, possible, stub->new_state);
        json_add_copy(&builder, cJSON_GetObjectItemCaseSensitive(scenario, "mappings"), NULL,
                      stub->json);
    }
    if (!builder.failed)
        return array;
    cJSON_Delete(array);
    return NULL;
}
