/* The placeholders of JSON-Unit, strings in an expected value such as ${json-unit.any-string}. They
 * may start with a # too. */
#pragma once

#include <cjson/cJSON.h>

#include "util/arena.h"
#include "util/budget.h"

enum { JSON_PLACEHOLDER_ERROR_SIZE = 256 };

enum json_placeholder {
    JSON_NO_PLACEHOLDER,
    JSON_IGNORE,
    JSON_IGNORE_ELEMENT, /* as a member, it need not be there */
    JSON_ANY_STRING,
    JSON_ANY_NUMBER,
    JSON_ANY_BOOLEAN,
    JSON_MATCHES_REGEX, /* followed by the pattern, which must match the whole string */
    JSON_UNKNOWN_PLACEHOLDER,
};

enum json_placeholder json_placeholder_kind(const cJSON *expected);

/* The compiled patterns of a tree. */
struct json_placeholders;

/* Reads all placeholders of a tree, which must outlive the result in the arena. Returns 0, >0 and a
 * sentence when one is unknown or its pattern invalid, or -ENOMEM. */
int json_placeholders_parse(const cJSON *tree, struct arena *arena,
                            const struct json_placeholders **ret_placeholders,
                            char reterr_error[JSON_PLACEHOLDER_ERROR_SIZE]);

/* Returns 0 when the actual value is what the placeholder stands for, >0 when it is not, or
 * -ENOMEM. */
int json_placeholder_match(const struct json_placeholders *placeholders, const cJSON *expected,
                           const cJSON *actual, struct budget *budget);
