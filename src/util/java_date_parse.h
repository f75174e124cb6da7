/* Reads dates as Java does: in the forms that WireMock knows, or by a pattern of java.time's
 * DateTimeFormatter such as "dd/MM/yyyy HH:mm". English names; of time zones only UTC, GMT and
 * offsets. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { JAVA_DATE_TEXT_SIZE = 80 /* no longer text is read */ };

/* A local date and time, and the offset of its zone. */
struct java_date {
    bool has_zone;   /* it can be read as a date and time of a zone */
    bool has_local;  /* it can be read as one without a zone */
    int64_t seconds; /* of the local time since 1970 */
    int32_t nanos;   /* of the second */
    int32_t offset;  /* seconds east of UTC; 0 without a zone */
};

/* Reads a text by a pattern that java_date_pattern_check accepts. Returns false when it does not
 * fit. What the pattern does not have of a date or time is its first day, hour and so on. */
bool java_date_parse(const char *pattern, const char *text, struct java_date *ret_date);

/* Reads a text in any of the forms of ISO 8601, RFC 1123, RFC 1036 or C's asctime that WireMock
 * reads without a pattern, also a year and month, or a year. Returns false when it has none of
 * them. */
bool java_date_parse_common(const char *text, struct java_date *ret_date);
