/* Checks values against the contract, and reports what is wrong and where. */
#pragma once

#include <stddef.h>

#include <cjson/cJSON.h>

#include "contract/contract.h"
#include "json/violations.h"

/* Adds the violations of `value` at `place`. Returns 0 or -ENOMEM. */
int validate_value(const struct schema *schema, const cJSON *value, const struct json_place *place,
                   struct violations *violations);

/* Returns the field of this name, or NULL. */
const struct field *validate_find_field(const struct schema *schema, const char *name);

/* Offers the names of all fields, to find the one that a misspelt member probably means. */
void validate_offer(const struct schema *schema, struct nearest *nearest);

/* Stores the members of a valid object in the input struct, as bind and offset of the fields say.
 * The last of several members with the same name counts. Strings are borrowed from the tree; lists
 * go into the arena. Returns 0 or -ENOMEM. */
int validate_bind(const struct schema *schema, const cJSON *object, struct arena *arena,
                  void *input);
