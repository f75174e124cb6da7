#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "templates/helper_tables.h"
#include "templates/instant.h"
#include "util/date_words.h"
#include "util/fatal.h"
#include "util/java_date_parse.h"
#include "util/java_date_pattern.h"
#include "util/timestamp.h"

/* ---- Offsets such as "3 days" and "now -1 months" */

struct offset {
    int64_t milliseconds;
    int months;
};

static int read_offset(const char *text, struct offset *ret_offset) {
    enum { LIMIT = 100000000 };
    char *end;
    text += strncmp(text, "now ", 4) == 0 ? 4 : 0;
    long amount = strtol(text, &end, 10);
    if (end == text || *end != ' ' || amount > LIMIT || amount < -LIMIT)
        return 1;
    const struct date_unit *unit = date_words_find_unit(end + 1);
    if (!unit || (unit->months > 0 && labs(amount) > 100000))
        return 1;
    *ret_offset = (struct offset){amount * unit->seconds * 1000, (int)(amount * unit->months)};
    return 0;
}

#define OFFSET_FORM                                                                                \
    "an offset is a whole number and seconds, minutes, hours, days, months or years, as in "       \
    "'3 days'"

static int check_date(const struct call *call, struct arena *arena,
                      char reterr_error[SYNTAX_ERROR_SIZE]) {
    char reason[JAVA_DATE_ERROR_SIZE];
    struct offset offset;
    const struct time_zone *zone;
    const char *format = syntax_option_text(call, "format");
    const char *distance = syntax_option_text(call, "offset");
    const char *name = syntax_option_text(call, "timezone");
    if (format && !instant_has_format(format, reason)) {
        snprintf(reterr_error, SYNTAX_ERROR_SIZE, "has a format that %s", reason);
        return 1;
    }
    if (distance && read_offset(distance, &offset) != 0) {
        snprintf(reterr_error, SYNTAX_ERROR_SIZE, "has the offset '%.40s'; %s", distance,
                 OFFSET_FORM);
        return 1;
    }
    int r = name ? time_zone_find(name, arena, &zone) : 0;
    if (r > 0)
        snprintf(reterr_error, SYNTAX_ERROR_SIZE, "has the unknown timezone '%.40s'", name);
    return r;
}

/* The time of day in its zone, as if that were UTC. */
static int64_t to_local(const struct value *date) {
    return date->instant + time_zone_offset_at(date->zone, date->instant).seconds * INT64_C(1000);
}

static void set_local(struct value *date, int64_t local) {
    int64_t offset = time_zone_offset_at(date->zone, date->instant).seconds;
    date->instant = local - offset * 1000;
    offset = time_zone_offset_at(date->zone, date->instant).seconds;
    date->instant = local - offset * 1000;
}

/* Moves the date by the option `offset`. */
static int apply_offset(struct evaluation *e, const struct call *call, struct value *date) {
    struct value text = {0};
    struct offset offset = {0};
    int r = evaluation_option(e, call, "offset", &text);
    if (r != 0 || text.kind == VALUE_ABSENT)
        return r;
    r = evaluation_text(e, call, &text, &text);
    if (r != 0)
        return r;
    if (read_offset(text.text, &offset) != 0)
        return evaluation_fail(e, call, "has the offset '%.40s'; %s", text.text, OFFSET_FORM);
    if (offset.months != 0)
        set_local(date, timestamp_add_months(to_local(date), offset.months));
    date->instant += offset.milliseconds;
    return date->instant >= TIMESTAMP_MIN && date->instant <= TIMESTAMP_MAX
               ? 0
               : evaluation_fail(e, call, "leads beyond the years 0 to 9999");
}

static int set_format(struct evaluation *e, const struct call *call, struct value *date) {
    struct value format = {0};
    char reason[JAVA_DATE_ERROR_SIZE];
    int r = evaluation_option(e, call, "format", &format);
    if (r != 0 || format.kind == VALUE_ABSENT)
        return r;
    r = evaluation_text(e, call, &format, &format);
    if (r == 0 && !instant_has_format(format.text, reason))
        return evaluation_fail(e, call, "has a format that %s", reason);
    date->format = format.text;
    return r;
}

static int set_zone(struct evaluation *e, const struct call *call, struct value *date) {
    struct value name = {0};
    int r = evaluation_option(e, call, "timezone", &name);
    if (r != 0 || name.kind == VALUE_ABSENT)
        return r;
    if (!budget_spend(e->room.budget, 1000))
        return evaluation_check(e, call, 0);
    r = evaluation_text(e, call, &name, &name);
    if (r == 0)
        r = time_zone_find(name.text, e->room.arena, &date->zone);
    return r > 0 ? evaluation_fail(e, call, "has the unknown timezone '%.40s'", name.text) : r;
}

static int finish(struct evaluation *e, const struct call *call, struct value *date,
                  struct value *ret_value) {
    int r = apply_offset(e, call, date);
    if (r == 0)
        r = set_format(e, call, date);
    if (r == 0)
        *ret_value = *date;
    return r;
}

static int run_now(struct evaluation *e, const struct call *call, struct value *ret_value) {
    struct value date = {.kind = VALUE_DATE, .instant = e->now};
    int r = set_zone(e, call, &date);
    return r == 0 ? finish(e, call, &date, ret_value) : r;
}

/* Works on a date; on anything else it works on the present time. A date keeps its own zone. */
static int run_date(struct evaluation *e, const struct call *call, struct value *ret_value) {
    struct value date = {0};
    int r = evaluation_param(e, call, 0, &date);
    if (r == 0 && date.kind != VALUE_DATE)
        return run_now(e, call, ret_value);
    return r == 0 ? finish(e, call, &date, ret_value) : r;
}

/* ---- parseDate */

static bool parse_iso(struct evaluation *e, const char *text, struct value *date) {
    if (timestamp_parse(text, &date->instant) != 0)
        return false;
    const char *zone = text + strcspn(text, "Tt");
    zone += strcspn(zone, "Zz+-");
    if (*zone == '+' || *zone == '-')
        (void)time_zone_find(zone, e->room.arena, &date->zone);
    return true;
}

/* As in Thu, 02 Jan 2020 03:04:05 GMT. */
static bool parse_rfc_1123(const char *text, struct value *date) {
    struct tm parts = {0};
    const char *end = strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    int weekday = parts.tm_wday;
    if (!end || *end)
        return false;
    date->instant = (int64_t)timegm(&parts) * 1000;
    return parts.tm_wday == weekday;
}

static int parse_number(struct evaluation *e, const struct call *call, const char *text,
                        bool is_seconds, struct value *ret_value) {
    char *end;
    long long number = strtoll(text, &end, 10);
    int64_t limit = is_seconds ? TIMESTAMP_MAX / 1000 : TIMESTAMP_MAX;
    if (end == text || *end || number > limit || number < -limit)
        return evaluation_fail(e, call, "cannot read '%.40s' as a number of %s", text,
                               is_seconds ? "seconds" : "milliseconds");
    *ret_value = (struct value){.kind = VALUE_DATE, .instant = is_seconds ? number * 1000 : number};
    return 0;
}

static int check_parse(const struct call *call, struct arena *arena,
                       char reterr_error[SYNTAX_ERROR_SIZE]) {
    char reason[JAVA_DATE_PATTERN_ERROR_SIZE];
    const char *format = syntax_option_text(call, "format");
    (void)arena;
    if (!format || java_date_pattern_check(format, reason) == 0)
        return 0;
    snprintf(reterr_error, SYNTAX_ERROR_SIZE, "has a format that is no pattern: %s", reason);
    return 1;
}

/* Reads a text by a pattern, in UTC unless the text has an offset. */
static bool parse_pattern(const char *pattern, const char *text, int64_t *ret_instant) {
    char reason[JAVA_DATE_PATTERN_ERROR_SIZE];
    struct java_date date;
    if (java_date_pattern_check(pattern, reason) != 0 || !java_date_parse(pattern, text, &date))
        return false;
    *ret_instant = (date.seconds - date.offset) * 1000 + date.nanos / 1000000;
    return true;
}

static int run_parse_date(struct evaluation *e, const struct call *call, struct value *ret_value) {
    struct value text = {0};
    struct value format = {0};
    struct value date = {.kind = VALUE_DATE};
    int r = evaluation_param_text(e, call, 0, &text);
    if (r == 0)
        r = evaluation_option(e, call, "format", &format);
    if (r != 0)
        return r;
    if (format.kind == VALUE_ABSENT) {
        if (parse_iso(e, text.text, &date) || parse_rfc_1123(text.text, &date))
            *ret_value = date;
        return 0;
    }
    r = evaluation_text(e, call, &format, &format);
    if (r != 0)
        return r;
    bool is_seconds = strcmp(format.text, "unix") == 0;
    if (is_seconds || strcmp(format.text, "epoch") == 0)
        return parse_number(e, call, text.text, is_seconds, ret_value);
    if (parse_pattern(format.text, text.text, &date.instant))
        *ret_value = date;
    return 0;
}

/* ---- truncateDate */

/* Returns TRUNCATE_NOTHING for a name that is none. Unlike a matcher's, it has to be in this case.
 */
static enum date_truncation find_truncation(const char *name) {
    enum date_truncation i = N_DATE_TRUNCATIONS - 1;
    while (i > TRUNCATE_NOTHING && strcmp(date_words_truncations[i], name) != 0)
        i--;
    return i;
}

static int check_truncation(const struct call *call, struct arena *arena,
                            char reterr_error[SYNTAX_ERROR_SIZE]) {
    const char *name = syntax_param_text(call, 1);
    (void)arena;
    if (!name || find_truncation(name) != TRUNCATE_NOTHING)
        return 0;
    snprintf(reterr_error, SYNTAX_ERROR_SIZE,
             "has the truncation '%.40s'; it may be such as 'first day of month'", name);
    return 1;
}

static int run_truncate_date(struct evaluation *e, const struct call *call,
                             struct value *ret_value) {
    struct value date = {0};
    struct value name = {0};
    if (call->n_params < 2)
        return evaluation_complain(e, ret_value,
                                   "Truncation type must be specified as the first parameter to "
                                   "truncateDate");
    int r = evaluation_param(e, call, 0, &date);
    if (r == 0 && date.kind != VALUE_DATE)
        return evaluation_complain(e, ret_value,
                                   "A date object must be passed to the truncateDate helper");
    if (r == 0)
        r = evaluation_param_text(e, call, 1, &name);
    if (r != 0)
        return r;
    enum date_truncation truncation = find_truncation(name.text);
    if (truncation == TRUNCATE_NOTHING)
        return evaluation_fail(e, call, "has no truncation '%.40s'", name.text);
    int64_t local = to_local(&date);
    int64_t seconds = local / 1000 - (local % 1000 < 0);
    set_local(&date, date_words_truncate(seconds, truncation) * 1000);
    *ret_value = date;
    return 0;
}

const struct helper helpers_dates[] = {
    {"now", .run = run_now, .options = "format offset timezone", .check = check_date},
    {"date", .run = run_date, .options = "format offset timezone", .check = check_date},
    {"parseDate", .run = run_parse_date, .options = "format", .check = check_parse},
    {"truncateDate", .run = run_truncate_date, .check = check_truncation},
    {.name = NULL},
};
