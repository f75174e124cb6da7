/* Strict JSON. cJSON alone takes control characters in strings, numbers such as 01, broken
 * UTF-8 and NULs that cut strings short; this checks the text against RFC 8259 first. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

/* What clients may write, and what kestub reads that it has written itself: that has the same in
 * lists and objects of its own. */
enum { JSON_MAX_DEPTH = 100, JSON_MAX_DUMP_DEPTH = 120 };

struct json_error {
    size_t line;   /* from 1 */
    size_t column; /* in bytes, from 1 */
    const char *reason;
};

/* Parses exactly one JSON text of at most JSON_MAX_DEPTH levels; a UTF-8 byte order mark is
 * skipped. 0 and the tree (owned by the caller, cJSON_Delete); >0 when the text is not valid,
 * with the place in *reterr_error; -ENOMEM. */
int json_parse(const char *text, size_t length, cJSON **ret_tree, struct json_error *reterr_error);

/* The same for at most JSON_MAX_DUMP_DEPTH levels. */
int json_parse_dump(const char *text, size_t length, cJSON **ret_tree,
                    struct json_error *reterr_error);

/* What keeps a value that is to be stored from being written and read again: "is nested too deep",
 * with more than JSON_MAX_DEPTH levels, or a number that is infinite as a double, which is null
 * then. NULL: nothing. */
const char *json_find_flaw(const cJSON *value);

/* Whether it is a number without a fraction that a double holds exactly. */
#define JSON_MAX_INTEGER (INT64_C(1) << 53)
bool json_is_integer(const cJSON *value);

/* About how many bytes of memory a tree takes; often many times its text. */
size_t json_memory(const cJSON *tree);

/* Removes, at every depth of a parsed tree, all members with one name but the last, and members
 * that are null then. 0 or -ENOMEM. */
int json_tidy(cJSON *tree);
