/* Trees that were parsed out of texts on the way, to be freed together in the end. */
#pragma once

#include <cjson/cJSON.h>

#include "util/arena.h"

/* The list is in an arena. */
struct json_tree {
    struct json_tree *next;
    cJSON *tree; /* (owned) */
};

/* Parses a text and keeps the tree until json_trees_free. 0; >0 and the reason when it is no JSON;
 * -ENOMEM. */
int json_trees_parse(struct json_tree **trees, struct arena *arena, const char *text, size_t size,
                     const cJSON **ret_json, const char **reterr_reason);
void json_trees_free(struct json_tree *trees);

/* As json_memory, of all. */
size_t json_trees_memory(const struct json_tree *trees);
