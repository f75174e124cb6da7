/* Dates as values. */
#pragma once

#include "templates/value.h"
#include "util/java_date.h"

enum { INSTANT_SIZE = JAVA_DATE_SIZE };

/* Writes a date by its format, or as 2024-01-02T03:04:05Z. The formats `unix` and `epoch` are the
 * seconds and milliseconds since 1970. */
void instant_print(const struct value *date, char out[INSTANT_SIZE]);

/* Whether the format is one of those, or a pattern of Java. Writes a sentence if not. */
bool instant_has_format(const char *format, char reterr_error[JAVA_DATE_ERROR_SIZE]);
