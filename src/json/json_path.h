/* JSONPath as Jayway's library reads it, the common part: $ .name ['name','other'] [0,-1] [a:b:c]
 * [*] .* .. and filters [?(…)] with @ and $ paths, literals, == != < <= > >=, =~ /regex/i, && || !
 * and parentheses; a path may end in .length() or .size(). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "util/arena.h"
#include "util/budget.h"

enum { JSON_PATH_ERROR_SIZE = 200 };

struct json_path;

/* What a path leads to, borrowed from the tree and the arena; a value may occur twice. */
struct json_nodes {
    const cJSON **items;
    size_t count;
    size_t capacity;
};

/* Parses a path into the arena; it is never changed afterwards. 0; >0 and a sentence in
 * `reterr_error` when it is broken or uses what is not supported; -ENOMEM. */
int json_path_parse(const char *text, struct arena *arena, const struct json_path **ret_path,
                    char reterr_error[JSON_PATH_ERROR_SIZE]);

/* The path leads to one value at most: no wildcard, filter, slice, list or "..". */
bool json_path_is_definite(const struct json_path *path);

/* All values that the path leads to; fewer when the budget is exhausted. 0 or -ENOMEM. */
int json_path_find(const struct json_path *path, const cJSON *root, struct arena *arena,
                   struct budget *budget, struct json_nodes *ret_nodes);
