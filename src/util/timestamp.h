/* Instants, in milliseconds since 1970-01-01T00:00:00Z, and durations. */
#pragma once

#include <stdint.h>

enum { TIMESTAMP_SIZE = 32 };

/* The first and the last that can be written with four digits for the year. */
#define TIMESTAMP_MIN INT64_C(-62167219200000)
#define TIMESTAMP_MAX INT64_C(253402300799999)

int64_t timestamp_now(void);

/* Microseconds of a clock that nobody sets, for durations and deadlines. */
int64_t timestamp_monotonic_us(void);

/* Parses an RFC 3339 date-time with offset, such as 2024-01-02T03:04:05.678Z. 0; >0 when the
 * text is no such instant. Digits below a millisecond are cut off. */
int timestamp_parse(const char *text, int64_t *ret_instant);

/* Writes it in UTC: with milliseconds, as 2024-01-02T03:04:05.678Z. */
void timestamp_format(int64_t instant, char out[TIMESTAMP_SIZE]);

/* The same without a fraction when that is zero, as Java prints an Instant. */
void timestamp_format_short(int64_t instant, char out[TIMESTAMP_SIZE]);

#define DURATION_MAX INT64_C(31622400000000) /* some thousand years */

/* Parses an ISO 8601 duration of weeks, days, hours, minutes and seconds, such as P1DT2H or
 * PT0.5S, into milliseconds. 0; >0 when the text is none, is negative, has years or months, whose
 * length is not known, or is longer than DURATION_MAX. */
int duration_parse(const char *text, int64_t *ret_duration);

/* The same time of day so many months later, on the month's last day where it has no such day. */
int64_t timestamp_add_months(int64_t instant, int months);
