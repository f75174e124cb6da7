/* The parts of a JSONPath, for json_path.c and json_path_parse.c. They all lie in one arena. */
#pragma once

#include "json/json_path.h"
#include "util/regex.h"

enum json_selector {
    SELECT_NAMES,
    SELECT_INDEXES,
    SELECT_SLICE,
    SELECT_ALL,
    SELECT_FILTER,
    SELECT_LENGTH, /* always the last step */
};

struct json_slice {
    long start;
    long end;
    long step; /* > 0 */
    bool has_start;
    bool has_end;
};

struct json_step {
    struct json_step *next;
    enum json_selector selector;
    bool descend; /* apply the step to all descendants too */
    char **names;
    long *indexes; /* negative: counted from the end */
    size_t count;
    struct json_slice slice;
    const struct json_filter *filter;
};

struct json_path {
    struct json_step *steps;
    bool is_relative; /* starts at @, the value that the filter tests */
    bool is_definite;
};

struct json_operand {
    const struct json_path *path; /* NULL: the operand is the literal */
    const cJSON *literal;
};

enum json_test {
    TEST_OR,
    TEST_AND,
    TEST_NOT, /* negates `left` */
    TEST_EXISTS,
    TEST_EQUAL,
    TEST_UNEQUAL,
    TEST_LESS,
    TEST_LESS_OR_EQUAL,
    TEST_GREATER,
    TEST_GREATER_OR_EQUAL,
    TEST_REGEX,
};

struct json_filter {
    enum json_test test;
    const struct json_filter *left;
    const struct json_filter *right;
    struct json_operand a;
    struct json_operand b;
    const struct regex *regex;
};
