/* Strict JSON. cJSON accepts control characters in strings, numbers such as 01, invalid UTF-8, and
 * NULs that truncate strings. So this checks the text against RFC 8259 first. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

/* What clients may write, and what kestub reads that it has written itself: that has the same in
 * lists and objects of its own. */
enum { JSON_MAX_DEPTH = 100, JSON_MAX_DUMP_DEPTH = 120 };

struct json_error {
    size_t line;   /* starts at 1 */
    size_t column; /* in bytes, starts at 1 */
    const char *reason;
};

/* Parses exactly one JSON text of at most JSON_MAX_DEPTH levels. Skips a UTF-8 byte order mark.
 * Returns 0 and the tree (owned by the caller, cJSON_Delete), >0 and the place in *reterr_error
 * when the text is not valid JSON, or -ENOMEM. */
int json_parse(const char *text, size_t length, cJSON **ret_tree, struct json_error *reterr_error);

/* Parses a text that may be a dump, of at most JSON_MAX_DUMP_DEPTH levels. Returns like json_parse.
 */
int json_parse_dump(const char *text, size_t length, cJSON **ret_tree,
                    struct json_error *reterr_error);

/* The elements of a list whose text is known to be valid. */
struct json_elements {
    const char *at;
    const char *end;
};

/* Parses a text as json_parse_dump does, but leaves the elements of one list of the root to
 * json_next, so that they need not be in memory together. Returns 0, the tree with the list empty
 * (owned by the caller), and the elements; >0 when the text is invalid, has no such list, or has
 * numbers that a double may not give back; or -ENOMEM. */
int json_split(const char *text, size_t length, const char *name, cJSON **ret_rest,
               struct json_elements *ret_elements);

/* Parses the next element. Returns 0 and the tree (owned by the caller), >0 when there is none, or
 * -ENOMEM. */
int json_next(struct json_elements *elements, cJSON **ret_element);

/* Parses a text that json_print has written. Returns the tree (owned by the caller), or NULL when
 * memory is out. */
cJSON *json_parse_own(const char *text);

/* Says why a value cannot be stored, written and read again: it has more than JSON_MAX_DEPTH
 * levels. Returns NULL for a value that can. */
const char *json_find_flaw(const cJSON *value);

/* Whether the value is a number without a fraction that a double represents exactly. */
#define JSON_MAX_INTEGER (INT64_C(1) << 53)
bool json_is_integer(const cJSON *value);

/* Estimates the memory of a tree in bytes; it is often many times the size of the text. */
size_t json_memory(const cJSON *tree);

/* The same for the tree that a text would become, and at least as much. */
size_t json_estimate_memory(const char *text, size_t size);

/* Keeps only the last of several members with the same name, at every depth of a parsed tree. Then
 * removes the members that are null. Returns 0 or -ENOMEM. */
int json_tidy(cJSON *tree);
