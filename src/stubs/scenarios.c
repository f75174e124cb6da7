#include "stubs/scenarios.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

/* A scenario that is being rendered, found by its name. */
struct rendered {
    const char *name;
    size_t first; /* of its stubs, which are chained and count from 1 */
    size_t last;
    bool lost; /* see util/hash.h */
    UT_hash_handle hh;
};

/* What is known of all scenarios before they are written. */
struct rendering {
    const struct scenario_states *states;
    const struct stub_list *stubs;
    struct rendered *table; /* (owned) in the order of their first stubs */
    size_t *next;           /* (owned) for each stub, the next of its scenario; 0: none */
    const char **possible;  /* (owned) has room for the states of all stubs */
};

static void rendering_deinit(struct rendering *rendering) {
    struct rendered *rendered;
    struct rendered *next;
    HASH_ITER (hh, rendering->table, rendered, next) {
        HASH_DEL(rendering->table, rendered);
        free(rendered);
    }
    free(rendering->next);
    free(rendering->possible);
}

/* Returns false when memory is out. */
static bool chain(struct rendering *rendering, size_t stub) {
    const char *name = rendering->stubs->stubs[stub - 1]->scenario;
    struct rendered *rendered;
    HASH_FIND_STR(rendering->table, name, rendered);
    if (rendered) {
        rendering->next[rendered->last] = stub;
        rendered->last = stub;
        return true;
    }
    rendered = calloc(1, sizeof(*rendered));
    if (!rendered)
        return false;
    rendered->name = name;
    rendered->first = rendered->last = stub;
    HASH_ADD_KEYPTR(hh, rendering->table, name, strlen(name), rendered);
    if (!rendered->lost)
        return true;
    free(rendered);
    return false;
}

static bool chain_all(struct rendering *rendering) {
    size_t count = rendering->stubs->count;
    rendering->next = calloc(count + 1, sizeof(*rendering->next));
    rendering->possible = calloc(2 * count + 1, sizeof(*rendering->possible));
    bool done = rendering->next && rendering->possible;
    for (size_t i = 1; done && i <= count; i++)
        if (rendering->stubs->stubs[i - 1]->scenario)
            done = chain(rendering, i);
    return done;
}

/* Appends the state unless it is NULL or there already. Returns the new count. */
static size_t append_once(const char **states, size_t count, const char *state) {
    if (!state)
        return count;
    for (size_t i = 0; i < count; i++)
        if (strcmp(states[i], state) == 0)
            return count;
    states[count] = state;
    return count + 1;
}

static void write_scenario(const struct rendering *rendering, const struct rendered *rendered,
                           struct json_builder *builder, struct json_parent object) {
    size_t n_possible = 0;
    json_add_text(builder, object, "id", rendered->name);
    json_add_text(builder, object, "name", rendered->name);
    json_add_text(builder, object, "state", scenario_state_of(rendering->states, rendered->name));
    struct json_parent possible = json_add_array(builder, object, "possibleStates");
    for (size_t i = rendered->first; i > 0; i = rendering->next[i]) {
        const struct stub *stub = rendering->stubs->stubs[i - 1];
        n_possible = append_once(rendering->possible, n_possible, stub->required_state);
        n_possible = append_once(rendering->possible, n_possible, stub->new_state);
    }
    for (size_t i = 0; i < n_possible; i++)
        json_add_text(builder, possible, NULL, rendering->possible[i]);
    struct json_parent mappings = json_add_array(builder, object, "mappings");
    for (size_t i = rendered->first; i > 0; i = rendering->next[i])
        json_add_printed(builder, mappings, NULL, rendering->stubs->stubs[i - 1]->text);
}

void scenarios_render(const struct scenario_states *states, const struct stub_list *stubs,
                      struct json_builder *builder, struct json_parent array) {
    CLEANUP(rendering_deinit) struct rendering rendering = {.states = states, .stubs = stubs};
    const struct rendered *rendered;
    builder->failed |= !chain_all(&rendering);
    for (rendered = rendering.table; rendered && !builder->failed; rendered = rendered->hh.next)
        write_scenario(&rendering, rendered, builder, json_add_object(builder, array, NULL));
}
