/* JSON Schema, a subset that drafts 4 to 2020-12 agree on: type, enum, const, the limits of
 * numbers, texts, arrays and objects, pattern, required, properties, additionalProperties, items
 * (one schema), contains, uniqueItems, anyOf, allOf, oneOf, not, and $ref to "#",
 * "#/definitions/NAME" or
 * "#/$defs/NAME". Annotations and formats are ignored; any other keyword is refused, since to
 * ignore it would let pass what it forbids. */
#pragma once

#include <cjson/cJSON.h>

#include "util/arena.h"
#include "util/budget.h"

enum { JSON_SCHEMA_ERROR_SIZE = 256 };

struct json_schema;

/* The schema refers to `tree`, which has to live as long. 0; >0 and a sentence in `reterr_error`;
 * -ENOMEM.
 */
int json_schema_parse(const cJSON *tree, struct arena *arena, const struct json_schema **ret_schema,
                      char reterr_error[JSON_SCHEMA_ERROR_SIZE]);

/* 0 when the value is valid; >0 when not, or when the budget is exhausted, as it also is by
 * schemas nested too deep; -ENOMEM. */
int json_schema_check(const struct json_schema *schema, const cJSON *value, struct arena *arena,
                      struct budget *budget);
