/* Instants in milliseconds since 1970-01-01T00:00:00Z, and durations in milliseconds. */
#pragma once

#include <stdint.h>

enum { TIMESTAMP_SIZE = 32 };

/* The first and the last instant whose year has four digits. */
#define TIMESTAMP_MIN INT64_C(-62167219200000)
#define TIMESTAMP_MAX INT64_C(253402300799999)

int64_t timestamp_now(void);

/* In microseconds, from a clock that nobody can set. For durations and deadlines. */
int64_t timestamp_monotonic_us(void);

/* The same clock, up to 10 ms late, in a fifth of the time. */
int64_t timestamp_monotonic_coarse_us(void);

/* The time in microseconds for which this thread has had a processor. */
int64_t timestamp_thread_us(void);

/* Parses an RFC 3339 date-time with an offset, such as 2024-01-02T03:04:05.678Z. Truncates to whole
 * milliseconds. Returns 0, or >0 when the text is not a date-time. */
int timestamp_parse(const char *text, int64_t *ret_instant);

/* Writes the instant in UTC with milliseconds, for example 2024-01-02T03:04:05.678Z. */
void timestamp_format(int64_t instant, char out[TIMESTAMP_SIZE]);

/* The same, but without the fraction when it is zero, as Java prints an Instant. */
void timestamp_format_short(int64_t instant, char out[TIMESTAMP_SIZE]);

#define DURATION_MAX INT64_C(31622400000000) /* about a thousand years */

/* Parses an ISO 8601 duration of weeks, days, hours, minutes and seconds, such as P1DT2H or PT0.5S,
 * into milliseconds. Returns 0, or >0 when the text is not a duration, is negative, exceeds
 * DURATION_MAX, or has years or months, whose length is not fixed. */
int duration_parse(const char *text, int64_t *ret_duration);

/* `month` is from 1 to 12. */
int timestamp_days_in_month(int year, int month);

/* Adds months and keeps the time of day. Where the month is too short for the day, the result is
 * the month's last day. */
int64_t timestamp_add_months(int64_t instant, int months);
