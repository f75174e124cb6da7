/* Numbers as they were written. cJSON has doubles only; json_parse keeps in `valuestring` the text
 * of each number that a double may not give back digit for digit. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "util/budget.h"

enum { JSON_NUMBER_SIZE = 32 };

/* Returns the text of a number: as it was written, or else in the buffer. */
const char *json_number_text(const cJSON *number, char buffer[JSON_NUMBER_SIZE]);

/* Compares two decimal numbers of any length by value: 1.0 equals 1, and 1e2 equals 100. A sign, a
 * point and an exponent are optional. Returns -1, 0 or 1 when `a` is less than, equal to or greater
 * than `b`, or 2 when one is no number. Takes time in proportion to the texts. */
int json_decimal_compare(const char *a, size_t a_size, const char *b, size_t b_size);

/* Does the same for two values that are numbers. When the budget does not allow it, returns 2. */
int json_number_compare(const cJSON *a, const cJSON *b, struct budget *budget);

/* Whether a number has no fraction, however it is written: 1.0 and 15e-1 differ in that. */
bool json_number_is_integer(const cJSON *number);

/* Whether a double gives the text of a valid number back digit for digit. */
bool json_number_is_plain(const char *text, size_t size);

/* Returns a copy of a valid text (owned by the caller, free) with 0 and blanks in the place of
 * numbers that are longer than the limit, or NULL when memory is out. */
char *json_number_blank(const char *text, size_t size, size_t limit);

/* Keeps the texts of the numbers in a tree that was parsed from `text`, or from a copy of it that
 * was blanked. Returns 0 or -ENOMEM. */
int json_number_keep(cJSON *tree, const char *text, size_t size);
