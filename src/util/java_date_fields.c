#include "util/java_date_fields.h"

#include <time.h>

#include "util/timestamp.h"

const char *const java_months[12] = {"January",   "February", "March",    "April",
                                     "May",       "June",     "July",     "August",
                                     "September", "October",  "November", "December"};
const char *const java_weekdays[7] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                      "Friday", "Saturday", "Sunday"};

enum { DAY_SECONDS = 86400, MAX_YEAR = 999999999 };

bool java_fields_set(struct java_fields *fields, enum java_field field, int64_t value) {
    if (java_fields_have(fields, field))
        return fields->values[field] == value;
    fields->known |= 1U << field;
    fields->values[field] = value;
    return true;
}

static bool is_within(const struct java_fields *fields, enum java_field field, int64_t min,
                      int64_t max) {
    return !java_fields_have(fields, field) ||
           (fields->values[field] >= min && fields->values[field] <= max);
}

/* Puts what is known of `from` into `to`, where the last value of a clock is the first hour. Java
 * takes a 0 for it, too. */
static bool turn_clock(struct java_fields *fields, enum java_field from, enum java_field to,
                       int64_t last) {
    if (!java_fields_have(fields, from))
        return true;
    return is_within(fields, from, 0, last) &&
           java_fields_set(fields, to, fields->values[from] % last);
}

static bool resolve_hour(struct java_fields *fields) {
    if (!turn_clock(fields, FIELD_CLOCK_HOUR, FIELD_HOUR, 24) ||
        !turn_clock(fields, FIELD_CLOCK_HOUR_OF_HALF, FIELD_HOUR_OF_HALF, 12) ||
        !is_within(fields, FIELD_HOUR_OF_HALF, 0, 11))
        return false;
    const int64_t *values = fields->values;
    bool has_half = java_fields_have(fields, FIELD_HALF);
    if (has_half && java_fields_have(fields, FIELD_HOUR_OF_HALF))
        return java_fields_set(fields, FIELD_HOUR,
                               values[FIELD_HALF] * 12 + values[FIELD_HOUR_OF_HALF]);
    return !has_half || !java_fields_have(fields, FIELD_HOUR) ||
           values[FIELD_HOUR] / 12 == values[FIELD_HALF];
}

/* Splits the milliseconds or nanoseconds of a day. */
static bool split_day(struct java_fields *fields, enum java_field field, int64_t per_second) {
    int64_t value = fields->values[field];
    if (!java_fields_have(fields, field))
        return true;
    int64_t seconds = value / per_second;
    return value >= 0 && seconds < DAY_SECONDS &&
           java_fields_set(fields, FIELD_HOUR, seconds / 3600) &&
           java_fields_set(fields, FIELD_MINUTE, seconds / 60 % 60) &&
           java_fields_set(fields, FIELD_SECOND, seconds % 60) &&
           java_fields_set(fields, FIELD_NANO, value % per_second * (1000000000 / per_second));
}

struct day_time {
    bool is_known;
    int64_t seconds; /* of the day; all of them for 24:00 */
    int32_t nanos;
};

/* Smaller units may be left out, but not one between two. */
static bool resolve_time(struct java_fields *fields, bool strict, struct day_time *ret_time) {
    const int64_t *values = fields->values;
    if (!split_day(fields, FIELD_MILLI_OF_DAY, 1000) ||
        !split_day(fields, FIELD_NANO_OF_DAY, 1000000000) || !resolve_hour(fields))
        return false;
    bool has_minute = java_fields_have(fields, FIELD_MINUTE);
    bool has_second = java_fields_have(fields, FIELD_SECOND);
    bool has_nano = java_fields_have(fields, FIELD_NANO);
    if (!java_fields_have(fields, FIELD_HOUR) || (!has_minute && (has_second || has_nano)) ||
        (!has_second && has_nano)) {
        *ret_time = (struct day_time){0};
        return true;
    }
    int64_t rest = values[FIELD_MINUTE] * 60 + values[FIELD_SECOND];
    bool is_end = !strict && values[FIELD_HOUR] == 24 && rest == 0 && values[FIELD_NANO] == 0;
    *ret_time =
        (struct day_time){true, values[FIELD_HOUR] * 3600 + rest, (int32_t)values[FIELD_NANO]};
    return is_within(fields, FIELD_HOUR, 0, is_end ? 24 : 23) &&
           is_within(fields, FIELD_MINUTE, 0, 59) && is_within(fields, FIELD_SECOND, 0, 59) &&
           is_within(fields, FIELD_NANO, 0, 999999999);
}

static bool resolve_year(struct java_fields *fields) {
    int64_t year = fields->values[FIELD_YEAR_OF_ERA];
    bool is_before = java_fields_have(fields, FIELD_ERA) && fields->values[FIELD_ERA] == 0;
    if (java_fields_have(fields, FIELD_YEAR_OF_ERA) &&
        (year < 1 || !java_fields_set(fields, FIELD_YEAR, is_before ? 1 - year : year)))
        return false;
    return java_fields_have(fields, FIELD_YEAR) &&
           is_within(fields, FIELD_YEAR, -MAX_YEAR, MAX_YEAR);
}

static int64_t day_start(int64_t year, int64_t month, int64_t day) {
    struct tm parts = {.tm_year = (int)year - 1900, .tm_mon = (int)month - 1, .tm_mday = (int)day};
    return (int64_t)timegm(&parts);
}

/* Finds the start of the day, or of the month or year when nothing says which day. */
static bool resolve_day(const struct java_fields *fields, bool strict, bool *ret_is_day,
                        int64_t *ret_start) {
    const int64_t *values = fields->values;
    int64_t year = values[FIELD_YEAR];
    int64_t month = values[FIELD_MONTH];
    bool has_month = java_fields_have(fields, FIELD_MONTH);
    *ret_is_day = true;
    if (has_month && java_fields_have(fields, FIELD_DAY)) {
        int64_t day = values[FIELD_DAY];
        if (month < 1 || month > 12 || day < 1 || day > 31)
            return false;
        int last = timestamp_days_in_month((int)year, (int)month);
        *ret_start = day_start(year, month, day < last ? day : last);
        return day <= last || !strict;
    }
    if (java_fields_have(fields, FIELD_DAY_OF_YEAR)) {
        *ret_start = day_start(year, 1, values[FIELD_DAY_OF_YEAR]);
        return values[FIELD_DAY_OF_YEAR] >= 1 && *ret_start < day_start(year + 1, 1, 1);
    }
    bool is_month = has_month && month >= 1 && month <= 12;
    *ret_is_day = false;
    *ret_start = day_start(year, is_month ? month : 1, 1);
    return is_month || !has_month || !strict;
}

static bool agrees(const struct java_fields *fields, int64_t start) {
    time_t seconds = (time_t)start;
    struct tm parts;
    gmtime_r(&seconds, &parts);
    int weekday = parts.tm_wday == 0 ? 7 : parts.tm_wday;
    return is_within(fields, FIELD_WEEKDAY, weekday, weekday) &&
           is_within(fields, FIELD_DAY_OF_YEAR, parts.tm_yday + 1, parts.tm_yday + 1);
}

bool java_fields_resolve(struct java_fields *fields, bool strict, struct java_date *ret_date) {
    struct java_date date = {.has_local = true};
    struct day_time time;
    bool is_day = false;
    if (!resolve_time(fields, strict, &time) || !resolve_year(fields) ||
        !resolve_day(fields, strict, &is_day, &date.seconds) ||
        (is_day && !agrees(fields, date.seconds)))
        return false;
    if (is_day && time.is_known) {
        date.seconds += time.seconds;
        date.nanos = time.nanos;
        date.has_zone = java_fields_have(fields, FIELD_OFFSET);
        date.offset = date.has_zone ? (int32_t)fields->values[FIELD_OFFSET] : 0;
    }
    *ret_date = date;
    return true;
}
