#include "json/json_members.h"

#include <errno.h>
#include <string.h>

#include "json/json.h"
#include "util/fatal.h"

static int read_integer(struct json_reader *reader, const struct json_place *place,
                        const struct json_member *member, const cJSON *value, int64_t *target) {
    if (!json_is_integer(value) || value->valuedouble < member->min ||
        value->valuedouble > member->max)
        return violations_refuse(reader->violations, place, "must be an integer from %.0f to %.0f",
                                 member->min, member->max);
    *target = (int64_t)value->valuedouble;
    return 0;
}

static int read_number(struct json_reader *reader, const struct json_place *place,
                       const struct json_member *member, const cJSON *value, double *target) {
    if (!cJSON_IsNumber(value) ||
        !(value->valuedouble >= member->min && value->valuedouble <= member->max))
        return violations_refuse(reader->violations, place, "must be a number from %.0f to %.0f",
                                 member->min, member->max);
    *target = value->valuedouble;
    return 0;
}

int json_members_read_one(struct json_reader *reader, const struct json_place *place,
                          const struct json_member *member, const cJSON *value, void *target) {
    union {
        const char *text;
        bool boolean;
        int64_t integer;
        double number;
        const cJSON *value;
    } unkept;
    void *out = member->offset == JSON_NOT_KEPT ? (void *)&unkept : (char *)target + member->offset;
    switch (member->kind) {
    case JSON_TEXT:
        if (!cJSON_IsString(value))
            return violations_refuse(reader->violations, place, "must be a string");
        *(const char **)out = value->valuestring;
        return 0;
    case JSON_BOOLEAN:
        if (!cJSON_IsBool(value))
            return violations_refuse(reader->violations, place, "must be true or false");
        *(bool *)out = cJSON_IsTrue(value);
        return 0;
    case JSON_INTEGER:
        return read_integer(reader, place, member, value, out);
    case JSON_NUMBER:
        return read_number(reader, place, member, value, out);
    case JSON_VALUE:
        *(const cJSON **)out = value;
        return 0;
    case JSON_CUSTOM:
        return member->read(reader, place, value, out, member->argument);
    case JSON_SKIPPED:
        return 0;
    case JSON_UNSUPPORTED:
        if ((cJSON_IsArray(value) || cJSON_IsObject(value)) && !value->child)
            return 0;
        return violations_refuse(reader->violations, place, "is not supported");
    }
    return FATAL(EINVAL);
}

static const struct json_member *find(const struct json_object *object, const char *name) {
    for (size_t i = 0; i < object->n_members; i++)
        if (strcmp(object->members[i].name, name) == 0)
            return &object->members[i];
    return NULL;
}

static int check_required(struct json_reader *reader, const struct json_place *place,
                          const struct json_object *object, const cJSON *json) {
    int outcome = 0;
    for (size_t i = 0; i < object->n_members && outcome >= 0; i++) {
        const struct json_member *member = &object->members[i];
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(json, member->name);
        const struct json_place inner = json_place_member(place, member->name);
        if (member->required && (!value || cJSON_IsNull(value)))
            outcome = violations_refuse(reader->violations, &inner, "is required");
    }
    return outcome;
}

void json_members_offer(const struct json_object *object, struct nearest *nearest) {
    for (size_t i = 0; i < object->n_members; i++)
        nearest_offer(nearest, object->members[i].name);
}

static int refuse_unknown(struct json_reader *reader, const struct json_place *place,
                          const struct json_object *object) {
    struct nearest nearest = {.text = place->name};
    json_members_offer(object, &nearest);
    return violations_refuse_unknown(reader->violations, place, &nearest);
}

static int read_value(struct json_reader *reader, const struct json_place *place,
                      const struct json_object *object, const cJSON *json, const cJSON *value,
                      void *target) {
    const struct json_member *member = find(object, value->string);
    const struct json_place inner = json_place_member(place, value->string);
    if (!member)
        return object->is_open ? 0 : refuse_unknown(reader, &inner, object);
    if (value != cJSON_GetObjectItemCaseSensitive(json, value->string))
        return violations_refuse(reader->violations, &inner, "must not appear twice");
    return cJSON_IsNull(value) ? 0 : json_members_read_one(reader, &inner, member, value, target);
}

int json_members_read(struct json_reader *reader, const struct json_place *place,
                      const struct json_object *object, const cJSON *json, void *target) {
    if (!cJSON_IsObject(json))
        return violations_refuse(reader->violations, place, "must be an object");
    int outcome = check_required(reader, place, object, json);
    const cJSON *value;
    cJSON_ArrayForEach (value, json) {
        if (outcome < 0 || reader->violations->count >= VIOLATIONS_KEPT)
            break;
        int r = read_value(reader, place, object, json, value, target);
        outcome = r != 0 ? r : outcome;
    }
    return outcome;
}
