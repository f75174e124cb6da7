/* The current state of each scenario. Only stubs.c uses it, and holds its lock meanwhile. */
#pragma once

#include "json/json_build.h"
#include "stubs/stub.h"

#define SCENARIO_STARTED "Started"

struct scenario_states;

/* Never returns NULL: a scenario that nobody has set is in its first state. */
const char *scenario_state_of(const struct scenario_states *states, const char *name);

/* Returns 0 or -ENOMEM. */
int scenario_state_set(struct scenario_states **states, const char *name, const char *state);

/* Tells whether any of the stubs belongs to the scenario. */
bool scenario_has_stub(const struct stub_list *stubs, const char *name);

/* Forgets the state of one scenario, of all scenarios without stubs, or of all scenarios. */
void scenario_state_drop(struct scenario_states **states, const char *name);
void scenario_states_prune(struct scenario_states **states, const struct stub_list *stubs);
void scenario_states_clear(struct scenario_states **states);

/* Adds the scenarios to the array. */
void scenarios_render(const struct scenario_states *states, const struct stub_list *stubs,
                      struct json_builder *builder, struct json_parent array);
