#include "json/json_schema.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include "json/json_schema_parts.h"
#include "util/fatal.h"

/* Members are searched in sequence, so their number is limited. */
enum { MAX_PATTERNS = 256, MAX_KEYWORDS = 64, MAX_MEMBERS = 1000 };

struct reader {
    struct json_schema *schema;
    struct arena *arena;
    char *error;
};

static int refuse(const struct reader *reader, const char *name, const char *reason) {
    snprintf(reader->error, JSON_SCHEMA_ERROR_SIZE, "the schema's \"%.60s\" %s", name, reason);
    return 1;
}

static int read_schema(struct reader *reader, const cJSON *schema, const char *name);

static int read_regex(struct reader *reader, const cJSON *argument) {
    struct json_schema_pattern *compiled = arena_alloc(reader->arena, sizeof(*compiled));
    char reason[REGEX_ERROR_SIZE];
    if (!compiled)
        return FATAL(ENOMEM);
    if (!cJSON_IsString(argument))
        return refuse(reader, argument->string, "must be a string");
    if (reader->schema->n_patterns++ == MAX_PATTERNS)
        return refuse(reader, argument->string, "appears too often");
    int r =
        regex_compile(argument->valuestring, REGEX_SEARCH, reader->arena, &compiled->regex, reason);
    if (r != 0)
        return r < 0 ? r : refuse(reader, argument->string, reason);
    compiled->keyword = argument;
    compiled->next = reader->schema->patterns;
    reader->schema->patterns = compiled;
    return 0;
}

static int read_names(struct reader *reader, const cJSON *argument, bool are_types) {
    if (are_types && cJSON_IsString(argument))
        return json_schema_knows_type(argument->valuestring)
                   ? 0
                   : refuse(reader, "type", "is not a known type");
    if (!cJSON_IsArray(argument))
        return refuse(reader, argument->string, "must be a list");
    if (cJSON_GetArraySize(argument) > MAX_MEMBERS)
        return refuse(reader, argument->string, "has too many names");
    const cJSON *name;
    cJSON_ArrayForEach (name, argument)
        if (!cJSON_IsString(name) || (are_types && !json_schema_knows_type(name->valuestring)))
            return refuse(reader, argument->string, "must be a list of names");
    return 0;
}

static int read_children(struct reader *reader, const cJSON *argument) {
    int r = 0;
    if (cJSON_GetArraySize(argument) > MAX_MEMBERS)
        return refuse(reader, argument->string, "has too many schemas");
    for (const cJSON *child = argument->child; child && r == 0; child = child->next)
        r = read_schema(reader, child, argument->string);
    return r;
}

static int read_argument(struct reader *reader, enum json_keyword_shape shape,
                         const cJSON *argument) {
    const char *name = argument->string;
    switch (shape) {
    case SHAPE_ANY:
        return 0;
    case SHAPE_BOOL:
        return cJSON_IsBool(argument) ? 0 : refuse(reader, name, "must be true or false");
    case SHAPE_NUMBER:
        return cJSON_IsNumber(argument) ? 0 : refuse(reader, name, "must be a number");
    case SHAPE_COUNT:
        return json_schema_is_integer(argument) && argument->valuedouble >= 0
                   ? 0
                   : refuse(reader, name, "must be a non-negative integer");
    case SHAPE_LIMIT:
        return cJSON_IsNumber(argument) || cJSON_IsBool(argument)
                   ? 0
                   : refuse(reader, name, "must be a number");
    case SHAPE_LIST:
        return cJSON_IsArray(argument) ? 0 : refuse(reader, name, "must be a list");
    case SHAPE_NAMES:
        return read_names(reader, argument, false);
    case SHAPE_TYPES:
        return read_names(reader, argument, true);
    case SHAPE_REGEX:
        return read_regex(reader, argument);
    case SHAPE_REFERENCE:
        return cJSON_IsString(argument) &&
                       json_schema_resolve(reader->schema->root, argument->valuestring)
                   ? 0
                   : refuse(reader, name, "does not refer to a definition in this schema");
    case SHAPE_SCHEMA:
        return read_schema(reader, argument, name);
    case SHAPE_SCHEMA_LIST:
        return cJSON_IsArray(argument) ? read_children(reader, argument)
                                       : refuse(reader, name, "must be a list of schemas");
    case SHAPE_SCHEMA_MAP:
        return cJSON_IsObject(argument) ? read_children(reader, argument)
                                        : refuse(reader, name, "must be an object of schemas");
    }
    return FATAL(EINVAL);
}

/* `name` is the keyword that holds the schema. */
static int read_schema(struct reader *reader, const cJSON *schema, const char *name) {
    int r = 0;
    if (cJSON_IsBool(schema))
        return 0;
    if (!cJSON_IsObject(schema))
        return refuse(reader, name, "must contain schemas: objects, true or false");
    if (cJSON_GetArraySize(schema) > MAX_KEYWORDS)
        return refuse(reader, name, "has a schema with too many keywords");
    for (const cJSON *argument = schema->child; argument && r == 0; argument = argument->next) {
        const struct json_keyword *keyword = json_keyword_find(argument->string);
        r = keyword ? read_argument(reader, keyword->shape, argument)
                    : refuse(reader, argument->string, "is not supported");
    }
    return r;
}

int json_schema_parse(const cJSON *tree, struct arena *arena, const struct json_schema **ret_schema,
                      char reterr_error[JSON_SCHEMA_ERROR_SIZE]) {
    struct json_schema *schema = arena_alloc(arena, sizeof(*schema));
    if (!schema)
        return FATAL(ENOMEM);
    schema->root = tree;
    struct reader reader = {.schema = schema, .arena = arena};
    reader.error = reterr_error;
    int r = read_schema(&reader, tree, "root");
    if (r == 0)
        *ret_schema = schema;
    return r;
}
