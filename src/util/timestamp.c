#include "util/timestamp.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

int64_t timestamp_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t read_clock_us(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t timestamp_monotonic_us(void) {
    return read_clock_us(CLOCK_MONOTONIC);
}

int64_t timestamp_monotonic_coarse_us(void) {
    return read_clock_us(CLOCK_MONOTONIC_COARSE);
}

int64_t timestamp_thread_us(void) {
    return read_clock_us(CLOCK_THREAD_CPUTIME_ID);
}

/* Reads exactly `digits` digits, checks the range and moves past them. */
static bool read_number(const char **at, int digits, int min, int max, int *ret_value) {
    int value = 0;
    for (int i = 0; i < digits; i++, (*at)++) {
        if (**at < '0' || **at > '9')
            return false;
        value = value * 10 + (**at - '0');
    }
    if (value < min || value > max)
        return false;
    *ret_value = value;
    return true;
}

static bool read_char(const char **at, const char *any_of) {
    if (**at == '\0' || !strchr(any_of, **at))
        return false;
    (*at)++;
    return true;
}

static bool read_fraction(const char **at, int *ret_milliseconds) {
    *ret_milliseconds = 0;
    if (**at != '.')
        return true;
    int weight = 100;
    const char *start = ++(*at);
    for (; **at >= '0' && **at <= '9'; (*at)++) {
        *ret_milliseconds += weight * (**at - '0');
        weight /= 10;
    }
    return *at > start;
}

static bool read_offset(const char **at, int *ret_minutes) {
    int sign = **at == '-' ? -1 : 1;
    int hours = 0;
    int minutes = 0;
    if (read_char(at, "Zz")) {
        *ret_minutes = 0;
        return true;
    }
    if (!read_char(at, "+-") || !read_number(at, 2, 0, 23, &hours) || !read_char(at, ":") ||
        !read_number(at, 2, 0, 59, &minutes))
        return false;
    *ret_minutes = sign * (hours * 60 + minutes);
    return true;
}

int timestamp_days_in_month(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

int timestamp_parse(const char *text, int64_t *ret_instant) {
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    int milliseconds = 0, offset = 0;
    if (!read_number(&text, 4, 0, 9999, &year) || !read_char(&text, "-") ||
        !read_number(&text, 2, 1, 12, &month) || !read_char(&text, "-") ||
        !read_number(&text, 2, 1, timestamp_days_in_month(year, month), &day) ||
        !read_char(&text, "Tt") || !read_number(&text, 2, 0, 23, &hour) || !read_char(&text, ":") ||
        !read_number(&text, 2, 0, 59, &minute) || !read_char(&text, ":") ||
        !read_number(&text, 2, 0, 59, &second) || !read_fraction(&text, &milliseconds) ||
        !read_offset(&text, &offset) || *text != '\0')
        return 1;
    struct tm parts = {.tm_year = year - 1900,
                       .tm_mon = month - 1,
                       .tm_mday = day,
                       .tm_hour = hour,
                       .tm_min = minute,
                       .tm_sec = second};
    *ret_instant = ((int64_t)timegm(&parts) - (int64_t)offset * 60) * 1000 + milliseconds;
    return 0;
}

void timestamp_format(int64_t instant, char out[TIMESTAMP_SIZE]) {
    int64_t milliseconds = (instant % 1000 + 1000) % 1000;
    time_t seconds = (time_t)((instant - milliseconds) / 1000);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    /* strftime's %Y would omit the leading zeros of early years. */
    size_t length = (size_t)snprintf(out, TIMESTAMP_SIZE, "%04d", parts.tm_year + 1900);
    length += strftime(out + length, TIMESTAMP_SIZE - length, "-%m-%dT%H:%M:%S", &parts);
    snprintf(out + length, TIMESTAMP_SIZE - length, ".%03dZ", (int)milliseconds);
}

void timestamp_format_short(int64_t instant, char out[TIMESTAMP_SIZE]) {
    timestamp_format(instant, out);
    if (instant % 1000 == 0)
        strcpy(strchr(out, '.'), "Z");
}

enum { UNIT_WEEK, UNIT_DAY, UNIT_HOUR, UNIT_MINUTE, UNIT_SECOND, N_UNITS };

/* Reads a number with its unit, which lies from *unit to `last`. The next part must have a smaller
 * unit. */
static bool read_part(const char **at, size_t *unit, size_t last, int64_t *total) {
    static const char letters[] = "WDHMSwdhms";
    static const int64_t lengths[N_UNITS] = {604800000, 86400000, 3600000, 60000, 1000};
    int64_t number = 0;
    int fraction = 0;
    const char *start = *at;
    for (; **at >= '0' && **at <= '9' && number <= DURATION_MAX; (*at)++)
        number = number * 10 + (**at - '0');
    bool is_decimal = **at == '.';
    if (*at == start || !read_fraction(at, &fraction) || **at == '\0')
        return false;
    const char *letter = strchr(letters, **at);
    size_t found = letter ? (size_t)(letter - letters) % N_UNITS : N_UNITS;
    if (found < *unit || found > last || (is_decimal && found != UNIT_SECOND) ||
        number > DURATION_MAX / lengths[found])
        return false;
    (*at)++;
    *unit = found + 1;
    *total += number * lengths[found] + fraction;
    return true;
}

int duration_parse(const char *text, int64_t *ret_duration) {
    size_t unit = UNIT_WEEK;
    int64_t total = 0;
    if (!read_char(&text, "Pp") || *text == '\0')
        return 1;
    while (*text && *text != 'T' && *text != 't')
        if (!read_part(&text, &unit, UNIT_DAY, &total))
            return 1;
    bool has_time = *text != '\0';
    if (has_time && *++text == '\0')
        return 1;
    if (has_time && unit < UNIT_HOUR)
        unit = UNIT_HOUR;
    while (*text)
        if (!read_part(&text, &unit, UNIT_SECOND, &total))
            return 1;
    if (total > DURATION_MAX)
        return 1;
    *ret_duration = total;
    return 0;
}

int64_t timestamp_add_months(int64_t instant, int months) {
    int64_t milliseconds = (instant % 1000 + 1000) % 1000;
    time_t seconds = (time_t)((instant - milliseconds) / 1000);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    int month = parts.tm_year * 12 + parts.tm_mon + months;
    parts.tm_mon = (month % 12 + 12) % 12;
    parts.tm_year = (month - parts.tm_mon) / 12;
    int last = timestamp_days_in_month(parts.tm_year + 1900, parts.tm_mon + 1);
    parts.tm_mday = parts.tm_mday < last ? parts.tm_mday : last;
    return (int64_t)timegm(&parts) * 1000 + milliseconds;
}
