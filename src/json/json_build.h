/* Builds JSON trees. Every function does nothing once memory has run out; look at `failed` at the
 * end. A parent that is an object needs a name, one that is an array has NULL. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

struct json_builder {
    bool failed;
};

cJSON *json_add_object(struct json_builder *builder, cJSON *parent, const char *name);
cJSON *json_add_array(struct json_builder *builder, cJSON *parent, const char *name);
void json_add_text(struct json_builder *builder, cJSON *parent, const char *name,
                   const char *text); /* NULL is left out */
void json_add_members(struct json_builder *builder, cJSON *object,
                      const char *text); /* those of an object in JSON; NULL has none */
void json_add_bool(struct json_builder *builder, cJSON *parent, const char *name, bool value);
void json_add_instant(struct json_builder *builder, cJSON *parent, const char *name,
                      int64_t instant); /* epoch ms, as text */
void json_add_integer(struct json_builder *builder, cJSON *parent, const char *name, int64_t value);
void json_add_number(struct json_builder *builder, cJSON *parent, const char *name, double value);

/* A copy of the whole value. */
void json_add_copy(struct json_builder *builder, cJSON *parent, const char *name,
                   const cJSON *value);
