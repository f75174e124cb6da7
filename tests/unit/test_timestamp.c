#include "suite.h"
#include "util/clock.h"
#include "util/timestamp.h"

static const struct {
    const char *text;
    int64_t instant; /* -1: refused */
} instants[] = {
    {"1970-01-01T00:00:00Z", 0},
    {"2024-01-02T03:04:05.678Z", 1704164645678},
    {"2024-02-29T00:00:00z", 1709164800000},
    {"2024-01-02t03:04:05.6789123+01:30", 1704159245678},
    {"2024-01-01T00:00:00-00:30", 1704069000000},
    {"2023-02-29T00:00:00Z", -1},
    {"2024-13-01T00:00:00Z", -1},
    {"2024-01-01T24:00:00Z", -1},
    {"2024-01-01T00:00:00", -1},
    {"2024-01-01T00:00:00.Z", -1},
    {"2024-01-01T00:00:00Zx", -1},
    {"2024-01-01 00:00:00Z", -1},
    {"2024-1-01T00:00:00Z", -1},
    {"", -1},
};

START_TEST(instants_are_rfc_3339) {
    int64_t instant = -1;
    int r = timestamp_parse(instants[_i].text, &instant);
    ck_assert_int_eq(r == 0, instants[_i].instant >= 0);
    ck_assert_int_eq(instant, instants[_i].instant);
}
END_TEST

START_TEST(instants_are_written_in_utc) {
    char text[TIMESTAMP_SIZE];
    timestamp_format(1704164645678, text);
    ck_assert_str_eq(text, "2024-01-02T03:04:05.678Z");
    timestamp_format(-1, text);
    ck_assert_str_eq(text, "1969-12-31T23:59:59.999Z");
    timestamp_format(TIMESTAMP_MIN, text);
    ck_assert_str_eq(text, "0000-01-01T00:00:00.000Z");
    timestamp_format(TIMESTAMP_MAX, text);
    ck_assert_str_eq(text, "9999-12-31T23:59:59.999Z");
    timestamp_format(-62135596800000, text);
    ck_assert_str_eq(text, "0001-01-01T00:00:00.000Z");
    timestamp_format_short(1704164645000, text);
    ck_assert_str_eq(text, "2024-01-02T03:04:05Z");
    timestamp_format_short(1704164645678, text);
    ck_assert_str_eq(text, "2024-01-02T03:04:05.678Z");
}
END_TEST

static const struct {
    const char *text;
    int64_t duration; /* in ms; -1: refused */
} durations[] = {
    {"P1D", 86400000},
    {"PT1H", 3600000},
    {"PT30M", 1800000},
    {"PT1S", 1000},
    {"PT0S", 0},
    {"P0D", 0},
    {"P2W", 1209600000},
    {"P1W1DT1H1M1S", 694861000},
    {"P1DT2H", 93600000},
    {"P1DT0.001S", 86400001},
    {"PT0.5S", 500},
    {"PT1.0009999S", 1000},
    {"pt1h30m", 5400000},
    {"PT36H", 129600000},
    {"P007D", 604800000},
    {"P366000D", DURATION_MAX},
    {"PT31622400000S", DURATION_MAX},
    {"", -1},
    {"P", -1},
    {"T1H", -1},
    {"PT", -1},
    {"P1DT", -1},
    {"P1", -1},
    {"PD", -1},
    {"1D", -1},
    {"P1D ", -1},
    {" P1D", -1},
    {"P1Dx", -1},
    {"-P1D", -1},
    {"P-1D", -1},
    {"+P1D", -1},
    {"P+1D", -1},
    {"P1Y", -1},
    {"P1M", -1},
    {"P1H", -1},
    {"PT1D", -1},
    {"PT1H1H", -1},
    {"PT1M1H", -1},
    {"P1D1W", -1},
    {"P1DT1HT1M", -1},
    {"PTT1H", -1},
    {"P1.5D", -1},
    {"PT1.5H", -1},
    {"PT1.S", -1},
    {"PT.5S", -1},
    {"PT1,5S", -1},
    {"PT1.5S1S", -1},
    {"P366000DT0.001S", -1},
    {"P366001D", -1},
    {"PT31622400001S", -1},
    {"P99999999999999999999D", -1},
    {"P18446744073709551617D", -1},
    {"P\xd9\xa1"
     "D",
     -1},
};

START_TEST(durations_are_iso_8601) {
    int64_t duration = -1;
    int r = duration_parse(durations[_i].text, &duration);
    ck_assert_int_eq(r == 0, durations[_i].duration >= 0);
    ck_assert_int_eq(duration, durations[_i].duration);
}
END_TEST

START_TEST(a_clock_runs_or_is_frozen) {
    static const int64_t instants[] = {0, 1, -1, INT64_C(253402300799999),
                                       -INT64_C(62135596800000)};
    struct clock clock = {0};
    int64_t before = timestamp_now();
    int64_t now = clock_now(&clock);
    ck_assert(before <= now && now <= timestamp_now());
    for (size_t i = 0; i < sizeof(instants) / sizeof(instants[0]); i++) {
        clock_freeze(&clock, instants[i]);
        ck_assert_int_eq(clock_now(&clock), instants[i]);
        clock_set(&clock, instants[i]);
        now = clock_now(&clock);
        ck_assert(instants[i] <= now && now < instants[i] + 60000);
    }
}
END_TEST

static const struct {
    const char *text;
    int months;
    const char *later;
} months[] = {
    {"2024-01-31T03:04:05.678Z", 1, "2024-02-29T03:04:05.678Z"},
    {"2023-01-31T03:04:05.678Z", 13, "2024-02-29T03:04:05.678Z"},
    {"2024-02-29T00:00:00.000Z", -12, "2023-02-28T00:00:00.000Z"},
    {"2024-01-15T00:00:00.000Z", -1, "2023-12-15T00:00:00.000Z"},
    {"1969-12-31T23:59:59.999Z", 2, "1970-02-28T23:59:59.999Z"},
    {"2024-05-05T00:00:00.001Z", 0, "2024-05-05T00:00:00.001Z"},
};

START_TEST(months_have_their_lengths) {
    int64_t instant = 0;
    char text[TIMESTAMP_SIZE];
    ck_assert_int_eq(timestamp_parse(months[_i].text, &instant), 0);
    timestamp_format(timestamp_add_months(instant, months[_i].months), text);
    ck_assert_str_eq(text, months[_i].later);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("timestamp");
    TCase *tcase = suite_add(suite, "timestamp");
    suite_add_rows(tcase, instants_are_rfc_3339, instants);
    tcase_add_test(tcase, instants_are_written_in_utc);
    suite_add_rows(tcase, durations_are_iso_8601, durations);
    tcase_add_test(tcase, a_clock_runs_or_is_frozen);
    suite_add_rows(tcase, months_have_their_lengths, months);
    return suite_run(suite);
}
