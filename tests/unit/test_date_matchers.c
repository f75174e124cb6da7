/* before, after and equalToDateTime: the dates that they read, and their options. What they match
 * was compared with WireMock. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "pattern_check.h"
#include "suite.h"
#include "util/java_date_parse.h"
#include "util/java_date_pattern.h"

/* The forms that need no pattern. */
static const struct {
    const char *text;
    const char *local; /* "-": none */
    int offset;        /* in minutes; -1: no zone */
} common[] = {
    {"2024-02-03T04:05:06Z", "2024-02-03T04:05:06", 0},
    {"2024-02-03t04:05:06z", "2024-02-03T04:05:06", 0},
    {"2024-02-03T04:05Z", "2024-02-03T04:05:00", 0},
    {"2024-02-03T04:05:06+01:00", "2024-02-03T04:05:06", 60},
    {"2024-02-03T04:05:06-18:00", "2024-02-03T04:05:06", -1080},
    {"2024-02-03T04:05:06+01", "2024-02-03T04:05:06", 60},
    {"2024-02-03T04:05:06.789123456+01:00[Europe/Paris]", "2024-02-03T04:05:06.789123456", 60},
    {"2024-02-03T04:05:06.Z", "2024-02-03T04:05:06", 0},
    {"2024-02-03T04:05:06.5", "2024-02-03T04:05:06.500000000", -1},
    {"2024-02-03T04:05", "2024-02-03T04:05:00", -1},
    {"2024-02-29", "2024-02-29T00:00:00", -1},
    {"2024-02", "2024-02-01T00:00:00", -1},
    {"2024", "2024-01-01T00:00:00", -1},
    {"12024", "12024-01-01T00:00:00", -1},
    {"-0001", "-1-01-01T00:00:00", -1},
    {"Sat, 03 Feb 2024 04:05:06 GMT", "2024-02-03T04:05:06", 0},
    {"sat, 3 feb 2024 04:05 gmt", "2024-02-03T04:05:00", 0},
    {"3 Feb 2024 04:05:06 -0130", "2024-02-03T04:05:06", -90},
    {"Saturday, 03-Feb-24 04:05:06 GMT", "2024-02-03T04:05:06", 0},
    {"Sat Feb 03 04:05:06 2024", "2024-02-03T04:05:06", 0},
    {"Sat Feb  3 04:05:06 2024", "2024-02-03T04:05:06", 0},
    {"2023-02-29", "-", -1},
    {"2023-02-29T00:00:00Z", "-", -1},
    {"2024-13", "-", -1},
    {"2024-02-03T24:00", "-", -1},
    {"2024-02-03T04:60Z", "-", -1},
    {"2024-02-03T04:05:60Z", "-", -1},
    {"2024-02-03T04:05:06+19:00", "-", -1},
    {"2024-02-03T04:05:06+01:60", "-", -1},
    {"2024-02-03T04:05:06+0100", "-", -1},
    {"2024-02-03T04:05:06ZZ", "-", -1},
    {"2024-02-03T04:05:06Z[]", "-", -1},
    {"2024-02-03T04:05:06Z[UTC", "-", -1},
    {"2024-02-03T04:05:06.1234567891Z", "-", -1},
    {"Sun, 03 Feb 2024 04:05:06 GMT", "-", -1},
    {"3 Feb 2024 04:05:06", "-", -1},
    {"sat Feb 03 04:05:06 2024", "-", -1},
    {"2024-02-03 04:05:06", "-", -1},
    {"202", "-", -1},
    {"12345678901", "-", -1},
    {"", "-", -1},
    {"[", "-", -1},
    {"2024-02-03T04:05:06Z                                                               [a]", "-",
     -1},
};

/* Texts that Java's patterns read; a NULL offset and so on as above. */
static const struct {
    const char *pattern;
    const char *text;
    const char *local;
    int offset;
} formatted[] = {
    {"dd/MM/yyyy HH:mm", "03/02/2024 04:05", "2024-02-03T04:05:00", -1},
    {"yyyyMMddHHmmssSSS", "20240203040506789", "2024-02-03T04:05:06.789000000", -1},
    {"yyyyDDD", "2024034", "2024-02-03T00:00:00", -1},
    {"dMyyyy", "322024", "-", -1},
    {"yy-M-d", "24-2-3", "2024-02-03T00:00:00", -1},
    {"yyyyy", "2024", "-", -1},
    {"yyyy", "12024", "-", -1},
    {"yyyy", "+12024", "12024-01-01T00:00:00", -1},
    {"y", "12024", "12024-01-01T00:00:00", -1},
    {"y G", "1 BC", "0-01-01T00:00:00", -1},
    {"GGGG u", "Anno Domini 2024", "2024-01-01T00:00:00", -1},
    {"d MMM uuuu", "3 Feb 2024", "2024-02-03T00:00:00", -1},
    {"d LLLL uuuu", "3 February 2024", "2024-02-03T00:00:00", -1},
    {"d MMM uuuu", "3 feb 2024", "-", -1},
    {"EEE d/M/u", "Sat 3/2/2024", "2024-02-03T00:00:00", -1},
    {"EEEE d/M/u", "Sunday 3/2/2024", "-", -1},
    {"u-M-d h:mm a", "2024-02-03 12:05 AM", "2024-02-03T00:05:00", -1},
    {"u-M-d hh:mm a", "2024-02-03 04:05 PM", "2024-02-03T16:05:00", -1},
    {"u-M-d K:mm a", "2024-02-03 11:05 PM", "2024-02-03T23:05:00", -1},
    {"u-M-d kk:mm", "2024-02-03 24:00", "2024-02-03T00:00:00", -1},
    {"u-M-d HH:mm", "2024-02-03 24:00", "2024-02-04T00:00:00", -1},
    {"u-M-d HH:mm", "2024-02-03 24:01", "-", -1},
    {"u-M-d HH", "2024-02-03 04", "2024-02-03T04:00:00", -1},
    {"u-M-d HH:ss", "2024-02-03 04:05", "2024-02-03T00:00:00", -1},
    {"u-M-d A", "2024-02-03 14706789", "2024-02-03T04:05:06.789000000", -1},
    {"u-M-d N", "2024-02-03 86400000000000", "-", -1},
    {"u-M-d", "2023-02-30", "2023-02-28T00:00:00", -1},
    {"u-M-d", "2023-02-32", "-", -1},
    {"u-D", "2023-366", "-", -1},
    {"u-M", "2024-13", "2024-01-01T00:00:00", -1},
    {"HH:mm", "04:05", "-", -1},
    {"u-M-d'T'HH:mmX", "2024-02-03T04:05Z", "2024-02-03T04:05:00", 0},
    {"u-M-d'T'HH:mmX", "2024-02-03T04:05+01", "2024-02-03T04:05:00", 60},
    {"u-M-d'T'HH:mmX", "2024-02-03T04:05+0130", "2024-02-03T04:05:00", 90},
    {"u-M-d'T'HH:mmXXX", "2024-02-03T04:05+0100", "-", -1},
    {"u-M-d'T'HH:mmxxx", "2024-02-03T04:05Z", "-", -1},
    {"u-M-d'T'HH:mmxx", "2024-02-03T04:05-0000", "2024-02-03T04:05:00", 0},
    {"u-M-d'T'HH:mmZ", "2024-02-03T04:05-0100", "2024-02-03T04:05:00", -60},
    {"u-M-d'T'HH:mmZZZZ", "2024-02-03T04:05GMT", "2024-02-03T04:05:00", 0},
    {"u-M-d'T'HH:mmZZZZ", "2024-02-03T04:05GMT+01:00", "2024-02-03T04:05:00", 60},
    {"u-M-d'T'HH:mmO", "2024-02-03T04:05GMT+1", "2024-02-03T04:05:00", 60},
    {"u-M-d'T'HH:mmVV", "2024-02-03T04:05UTC+01:00", "2024-02-03T04:05:00", 60},
    {"u-M-d'T'HH:mmz", "2024-02-03T04:05UTC", "2024-02-03T04:05:00", 0},
    {"u-M-d'T'HH:mmz", "2024-02-03T04:05CET", "-", -1},
    {"u-M-dX", "2024-02-03Z", "2024-02-03T00:00:00", -1},
    {"u-M-d[ HH:mm[:ss]]", "2024-02-03", "2024-02-03T00:00:00", -1},
    {"u-M-d[ HH:mm[:ss]]", "2024-02-03 04:05", "2024-02-03T04:05:00", -1},
    {"[d/M/u][u-M-d]", "2024-02-03", "2024-02-03T00:00:00", -1},
    {"u''M''d", "2024'02'03", "2024-02-03T00:00:00", -1},
    {"'year' u", "year 2024", "2024-01-01T00:00:00", -1},
    {"u-u", "2024-2025", "-", -1},
    {"unix", "1706933106", "2024-02-03T04:05:06", 0},
    {"EPOCH", "-1", "1969-12-31T23:59:59.999000000", 0},
    {"unix", "10000000000000000", "316889355-01-25T17:46:40", 0},
    {"unix", "99999999999999999", "-", -1},
    {"epoch", "1x", "-", -1},
    {"epoch", "", "-", -1},
    {"epoch", "999999999999999999", "-", -1},
};

/* Prints the local time as in the tables. */
static void print(const struct java_date *date, char out[64]) {
    time_t seconds = (time_t)date->seconds;
    struct tm parts;
    gmtime_r(&seconds, &parts);
    int length =
        snprintf(out, 64, "%d-%02d-%02dT%02d:%02d:%02d", parts.tm_year + 1900, parts.tm_mon + 1,
                 parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
    if (date->nanos > 0)
        snprintf(out + length, 64 - (size_t)length, ".%09d", date->nanos);
}

static void check_date(const char *text, bool found, const struct java_date *date,
                       const char *local, int offset) {
    char printed[64] = "-";
    if (found)
        print(date, printed);
    ck_assert_msg(strcmp(printed, local) == 0, "%s: %s instead of %s", text, printed, local);
    ck_assert_msg(!found || (date->has_zone ? date->offset / 60 : -1) == offset, "%s: %d", text,
                  date->offset);
}

START_TEST(common_forms_are_read) {
    struct java_date date;
    bool found = java_date_parse_common(common[_i].text, &date);
    check_date(common[_i].text, found, &date, common[_i].local, common[_i].offset);
    ck_assert(!found || date.has_local != date.has_zone);
}
END_TEST

START_TEST(formats_are_read) {
    char error[JAVA_DATE_PATTERN_ERROR_SIZE] = "";
    struct java_date date;
    ck_assert_msg(java_date_pattern_check(formatted[_i].pattern, error) == 0, "%s", error);
    bool found = java_date_parse(formatted[_i].pattern, formatted[_i].text, &date);
    check_date(formatted[_i].text, found, &date, formatted[_i].local, formatted[_i].offset);
    ck_assert(!found || date.has_local);
}
END_TEST

static const struct {
    const char *pattern;
    const char *error;
} flawed[] = {
    {"yyyy-ww", "'w' at byte 5 is not supported"},
    {"YYYY", "'Y' at byte 0 is not supported"},
    {"pd", "'p' at byte 0 is not supported"},
    {"b", "'b' at byte 0 is not supported"},
    {"yyyy-MM-ddd", "'d' at byte 8 is repeated too often or too rarely"},
    {"MMMMM", "'M' at byte 0 is repeated too often or too rarely"},
    {"HH:mm V", "'V' at byte 6 is repeated too often or too rarely"},
    {"OO", "'O' at byte 0 is repeated too often or too rarely"},
    {"SSSSSSSSSS", "'S' at byte 0 is repeated too often or too rarely"},
    {"yyyy]", "']' at byte 4 closes no bracket"},
    {"[yyyy]]", "']' at byte 6 closes no bracket"},
    {"yyyy{", "'{' at byte 4 is reserved"},
    {"yyyy#", "'#' at byte 4 is reserved"},
    {"yyyy'T", "it ends within quotes"},
};

START_TEST(flawed_formats_are_refused) {
    char error[JAVA_DATE_PATTERN_ERROR_SIZE] = "";
    ck_assert_int_gt(java_date_pattern_check(flawed[_i].pattern, error), 0);
    ck_assert_str_eq(error, flawed[_i].error);
}
END_TEST

START_TEST(long_formats_are_refused) {
    char error[JAVA_DATE_PATTERN_ERROR_SIZE] = "";
    char pattern[300];
    memset(pattern, '-', sizeof(pattern));
    pattern[299] = '\0';
    ck_assert_int_gt(java_date_pattern_check(pattern, error), 0);
    memset(pattern, '[', sizeof(pattern)); /* as deep as a pattern can nest */
    pattern[200] = '\0';
    struct java_date date;
    ck_assert_int_eq(java_date_pattern_check(pattern, error), 0);
    ck_assert(!java_date_parse(pattern, "2024", &date));
}
END_TEST

/* The request comes at 2024-01-02T03:04:05.678Z. */
static const struct {
    const char *matcher;
    const char *body;
    bool matches;
} matches[] = {
    /* A date without a zone is compared with the local time of the other, or is in UTC. */
    {"{'before':'2024'}", "2023-12-31T23:59:59Z", true},
    {"{'before':'2024'}", "2024-01-01T00:30:00+01:00", false},
    {"{'after':'2024-02'}", "2024-02-01T00:00:00.000000001", true},
    {"{'equalToDateTime':'2024-01-01T00:00:00'}", "2024-01-01T00:00:00+05:00", true},
    {"{'equalToDateTime':'2024-01-01T00:00:00+01:00'}", "2023-12-31T23:00", true},
    {"{'equalToDateTime':'2024-01-01T00:00:00Z'}", "2024", true},
    {"{'equalToDateTime':'2024-01-01T00:00:00.000000001Z'}", "2024-01-01T00:00:00Z", false},
    {"{'equalToDateTime':'Mon, 01 Jan 2024 00:00:00 GMT'}", "2024-01-01T00:00:00Z", true},
    {"{'before':'2024'}", "no date", false},
    {"{'not':{'before':'2024'}}", "no date", true},
    /* What is relative. */
    {"{'equalToDateTime':'NOW'}", "2024-01-02T03:04:05.678Z", true},
    {"{'equalToDateTime':'now 3 Days'}", "2024-01-05T03:04:05.678Z", true},
    {"{'equalToDateTime':'3 days'}", "2024-01-05T03:04:05.678Z", true},
    {"{'equalToDateTime':'now -0 days'}", "2024-01-02T03:04:05.678Z", true},
    {"{'equalToDateTime':'now -14 months'}", "2022-11-02T03:04:05.678Z", true},
    {"{'before':'now +100000000 years'}", "+999999999-01-01T00:00:00Z", false},
    {"{'after':'now +2147483647 days'}", "+999999999-01-01T00:00:00Z", true},
    {"{'equalToDateTime':'now','expectedOffset':3,'expectedOffsetUnit':'DAYS'}",
     "2024-01-05T03:04:05.678Z", true},
    {"{'equalToDateTime':'now +9 years','expectedOffset':-1,'expectedOffsetUnit':'months'}",
     "2023-12-02T03:04:05.678Z", true},
    {"{'equalToDateTime':'2024','expectedOffset':1,'expectedOffsetUnit':'years'}",
     "2024-01-01T00:00:00", true},
    /* Truncation. */
    {"{'equalToDateTime':'now','truncateExpected':'first second of minute'}",
     "2024-01-02T03:04:00Z", true},
    {"{'equalToDateTime':'now','truncateExpected':'FIRST_MINUTE_OF_HOUR'}", "2024-01-02T03:00:00Z",
     true},
    {"{'equalToDateTime':'now','truncateExpected':'First Hour of day'}", "2024-01-02T00:00:00Z",
     true},
    {"{'equalToDateTime':'now','truncateExpected':'first day of month'}", "2024-01-01T00:00:00Z",
     true},
    {"{'equalToDateTime':'now','truncateExpected':'first day of next month'}",
     "2024-02-01T00:00:00Z", true},
    {"{'equalToDateTime':'now','truncateExpected':'last day of month'}", "2024-01-31T00:00:00Z",
     true},
    {"{'equalToDateTime':'now','truncateExpected':'first day of year'}", "2024-01-01T00:00:00Z",
     true},
    {"{'equalToDateTime':'now','truncateExpected':'first day of next year'}",
     "2025-01-01T00:00:00Z", true},
    {"{'equalToDateTime':'now','truncateExpected':'last day of year'}", "2024-12-31T00:00:00Z",
     true},
    {"{'equalToDateTime':'now -2 days','truncateExpected':'first day of month'}",
     "2023-12-30T00:00:00Z", true},
    {"{'equalToDateTime':'now -2 days','truncateExpected':'first day of month',"
     "'applyTruncationLast':true}",
     "2023-12-01T00:00:00Z", true},
    {"{'equalToDateTime':'now +1 months','truncateExpected':'last day of month',"
     "'applyTruncationLast':true}",
     "2024-02-29T00:00:00Z", true},
    {"{'equalToDateTime':'2024-01-02T03:04:05Z','truncateExpected':'first hour of day'}",
     "2024-01-02T03:04:05Z", true},
    {"{'equalToDateTime':'2024-02-29T00:00:00+05:00','truncateActual':'last day of month'}",
     "2024-02-03T04:05:06+05:00", true},
    {"{'equalToDateTime':'2024-02-01','truncateActual':'first day of month'}",
     "2024-02-03T04:05:06Z", true},
    {"{'equalToDateTime':'2024-02-01','truncateActual':'first day of month'}",
     "2024-02-03T04:05:06", false},
    {"{'equalToDateTime':'1969-12-31T23:00:00Z','truncateActual':'first minute of hour'}",
     "1969-12-31T23:59:59.5Z", true},
    /* Formats. */
    {"{'equalToDateTime':'2024-02-03','actualFormat':'dd/MM/yyyy'}", "03/02/2024", true},
    {"{'equalToDateTime':'2024-02-03','actualFormat':'dd/MM/yyyy'}", "2024-02-03", false},
    {"{'equalToDateTime':'2024-02-03T04:05:06Z','actualFormat':'unix'}", "1706933106", true},
    {"{'equalToDateTime':'2024-02-03T04:05:06','actualFormat':'epoch'}", "1706933106000", true},
    {"{'equalToDateTime':'2024-02-03T04:00:00Z','actualFormat':'unix',"
     "'truncateActual':'first minute of hour'}",
     "1706933106", true},
    {"{'equalToDateTime':'2024-02-03T04:05:06','actualFormat':'u-M-d HH:mm:ssX'}",
     "2024-02-03 04:05:06+05", true},
};

START_TEST(dates_are_matched) {
    pattern_check_body(matches[_i].matcher, matches[_i].body, matches[_i].matches);
}
END_TEST

#define NO_DATE "must be a date of ISO 8601 or RFC 1123, or relative such as \"now +3 days\""
#define BODY(matcher) "{'bodyPatterns':[{" matcher "}]}"
#define AT(name) "/bodyPatterns/0/" name

static const struct {
    const char *pattern;
    const char *pointer;
    const char *detail;
} refused[] = {
    {BODY("'before':5"), AT("before"), NO_DATE},
    {BODY("'before':''"), AT("before"), NO_DATE},
    {BODY("'before':'2023-02-29'"), AT("before"), NO_DATE},
    {BODY("'before':'now +3'"), AT("before"), NO_DATE},
    {BODY("'before':'now +3 day'"), AT("before"), NO_DATE},
    {BODY("'before':'now  +3 days'"), AT("before"), NO_DATE},
    {BODY("'before':'now + 3 days'"), AT("before"), NO_DATE},
    {BODY("'before':'now +99999999999999999999 days'"), AT("before"), NO_DATE},
    {BODY("'before':'now +2147483647 years'"), AT("before"), "is too far from now"},
    {BODY("'before':'now','expectedOffset':2000000000,'expectedOffsetUnit':'months'"), AT("before"),
     "is too far from now"},
    {BODY("'before':'now','expectedOffset':3"), AT("before"),
     "needs both expectedOffset and expectedOffsetUnit, or neither"},
    {BODY("'before':'now','expectedOffsetUnit':'days'"), AT("before"),
     "needs both expectedOffset and expectedOffsetUnit, or neither"},
    {BODY("'before':'now','expectedOffset':'3','expectedOffsetUnit':'days'"), AT("expectedOffset"),
     "must be an integer from -2147483648 to 2147483647"},
    {BODY("'before':'now','expectedOffset':3,'expectedOffsetUnit':'day'"), AT("expectedOffsetUnit"),
     "must be seconds, minutes, hours, days, months or years"},
    {BODY("'after':'now','truncateExpected':'first week of month'"), AT("truncateExpected"),
     "must be such as \"first minute of hour\" or \"last day of month\""},
    {BODY("'after':'now','truncateActual':1"), AT("truncateActual"),
     "must be such as \"first minute of hour\" or \"last day of month\""},
    {BODY("'equalToDateTime':'now','actualFormat':'yyyy-MM-ddd'"), AT("actualFormat"),
     "is not a date format: 'd' at byte 8 is repeated too often or too rarely"},
    {BODY("'equalToDateTime':'now','actualFormat':1"), AT("actualFormat"), "must be a string"},
    {BODY("'equalToDateTime':'now','applyTruncationLast':'true'"), AT("applyTruncationLast"),
     "must be true or false"},
    {BODY("'equalToDateTime':'now','truncateActua':'x'"), AT("truncateActua"),
     "is not an option of \"equalToDateTime\"; did you mean truncateActual?"},
};

START_TEST(mistakes_are_refused) {
    pattern_check_refused(refused[_i].pattern, refused[_i].pointer, refused[_i].detail);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("date_matchers");
    TCase *tcase = suite_add(suite, "date_matchers");
    suite_add_rows(tcase, common_forms_are_read, common);
    suite_add_rows(tcase, formats_are_read, formatted);
    suite_add_rows(tcase, flawed_formats_are_refused, flawed);
    tcase_add_test(tcase, long_formats_are_refused);
    suite_add_rows(tcase, dates_are_matched, matches);
    suite_add_rows(tcase, mistakes_are_refused, refused);
    return suite_run(suite);
}
