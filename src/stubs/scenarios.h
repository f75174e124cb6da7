/* In which state each scenario is; for stubs.c, whose lock covers it. */
#pragma once

#include "stubs/stub.h"

#define SCENARIO_STARTED "Started"

struct scenario_states;

/* Never NULL: a scenario that nobody has set is in its first state. */
const char *scenario_state_of(const struct scenario_states *states, const char *name);

/* 0 or -ENOMEM. */
int scenario_state_set(struct scenario_states **states, const char *name, const char *state);

/* Whether any of the stubs belongs to the scenario. Of one without, the state is to be dropped, by
 * its name or with all such. */
bool scenario_has_stub(const struct stub_list *stubs, const char *name);
void scenario_state_drop(struct scenario_states **states, const char *name);
void scenario_states_prune(struct scenario_states **states, const struct stub_list *stubs);
void scenario_states_clear(struct scenario_states **states);

/* An array (owned by the caller), NULL when memory is out. */
cJSON *scenarios_render(const struct scenario_states *states, const struct stub_list *stubs);
