/* Trees that were parsed from strings, in a list so that they can be freed together. */
#pragma once

#include <cjson/cJSON.h>

#include "util/arena.h"

/* The list itself lies in an arena. */
struct json_tree {
    struct json_tree *next;
    cJSON *tree; /* (owned) */
};

/* Parses a text and keeps its tree until json_trees_free. Returns 0, >0 and the reason when the
 * text is not valid JSON, or -ENOMEM. */
int json_trees_parse(struct json_tree **trees, struct arena *arena, const char *text, size_t size,
                     const cJSON **ret_json, const char **reterr_reason);
void json_trees_free(struct json_tree *trees);

/* The sum of json_memory for all trees. */
size_t json_trees_memory(const struct json_tree *trees);
