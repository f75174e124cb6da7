/* Values against the contract: what is wrong with them, and where. */
#pragma once

#include <stddef.h>

#include <cjson/cJSON.h>

#include "contract/contract.h"
#include "util/arena.h"

/* Of so many violations path and message are kept; more are only counted. */
enum { VIOLATIONS_KEPT = 100 };

struct violation {
    const char *path;
    const char *message;
};

struct violations {
    struct arena *arena;
    size_t count; /* of all */
    struct violation *items;
};

/* Both strings are copied into the arena. 0 or -ENOMEM. */
int violations_add(struct violations *violations, const char *path, const char *message);

/* Adds what `value` violates. A path starts with `root`, which names the value itself, such as
 * "createUser.request" or "$", and goes on as ".users[3].email". 0 or -ENOMEM. */
int validate_value(const struct schema *schema, const cJSON *value, const char *root,
                   struct violations *violations);

/* Puts the members of a valid object into the input struct, as the fields' bind and offset say.
 * Of members with one name the last counts. Strings stay in the tree, lists go into the arena.
 * 0 or -ENOMEM. */
int validate_bind(const struct schema *schema, const cJSON *object, struct arena *arena,
                  void *input);
