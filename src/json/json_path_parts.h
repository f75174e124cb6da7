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
    SELECT_FUNCTION,
};

enum json_function {
    FUNCTION_APPEND,
    FUNCTION_AVERAGE,
    FUNCTION_CONCAT,
    FUNCTION_DEVIATION,
    FUNCTION_FIRST,
    FUNCTION_INDEX,
    FUNCTION_KEYS,
    FUNCTION_LAST,
    FUNCTION_LENGTH,
    FUNCTION_MAX,
    FUNCTION_MIN,
    FUNCTION_SUM,
};

/* The value of a path, or a literal. */
struct json_operand {
    const struct json_path *path; /* NULL: the operand is the literal */
    const cJSON *literal;
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
    enum json_function function;
    struct json_operand *parameters; /* of the function; `count` of them */
};

/* Whether the step finds at most one value below each. */
static inline bool json_step_is_single(const struct json_step *step) {
    return !step->descend &&
           (step->selector == SELECT_FUNCTION ||
            ((step->selector == SELECT_NAMES || step->selector == SELECT_INDEXES) &&
             step->count == 1));
}

struct json_path {
    struct json_step *steps;
    bool is_relative; /* starts at @, the value that the filter tests */
    bool is_definite;
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
    TEST_SAME, /* equal and of one type */
    TEST_NOT_SAME,
    TEST_IN,
    TEST_NOT_IN,
    TEST_SUBSET_OF,
    TEST_ANY_OF,
    TEST_NONE_OF,
    TEST_SIZE,
    TEST_EMPTY,
    TEST_CONTAINS,
};

struct json_filter {
    enum json_test test;
    const struct json_filter *left;
    const struct json_filter *right;
    struct json_operand a;
    struct json_operand b;
    const struct regex *regex;
};

/* One search for the values of a path. */
struct json_search {
    const cJSON *root;
    struct arena *arena;
    struct budget *budget;
    bool failed;  /* a function has no result: then nothing matches the path, as in Jayway */
    bool unfit;   /* a filter compares what it cannot: then it selects nothing, even below a ! */
    bool is_list; /* the path is indefinite: what has no first item is left out */
    const cJSON **parameters; /* of the function that is called */
};

/* Adds a value, which may be NULL when the budget is exhausted. The functions below return 0 or
 * -ENOMEM, unless they say more. */
int json_search_add(struct json_search *search, struct json_nodes *nodes, const cJSON *node);

/* Returns the number of items or members, and pays for counting them. */
size_t json_search_count(struct json_search *search, const cJSON *container);

/* Pays for reading a whole string. */
bool json_search_spend_text(struct json_search *search, const char *text);

/* Finds the value of an operand: NULL when it has none, and a list when its path is indefinite. */
int json_search_evaluate(struct json_search *search, const struct json_operand *operand,
                         const cJSON *node, const cJSON **ret_value);

/* Returns 0 when the node passes the filter, >0 when it does not, or -ENOMEM. */
int json_search_test(struct json_search *search, const struct json_filter *filter,
                     const cJSON *node);

/* Adds the result of a function on the node. */
int json_search_call(struct json_search *search, const struct json_step *step, const cJSON *node,
                     struct json_nodes *nodes);
