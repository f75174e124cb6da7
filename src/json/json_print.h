/* Writes JSON, with numbers as they came. */
#pragma once

#include <cjson/cJSON.h>

#include "util/buffer.h"

/* Returns the text (owned by the caller, free) as short as can be, or NULL when memory is out. */
char *json_print(const cJSON *tree);

/* The same for people to read: on a line for each value, indented. */
char *json_print_lines(const cJSON *tree);

/* Appends a text with its quotes and escapes. Returns as buffer_append does; the buffer may then
 * have its beginning. */
int json_print_text(const char *text, size_t limit, struct buffer *out);

/* Appends a value as json_print writes it. Returns 0, or -ENOMEM; the buffer may then have its
 * beginning. */
int json_print_value(const cJSON *tree, struct buffer *out);

/* Returns the length of the beginning of a text that needs no escape. */
size_t json_plain_length(const char *text, size_t length);
