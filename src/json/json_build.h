/* Writes JSON as text, from its beginning to its end. A container is open until something is added
 * to one around it, which closes it; nothing may be added to it after that. When memory runs out,
 * `failed` is set and all further calls do nothing; json_end tells. Pass a name when the parent is
 * an object, and NULL when it is an array. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "util/buffer.h"
#include "util/memory_limit.h"

enum { JSON_BUILD_LEVELS = 16 };

/* An object or array that was begun. All zero is none. */
struct json_parent {
    unsigned level;
    unsigned number;
};

/* All zero is a builder without a limit. Needs json_builder_deinit, unless the text was taken. */
struct json_builder {
    struct buffer text;          /* what was written so far; complete after json_end */
    struct memory_limit *memory; /* (borrowed) fails when it leaves no room for work; or NULL */
    bool failed;
    bool lacks_room; /* failed because of the limit */
    unsigned n_begun;
    unsigned level; /* of the innermost open container; 0: none is open */
    struct {
        unsigned number;
        char end;
    } open[JSON_BUILD_LEVELS + 1];
};

void json_builder_deinit(struct json_builder *builder);

/* Begin a text, after what the builder has already. */
struct json_parent json_begin_object(struct json_builder *builder);
struct json_parent json_begin_array(struct json_builder *builder);

/* Closes all that is open. Returns 0, -EDQUOT when the limit left no room, or -ENOMEM. */
int json_end(struct json_builder *builder);

struct json_parent json_add_object(struct json_builder *builder, struct json_parent parent,
                                   const char *name);
struct json_parent json_add_array(struct json_builder *builder, struct json_parent parent,
                                  const char *name);
void json_add_text(struct json_builder *builder, struct json_parent parent, const char *name,
                   const char *text); /* adds nothing when the text is NULL */
void json_add_bool(struct json_builder *builder, struct json_parent parent, const char *name,
                   bool value);
void json_add_instant(struct json_builder *builder, struct json_parent parent, const char *name,
                      int64_t instant); /* in epoch ms; added as text */
void json_add_integer(struct json_builder *builder, struct json_parent parent, const char *name,
                      int64_t value);
void json_add_number(struct json_builder *builder, struct json_parent parent, const char *name,
                     double value);

/* Adds a value of a tree. */
void json_add_copy(struct json_builder *builder, struct json_parent parent, const char *name,
                   const cJSON *value);

/* Add the members of an object: of a tree, or of a text, which fails when it is none. NULL has
 * none. */
void json_add_members(struct json_builder *builder, struct json_parent object, const cJSON *tree);
void json_add_members_of(struct json_builder *builder, struct json_parent object, const char *text);

/* Adds a value that kestub has printed before, as it is. */
void json_add_printed(struct json_builder *builder, struct json_parent parent, const char *name,
                      const char *json);
