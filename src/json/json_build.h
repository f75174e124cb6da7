/* Builds JSON trees. When memory runs out, `failed` is set and all further calls do nothing; check
 * it at the end. Pass a name when the parent is an object, and NULL when it is an array. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "util/memory_limit.h"

struct json_builder {
    bool failed;
    bool borrows_names;          /* they outlive the tree and its copies, as constants do */
    struct memory_limit *memory; /* (borrowed) fails when it allows no more work; NULL: no limit */
    size_t n_objects;
};

cJSON *json_add_object(struct json_builder *builder, cJSON *parent, const char *name);
cJSON *json_add_array(struct json_builder *builder, cJSON *parent, const char *name);
void json_add_text(struct json_builder *builder, cJSON *parent, const char *name,
                   const char *text); /* adds nothing when the text is NULL */
void json_add_members(struct json_builder *builder, cJSON *object,
                      const char *text); /* adds the members of a JSON object; NULL has none */
void json_add_bool(struct json_builder *builder, cJSON *parent, const char *name, bool value);
void json_add_instant(struct json_builder *builder, cJSON *parent, const char *name,
                      int64_t instant); /* in epoch ms; added as text */
void json_add_integer(struct json_builder *builder, cJSON *parent, const char *name, int64_t value);
void json_add_number(struct json_builder *builder, cJSON *parent, const char *name, double value);

/* Adds a deep copy of the value. */
void json_add_copy(struct json_builder *builder, cJSON *parent, const char *name,
                   const cJSON *value);
