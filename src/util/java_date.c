#include "util/java_date.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "util/java_date_fields.h"

static const char letters[] = "GyYMLwWDdFEuaHkKhmsSzZX";

/* What to write: the parts of an instant in its zone. */
struct moment {
    struct tm parts;
    int milliseconds;
    struct time_zone_offset offset;
};

struct writer {
    char *out;
    size_t size;
    bool is_full;
};

static void put(struct writer *writer, const char *text, size_t length) {
    if (length >= JAVA_DATE_SIZE - writer->size) {
        writer->is_full = true;
        return;
    }
    memcpy(writer->out + writer->size, text, length);
    writer->size += length;
    writer->out[writer->size] = '\0';
}

static void put_number(struct writer *writer, int number, int width) {
    char text[64];
    int length = snprintf(text, sizeof(text), "%0*d", width < 40 ? width : 40, number);
    put(writer, text, (size_t)length);
}

static void put_name(struct writer *writer, const char *const *names, int index, int width) {
    const char *name = names[index];
    put(writer, name, width >= 4 ? strlen(name) : 3);
}

static void put_offset(struct writer *writer, int seconds, bool has_minutes, const char *colon) {
    char text[16];
    int minutes = abs(seconds) / 60;
    char sign = seconds < 0 ? '-' : '+';
    if (has_minutes)
        snprintf(text, sizeof(text), "%c%02d%s%02d", sign, minutes / 60 % 100, colon, minutes % 60);
    else
        snprintf(text, sizeof(text), "%c%02d", sign, minutes / 60 % 100);
    put(writer, text, strlen(text));
}

/* Weeks start on Sunday, and the first one has January 1, as in the United States. */
static void week_of_year(const struct tm *parts, int *ret_week, int *ret_year) {
    int first_weekday = (parts->tm_wday - parts->tm_yday % 7 + 7) % 7;
    int year = parts->tm_year + 1900;
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    int days_left = (is_leap ? 366 : 365) - 1 - parts->tm_yday;
    bool is_next = parts->tm_wday + days_left < 6;
    *ret_week = is_next ? 1 : (parts->tm_yday + first_weekday) / 7 + 1;
    *ret_year = is_next ? year + 1 : year;
}

static void put_year(struct writer *writer, int year, int width) {
    if (width == 2)
        put_number(writer, year % 100, 2);
    else
        put_number(writer, year, width);
}

static void put_zone(struct writer *writer, char letter, int width, const struct moment *moment) {
    int seconds = moment->offset.seconds;
    const char *name = moment->offset.name;
    bool is_utc = strcmp(name, "UTC") == 0;
    if (letter == 'Z')
        put_offset(writer, seconds, true, "");
    else if (letter == 'X' && seconds == 0)
        put(writer, "Z", 1);
    else if (letter == 'X')
        put_offset(writer, seconds, width > 1, width > 2 ? ":" : "");
    else if (width >= 4 && is_utc)
        put(writer, "Coordinated Universal Time", 26);
    else
        put(writer, name, strlen(name));
}

static void put_time(struct writer *writer, char letter, int width, const struct moment *moment) {
    const struct tm *parts = &moment->parts;
    int hour = parts->tm_hour;
    switch (letter) {
    case 'a':
        put(writer, hour < 12 ? "AM" : "PM", 2);
        break;
    case 'H':
        put_number(writer, hour, width);
        break;
    case 'k':
        put_number(writer, hour == 0 ? 24 : hour, width);
        break;
    case 'K':
        put_number(writer, hour % 12, width);
        break;
    case 'h':
        put_number(writer, hour % 12 == 0 ? 12 : hour % 12, width);
        break;
    case 'm':
        put_number(writer, parts->tm_min, width);
        break;
    case 's':
        put_number(writer, parts->tm_sec, width);
        break;
    case 'S':
        put_number(writer, moment->milliseconds, width);
        break;
    default:
        put_zone(writer, letter, width, moment);
    }
}

static void put_date(struct writer *writer, char letter, int width, const struct moment *moment) {
    const struct tm *parts = &moment->parts;
    int week = 0;
    int week_year = 0;
    week_of_year(parts, &week, &week_year);
    switch (letter) {
    case 'G':
        put(writer, parts->tm_year + 1900 > 0 ? "AD" : "BC", 2);
        break;
    case 'y':
        put_year(writer, parts->tm_year + 1900, width);
        break;
    case 'Y':
        put_year(writer, week_year, width);
        break;
    case 'M':
    case 'L':
        if (width >= 3)
            put_name(writer, java_months, parts->tm_mon, width);
        else
            put_number(writer, parts->tm_mon + 1, width);
        break;
    case 'w':
        put_number(writer, week, width);
        break;
    case 'W':
        put_number(writer, (parts->tm_mday + 6 - parts->tm_wday + 6) / 7, width);
        break;
    case 'D':
        put_number(writer, parts->tm_yday + 1, width);
        break;
    case 'd':
        put_number(writer, parts->tm_mday, width);
        break;
    case 'F':
        put_number(writer, (parts->tm_mday - 1) / 7 + 1, width);
        break;
    case 'E':
        put_name(writer, java_weekdays, (parts->tm_wday + 6) % 7, width);
        break;
    case 'u':
        put_number(writer, parts->tm_wday == 0 ? 7 : parts->tm_wday, width);
        break;
    default:
        put_time(writer, letter, width, moment);
    }
}

/* Writes what stands between apostrophes. Returns where it ends, or NULL when it does not. */
static const char *put_quoted(struct writer *writer, const char *at) {
    if (at[1] == '\'') {
        put(writer, "'", 1);
        return at + 2;
    }
    for (at++; *at && (*at != '\'' || at[1] == '\''); at++) {
        at += *at == '\'';
        put(writer, at, 1);
    }
    return *at ? at + 1 : NULL;
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int format(const char *pattern, const struct moment *moment, struct writer *writer) {
    while (*pattern) {
        char letter = *pattern;
        if (letter == '\'') {
            pattern = put_quoted(writer, pattern);
            if (!pattern)
                return letter;
            continue;
        }
        if (!is_letter(letter)) {
            put(writer, pattern++, 1);
            continue;
        }
        int width = 0;
        for (; *pattern == letter; pattern++)
            width++;
        if (!strchr(letters, letter) || (letter == 'X' && width > 3))
            return letter;
        put_date(writer, letter, width, moment);
    }
    return 0;
}

int java_date_check(const char *pattern, char reterr_error[JAVA_DATE_ERROR_SIZE]) {
    char out[JAVA_DATE_SIZE];
    struct writer writer = {.out = out};
    const struct moment moment = {.parts = {.tm_mday = 1}};
    int wrong = format(pattern, &moment, &writer);
    if (wrong == '\'')
        snprintf(reterr_error, JAVA_DATE_ERROR_SIZE, "has an apostrophe without its end");
    else if (wrong)
        snprintf(reterr_error, JAVA_DATE_ERROR_SIZE, "has the letter '%c', which no pattern has",
                 wrong);
    else if (writer.is_full)
        snprintf(reterr_error, JAVA_DATE_ERROR_SIZE, "is too long");
    return wrong || writer.is_full;
}

int java_date_format(const char *pattern, int64_t instant, const struct time_zone *zone,
                     char out[JAVA_DATE_SIZE]) {
    struct writer writer = {.out = out};
    struct moment moment = {.offset = time_zone_offset_at(zone, instant)};
    moment.milliseconds = (int)((instant % 1000 + 1000) % 1000);
    time_t seconds = (time_t)((instant - moment.milliseconds) / 1000 + moment.offset.seconds);
    gmtime_r(&seconds, &moment.parts);
    out[0] = '\0';
    return format(pattern, &moment, &writer) || writer.is_full;
}
