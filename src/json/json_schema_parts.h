/* What a JSON Schema consists of; for json_schema.c, which reads it, and json_schema_keywords.c,
 * which holds values against it. */
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

/* What the argument of a keyword must be. */
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
    /* 0: `value` is valid by the keyword's argument; >0: not; <0. NULL: it asks nothing by itself.
     */
    int (*check)(struct json_schema_check *check, const cJSON *schema, const cJSON *argument,
                 const cJSON *value);
};

/* NULL when it is not supported. */
const struct json_keyword *json_keyword_find(const char *name);

bool json_schema_is_integer(const cJSON *value);

bool json_schema_knows_type(const char *type);

/* What a $ref leads to; NULL when there is no such schema. */
const cJSON *json_schema_resolve(const cJSON *root, const char *reference);
