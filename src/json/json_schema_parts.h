/* The parts of a JSON Schema, for json_schema.c, which reads schemas, and json_schema_keywords.c,
 * which checks values. */
#pragma once

#include "json/json_schema.h"
#include "util/regex.h"

struct json_schema_pattern {
    const struct json_schema_pattern *next;
    const cJSON *keyword;
    const struct regex *regex;
};

struct json_schema {
    const cJSON *root;
    const struct json_schema_pattern *patterns;
    size_t n_patterns;
};

struct json_schema_check {
    const struct json_schema *schema;
    struct arena *arena;
    struct budget *budget;
    int depth;
};

/* The valid arguments of a keyword. */
enum json_keyword_shape {
    SHAPE_ANY,
    SHAPE_BOOL,
    SHAPE_NUMBER,
    SHAPE_COUNT,
    SHAPE_LIMIT, /* a number, or a boolean as in draft 4 */
    SHAPE_LIST,
    SHAPE_NAMES,
    SHAPE_TYPES,
    SHAPE_REGEX,
    SHAPE_REFERENCE,
    SHAPE_SCHEMA,
    SHAPE_SCHEMA_LIST,
    SHAPE_SCHEMA_MAP,
};

struct json_keyword {
    const char *name;
    enum json_keyword_shape shape;
    /* Returns 0 when the value is valid, >0 when it is not, or <0. NULL: the keyword has no check
     * of its own. */
    int (*check)(struct json_schema_check *check, const cJSON *schema, const cJSON *argument,
                 const cJSON *value);
};

/* Returns NULL when the keyword is not supported. */
const struct json_keyword *json_keyword_find(const char *name);

bool json_schema_is_integer(const cJSON *value);

bool json_schema_knows_type(const char *type);

/* Returns the schema that a $ref refers to, or NULL when there is none. */
const cJSON *json_schema_resolve(const cJSON *root, const char *reference);
