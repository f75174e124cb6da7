#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "json/json_number.h"
#include "match/operators.h"
#include "util/base64.h"
#include "util/fatal.h"
#include "util/timestamp.h"

/* Longer than any number or instant. */
enum { SHORT_TEXT_SIZE = 80, BYTES_PER_STEP = 64 };

int operator_parse_text(struct json_reader *reader, const struct json_place *place,
                        const cJSON *value, void *target, int argument) {
    struct matcher *matcher = target;
    (void)argument;
    if (!cJSON_IsString(value))
        return violations_refuse(reader->violations, place, "must be a string");
    matcher->text = value->valuestring;
    matcher->size = strlen(matcher->text);
    return 0;
}

int operator_parse_regex(struct json_reader *reader, const struct json_place *place,
                         const cJSON *value, void *target, int argument) {
    struct matcher *matcher = target;
    (void)argument;
    char reason[REGEX_ERROR_SIZE];
    if (!cJSON_IsString(value))
        return violations_refuse(reader->violations, place, "must be a string");
    int r = regex_compile(value->valuestring, REGEX_JAVA | REGEX_WHOLE | REGEX_DOTALL,
                          reader->arena, &matcher->regex, reason);
    return r > 0 ? violations_refuse(reader->violations, place, "is not a regular expression: %s",
                                     reason)
                 : r;
}

int operator_parse_base64(struct json_reader *reader, const struct json_place *place,
                          const cJSON *value, void *target, int argument) {
    struct matcher *matcher = target;
    (void)argument;
    char *bytes;
    if (!cJSON_IsString(value))
        return violations_refuse(reader->violations, place, "must be a string");
    int r = base64_decode(value->valuestring, reader->arena, &bytes, &matcher->size);
    if (r == 0)
        matcher->text = bytes;
    return r > 0 ? violations_refuse(reader->violations, place, "must be valid base64") : r;
}

int operator_equal_to(const struct matcher *matcher, struct matching *matching,
                      struct match_value *value) {
    if (value->size != matcher->size ||
        !budget_spend(&matching->budget, value->size / BYTES_PER_STEP))
        return 1;
    if (value->size == 0)
        return 0;
    return (matcher->ignores_case ? strncasecmp(value->text, matcher->text, value->size)
                                  : memcmp(value->text, matcher->text, value->size)) == 0
               ? 0
               : 1;
}

int operator_contains(const struct matcher *matcher, struct matching *matching,
                      struct match_value *value) {
    if (matcher->size == 0)
        return 0;
    if (value->size < matcher->size ||
        !budget_spend(&matching->budget, value->size / BYTES_PER_STEP))
        return 1;
    return memmem(value->text, value->size, matcher->text, matcher->size) ? 0 : 1;
}

int operator_does_not_contain(const struct matcher *matcher, struct matching *matching,
                              struct match_value *value) {
    return !operator_contains(matcher, matching, value);
}

int operator_matches(const struct matcher *matcher, struct matching *matching,
                     struct match_value *value) {
    return regex_match(matcher->regex, value->size > 0 ? value->text : "", value->size,
                       &matching->budget);
}

int operator_does_not_match(const struct matcher *matcher, struct matching *matching,
                            struct match_value *value) {
    int r = operator_matches(matcher, matching, value);
    return r < 0 ? r : !r;
}

/* Copies a text, with a terminating zero, if it is short enough to be a number or an instant. */
static bool copy_short(const struct match_value *value, char out[SHORT_TEXT_SIZE]) {
    if (value->size == 0 || value->size >= SHORT_TEXT_SIZE ||
        memchr(value->text, '\0', value->size))
        return false;
    memcpy(out, value->text, value->size);
    out[value->size] = '\0';
    return true;
}

int operator_parse_number(struct json_reader *reader, const struct json_place *place,
                          const cJSON *value, void *target, int argument) {
    struct matcher *matcher = target;
    (void)argument;
    if (!cJSON_IsNumber(value))
        return violations_refuse(reader->violations, place, "must be a number");
    char buffer[JSON_NUMBER_SIZE];
    const char *text = json_number_text(value, buffer);
    matcher->size = strlen(text);
    matcher->text = arena_copy(reader->arena, text, matcher->size);
    return matcher->text ? 0 : FATAL(ENOMEM);
}

/* Returns -1, 0 or 1 when the value is less than, equal to or greater than the argument, or 2 when
 * it is not a number. */
static int compare_number(const struct matcher *matcher, struct matching *matching,
                          const struct match_value *value) {
    if (!budget_spend(&matching->budget, value->size / BYTES_PER_STEP))
        return 2;
    return json_decimal_compare(value->text, value->size, matcher->text, matcher->size);
}

int operator_equal_to_number(const struct matcher *matcher, struct matching *matching,
                             struct match_value *value) {
    return compare_number(matcher, matching, value) == 0 ? 0 : 1;
}

int operator_greater_than(const struct matcher *matcher, struct matching *matching,
                          struct match_value *value) {
    return compare_number(matcher, matching, value) == 1 ? 0 : 1;
}

int operator_greater_or_equal(const struct matcher *matcher, struct matching *matching,
                              struct match_value *value) {
    int order = compare_number(matcher, matching, value);
    return order == 0 || order == 1 ? 0 : 1;
}

int operator_less_than(const struct matcher *matcher, struct matching *matching,
                       struct match_value *value) {
    return compare_number(matcher, matching, value) == -1 ? 0 : 1;
}

int operator_less_or_equal(const struct matcher *matcher, struct matching *matching,
                           struct match_value *value) {
    int order = compare_number(matcher, matching, value);
    return order == 0 || order == -1 ? 0 : 1;
}

/* Parses an RFC 3339 date-time, a date-time without an offset or a date (both in UTC), or an HTTP
 * date. */
static bool read_instant(const char *text, int64_t *ret_instant) {
    static const char *const endings[] = {"", "Z", ":00Z", "T00:00:00Z"};
    char whole[SHORT_TEXT_SIZE + 16];
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        strcpy(whole, text);
        if (timestamp_parse(strcat(whole, endings[i]), ret_instant) == 0)
            return true;
    }
    struct tm parts = {0};
    const char *end = strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    if (!end || *end)
        return false;
    *ret_instant = (int64_t)timegm(&parts) * 1000;
    return true;
}

/* Parses "now", "now +3 days" or "-2 hours". */
static bool read_relative(const char *text, struct match_instant *ret_instant) {
    static const struct {
        const char *name;
        int64_t milliseconds;
        int months;
    } units[] = {
        {"seconds", 1000, 0},
        {"minutes", INT64_C(60000), 0},
        {"hours", INT64_C(3600000), 0},
        {"days", INT64_C(86400000), 0},
        {"months", 0, 1},
        {"years", 0, 12},
    };
    struct match_instant instant = {.is_relative = true};
    if (strcmp(text, "now") == 0) {
        *ret_instant = instant;
        return true;
    }
    if (strncmp(text, "now ", 4) == 0)
        text += 4;
    size_t digits = strspn(text + (*text != '\0'), "0123456789");
    if ((*text != '+' && *text != '-') || digits == 0 || digits > 6 || text[digits + 1] != ' ')
        return false;
    int amount = (int)strtol(text, NULL, 10);
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(text + digits + 2, units[i].name) != 0)
            continue;
        instant.milliseconds = amount * units[i].milliseconds;
        instant.months = amount * units[i].months;
        *ret_instant = instant;
        return true;
    }
    return false;
}

int operator_parse_instant(struct json_reader *reader, const struct json_place *place,
                           const cJSON *value, void *target, int argument) {
    struct matcher *matcher = target;
    (void)argument;
    const char *text = cJSON_GetStringValue(value);
    if (text && strlen(text) < SHORT_TEXT_SIZE &&
        (read_relative(text, &matcher->instant) || read_instant(text, &matcher->instant.instant)))
        return 0;
    return violations_refuse(reader->violations, place,
                             "must be an RFC 3339 date-time, or relative such as \"now +3 days\"");
}

/* Returns -1, 0 or 1 when the value is before, equal to or after the argument, or 2 when it is not
 * an instant. */
static int compare_instant(const struct matcher *matcher, const struct matching *matching,
                           const struct match_value *value) {
    char text[SHORT_TEXT_SIZE];
    int64_t actual;
    int64_t expected = matcher->instant.instant;
    if (!copy_short(value, text) || !read_instant(text, &actual))
        return 2;
    if (matcher->instant.is_relative)
        expected = timestamp_add_months(matching->subject->now, matcher->instant.months) +
                   matcher->instant.milliseconds;
    return actual < expected ? -1 : actual > expected;
}

int operator_before(const struct matcher *matcher, struct matching *matching,
                    struct match_value *value) {
    return compare_instant(matcher, matching, value) == -1 ? 0 : 1;
}

int operator_after(const struct matcher *matcher, struct matching *matching,
                   struct match_value *value) {
    return compare_instant(matcher, matching, value) == 1 ? 0 : 1;
}

int operator_same_instant(const struct matcher *matcher, struct matching *matching,
                          struct match_value *value) {
    return compare_instant(matcher, matching, value) == 0 ? 0 : 1;
}
