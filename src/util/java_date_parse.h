/* Reads dates as Java does: in the forms that WireMock knows, or by a pattern of java.time's
 * DateTimeFormatter such as "dd/MM/yyyy HH:mm". English names; of time zones only UTC, GMT and
 * offsets. */
#pragma once

#include "util/java_date_fields.h"

enum { JAVA_DATE_TEXT_SIZE = 80 /* no longer text is read */ };

/* Reads a text by a pattern that java_date_pattern_check accepts. Returns false when it does not
 * fit. What the pattern does not have of a date or time is its first day, hour and so on. */
bool java_date_parse(const char *pattern, const char *text, struct java_date *ret_date);

/* Reads a text in any of the forms of ISO 8601, RFC 1123, RFC 1036 or C's asctime that WireMock
 * reads without a pattern, also a year and month, or a year. Returns false when it has none of
 * them. */
bool java_date_parse_common(const char *text, struct java_date *ret_date);
