/* What is wrong with a JSON document, and where. */
#pragma once

#include "json/json_place.h"
#include "util/nearest.h"

/* Of so many violations place and message are kept; more are only counted. */
enum { VIOLATIONS_KEPT = 100 };

struct violation {
    const struct json_place *place;
    const char *message;
};

struct violations {
    struct arena *arena;
    size_t count; /* of all */
    struct violation *items;
};

/* The place is copied, the message has to live as long as the arena. 0 or -ENOMEM. */
int violations_add(struct violations *violations, const struct json_place *place,
                   const char *message);

/* The same with printf, for a caller that passes its refusal on: >0 or -ENOMEM. */
int violations_refuse(struct violations *violations, const struct json_place *place,
                      const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The same for a member that is not known, with the name that may be meant. */
int violations_refuse_unknown(struct violations *violations, const struct json_place *place,
                              const struct nearest *nearest);

enum { VIOLATIONS_MORE_SIZE = 64 };

/* For a line that tells only the first: " (2 more mistakes; see kestub check)", or "" when it is
 * the only one. */
void violations_count_more(const struct violations *violations, char out[VIOLATIONS_MORE_SIZE]);
