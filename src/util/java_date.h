/* Formats instants by the patterns of Java's SimpleDateFormat. */
#pragma once

#include <stdint.h>

#include "util/time_zone.h"

enum { JAVA_DATE_SIZE = 512, JAVA_DATE_ERROR_SIZE = 96 };

/* Checks a pattern. Returns 0, or >0 and a sentence in `reterr_error`. */
int java_date_check(const char *pattern, char reterr_error[JAVA_DATE_ERROR_SIZE]);

/* Writes an instant in epoch ms by a pattern, in a zone (NULL: UTC) and in English. Returns 0, or
 * >0 when the pattern is not valid or the text has no room in `out`. */
int java_date_format(const char *pattern, int64_t instant, const struct time_zone *zone,
                     char out[JAVA_DATE_SIZE]);
