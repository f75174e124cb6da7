/* A date, its fields and their names, for the files about dates of Java. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* A local date and time, and the offset of its zone. */
struct java_date {
    bool has_zone;   /* it can be read as a date and time of a zone */
    bool has_local;  /* it can be read as one without a zone */
    int64_t seconds; /* of the local time since 1970 */
    int32_t nanos;   /* of the second */
    int32_t offset;  /* seconds east of UTC; 0 without a zone */
};

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
