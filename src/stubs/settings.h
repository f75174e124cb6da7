/* The settings of all stubs: two delays, and members that belong to clients. */
#pragma once

#include "json/violations.h"
#include "stubs/delay.h"

enum { SETTINGS_MAX_BYTES = 256 << 10 };

/* All zero: no settings. */
struct settings {
    cJSON *json; /* (owned) NULL: no settings */
    struct delay fixed_delay;
    struct delay delay;
};

void settings_deinit(struct settings *settings);

/* Reads settings and takes over the tree, in all cases; NULL is one that memory was too short for.
 * Returns 0, >0 with the violations, or <0. */
int settings_read(cJSON *json, struct violations *violations, struct settings *ret_settings);

/* Returns the settings as JSON (owned by the caller), or NULL when memory is out. */
cJSON *settings_copy(const struct settings *settings);

/* As settings_copy, with these members put into the member `extended`. Returns 0, >0 with the
 * violations, or <0. */
int settings_extend(const struct settings *settings, const cJSON *members,
                    struct violations *violations, struct settings *ret_settings);
