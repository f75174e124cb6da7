#include "json/json_build.h"

#include "json/json.h"
#include "util/timestamp.h"

static bool put(const struct json_builder *builder, cJSON *parent, const char *name, cJSON *value) {
    if (!name)
        return cJSON_AddItemToArray(parent, value);
    return builder->borrows_names ? cJSON_AddItemToObjectCS(parent, name, value)
                                  : cJSON_AddItemToObject(parent, name, value);
}

/* Takes ownership of the value. Returns NULL when it could not be added. */
static cJSON *add(struct json_builder *builder, cJSON *parent, const char *name, cJSON *value) {
    bool added = !builder->failed && value && put(builder, parent, name, value);
    if (added)
        return value;
    cJSON_Delete(value);
    builder->failed = true;
    return NULL;
}

cJSON *json_add_object(struct json_builder *builder, cJSON *parent, const char *name) {
    enum { FEW = 256 };
    if (++builder->n_objects % FEW == 0)
        builder->failed |= !memory_limit_allows(builder->memory, MEMORY_TO_WORK, 0);
    return add(builder, parent, name, cJSON_CreateObject());
}

cJSON *json_add_array(struct json_builder *builder, cJSON *parent, const char *name) {
    return add(builder, parent, name, cJSON_CreateArray());
}

void json_add_text(struct json_builder *builder, cJSON *parent, const char *name,
                   const char *text) {
    if (text)
        add(builder, parent, name, cJSON_CreateString(text));
}

void json_add_members(struct json_builder *builder, cJSON *object, const char *text) {
    if (builder->failed || !text)
        return;
    cJSON *members = json_parse_own(text);
    builder->failed = !members;
    /* cJSON stores objects and arrays alike, so the members can be moved without a copy. */
    while (members && members->child)
        cJSON_AddItemToArray(object, cJSON_DetachItemViaPointer(members, members->child));
    cJSON_Delete(members);
}

void json_add_bool(struct json_builder *builder, cJSON *parent, const char *name, bool value) {
    add(builder, parent, name, cJSON_CreateBool(value));
}

void json_add_integer(struct json_builder *builder, cJSON *parent, const char *name,
                      int64_t value) {
    add(builder, parent, name, cJSON_CreateNumber((double)value));
}

void json_add_number(struct json_builder *builder, cJSON *parent, const char *name, double value) {
    add(builder, parent, name, cJSON_CreateNumber(value));
}

void json_add_copy(struct json_builder *builder, cJSON *parent, const char *name,
                   const cJSON *value) {
    add(builder, parent, name, cJSON_Duplicate(value, true));
}

void json_add_instant(struct json_builder *builder, cJSON *parent, const char *name,
                      int64_t instant) {
    char text[TIMESTAMP_SIZE];
    timestamp_format_short(instant, text);
    json_add_text(builder, parent, name, text);
}
