/* Writes JSON as short as can be, with numbers as they came. */
#pragma once

#include <cjson/cJSON.h>

/* Returns the text (owned by the caller, free), or NULL when memory is out. */
char *json_print(const cJSON *tree);
