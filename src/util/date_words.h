/* WireMock's words for distances in time and for truncations, which matchers and templates know. */
#pragma once

#include <stdint.h>

/* Either the seconds or the months are 0. */
struct date_unit {
    const char *name;
    int64_t seconds;
    int64_t months;
};

/* Finds seconds, minutes, hours, days, months or years, without regard to case. Returns NULL for
 * any other name. */
const struct date_unit *date_words_find_unit(const char *name);

enum date_truncation {
    TRUNCATE_NOTHING,
    FIRST_SECOND_OF_MINUTE,
    FIRST_MINUTE_OF_HOUR,
    FIRST_HOUR_OF_DAY,
    FIRST_DAY_OF_MONTH,
    FIRST_DAY_OF_NEXT_MONTH,
    LAST_DAY_OF_MONTH,
    FIRST_DAY_OF_YEAR,
    FIRST_DAY_OF_NEXT_YEAR,
    LAST_DAY_OF_YEAR,
    N_DATE_TRUNCATIONS,
};

/* The names, such as "first day of month". TRUNCATE_NOTHING has none: NULL. */
extern const char *const date_words_truncations[N_DATE_TRUNCATIONS];

/* Truncates a local time, in seconds since 1970. */
int64_t date_words_truncate(int64_t seconds, enum date_truncation truncation);
