/* The errors in a JSON document and their places. */
#pragma once

#include <stdbool.h>

#include "json/json_place.h"
#include "util/nearest.h"

/* Only this many violations are kept; the others are just counted. */
enum { VIOLATIONS_KEPT = 100 };

struct violation {
    const struct json_place *place;
    const char *message;
    bool is_unreadable; /* a value of another type or format, rather than one that is not allowed */
};

struct violations {
    struct arena *arena;
    size_t count; /* includes those that were not kept */
    struct violation *items;
};

/* Copies the place. The message must live as long as the arena. Returns 0 or -ENOMEM. */
int violations_add(struct violations *violations, const struct json_place *place,
                   const char *message);

/* The same for a value of another type or format. */
int violations_add_unreadable(struct violations *violations, const struct json_place *place,
                              const char *message);

/* Tells whether a value has another type or format. */
bool violations_have_unreadable(const struct violations *violations);

/* Adds a violation with a printf format and returns >0, so that the caller can return the result,
 * or -ENOMEM. */
int violations_refuse(struct violations *violations, const struct json_place *place,
                      const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Adds a violation for an unknown member, with the name that may be meant. */
int violations_refuse_unknown(struct violations *violations, const struct json_place *place,
                              const struct nearest *nearest);

enum { VIOLATIONS_MORE_SIZE = 64 };

/* Writes the end of a line that shows only the first violation: " (2 more mistakes; see kestub
 * check)", or "" when it is the only one. */
void violations_count_more(const struct violations *violations, char out[VIOLATIONS_MORE_SIZE]);
