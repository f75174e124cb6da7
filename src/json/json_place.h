/* A place in a JSON document: a chain from the leaf to the root, on the stack of the code that
 * walks the document. It is turned into text only to report an error. */
#pragma once

#include <stddef.h>

#include "util/arena.h"

struct json_place {
    const struct json_place *parent; /* NULL: the root */
    const char *name;                /* of a member or the root; NULL: an array item */
    size_t index;                    /* of an array item */
};

/* The root of a document without a name: "$". */
extern const struct json_place json_root;

static inline struct json_place json_place_member(const struct json_place *parent,
                                                  const char *name) {
    return (struct json_place){.parent = parent, .name = name};
}

static inline struct json_place json_place_element(const struct json_place *parent, size_t index) {
    return (struct json_place){.parent = parent, .index = index};
}

/* Copies the whole chain and its names into the arena, and truncates long names. Returns NULL when
 * memory is out. */
const struct json_place *json_place_copy(const struct json_place *place, struct arena *arena);

/* Formats the place as a path, such as "$.users[3].email". Returns NULL when memory is out. */
const char *json_place_path(const struct json_place *place, struct arena *arena);

/* Formats the place as a JSON Pointer (RFC 6901), such as "/users/3/email"; the root is the empty
 * string. Returns NULL when memory is out. */
const char *json_place_pointer(const struct json_place *place, struct arena *arena);
