/* What requests have changed in the state, as JSON for people to look at. */
#pragma once

#include "util/buffer.h"

enum { CHANGES_MAX_BYTES = 16 * 1024 }; /* of the JSON of one list */

/* A list of changes; all zero is an empty one. */
struct changes {
    struct buffer json; /* (owned) objects, with a comma after each but the last; Change in
                         * schema/admin.yaml describes them */
    size_t total;       /* how many there are, also those that found no room in the JSON */
};

static inline void changes_deinit(struct changes *changes) {
    buffer_deinit(&changes->json);
}
