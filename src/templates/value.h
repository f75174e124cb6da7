/* The values that templates work with, and how Java would write them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "util/arena.h"
#include "util/budget.h"
#include "util/buffer.h"
#include "util/name_value.h"
#include "util/time_zone.h"

enum { VALUE_MAX_OUTPUT = 16 << 20 /* bytes of a text */, VALUE_NUMBER_SIZE = 32 };

enum value_kind {
    VALUE_ABSENT, /* also null */
    VALUE_BOOLEAN,
    VALUE_NUMBER, /* a decimal number as text */
    VALUE_TEXT,
    VALUE_BASE64, /* bytes that are written as base64 */
    VALUE_LIST,
    VALUE_MAP,
    VALUE_FIELDS, /* a map of the lists of values that have the same name */
    VALUE_JSON,   /* a list or an object of a tree */
    VALUE_DATE,
};

/* How JSON is written as text. */
enum value_style {
    STYLE_JAVA, /* as Java writes its maps and lists: {a=1} and [1, 2] */
    STYLE_ROOT, /* what a JSONPath has found: an object in lines, and lists as JSON */
    STYLE_PART, /* within that: an object as Java writes it, and lists as JSON */
};

struct value_item;

/* All that it points to is borrowed, from the arena, the template or the request. */
struct value {
    enum value_kind kind;
    bool is_true;           /* of a boolean */
    bool is_first;          /* a list that reads as its first item */
    bool is_caseless;       /* of fields: names are alike in any case */
    enum value_style style; /* of JSON */
    const char *text; /* of numbers and texts, where a zero follows, and of base64; a map with a
                       * text reads as that */
    size_t size;
    const struct value_item *items; /* of lists and maps */
    size_t count;
    struct name_value_list fields;
    const cJSON *json;
    int64_t instant;              /* of a date, in epoch ms */
    const struct time_zone *zone; /* NULL: UTC */
    const char *format;           /* NULL: as ISO 8601 */
};

struct value_item {
    const char *name; /* of a map's member */
    struct value value;
};

/* What work with values may take. */
struct value_room {
    struct arena *arena;
    struct budget *budget;
    bool lacks_memory; /* an allocation failed; what was returned is not to be used */
};

struct value value_of_text(const char *text);
struct value value_of_bytes(const char *text, size_t size);
struct value value_of_boolean(bool is_true);
struct value value_of_list(const struct value_item *items, size_t count);
struct value value_of_json(const cJSON *json, enum value_style style);

struct value value_of_integer(struct value_room *room, int64_t number);
struct value value_of_double(struct value_room *room, double number); /* written as by Java */

/* Whether `if` takes the value for true. */
bool value_is_true(const struct value *value);

bool value_is_list(const struct value *value);
bool value_is_map(const struct value *value);

/* Returns the value itself, or the first item of a list that reads as that. */
struct value value_single(const struct value *value);

/* Walks through a list or a map. Start with {0}. */
struct value_cursor {
    size_t index;
    const cJSON *json;
    const char *name;   /* of the item; NULL in a list */
    struct value value; /* of the item */
};

/* Returns false after the last item, and when the budget is exhausted. */
bool value_next(struct value_room *room, const struct value *container,
                struct value_cursor *cursor);

/* Counts the items of a list or a map. */
size_t value_count(struct value_room *room, const struct value *container);

/* Finds a member by its name, or an item by its number; the value is absent when there is none. */
struct value value_find(struct value_room *room, const struct value *container, const char *name,
                        size_t length);

/* Counts as Java does: in units of UTF-16. */
int64_t value_length(const char *text, size_t size);

/* Returns the text of a number. */
const char *value_number_text(const struct value *number, char buffer[VALUE_NUMBER_SIZE]);
