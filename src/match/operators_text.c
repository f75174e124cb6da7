#include <errno.h>
#include <string.h>
#include <strings.h>

#include "json/json_number.h"
#include "match/operators.h"
#include "util/base64.h"
#include "util/fatal.h"

enum { BYTES_PER_STEP = 64 };

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
