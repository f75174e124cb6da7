/* The fields of a date and their names, for the files about dates of Java. */
#pragma once

#include "util/java_date_parse.h"

enum java_field {
    FIELD_YEAR,
    FIELD_YEAR_OF_ERA,
    FIELD_ERA, /* 0: BC, 1: AD */
    FIELD_MONTH,
    FIELD_DAY,
    FIELD_DAY_OF_YEAR,
    FIELD_WEEKDAY, /* 1: Monday */
    FIELD_HALF,    /* of the day; 0: AM */
    FIELD_HOUR,
    FIELD_CLOCK_HOUR,         /* 1 to 24 */
    FIELD_HOUR_OF_HALF,       /* 0 to 11 */
    FIELD_CLOCK_HOUR_OF_HALF, /* 1 to 12 */
    FIELD_MINUTE,
    FIELD_SECOND,
    FIELD_NANO,
    FIELD_MILLI_OF_DAY,
    FIELD_NANO_OF_DAY,
    FIELD_OFFSET, /* in seconds */
    N_JAVA_FIELDS,
};

/* In English, from January and from Monday on. */
extern const char *const java_months[12];
extern const char *const java_weekdays[7];

struct java_fields {
    unsigned known; /* a bit for each field */
    int64_t values[N_JAVA_FIELDS];
};

static inline bool java_fields_have(const struct java_fields *fields, enum java_field field) {
    return fields->known >> field & 1;
}

/* Returns false when the field has another value already. */
bool java_fields_set(struct java_fields *fields, enum java_field field, int64_t value);

/* Makes a date of the fields. When `strict`, a day that its month does not have is refused;
 * otherwise it is the month's last. Returns false when fields are out of range, contradict each
 * other, or do not even have a year. */
bool java_fields_resolve(struct java_fields *fields, bool strict, struct java_date *ret_date);
