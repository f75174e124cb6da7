/* What is wrong with a JSON document, and where. */
#pragma once

#include "json/json_place.h"

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
