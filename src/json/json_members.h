/* Reads the members of a JSON object into a struct, as a table says. */
#pragma once

#include <stdint.h>

#include "json/json_trees.h"
#include "json/violations.h"
#include "util/nearest.h"

/* What a reading needs beside the JSON. Texts and values that it stores are borrowed from there. */
struct json_reader {
    struct arena *arena;           /* for what is read */
    struct violations *violations; /* for what is wrong */
    struct json_tree *trees;       /* parsed out of texts on the way; json_trees_free */
};

/* Reads a value that is not null into the target, which lies at the member's offset. 0; >0 and a
 * violation; -ENOMEM. `argument` says which of the members that share the function it is. */
typedef int json_read(struct json_reader *reader, const struct json_place *place,
                      const cJSON *value, void *target, int argument);

enum json_kind {
    JSON_TEXT,        /* const char * */
    JSON_BOOLEAN,     /* bool */
    JSON_INTEGER,     /* int64_t from min to max */
    JSON_NUMBER,      /* double from min to max */
    JSON_VALUE,       /* const cJSON *, any value */
    JSON_CUSTOM,      /* what `read` takes */
    JSON_SKIPPED,     /* any value, which is not looked at */
    JSON_UNSUPPORTED, /* only an empty array or object, which asks for nothing */
};

#define JSON_NOT_KEPT SIZE_MAX /* as offset: it is only checked */

struct json_member {
    const char *name;
    enum json_kind kind;
    bool required;
    size_t offset; /* in the target */
    double min, max;
    json_read *read;
    int argument;
};

/* Reads one member's value, which is not null. 0; >0 and a violation; -ENOMEM. */
int json_members_read_one(struct json_reader *reader, const struct json_place *place,
                          const struct json_member *member, const cJSON *value, void *target);

/* An object whose members a table describes. */
struct json_object {
    const struct json_member *members;
    size_t n_members;
    bool is_open; /* it may have other members, which are skipped */
};
#define JSON_OBJECT(table)                                                                         \
    { (table), sizeof(table) / sizeof((table)[0]), false }
#define JSON_OPEN_OBJECT(table)                                                                    \
    { (table), sizeof(table) / sizeof((table)[0]), true }

/* Reads all members; one that is null counts as absent. A member that the table lacks, or that is
 * there twice, is wrong: a misspelt one would otherwise pass unseen. Goes on after a violation, so
 * that it tells VIOLATIONS_KEPT of them. 0; >0 and the violations; -ENOMEM. */
int json_members_read(struct json_reader *reader, const struct json_place *place,
                      const struct json_object *object, const cJSON *json, void *target);

/* Offers all names of members, for an object that lacks one. */
void json_members_offer(const struct json_object *object, struct nearest *nearest);
