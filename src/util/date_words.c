#include "util/date_words.h"

#include <stddef.h>
#include <strings.h>
#include <time.h>

enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };

const struct date_unit *date_words_find_unit(const char *name) {
    static const struct date_unit units[] = {
        {"seconds", 1, 0}, {"minutes", MINUTE, 0}, {"hours", HOUR, 0},
        {"days", DAY, 0},  {"months", 0, 1},       {"years", 0, 12},
    };
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (strcasecmp(units[i].name, name) == 0)
            return &units[i];
    return NULL;
}

const char *const date_words_truncations[N_DATE_TRUNCATIONS] = {
    [FIRST_SECOND_OF_MINUTE] = "first second of minute",
    [FIRST_MINUTE_OF_HOUR] = "first minute of hour",
    [FIRST_HOUR_OF_DAY] = "first hour of day",
    [FIRST_DAY_OF_MONTH] = "first day of month",
    [FIRST_DAY_OF_NEXT_MONTH] = "first day of next month",
    [LAST_DAY_OF_MONTH] = "last day of month",
    [FIRST_DAY_OF_YEAR] = "first day of year",
    [FIRST_DAY_OF_NEXT_YEAR] = "first day of next year",
    [LAST_DAY_OF_YEAR] = "last day of year",
};

/* The start of a multiple of the length, also before 1970. */
static int64_t floor_to(int64_t seconds, int64_t length) {
    return seconds - (seconds % length + length) % length;
}

/* The start of a day, which may be 0 for the last one before the month. */
static int64_t day_of(const struct tm *parts, int month, int day) {
    struct tm start = {.tm_year = parts->tm_year, .tm_mon = month, .tm_mday = day};
    return (int64_t)timegm(&start);
}

int64_t date_words_truncate(int64_t seconds, enum date_truncation truncation) {
    time_t time = (time_t)seconds;
    struct tm parts;
    gmtime_r(&time, &parts);
    switch (truncation) {
    case FIRST_SECOND_OF_MINUTE:
        return floor_to(seconds, MINUTE);
    case FIRST_MINUTE_OF_HOUR:
        return floor_to(seconds, HOUR);
    case FIRST_HOUR_OF_DAY:
        return floor_to(seconds, DAY);
    case FIRST_DAY_OF_MONTH:
        return day_of(&parts, parts.tm_mon, 1);
    case FIRST_DAY_OF_NEXT_MONTH:
        return day_of(&parts, parts.tm_mon + 1, 1);
    case LAST_DAY_OF_MONTH:
        return day_of(&parts, parts.tm_mon + 1, 0);
    case FIRST_DAY_OF_YEAR:
        return day_of(&parts, 0, 1);
    case FIRST_DAY_OF_NEXT_YEAR:
        return day_of(&parts, 12, 1);
    case LAST_DAY_OF_YEAR:
        return day_of(&parts, 12, 0);
    case TRUNCATE_NOTHING:
    case N_DATE_TRUNCATIONS:
        break;
    }
    return seconds;
}
