/* JSONPath in Jayway's dialect: $ .name ['name','other'] [0,-1] [a:b:c] [*] .* .. and filters
 * [?(…)] with @ and $ paths, JSON literals, == != === !== < <= > >= in nin subsetof anyof noneof
 * size empty contains, =~ /regex/i, && || ! and parentheses. A path may end in a function: append
 * avg concat first index keys last length max min size stddev sum. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "util/arena.h"
#include "util/budget.h"

enum { JSON_PATH_ERROR_SIZE = 200 };

struct json_path;

/* The values that a path finds, borrowed from the tree and the arena. A value may occur twice. */
struct json_nodes {
    const cJSON **items;
    size_t count;
    size_t capacity;
    bool is_missing; /* there is not even what a wildcard, filter, slice or ".." could look into */
};

/* Parses a path into the arena. The path never changes afterwards. Returns 0, >0 and a sentence in
 * `reterr_error` when the path is invalid or not supported, or -ENOMEM. */
int json_path_parse(const char *text, struct arena *arena, const struct json_path **ret_path,
                    char reterr_error[JSON_PATH_ERROR_SIZE]);

/* Whether the path finds at most one value: it has no wildcard, filter, slice, list or "..". */
bool json_path_is_definite(const struct json_path *path);

/* Makes a list of copies. Returns NULL when memory is out. */
const cJSON *json_nodes_list(const struct json_nodes *nodes, struct arena *arena);

/* Finds the path's values; not all of them when the budget is exhausted. Returns 0, >0 when a
 * function in the path has no result, such as the sum of no numbers, or -ENOMEM. */
int json_path_find(const struct json_path *path, const cJSON *root, struct arena *arena,
                   struct budget *budget, struct json_nodes *ret_nodes);
