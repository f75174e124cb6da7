/* Reads the members of a JSON object into a struct, as described by a table. */
#pragma once

#include <stdint.h>

#include "json/json_trees.h"
#include "json/violations.h"
#include "util/nearest.h"

/* The context of a reading. Strings and values in the target are borrowed from the JSON or from
 * here. */
struct json_reader {
    struct arena *arena;           /* for what is read */
    struct violations *violations; /* collects the errors */
    struct json_tree *trees;       /* parsed from strings inside the JSON; free with
                                    * json_trees_free */
};

/* Reads a value that is not null into the target, the address of the struct's member. `argument`
 * tells apart the members that share a function. Returns 0, >0 and a violation, or -ENOMEM. */
typedef int json_read(struct json_reader *reader, const struct json_place *place,
                      const cJSON *value, void *target, int argument);

enum json_kind {
    JSON_TEXT,        /* const char * */
    JSON_BOOLEAN,     /* bool */
    JSON_INTEGER,     /* int64_t between min and max */
    JSON_NUMBER,      /* double between min and max */
    JSON_VALUE,       /* const cJSON *, any value */
    JSON_CUSTOM,      /* calls `read` */
    JSON_SKIPPED,     /* any value, which is ignored */
    JSON_UNSUPPORTED, /* only an empty array or object, which has no effect */
};

#define JSON_NOT_KEPT SIZE_MAX /* an offset for members that are checked but not stored */

struct json_member {
    const char *name;
    enum json_kind kind;
    bool required;
    size_t offset; /* in the target */
    double min, max;
    json_read *read;
    int argument;
};

/* Reads the value of one member, which is not null. Returns 0, >0 and a violation, or -ENOMEM. */
int json_members_read_one(struct json_reader *reader, const struct json_place *place,
                          const struct json_member *member, const cJSON *value, void *target);

/* An object with the members of a table. */
struct json_object {
    const struct json_member *members;
    size_t n_members;
    bool is_open; /* allow other members and ignore them */
};
#define JSON_OBJECT(table)                                                                         \
    { (table), sizeof(table) / sizeof((table)[0]), false }
#define JSON_OPEN_OBJECT(table)                                                                    \
    { (table), sizeof(table) / sizeof((table)[0]), true }

/* Reads all members; null counts as absent. Members that are not in the table or appear twice are
 * violations, so that a misspelt name does not go unnoticed. Reading continues after a violation,
 * to report up to VIOLATIONS_KEPT of them. Returns 0, >0 and the violations, or -ENOMEM. */
int json_members_read(struct json_reader *reader, const struct json_place *place,
                      const struct json_object *object, const cJSON *json, void *target);

/* Offers the names of all members, to find the one that a misspelt member may mean. */
void json_members_offer(const struct json_object *object, struct nearest *nearest);
