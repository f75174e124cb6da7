/* Values against the contract: what is wrong with them, and where. */
#pragma once

#include <stddef.h>

#include <cjson/cJSON.h>

#include "contract/contract.h"
#include "json/violations.h"

/* Adds what is wrong with `value`, which stands at `place`. 0 or -ENOMEM. */
int validate_value(const struct schema *schema, const cJSON *value, const struct json_place *place,
                   struct violations *violations);

/* The field of this name, or NULL. */
const struct field *validate_find_field(const struct schema *schema, const char *name);

/* Offers all names of fields, for an object that has another. */
void validate_offer(const struct schema *schema, struct nearest *nearest);

/* Puts the members of a valid object into the input struct, as the fields' bind and offset say.
 * Of members with one name the last counts. Strings stay in the tree, lists go into the arena.
 * 0 or -ENOMEM. */
int validate_bind(const struct schema *schema, const cJSON *object, struct arena *arena,
                  void *input);
