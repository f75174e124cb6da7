/* What requests have changed in the state, as JSON for people to look at. Each write makes such a
 * list and few are read, so it is packed: codes stand for what changes have in common. */
#pragma once

#include "util/buffer.h"

enum { CHANGES_MAX_BYTES = 16 * 1024 }; /* of the JSON of one list */

/* A list of changes; all zero is an empty one. */
struct changes {
    struct buffer packed; /* (owned) as changes_print reads it */
    size_t printed_size;  /* of the JSON */
    size_t total;         /* the number of all changes; for some there may be no room */
};

static inline void changes_deinit(struct changes *changes) {
    buffer_deinit(&changes->packed);
}

/* The bytes of a packed list that are not of its JSON, in which no control character occurs. */
enum change_code {
    CHANGES_USER = 1,  /* what a code stands for is in changes.c */
    CHANGES_USER_END,  /* of what CHANGES_USER begins */
    CHANGES_SAME_USER, /* the last user once more */
    CHANGES_GROUP,
    CHANGES_NAME,
    CHANGES_TENANT,
    CHANGES_ADDED,
    CHANGES_UPDATED,
    CHANGES_REMOVED,
    CHANGES_AS_MEMBER,
    CHANGES_AS_OWNER,
    CHANGES_AS_EXTERNAL,
    CHANGES_N_CODES,
};

/* Returns how many bytes of JSON the byte stands for; 0 for CHANGES_SAME_USER and for no code. */
size_t changes_measure_byte(char byte);

/* Appends the objects, with a comma after each but the last; Change in schema/admin.yaml describes
 * them. Returns as buffer_append does; the buffer may then have their beginning. */
int changes_print(const char *packed, size_t limit, struct buffer *out);
