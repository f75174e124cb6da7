/* The subset of JSON Schema on which drafts 4 to 2020-12 agree: type, enum, const, the limits of
 * numbers, strings, arrays and objects, pattern, required, properties, additionalProperties, items
 * (one schema), contains, uniqueItems, anyOf, allOf, oneOf, not, and $ref to "#",
 * "#/definitions/NAME" or "#/$defs/NAME". It ignores annotations and formats. It rejects every
 * other keyword: ignoring one would accept values that the keyword forbids. */
#pragma once

#include <cjson/cJSON.h>

#include "util/arena.h"
#include "util/budget.h"

enum { JSON_SCHEMA_ERROR_SIZE = 256 };

struct json_schema;

/* `tree` must outlive the schema. Returns 0, >0 and a sentence in `reterr_error`, or -ENOMEM. */
int json_schema_parse(const cJSON *tree, struct arena *arena, const struct json_schema **ret_schema,
                      char reterr_error[JSON_SCHEMA_ERROR_SIZE]);

/* Returns 0 when the value is valid, >0 when it is invalid or the budget is exhausted, or -ENOMEM.
 * Schemas that are nested too deeply exhaust the budget. */
int json_schema_check(const struct json_schema *schema, const cJSON *value, struct arena *arena,
                      struct budget *budget);
