#include "contract/validate.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "util/regex.h"
#include "util/text.h"
#include "util/timestamp.h"

/* Where in the value we are, from the leaf to the root; made text only for a violation. */
struct place {
    const struct place *parent;
    const char *name; /* NULL: an element of an array */
    size_t index;
};

static const char *render(struct arena *arena, const struct place *place) {
    if (!place->parent)
        return place->name;
    const char *parent = render(arena, place->parent);
    if (!parent)
        return NULL;
    return place->name ? arena_format(arena, "%s.%s", parent, place->name)
                       : arena_format(arena, "%s[%zu]", parent, place->index);
}

int violations_add(struct violations *violations, const char *path, const char *message) {
    struct arena *arena = violations->arena;
    if (violations->count < VIOLATIONS_KEPT) {
        if (!violations->items)
            violations->items = arena_alloc(arena, VIOLATIONS_KEPT * sizeof(*violations->items));
        struct violation kept = {
            .path = path ? arena_copy(arena, path, strlen(path)) : NULL,
            .message = message ? arena_copy(arena, message, strlen(message)) : NULL,
        };
        if (!violations->items || !kept.path || !kept.message)
            return -ENOMEM;
        violations->items[violations->count] = kept;
    }
    violations->count++;
    return 0;
}

static int violate(struct violations *violations, const struct place *place, const char *message) {
    if (violations->count >= VIOLATIONS_KEPT) {
        violations->count++;
        return 0;
    }
    return violations_add(violations, render(violations->arena, place), message);
}

static int check_value(const struct schema *schema, const cJSON *value, const struct place *place,
                       struct violations *violations);

static const struct field *find_field(const struct schema *schema, const char *name) {
    for (size_t i = 0; i < schema->n_fields; i++)
        if (strcmp(schema->fields[i].name, name) == 0)
            return &schema->fields[i];
    return NULL;
}

static int check_string(const struct schema *schema, const char *text, const struct place *place,
                        struct violations *violations) {
    int64_t instant;
    if (schema->not_blank && text_is_blank(text))
        return violate(violations, place, "must not be blank");
    if (strlen(text) < schema->min_length)
        return violate(violations, place,
                       arena_format(violations->arena, "must have %zu characters or more",
                                    schema->min_length));
    if (schema->date_time && timestamp_parse(text, &instant) != 0)
        return violate(violations, place, "must be an RFC 3339 date-time with offset");
    if (schema->duration && duration_parse(text, &instant) != 0)
        return violate(violations, place, "must be an ISO 8601 duration, such as P1D or PT1H30M");
    if (schema->pattern) {
        int r = regex_search(schema->pattern, text);
        if (r != 0)
            return r < 0 ? r
                         : violate(violations, place,
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
            return -ENOMEM;
    }
    return violate(violations, place,
                   arena_format(violations->arena, "must be one of: %s", choices));
}

/* cJSON keeps numbers as double, which is exact for every integer that is asked for here. */
static int check_integer(const struct schema *schema, const cJSON *value, const struct place *place,
                         struct violations *violations) {
    const double exact = 9007199254740992.0;
    double number = cJSON_IsNumber(value) ? value->valuedouble : 0.5;
    if (!(number >= -exact && number <= exact) || number != (double)(int64_t)number)
        return violate(violations, place, "must be an integer");
    if ((int64_t)number < schema->minimum)
        return violate(violations, place,
                       arena_format(violations->arena, "must be greater than or equal to %lld",
                                    (long long)schema->minimum));
    return 0;
}

static int check_array(const struct schema *schema, const cJSON *array, const struct place *place,
                       struct violations *violations) {
    struct place element = {.parent = place};
    const cJSON *item;
    cJSON_ArrayForEach (item, array) {
        int r = check_value(schema->items, item, &element, violations);
        if (r < 0)
            return r;
        element.index++;
    }
    return 0;
}

static int check_members(const struct schema *schema, const cJSON *object,
                         const struct place *place, struct violations *violations) {
    const cJSON *member;
    cJSON_ArrayForEach (member, object) {
        const struct field *field = find_field(schema, member->string);
        struct place inner = {.parent = place, .name = member->string};
        int r = 0;
        if (field && (field->required || !cJSON_IsNull(member) || schema->closed))
            r = check_value(field->schema, member, &inner, violations);
        else if (!field && schema->closed)
            r = violate(violations, &inner, "is not known");
        if (r < 0)
            return r;
    }
    return 0;
}

static int check_object(const struct schema *schema, const cJSON *object, const struct place *place,
                        struct violations *violations) {
    for (size_t i = 0; i < schema->n_fields; i++) {
        const struct field *field = &schema->fields[i];
        if (!field->required || cJSON_GetObjectItemCaseSensitive(object, field->name))
            continue;
        struct place inner = {.parent = place, .name = field->name};
        int r = violate(violations, &inner, "is required");
        if (r < 0)
            return r;
    }
    return check_members(schema, object, place, violations);
}

static int check_value(const struct schema *schema, const cJSON *value, const struct place *place,
                       struct violations *violations) {
    if (cJSON_IsNull(value) && schema->nullable)
        return 0;
    switch (schema->type) {
    case SCHEMA_STRING:
        return cJSON_IsString(value) ? check_string(schema, value->valuestring, place, violations)
                                     : violate(violations, place, "must be a string");
    case SCHEMA_BOOLEAN:
        return cJSON_IsBool(value) ? 0 : violate(violations, place, "must be true or false");
    case SCHEMA_INTEGER:
        return check_integer(schema, value, place, violations);
    case SCHEMA_ARRAY:
        return cJSON_IsArray(value) ? check_array(schema, value, place, violations)
                                    : violate(violations, place, "must be an array");
    case SCHEMA_OBJECT:
        return cJSON_IsObject(value) ? check_object(schema, value, place, violations)
                                     : violate(violations, place, "must be an object");
    }
    return -EINVAL;
}

int validate_value(const struct schema *schema, const cJSON *value, const char *root,
                   struct violations *violations) {
    struct place place = {.name = root};
    return check_value(schema, value, &place, violations);
}

static int bind_strings(const cJSON *array, struct arena *arena, struct string_list *list) {
    list->present = true;
    list->count = (size_t)cJSON_GetArraySize(array);
    list->items = arena_alloc(arena, list->count * sizeof(*list->items));
    if (!list->items)
        return -ENOMEM;
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
        return -ENOMEM;
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
    return -EINVAL;
}

int validate_bind(const struct schema *schema, const cJSON *object, struct arena *arena,
                  void *input) {
    const cJSON *member;
    cJSON_ArrayForEach (member, object) {
        const struct field *field = find_field(schema, member->string);
        int r = field ? bind_field(field, member, arena, input) : 0;
        if (r < 0)
            return r;
    }
    return 0;
}
