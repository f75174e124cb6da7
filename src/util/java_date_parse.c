#include "util/java_date_parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util/java_date_pattern.h"

enum { MAX_OFFSET = 18 * 3600 };

struct parser {
    struct java_scanner scanner;
    const char *at; /* in the text */
    bool ignores_case;
    struct java_fields fields;
};

static bool take(struct parser *p, const char *text) {
    size_t length = strlen(text);
    if ((p->ignores_case ? strncasecmp : strncmp)(p->at, text, length) != 0)
        return false;
    p->at += length;
    return true;
}

static size_t count_digits(const char *text) {
    return strspn(text, "0123456789");
}

static int64_t read_digits(const char *text, size_t count) {
    int64_t value = 0;
    for (size_t i = 0; i < count; i++)
        value = value * 10 + (text[i] - '0');
    return value;
}

/* Reads exactly so many digits. */
static bool take_digits(struct parser *p, size_t count, int64_t *ret_value) {
    if (count_digits(p->at) < count)
        return false;
    *ret_value = read_digits(p->at, count);
    p->at += count;
    return true;
}

/* Returns the fixed number of digits that the letters stand for, or 0. */
static size_t fixed_width(const struct java_token *token) {
    const struct java_letter *letter =
        token->kind == TOKEN_FIELD ? java_date_pattern_letter(token->letter) : NULL;
    if (!letter)
        return 0;
    bool is_pair = letter->style == STYLE_YEAR || letter->style == STYLE_NUMBER ||
                   letter->style == STYLE_MONTH;
    bool is_fixed = (is_pair && token->count == 2) || letter->style == STYLE_FRACTION ||
                    (letter->style == STYLE_DAY_OF_YEAR && token->count == 3);
    return is_fixed ? token->count : 0;
}

/* Counts the digits that belong to the fixed numbers that follow at once. */
static size_t count_reserved(struct java_scanner scanner) {
    size_t reserved = 0;
    size_t width;
    do {
        struct java_token token = java_date_pattern_next(&scanner);
        width = fixed_width(&token);
        reserved += width;
    } while (width > 0);
    return reserved;
}

struct width {
    size_t min;
    size_t max;
    bool may_be_negative;
    bool is_padded; /* a sign stands before more digits than `min`, and before no fewer */
};

static bool take_number(struct parser *p, struct width width, int64_t *ret_value) {
    const char *start = p->at;
    bool is_negative = width.may_be_negative && *start == '-';
    bool is_positive = width.is_padded && *start == '+';
    start += is_negative || is_positive;
    size_t digits = count_digits(start);
    size_t reserved = count_reserved(p->scanner);
    if (digits > width.max + reserved)
        digits = width.max + reserved;
    if (reserved > 0)
        digits = digits > reserved + width.min ? digits - reserved : width.min;
    if (digits < width.min || count_digits(start) < digits || digits > 18)
        return false;
    if (width.is_padded && !is_negative && is_positive != (digits > width.min))
        return false;
    int64_t value = read_digits(start, digits);
    if (is_negative && value == 0)
        return false;
    p->at = start + digits;
    *ret_value = is_negative ? -value : value;
    return true;
}

static bool take_name(struct parser *p, enum java_field field, bool is_full, int64_t *ret_value) {
    static const char *const halves[] = {"AM", "PM"};
    static const char *const eras[] = {"BC", "AD"};
    static const char *const full_eras[] = {"Before Christ", "Anno Domini"};
    const struct {
        const char *const *names;
        size_t count;
        int first;
    } sets[] = {
        [FIELD_ERA] = {is_full ? full_eras : eras, 2, 0},
        [FIELD_MONTH] = {java_months, 12, 1},
        [FIELD_WEEKDAY] = {java_weekdays, 7, 1},
        [FIELD_HALF] = {halves, 2, 0},
    };
    bool is_cut = !is_full && (field == FIELD_MONTH || field == FIELD_WEEKDAY);
    for (size_t i = 0; i < sets[field].count; i++) {
        char name[16];
        snprintf(name, sizeof(name), "%.*s", is_cut ? 3 : 15, sets[field].names[i]);
        if (take(p, name)) {
            *ret_value = sets[field].first + (int64_t)i;
            return true;
        }
    }
    return false;
}

/* How the parts of an offset after the hours are written. */
struct offset_form {
    bool has_colons;
    bool needs_minutes;
    bool may_have_seconds;
    bool has_short_hours; /* one digit, or two */
};

/* Reads a part of two digits, after a colon where there must be one. */
static bool take_part(struct parser *p, bool has_colon, int64_t *ret_value) {
    const char *start = p->at;
    if ((!has_colon || take(p, ":")) && take_digits(p, 2, ret_value))
        return true;
    p->at = start;
    return false;
}

/* Reads a signed offset. */
static bool take_offset(struct parser *p, struct offset_form form, int64_t *ret_seconds) {
    int64_t hours = 0;
    int64_t minutes = 0;
    int64_t seconds = 0;
    int sign = *p->at == '-' ? -1 : *p->at == '+' ? 1 : 0;
    if (sign == 0)
        return false;
    p->at++;
    size_t digits = form.has_short_hours && count_digits(p->at) == 1 ? 1 : 2;
    if (!take_digits(p, digits, &hours))
        return false;
    bool has_minutes = take_part(p, form.has_colons, &minutes);
    if (has_minutes && form.may_have_seconds)
        take_part(p, form.has_colons, &seconds);
    int64_t total = hours * 3600 + minutes * 60 + seconds;
    *ret_seconds = sign * total;
    return (has_minutes || !form.needs_minutes) && minutes < 60 && seconds < 60 &&
           total <= MAX_OFFSET;
}

static bool take_offset_letters(struct parser *p, const struct java_token *token,
                                int64_t *ret_seconds) {
    bool is_long_zone = token->letter == 'Z' && token->count == 4;
    size_t count = token->letter == 'Z' && token->count < 4 ? 2 : token->count;
    const struct offset_form form = {
        .has_colons = is_long_zone || count == 3 || count == 5,
        .needs_minutes = count > 1,
        .may_have_seconds = count > 3,
    };
    bool has_letter = token->letter == 'X' || (token->letter == 'Z' && count == 5);
    *ret_seconds = 0;
    if (has_letter && take(p, "Z"))
        return true;
    if (is_long_zone && (!take(p, "GMT") || (*p->at != '+' && *p->at != '-')))
        return p->at[-1] == 'T';
    return take_offset(p, form, ret_seconds);
}

/* Reads UTC, GMT, an offset, or an offset after one of these. */
static bool take_zone(struct parser *p, const struct java_token *token, int64_t *ret_seconds) {
    static const char *const names[] = {"UTC", "GMT", "UT", "Z"};
    bool is_short = token->letter == 'O' && token->count == 1;
    const struct offset_form form = {.has_colons = true,
                                     .needs_minutes = !is_short,
                                     .may_have_seconds = true,
                                     .has_short_hours = is_short};
    bool has_name = false;
    *ret_seconds = 0;
    for (size_t i = token->letter == 'O'; i < 4 - 2 * (token->letter == 'O') && !has_name; i++)
        has_name = take(p, names[i]);
    bool has_offset = *p->at == '+' || *p->at == '-';
    if (has_offset && (has_name || token->letter != 'O'))
        return take_offset(p, form, ret_seconds);
    return has_name;
}

static bool take_fraction(struct parser *p, size_t count, int64_t *ret_nanos) {
    if (!take_digits(p, count, ret_nanos))
        return false;
    for (; count < 9; count++)
        *ret_nanos *= 10;
    return true;
}

static bool take_year(struct parser *p, size_t count, int64_t *ret_year) {
    if (count == 2) {
        bool found = take_digits(p, 2, ret_year);
        *ret_year += 2000;
        return found;
    }
    const struct width width = {count, JAVA_MAX_DIGITS, true, .is_padded = count > 3};
    return take_number(p, width, ret_year);
}

static bool take_field(struct parser *p, const struct java_token *token) {
    const struct java_letter *letter = java_date_pattern_letter(token->letter);
    size_t count = token->count;
    const struct width any = {1, JAVA_MAX_DIGITS, .may_be_negative = true};
    int64_t value = 0;
    bool found = false;
    if (!letter)
        return false;
    switch (letter->style) {
    case STYLE_YEAR:
        found = take_year(p, count, &value);
        break;
    case STYLE_MONTH:
    case STYLE_NUMBER:
        found = count == 1   ? take_number(p, any, &value)
                : count == 2 ? take_digits(p, 2, &value)
                             : take_name(p, letter->field, count == 4, &value);
        break;
    case STYLE_DAY_OF_YEAR:
        found = take_number(p, count == 1 ? any : (struct width){count, 3, false, false}, &value);
        break;
    case STYLE_LONG:
        found = take_number(p, (struct width){count, JAVA_MAX_DIGITS, false, false}, &value);
        break;
    case STYLE_FRACTION:
        found = take_fraction(p, count, &value);
        break;
    case STYLE_NAME:
        found = take_name(p, letter->field, count == 4, &value);
        break;
    case STYLE_OFFSET:
        found = take_offset_letters(p, token, &value);
        break;
    case STYLE_ZONE:
        found = take_zone(p, token, &value);
        break;
    }
    return found && java_fields_set(&p->fields, letter->field, value);
}

/* Moves behind the bracket that closes an optional section. */
static void skip_section(struct java_scanner *scanner) {
    for (size_t depth = 1; depth > 0;) {
        struct java_token token = java_date_pattern_next(scanner);
        depth += token.kind == TOKEN_OPEN;
        depth -= token.kind == TOKEN_CLOSE;
        if (token.kind == TOKEN_END || token.kind == TOKEN_BROKEN)
            return;
    }
}

/* Reads up to the end of the section or of the pattern. */
static bool take_section(struct parser *p) {
    for (;;) {
        struct java_token token = java_date_pattern_next(&p->scanner);
        const char literal[] = {token.letter, '\0'};
        bool fits = true;
        if (token.kind == TOKEN_END || token.kind == TOKEN_CLOSE)
            return true;
        if (token.kind == TOKEN_OPEN) {
            struct parser before = *p;
            if (!take_section(p)) {
                *p = before;
                skip_section(&p->scanner);
            }
        } else {
            fits = token.kind == TOKEN_LITERAL ? take(p, literal)
                                               : token.kind == TOKEN_FIELD && take_field(p, &token);
        }
        if (!fits)
            return false;
    }
}

#define MAX_SECONDS INT64_C(31556000000000000) /* a billion years, as long as Java's calendar */

/* Reads seconds or milliseconds since 1970. */
static bool parse_count(const char *text, int64_t per_second, struct java_date *ret_date) {
    bool has_sign = *text == '-' || *text == '+';
    size_t digits = count_digits(text + has_sign);
    if (digits == 0 || digits > 17 || text[has_sign + digits])
        return false;
    int64_t value = read_digits(text + has_sign, digits) * (*text == '-' ? -1 : 1);
    if (llabs(value / per_second) > MAX_SECONDS)
        return false;
    int64_t rest = (value % per_second + per_second) % per_second;
    *ret_date = (struct java_date){
        .has_zone = true,
        .has_local = true,
        .seconds = (value - rest) / per_second,
        .nanos = (int32_t)(rest * (1000000000 / per_second)),
    };
    return true;
}

static bool parse_pattern(const char *pattern, const char *text, bool is_strict, bool ignores_case,
                          struct java_date *ret_date) {
    struct parser parser = {.scanner.at = pattern, .at = text, .ignores_case = ignores_case};
    return strlen(text) < JAVA_DATE_TEXT_SIZE && take_section(&parser) && !*parser.at &&
           java_fields_resolve(&parser.fields, is_strict, ret_date);
}

bool java_date_parse(const char *pattern, const char *text, struct java_date *ret_date) {
    if (strcasecmp(pattern, "unix") == 0)
        return parse_count(text, 1, ret_date);
    if (strcasecmp(pattern, "epoch") == 0)
        return parse_count(text, 1000, ret_date);
    return parse_pattern(pattern, text, false, false, ret_date);
}

enum { NORMAL_SIZE = JAVA_DATE_TEXT_SIZE + 16 };

/* Whether the text ends with an offset of hours alone. */
static bool has_short_offset(const char *text, size_t length) {
    return length > 3 && (text[length - 3] == '+' || text[length - 3] == '-') &&
           memchr(text, ':', length);
}

/* Writes a date of ISO 8601 with nine digits after a point, with minutes in the offset, and without
 * the name of a zone behind it, so that patterns can describe it. Returns false when it is none. */
static bool normalize(const char *text, char out[NORMAL_SIZE]) {
    size_t length = strcspn(text, "[");
    size_t bracket = strlen(text + length);
    size_t head = strcspn(text, ".");
    bool has_fraction = head < length;
    size_t digits = has_fraction ? count_digits(text + head + 1) : 0;
    if (length + bracket >= JAVA_DATE_TEXT_SIZE || digits > 9 || bracket == 2 ||
        (bracket > 0 && text[length + bracket - 1] != ']'))
        return false;
    head = has_fraction ? head + 1 + digits : length;
    snprintf(out, NORMAL_SIZE, "%.*s%.*s%.*s%s", (int)head, text,
             has_fraction ? (int)(9 - digits) : 0, "000000000", (int)(length - head), text + head,
             has_short_offset(text, length) ? ":00" : "");
    return true;
}

/* Java also reads years of more than four digits without a sign here. */
static bool parse_year(const char *text, struct java_date *ret_date) {
    struct java_fields fields = {0};
    bool has_sign = *text == '-' || *text == '+';
    size_t digits = count_digits(text + has_sign);
    if (digits < 4 || digits > 10 || text[has_sign + digits])
        return false;
    int64_t year = read_digits(text + has_sign, digits);
    java_fields_set(&fields, FIELD_YEAR, *text == '-' ? -year : year);
    return java_fields_resolve(&fields, true, ret_date);
}

static bool parse_iso(const char *text, struct java_date *ret_date) {
    static const char *const patterns[] = {"uuuu-MM-dd'T'HH:mm[:ss[.SSSSSSSSS]][XXXXX]",
                                           "uuuu-MM-dd", "uuuu-MM"};
    char normal[NORMAL_SIZE];
    bool found = parse_year(text, ret_date);
    if (!found && !normalize(text, normal))
        return false;
    for (size_t i = 0; !found && i < sizeof(patterns) / sizeof(patterns[0]); i++)
        found = parse_pattern(patterns[i], i == 0 ? normal : text, true, true, ret_date);
    if (found)
        ret_date->has_local = !ret_date->has_zone;
    return found;
}

bool java_date_parse_common(const char *text, struct java_date *ret_date) {
    static const struct {
        const char *pattern;
        bool ignores_case;
    } others[] = {
        {"[EEE, ]d MMM uuuu HH:mm[:ss] 'GMT'", true}, {"[EEE, ]d MMM uuuu HH:mm[:ss] Z", true},
        {"EEEE, dd-MMM-yy HH:mm:ss z", false},        {"EEE MMM dd HH:mm:ss yyyy", false},
        {"EEE MMM  d HH:mm:ss yyyy", false},
    };
    if (parse_iso(text, ret_date))
        return true;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (!parse_pattern(others[i].pattern, text, false, others[i].ignores_case, ret_date))
            continue;
        ret_date->has_zone = true; /* GMT, where the text names none */
        ret_date->has_local = false;
        return true;
    }
    return false;
}
