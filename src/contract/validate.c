#include "contract/validate.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "json/json.h"
#include "util/fatal.h"
#include "util/regex.h"
#include "util/text.h"
#include "util/timestamp.h"

const struct field *validate_find_field(const struct schema *schema, const char *name) {
    for (size_t i = 0; i < schema->n_fields; i++)
        if (strcmp(schema->fields[i].name, name) == 0)
            return &schema->fields[i];
    return NULL;
}

void validate_offer(const struct schema *schema, struct nearest *nearest) {
    for (size_t i = 0; i < schema->n_fields; i++)
        nearest_offer(nearest, schema->fields[i].name);
}

/* Searches for the nearest name only while violations are still kept. */
static int refuse_unknown(const struct schema *schema, const struct json_place *place,
                          struct violations *violations) {
    struct nearest nearest = {.text = place->name};
    if (violations->count < VIOLATIONS_KEPT)
        validate_offer(schema, &nearest);
    int r = violations_refuse_unknown(violations, place, &nearest);
    return r < 0 ? r : 0;
}

static int check_string(const struct schema *schema, const char *text,
                        const struct json_place *place, struct violations *violations) {
    int64_t instant;
    if (schema->not_blank && text_is_blank(text))
        return violations_add(violations, place, "must not be blank");
    if (strlen(text) < schema->min_length)
        return violations_add(violations, place,
                              schema->min_length == 1
                                  ? "must not be empty"
                                  : arena_format(violations->arena,
                                                 "must have at least %zu characters",
                                                 schema->min_length));
    if (schema->date_time && timestamp_parse(text, &instant) != 0)
        return violations_add_unreadable(violations, place,
                                         "must be an RFC 3339 date-time with offset");
    if (schema->duration && duration_parse(text, &instant) != 0)
        return violations_add_unreadable(violations, place,
                                         "must be an ISO 8601 duration, such as P1D or PT1H30M");
    if (schema->pattern) {
        int r = regex_search(schema->pattern, text);
        if (r != 0)
            return r < 0 ? r
                         : violations_add(violations, place,
                                          arena_format(violations->arena, "must match \"%s\"",
                                                       schema->pattern));
    }
    if (!schema->enumeration)
        return 0;
    const char *choices = "";
    for (const char *const *choice = schema->enumeration; *choice; choice++) {
        if (strcmp(*choice, text) == 0)
            return 0;
        choices = arena_format(violations->arena, "%s%s%s", choices, *choices ? ", " : "", *choice);
        if (!choices)
            return FATAL(ENOMEM);
    }
    return violations_add_unreadable(
        violations, place, arena_format(violations->arena, "must be one of: %s", choices));
}

/* Null has no type that could be wrong. */
static int refuse_type(const cJSON *value, const char *message, const struct json_place *place,
                       struct violations *violations) {
    return cJSON_IsNull(value) ? violations_add(violations, place, message)
                               : violations_add_unreadable(violations, place, message);
}

/* cJSON stores numbers as double, which is exact for every integer that the contract allows. */
static int check_integer(const struct schema *schema, const cJSON *value,
                         const struct json_place *place, struct violations *violations) {
    if (!json_is_integer(value))
        return refuse_type(value, "must be an integer", place, violations);
    int64_t number = (int64_t)value->valuedouble;
    if (number >= schema->minimum && number <= schema->maximum)
        return 0;
    bool is_less = number < schema->minimum;
    return violations_add(violations, place,
                          arena_format(violations->arena, "must be %s than or equal to %lld",
                                       is_less ? "greater" : "less",
                                       (long long)(is_less ? schema->minimum : schema->maximum)));
}

static int check_array(const struct schema *schema, const cJSON *array,
                       const struct json_place *place, struct violations *violations) {
    size_t index = 0;
    const cJSON *item;
    cJSON_ArrayForEach (item, array) {
        struct json_place element = json_place_element(place, index++);
        int r = validate_value(schema->items, item, &element, violations);
        if (r < 0)
            return r;
    }
    return 0;
}

static int check_members(const struct schema *schema, const cJSON *object,
                         const struct json_place *place, struct violations *violations) {
    const cJSON *member;
    cJSON_ArrayForEach (member, object) {
        const struct field *field = validate_find_field(schema, member->string);
        struct json_place inner = json_place_member(place, member->string);
        int r = 0;
        if (field && (field->required || !cJSON_IsNull(member) || schema->closed))
            r = validate_value(field->schema, member, &inner, violations);
        else if (!field && schema->closed)
            r = refuse_unknown(schema, &inner, violations);
        if (r < 0)
            return r;
    }
    return 0;
}

static int check_object(const struct schema *schema, const cJSON *object,
                        const struct json_place *place, struct violations *violations) {
    for (size_t i = 0; i < schema->n_fields; i++) {
        const struct field *field = &schema->fields[i];
        if (!field->required || cJSON_GetObjectItemCaseSensitive(object, field->name))
            continue;
        struct json_place inner = json_place_member(place, field->name);
        int r = violations_add(violations, &inner, "is required");
        if (r < 0)
            return r;
    }
    return check_members(schema, object, place, violations);
}

int validate_value(const struct schema *schema, const cJSON *value, const struct json_place *place,
                   struct violations *violations) {
    if (cJSON_IsNull(value) && schema->nullable)
        return 0;
    switch (schema->type) {
    case SCHEMA_STRING:
        return cJSON_IsString(value) ? check_string(schema, value->valuestring, place, violations)
                                     : refuse_type(value, "must be a string", place, violations);
    case SCHEMA_BOOLEAN:
        return cJSON_IsBool(value) ? 0
                                   : refuse_type(value, "must be true or false", place, violations);
    case SCHEMA_INTEGER:
        return check_integer(schema, value, place, violations);
    case SCHEMA_ARRAY:
        return cJSON_IsArray(value) ? check_array(schema, value, place, violations)
                                    : refuse_type(value, "must be an array", place, violations);
    case SCHEMA_OBJECT:
        return cJSON_IsObject(value) ? check_object(schema, value, place, violations)
                                     : refuse_type(value, "must be an object", place, violations);
    }
    return FATAL(EINVAL);
}

static int bind_strings(const cJSON *array, struct arena *arena, struct string_list *list) {
    list->present = true;
    list->count = (size_t)cJSON_GetArraySize(array);
    list->items = arena_alloc(arena, list->count * sizeof(*list->items));
    if (!list->items)
        return FATAL(ENOMEM);
    const char **next = list->items;
    const cJSON *item;
    cJSON_ArrayForEach (item, array)
        *next++ = item->valuestring;
    return 0;
}

static int bind_pairs(const cJSON *object, struct arena *arena, struct name_value_list *list) {
    struct name_value *pairs =
        arena_alloc(arena, (size_t)cJSON_GetArraySize(object) * sizeof(*pairs));
    if (!pairs)
        return FATAL(ENOMEM);
    *list = (struct name_value_list){.items = pairs};
    const cJSON *member;
    cJSON_ArrayForEach (member, object)
        pairs[list->count++] = (struct name_value){member->string, member->valuestring};
    return 0;
}

static int bind_field(const struct field *field, const cJSON *value, struct arena *arena,
                      void *input) {
    bool is_null = cJSON_IsNull(value);
    void *target = (char *)input + field->offset;
    switch (field->bind) {
    case BIND_NONE:
        return 0;
    case BIND_STRING:
        *(const char **)target = is_null ? NULL : value->valuestring;
        return 0;
    case BIND_BOOLEAN:
        *(struct optional_bool *)target =
            (struct optional_bool){.present = !is_null, .value = cJSON_IsTrue(value)};
        return 0;
    case BIND_INTEGER:
        *(int64_t *)target = is_null ? field->schema->fallback : (int64_t)value->valuedouble;
        return 0;
    case BIND_STRINGS:
        *(struct string_list *)target = (struct string_list){0};
        return is_null ? 0 : bind_strings(value, arena, target);
    case BIND_JSON:
        *(const cJSON **)target = is_null ? NULL : value;
        return 0;
    case BIND_PAIRS:
        return bind_pairs(value, arena, target);
    }
    return FATAL(EINVAL);
}

int validate_bind(const struct schema *schema, const cJSON *object, struct arena *arena,
                  void *input) {
    const cJSON *member;
    cJSON_ArrayForEach (member, object) {
        const struct field *field = validate_find_field(schema, member->string);
        int r = field ? bind_field(field, member, arena, input) : 0;
        if (r < 0)
            return r;
    }
    return 0;
}
