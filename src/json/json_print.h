/* Writes JSON, with numbers as they came. */
#pragma once

#include <cjson/cJSON.h>

/* Returns the text (owned by the caller, free) as short as can be, or NULL when memory is out. */
char *json_print(const cJSON *tree);

/* The same for people to read: on a line for each value, indented. */
char *json_print_lines(const cJSON *tree);
