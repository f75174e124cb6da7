#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "json/json.h"
#include "json/json_compare.h"
#include "json/json_number.h"
#include "json/json_schema_parts.h"
#include "util/fatal.h"

enum { MAX_DEPTH = 128, REFERENCE_COST = 20, BYTES_PER_STEP = 64 };

static int check_value(struct json_schema_check *check, const cJSON *schema, const cJSON *value);

bool json_schema_is_integer(const cJSON *value) {
    return cJSON_IsNumber(value) && json_number_is_integer(value);
}

/* When value is NULL, returns whether the type exists. */
static bool has_type(const cJSON *value, const char *type) {
    static const struct {
        const char *name;
        int type;
    } types[] = {
        {"null", cJSON_NULL},     {"boolean", cJSON_True | cJSON_False},
        {"number", cJSON_Number}, {"string", cJSON_String},
        {"array", cJSON_Array},   {"object", cJSON_Object},
    };
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (strcmp(types[i].name, type) == 0)
            return !value || (value->type & types[i].type);
    return strcmp(type, "integer") == 0 && (!value || json_schema_is_integer(value));
}

bool json_schema_knows_type(const char *type) {
    return has_type(NULL, type);
}

static int check_type(struct json_schema_check *check, const cJSON *schema, const cJSON *argument,
                      const cJSON *value) {
    (void)schema;
    if (cJSON_IsString(argument))
        return has_type(value, argument->valuestring) ? 0 : 1;
    const cJSON *type;
    cJSON_ArrayForEach (type, argument)
        if (budget_spend(check->budget, 1) && has_type(value, type->valuestring))
            return 0;
    return 1;
}

static int check_const(struct json_schema_check *check, const cJSON *schema, const cJSON *argument,
                       const cJSON *value) {
    (void)schema;
    struct json_comparison comparison = {.arena = check->arena, .budget = check->budget};
    return json_compare(&comparison, argument, value);
}

static int check_enum(struct json_schema_check *check, const cJSON *schema, const cJSON *argument,
                      const cJSON *value) {
    int r = 1;
    for (const cJSON *item = argument->child; item && r > 0; item = item->next)
        r = check_const(check, schema, item, value);
    return r;
}

/* Whether a number is on the wanted side of the limit: 1 above, -1 below. */
static int check_order(struct json_schema_check *check, const cJSON *value, const cJSON *limit,
                       int wanted, bool may_equal) {
    if (!cJSON_IsNumber(value))
        return 0;
    int order = json_number_compare(value, limit, check->budget);
    return order == wanted || (may_equal && order == 0) ? 0 : 1;
}

static int check_minimum(struct json_schema_check *check, const cJSON *schema,
                         const cJSON *argument, const cJSON *value) {
    bool exclusive = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(schema, "exclusiveMinimum"));
    return check_order(check, value, argument, 1, !exclusive);
}

static int check_maximum(struct json_schema_check *check, const cJSON *schema,
                         const cJSON *argument, const cJSON *value) {
    bool exclusive = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(schema, "exclusiveMaximum"));
    return check_order(check, value, argument, -1, !exclusive);
}

static int check_above(struct json_schema_check *check, const cJSON *schema, const cJSON *argument,
                       const cJSON *value) {
    (void)schema;
    return cJSON_IsBool(argument) ? 0 : check_order(check, value, argument, 1, false);
}

static int check_below(struct json_schema_check *check, const cJSON *schema, const cJSON *argument,
                       const cJSON *value) {
    (void)schema;
    return cJSON_IsBool(argument) ? 0 : check_order(check, value, argument, -1, false);
}

static double count_characters(const char *text) {
    double count = 0;
    for (; *text; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

/* Measures what the keyword limits. Returns false when the value is of another type. */
static bool measure(struct json_schema_check *check, const cJSON *argument, const cJSON *value,
                    double *ret_size) {
    const char *kind = argument->string + 3; /* without the prefix min or max */
    *ret_size = 0;
    if (strcmp(kind, "Length") == 0 && cJSON_IsString(value)) {
        *ret_size = count_characters(value->valuestring);
        budget_spend(check->budget, strlen(value->valuestring) / BYTES_PER_STEP + 1);
        return true;
    }
    if (!(strcmp(kind, "Items") == 0 && cJSON_IsArray(value)) &&
        !(strcmp(kind, "Properties") == 0 && cJSON_IsObject(value)))
        return false;
    for (const cJSON *child = value->child; child && budget_spend(check->budget, 1);
         child = child->next)
        *ret_size += 1;
    return true;
}

static int check_min(struct json_schema_check *check, const cJSON *schema, const cJSON *argument,
                     const cJSON *value) {
    (void)schema;
    double size;
    return measure(check, argument, value, &size) && size < argument->valuedouble;
}

static int check_max(struct json_schema_check *check, const cJSON *schema, const cJSON *argument,
                     const cJSON *value) {
    (void)schema;
    double size;
    return measure(check, argument, value, &size) && size > argument->valuedouble;
}

static int check_pattern(struct json_schema_check *check, const cJSON *schema,
                         const cJSON *argument, const cJSON *value) {
    (void)schema;
    if (!cJSON_IsString(value))
        return 0;
    for (const struct json_schema_pattern *pattern = check->schema->patterns; pattern;
         pattern = pattern->next)
        if (pattern->keyword == argument)
            return regex_match(pattern->regex, value->valuestring, strlen(value->valuestring),
                               check->budget);
    return FATAL(EINVAL);
}

static const cJSON *find_member(struct json_schema_check *check, const cJSON *object,
                                const char *name) {
    for (const cJSON *member = object->child; member && budget_spend(check->budget, 1);
         member = member->next)
        if (strcmp(member->string, name) == 0)
            return member;
    return NULL;
}

static int check_required(struct json_schema_check *check, const cJSON *schema,
                          const cJSON *argument, const cJSON *value) {
    (void)schema;
    if (!cJSON_IsObject(value))
        return 0;
    const cJSON *name;
    cJSON_ArrayForEach (name, argument)
        if (!find_member(check, value, name->valuestring))
            return 1;
    return 0;
}

static int check_properties(struct json_schema_check *check, const cJSON *schema,
                            const cJSON *argument, const cJSON *value) {
    (void)schema;
    int r = 0;
    if (!cJSON_IsObject(value))
        return 0;
    for (const cJSON *property = argument->child; property && r == 0; property = property->next) {
        const cJSON *member = find_member(check, value, property->string);
        r = member ? check_value(check, property, member) : 0;
    }
    return r;
}

static int check_additional(struct json_schema_check *check, const cJSON *schema,
                            const cJSON *argument, const cJSON *value) {
    const cJSON *properties = cJSON_GetObjectItemCaseSensitive(schema, "properties");
    int r = 0;
    if (!cJSON_IsObject(value))
        return 0;
    for (const cJSON *member = value->child; member && r == 0; member = member->next)
        if (!properties || !find_member(check, properties, member->string))
            r = check_value(check, argument, member);
    return r;
}

static int check_items(struct json_schema_check *check, const cJSON *schema, const cJSON *argument,
                       const cJSON *value) {
    (void)schema;
    int r = 0;
    if (!cJSON_IsArray(value))
        return 0;
    for (const cJSON *item = value->child; item && r == 0; item = item->next)
        r = check_value(check, argument, item);
    return r;
}

static int check_contains(struct json_schema_check *check, const cJSON *schema,
                          const cJSON *argument, const cJSON *value) {
    (void)schema;
    int r = 1;
    if (!cJSON_IsArray(value))
        return 0;
    for (const cJSON *item = value->child; item && r > 0; item = item->next)
        r = check_value(check, argument, item);
    return r;
}

static int check_unique(struct json_schema_check *check, const cJSON *schema, const cJSON *argument,
                        const cJSON *value) {
    if (!cJSON_IsArray(value) || !cJSON_IsTrue(argument))
        return 0;
    for (const cJSON *item = value->child; item; item = item->next) {
        for (const cJSON *other = item->next; other; other = other->next) {
            int r = check_const(check, schema, item, other);
            if (r <= 0)
                return r < 0 ? r : 1;
            if (check->budget->exhausted)
                return 1;
        }
    }
    return 0;
}

/* Counts the schemas that accept the value, or returns <0. */
static int count_valid(struct json_schema_check *check, const cJSON *schemas, const cJSON *value) {
    int count = 0;
    const cJSON *schema;
    cJSON_ArrayForEach (schema, schemas) {
        int r = check_value(check, schema, value);
        if (r < 0)
            return r;
        count += r == 0;
    }
    return count;
}

static int check_any_of(struct json_schema_check *check, const cJSON *schema, const cJSON *argument,
                        const cJSON *value) {
    (void)schema;
    int count = count_valid(check, argument, value);
    return count < 0 ? count : count == 0;
}

static int check_all_of(struct json_schema_check *check, const cJSON *schema, const cJSON *argument,
                        const cJSON *value) {
    (void)schema;
    int count = count_valid(check, argument, value);
    return count < 0 ? count : count != cJSON_GetArraySize(argument);
}

static int check_one_of(struct json_schema_check *check, const cJSON *schema, const cJSON *argument,
                        const cJSON *value) {
    (void)schema;
    int count = count_valid(check, argument, value);
    return count < 0 ? count : count != 1;
}

static int check_not(struct json_schema_check *check, const cJSON *schema, const cJSON *argument,
                     const cJSON *value) {
    (void)schema;
    int r = check_value(check, argument, value);
    return r < 0 ? r : r == 0;
}

const cJSON *json_schema_resolve(const cJSON *root, const char *reference) {
    static const char *const places[] = {"definitions", "$defs"};
    if (strcmp(reference, "#") == 0)
        return root;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        size_t length = strlen(places[i]);
        if (strncmp(reference, "#/", 2) == 0 && strncmp(reference + 2, places[i], length) == 0 &&
            reference[2 + length] == '/')
            return cJSON_GetObjectItemCaseSensitive(
                cJSON_GetObjectItemCaseSensitive(root, places[i]), reference + 3 + length);
    }
    return NULL;
}

static int check_reference(struct json_schema_check *check, const cJSON *schema,
                           const cJSON *argument, const cJSON *value) {
    (void)schema;
    if (!budget_spend(check->budget, REFERENCE_COST))
        return 1;
    return check_value(check, json_schema_resolve(check->schema->root, argument->valuestring),
                       value);
}

static const struct json_keyword keywords[] = {
    {"$comment", SHAPE_ANY, NULL},
    {"$defs", SHAPE_SCHEMA_MAP, NULL},
    {"$id", SHAPE_ANY, NULL},
    {"$ref", SHAPE_REFERENCE, check_reference},
    {"$schema", SHAPE_ANY, NULL},
    {"additionalProperties", SHAPE_SCHEMA, check_additional},
    {"allOf", SHAPE_SCHEMA_LIST, check_all_of},
    {"anyOf", SHAPE_SCHEMA_LIST, check_any_of},
    {"const", SHAPE_ANY, check_const},
    {"contains", SHAPE_SCHEMA, check_contains},
    {"default", SHAPE_ANY, NULL},
    {"definitions", SHAPE_SCHEMA_MAP, NULL},
    {"deprecated", SHAPE_ANY, NULL},
    {"description", SHAPE_ANY, NULL},
    {"enum", SHAPE_LIST, check_enum},
    {"examples", SHAPE_ANY, NULL},
    {"exclusiveMaximum", SHAPE_LIMIT, check_below},
    {"exclusiveMinimum", SHAPE_LIMIT, check_above},
    {"format", SHAPE_ANY, NULL},
    {"id", SHAPE_ANY, NULL},
    {"items", SHAPE_SCHEMA, check_items},
    {"maxItems", SHAPE_COUNT, check_max},
    {"maxLength", SHAPE_COUNT, check_max},
    {"maxProperties", SHAPE_COUNT, check_max},
    {"maximum", SHAPE_NUMBER, check_maximum},
    {"minItems", SHAPE_COUNT, check_min},
    {"minLength", SHAPE_COUNT, check_min},
    {"minProperties", SHAPE_COUNT, check_min},
    {"minimum", SHAPE_NUMBER, check_minimum},
    {"not", SHAPE_SCHEMA, check_not},
    {"oneOf", SHAPE_SCHEMA_LIST, check_one_of},
    {"pattern", SHAPE_REGEX, check_pattern},
    {"properties", SHAPE_SCHEMA_MAP, check_properties},
    {"readOnly", SHAPE_ANY, NULL},
    {"required", SHAPE_NAMES, check_required},
    {"title", SHAPE_ANY, NULL},
    {"type", SHAPE_TYPES, check_type},
    {"uniqueItems", SHAPE_BOOL, check_unique},
    {"writeOnly", SHAPE_ANY, NULL},
};

const struct json_keyword *json_keyword_find(const char *name) {
    for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
        if (strcmp(keywords[i].name, name) == 0)
            return &keywords[i];
    return NULL;
}

static int check_value(struct json_schema_check *check, const cJSON *schema, const cJSON *value) {
    if (check->depth == MAX_DEPTH)
        check->budget->exhausted = true;
    if (!budget_spend(check->budget, 4))
        return 1;
    if (cJSON_IsBool(schema))
        return cJSON_IsTrue(schema) ? 0 : 1;
    int r = 0;
    check->depth++;
    for (const cJSON *argument = schema->child; argument && r == 0; argument = argument->next) {
        const struct json_keyword *keyword = json_keyword_find(argument->string);
        r = keyword && keyword->check ? keyword->check(check, schema, argument, value) : 0;
    }
    check->depth--;
    return r;
}

int json_schema_check(const struct json_schema *schema, const cJSON *value, struct arena *arena,
                      struct budget *budget) {
    struct json_schema_check check = {.schema = schema, .arena = arena, .budget = budget};
    return check_value(&check, schema->root, value);
}
