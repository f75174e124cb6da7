/* Where in a JSON document something is: a chain from the leaf to the root, on the stack of whoever
 * walks through the document. It becomes text only when something is wrong there. */
#pragma once

#include <stddef.h>

#include "util/arena.h"

struct json_place {
    const struct json_place *parent; /* NULL: the root */
    const char *name;                /* of a member, or of the root; NULL: an element */
    size_t index;                    /* of an element */
};

/* The root of a document that has no name of its own: "$". */
extern const struct json_place json_root;

static inline struct json_place json_place_member(const struct json_place *parent,
                                                  const char *name) {
    return (struct json_place){.parent = parent, .name = name};
}

static inline struct json_place json_place_element(const struct json_place *parent, size_t index) {
    return (struct json_place){.parent = parent, .index = index};
}

/* A copy of the whole chain with its names, which lives as long as the arena; NULL when memory is
 * out. Of a long name it keeps the start. */
const struct json_place *json_place_copy(const struct json_place *place, struct arena *arena);

/* "$.users[3].email"; NULL when memory is out. */
const char *json_place_path(const struct json_place *place, struct arena *arena);

/* "/users/3/email" (RFC 6901), in which the root is the empty text; NULL when memory is out. */
const char *json_place_pointer(const struct json_place *place, struct arena *arena);
