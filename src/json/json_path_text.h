/* Reads the words of a JSONPath, for json_path_parse.c and json_path_filter_parse.c. Functions that
 * read return 0, >0 when they have refused the path, or -ENOMEM. */
#pragma once

#include "json/json_path_parts.h"

enum { JSON_PATH_MAX_LIST = 64, JSON_PATH_MAX_DEPTH = 16 };

struct json_path_reader {
    const char *text;
    const char *at;
    struct arena *arena;
    int depth; /* nesting of filters, parentheses and literals */
    char *error;
};

/* Says what is wrong at the current place. Returns 1. */
int json_path_refuse(struct json_path_reader *p, const char *reason);

void json_path_skip_blanks(struct json_path_reader *p);

/* Moves past the token if it is next. */
bool json_path_take(struct json_path_reader *p, const char *token);

/* Copies the text up to the next `end`, with its backslashes except those before an `end`. */
int json_path_read_delimited(struct json_path_reader *p, char end, char **ret_text);

/* Reads a string in whichever quotes it has, with the escapes of JSON. */
int json_path_read_quoted(struct json_path_reader *p, char **ret_text);

int json_path_read_integer(struct json_path_reader *p, long *ret_value);

/* Reads a JSON value, whose strings may have single quotes. */
int json_path_read_literal(struct json_path_reader *p, const cJSON **ret_literal);

/* Reads a path or a literal. */
int json_path_parse_operand(struct json_path_reader *p, struct json_operand *operand);

int json_path_parse_filter(struct json_path_reader *p, const struct json_filter **ret_filter);
