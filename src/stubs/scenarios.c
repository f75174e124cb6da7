#include "stubs/scenarios.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "json/json_build.h"
#include "util/fatal.h"
#include "util/hash.h"

struct scenario_states {
    char *name;  /* (owned) */
    char *state; /* (owned) */
    bool lost;   /* see util/hash.h */
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
    HASH_ITER (hh, *states, state, next)
        if (!scenario_has_stub(stubs, state->name))
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

static cJSON *find_scenario(const cJSON *array, const char *name) {
    cJSON *scenario;
    cJSON_ArrayForEach (scenario, array) {
        const cJSON *own = cJSON_GetObjectItemCaseSensitive(scenario, "name");
        if (own && strcmp(own->valuestring, name) == 0)
            return scenario;
    }
    return NULL;
}

static cJSON *add_scenario(struct json_builder *builder, cJSON *array, const char *name,
                           const char *state) {
    cJSON *scenario = json_add_object(builder, array, NULL);
    json_add_text(builder, scenario, "id", name);
    json_add_text(builder, scenario, "name", name);
    json_add_text(builder, scenario, "state", state);
    add_once(builder, json_add_array(builder, scenario, "possibleStates"), SCENARIO_STARTED);
    json_add_array(builder, scenario, "mappings");
    return scenario;
}

cJSON *scenarios_render(const struct scenario_states *states, const struct stub_list *stubs) {
    cJSON *array = cJSON_CreateArray();
    struct json_builder builder = {.failed = !array};
    for (size_t i = 0; !builder.failed && i < stubs->count; i++) {
        const struct stub *stub = stubs->stubs[i];
        if (!stub->scenario)
            continue;
        cJSON *scenario = find_scenario(array, stub->scenario);
        if (!scenario)
            scenario = add_scenario(&builder, array, stub->scenario,
                                    scenario_state_of(states, stub->scenario));
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
