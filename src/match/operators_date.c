#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "match/operators.h"
#include "util/java_date_pattern.h"
#include "util/timestamp.h"

/* Java's dates end after a billion years. */
enum { MAX_QUOTED = 80, MAX_YEARS = 100000000 };

static int read_unit(struct json_reader *reader, const struct json_place *place, const cJSON *value,
                     void *target, int argument) {
    (void)argument;
    const struct date_unit *unit =
        cJSON_IsString(value) ? date_words_find_unit(value->valuestring) : NULL;
    *(const struct date_unit **)target = unit;
    return unit ? 0
                : violations_refuse(reader->violations, place,
                                    "must be seconds, minutes, hours, days, months or years");
}

static int read_offset(struct json_reader *reader, const struct json_place *place,
                       const cJSON *value, void *target, int argument) {
    static const struct json_member offset = {.kind = JSON_INTEGER,
                                              .min = INT32_MIN,
                                              .max = INT32_MAX,
                                              .offset = offsetof(struct match_date, offset)};
    struct match_date *date = target;
    (void)argument;
    date->has_offset = true;
    return json_members_read_one(reader, place, &offset, value, date);
}

static int read_truncation(struct json_reader *reader, const struct json_place *place,
                           const cJSON *value, void *target, int argument) {
    char name[MAX_QUOTED] = "";
    (void)argument;
    const char *text = cJSON_GetStringValue(value);
    for (size_t i = 0; text && text[i] && i < sizeof(name) - 1; i++) /* the enum's name, too */
        name[i] = text[i];
    for (char *at = name; (at = strchr(at, '_'));)
        *at = ' ';
    for (enum date_truncation i = FIRST_SECOND_OF_MINUTE; i < N_DATE_TRUNCATIONS; i++) {
        if (strcasecmp(name, date_words_truncations[i]) != 0)
            continue;
        *(enum date_truncation *)target = i;
        return 0;
    }
    return violations_refuse(reader->violations, place,
                             "must be such as \"first minute of hour\" or \"last day of month\"");
}

static int read_format(struct json_reader *reader, const struct json_place *place,
                       const cJSON *value, void *target, int argument) {
    char reason[JAVA_DATE_PATTERN_ERROR_SIZE];
    (void)argument;
    if (!cJSON_IsString(value))
        return violations_refuse(reader->violations, place, "must be a string");
    if (java_date_pattern_check(value->valuestring, reason) != 0)
        return violations_refuse(reader->violations, place, "is not a date format: %s", reason);
    *(const char **)target = value->valuestring;
    return 0;
}

const struct json_member operator_date_options[OPERATOR_DATE_OPTIONS] = {
    {"actualFormat", JSON_CUSTOM, .offset = offsetof(struct matcher, date.actual_format),
     .read = read_format},
    {"applyTruncationLast", JSON_BOOLEAN, .offset = offsetof(struct matcher, date.truncates_last)},
    {"expectedOffset", JSON_CUSTOM, .offset = offsetof(struct matcher, date), .read = read_offset},
    {"expectedOffsetUnit", JSON_CUSTOM, .offset = offsetof(struct matcher, date.offset_unit),
     .read = read_unit},
    {"truncateActual", JSON_CUSTOM, .offset = offsetof(struct matcher, date.truncate_actual),
     .read = read_truncation},
    {"truncateExpected", JSON_CUSTOM, .offset = offsetof(struct matcher, date.truncate_expected),
     .read = read_truncation},
};

static void shift_by(struct match_date *date, int64_t amount, const struct date_unit *unit) {
    date->seconds = amount * unit->seconds;
    date->months = amount * unit->months;
}

/* Reads "now", "now +3 days", "-2 hours" or "1 years". Returns false when it is none of them, or
 * too far from now. */
static bool read_relative(const char *text, struct match_date *date) {
    if (strcasecmp(text, "now") == 0)
        return true;
    if (strncasecmp(text, "now ", 4) == 0)
        text += 4;
    size_t sign = *text == '+' || *text == '-';
    size_t digits = strspn(text + sign, "0123456789");
    int64_t amount = digits > 0 && digits <= 18 ? strtoll(text, NULL, 10) : INT64_MAX;
    const struct date_unit *unit =
        text[sign + digits] == ' ' ? date_words_find_unit(text + sign + digits + 1) : NULL;
    if (!unit || amount < INT32_MIN || amount > INT32_MAX)
        return false;
    shift_by(date, amount, unit);
    return true;
}

int operator_parse_date(struct json_reader *reader, const struct json_place *place,
                        const cJSON *value, void *target, int argument) {
    struct match_date *date = &((struct matcher *)target)->date;
    const char *text = cJSON_GetStringValue(value);
    (void)argument;
    if (date->has_offset != (date->offset_unit != NULL))
        return violations_refuse(reader->violations, place,
                                 "needs both expectedOffset and expectedOffsetUnit, or neither");
    date->is_relative = text && read_relative(text, date);
    if (!date->is_relative && (!text || !java_date_parse_common(text, &date->date)))
        return violations_refuse(reader->violations, place,
                                 "must be a date of ISO 8601 or RFC 1123, or relative such as "
                                 "\"now +3 days\"");
    if (date->offset_unit)
        shift_by(date, date->offset, date->offset_unit);
    if (llabs(date->months) > MAX_YEARS * INT64_C(12))
        return violations_refuse(reader->violations, place, "is too far from now");
    return 0;
}

/* ---- Matching */

static void truncate_date(struct java_date *date, enum date_truncation truncation) {
    if (truncation == TRUNCATE_NOTHING)
        return;
    date->nanos = 0;
    date->seconds = date_words_truncate(date->seconds, truncation);
}

static void shift(struct java_date *date, const struct match_date *by) {
    if (by->months != 0)
        date->seconds = timestamp_add_months(date->seconds * 1000, (int)by->months) / 1000;
    date->seconds += by->seconds;
}

static struct java_date expected_date(const struct match_date *expected, int64_t now) {
    if (!expected->is_relative)
        return expected->date;
    int64_t rest = (now % 1000 + 1000) % 1000;
    struct java_date date = {
        .has_zone = true, .seconds = (now - rest) / 1000, .nanos = (int32_t)rest * 1000000};
    if (expected->truncates_last)
        shift(&date, expected);
    truncate_date(&date, expected->truncate_expected);
    if (!expected->truncates_last)
        shift(&date, expected);
    return date;
}

static bool read_actual(const struct match_date *expected, const struct match_value *value,
                        struct java_date *ret_date) {
    char text[JAVA_DATE_TEXT_SIZE];
    if (value->size == 0 || value->size >= sizeof(text) || memchr(value->text, '\0', value->size))
        return false;
    memcpy(text, value->text, value->size);
    text[value->size] = '\0';
    return expected->actual_format ? java_date_parse(expected->actual_format, text, ret_date)
                                   : java_date_parse_common(text, ret_date);
}

static int compare(const struct java_date *a, const struct java_date *b, bool in_zones) {
    int64_t left = a->seconds - (in_zones ? a->offset : 0);
    int64_t right = b->seconds - (in_zones ? b->offset : 0);
    return left != right ? (left < right ? -1 : 1) : (a->nanos > b->nanos) - (a->nanos < b->nanos);
}

/* Returns -1, 0 or 1 when the value is before, equal to or after the argument, or 2 when it is not
 * a date. A date without a zone is compared with the local time of one that has it, as in WireMock;
 * but when the argument has the zone, the value is in UTC. Only a date with a zone is truncated. */
static int compare_date(const struct matcher *matcher, const struct matching *matching,
                        const struct match_value *value) {
    const struct match_date *options = &matcher->date;
    struct java_date actual;
    if (!read_actual(options, value, &actual))
        return 2;
    struct java_date expected = expected_date(options, matching->subject->now);
    bool takes_zone = actual.has_zone && (expected.has_zone || !actual.has_local);
    if (takes_zone)
        truncate_date(&actual, options->truncate_actual);
    else
        actual.offset = 0;
    return compare(&actual, &expected, expected.has_zone);
}

int operator_before(const struct matcher *matcher, struct matching *matching,
                    struct match_value *value) {
    return compare_date(matcher, matching, value) == -1 ? 0 : 1;
}

int operator_after(const struct matcher *matcher, struct matching *matching,
                   struct match_value *value) {
    return compare_date(matcher, matching, value) == 1 ? 0 : 1;
}

int operator_same_date(const struct matcher *matcher, struct matching *matching,
                       struct match_value *value) {
    return compare_date(matcher, matching, value) == 0 ? 0 : 1;
}
