#include <stdio.h>
#include <string.h>

#include "json/json_compare.h"
#include "json/json_placeholder.h"
#include "suite.h"

enum { EXACT, ANY_ORDER = 1, EXTRA = 2, PLACEHOLDERS = 4 };

static const struct {
    const char *expected;
    const char *actual;
    unsigned options;
    bool equal;
} rows[] = {
    {"null", "null", EXACT, true},
    {"null", "false", EXACT, false},
    {"true", "true", EXACT, true},
    {"true", "false", EXACT, false},
    {"1", "1.0", EXACT, true},
    {"100", "1e2", EXACT, true},
    {"1", "\"1\"", EXACT, false},
    {"\"a\"", "\"\\u0061\"", EXACT, true},
    {"\"a\"", "\"A\"", EXACT, false},
    {"{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", EXACT, true},
    {"{\"a\":1,\"b\":2,\"c\":3}", "{\"c\":3,\"a\":1,\"b\":2}", EXACT, true},
    {"{\"a\":1}", "{\"A\":1}", EXACT, false},
    {"{\"a\":1}", "{\"a\":1,\"b\":2}", EXACT, false},
    {"{\"a\":1,\"b\":2}", "{\"a\":1}", EXTRA, false},
    {"{\"a\":1}", "{\"b\":2,\"a\":1}", EXTRA, true},
    {"{\"a\":{\"b\":1}}", "{\"a\":{\"b\":1,\"c\":[]},\"d\":0}", EXTRA, true},
    {"{}", "[]", EXTRA, false},
    {"[]", "{}", EXTRA, false},
    {"[1,2]", "[1,2]", EXACT, true},
    {"[1,2]", "[2,1]", EXACT, false},
    {"[1,2]", "[2,1]", ANY_ORDER, true},
    {"[1,1,2]", "[1,2,2]", ANY_ORDER, false},
    {"[1,2]", "[1,2,3]", ANY_ORDER, false},
    {"[1,2,3]", "[1,2]", ANY_ORDER, false},
    {"[1,2]", "[3,2,1]", ANY_ORDER | EXTRA, true},
    {"[1,2]", "[1,2,3]", EXTRA, true},
    {"[1,2]", "[3,1,2]", EXTRA, false},
    {"[]", "[]", ANY_ORDER, true},
    {"[]", "[1]", ANY_ORDER, false},
    {"[[1,2],[3]]", "[[3],[2,1]]", ANY_ORDER, true},
    /* The first match must make room for the second. */
    {"[{\"a\":1},{\"a\":1,\"b\":2}]", "[{\"a\":1,\"b\":2},{\"a\":1,\"c\":3}]", ANY_ORDER | EXTRA,
     true},
    {"[{\"a\":1},{\"a\":1,\"b\":2},{\"a\":1,\"b\":2}]", "[{\"a\":1,\"b\":2},{\"a\":1},{\"a\":1}]",
     ANY_ORDER | EXTRA, false},
    {"[\"${json-unit.ignore}\",1]", "[1,2]", ANY_ORDER | PLACEHOLDERS, true},
    {"\"${json-unit.ignore}\"", "{\"a\":1}", PLACEHOLDERS, true},
    {"\"${json-unit.ignore}\"", "{\"a\":1}", EXACT, false},
    {"\"${json-unit.any-string}\"", "\"x\"", PLACEHOLDERS, true},
    {"\"${json-unit.any-string}\"", "1", PLACEHOLDERS, false},
    {"\"${json-unit.any-number}\"", "1", PLACEHOLDERS, true},
    {"\"${json-unit.any-boolean}\"", "false", PLACEHOLDERS, true},
    {"\"${json-unit.any-boolean}\"", "null", PLACEHOLDERS, false},
    {"\"${json-unit.ignore}\"", "\"${json-unit.ignore}\"", EXACT, true},
    {"\"#{json-unit.any-number}\"", "1.5", PLACEHOLDERS, true},
    {"\"${json-unit.ignore} \"", "\"${json-unit.ignore} \"", EXACT, true},
    {"\"x${json-unit.ignore}\"", "1", PLACEHOLDERS, false},
    {"\"${json-unit.regex}[a-z]+\"", "\"abc\"", PLACEHOLDERS, true},
    {"\"${json-unit.regex}[a-z]+\"", "\"abC\"", PLACEHOLDERS, false},
    {"\"#{json-unit.regex}[a-z&&[^x]]\"", "\"x\"", PLACEHOLDERS, false},
    {"\"${json-unit.regex}1\"", "1", PLACEHOLDERS, false},
    {"[\"${json-unit.regex}a\",\"${json-unit.regex}b\"]", "[\"b\",\"a\"]", ANY_ORDER | PLACEHOLDERS,
     true},
    {"{\"a\":\"${json-unit.ignore}\"}", "{}", PLACEHOLDERS, false},
    {"{\"a\":\"${json-unit.ignore-element}\"}", "{}", PLACEHOLDERS, true},
    {"{\"a\":\"${json-unit.ignore-element}\"}", "{\"a\":1}", PLACEHOLDERS, true},
    {"{\"a\":\"${json-unit.ignore-element}\"}", "{\"b\":1}", PLACEHOLDERS, false},
    {"{\"a\":\"${json-unit.ignore-element}\"}", "{\"b\":1}", EXTRA | PLACEHOLDERS, true},
    {"{\"a\":\"${json-unit.ignore-element}\",\"b\":1}", "{\"b\":1,\"c\":2}", PLACEHOLDERS, false},
};

static int compare(const char *expected, const char *actual, unsigned options,
                   struct budget *budget) {
    struct arena arena;
    arena_init(&arena);
    struct json_comparison comparison = {.ignore_array_order = options & ANY_ORDER,
                                         .ignore_extra_elements = options & EXTRA,
                                         .arena = &arena,
                                         .budget = budget};
    cJSON *a = cJSON_Parse(expected);
    cJSON *b = cJSON_Parse(actual);
    ck_assert(a && b);
    char error[JSON_PLACEHOLDER_ERROR_SIZE];
    if (options & PLACEHOLDERS)
        ck_assert_int_eq(json_placeholders_parse(a, &arena, &comparison.placeholders, error), 0);
    int r = json_compare(&comparison, a, b);
    cJSON_Delete(a);
    cJSON_Delete(b);
    arena_deinit(&arena);
    return r;
}

START_TEST(values_are_compared) {
    struct budget budget = {.left = 1000};
    ck_assert_int_eq(compare(rows[_i].expected, rows[_i].actual, rows[_i].options, &budget),
                     rows[_i].equal ? 0 : 1);
    ck_assert(!budget.exhausted);
}
END_TEST

/* Makes "[item,item,…]" with n items, each of start, index and end. */
static char *make_array(const char *start, const char *end, int n) {
    char *text = calloc((size_t)n, 64);
    ck_assert_ptr_nonnull(text);
    char *at = text;
    for (int i = 0; i < n; i++) {
        *at++ = i ? ',' : '[';
        at += sprintf(at, "%s%d%s", start, i, end);
    }
    strcpy(at, "]");
    return text;
}

static const struct {
    const char *expected; /* the beginning of an item, up to its number and the brace */
    const char *actual;
    unsigned options;
} hostile[] = {
    {"{\"a\":", "{\"a\":-1", ANY_ORDER},
    {"{\"a\":", "{\"b\":1,\"a\":", ANY_ORDER},
    {"{\"a\":1,\"b\":", "{\"a\":1,\"b\":-1", ANY_ORDER},
    {"{\"a\":1,\"b\":", "{\"a\":1,\"b\":-1", ANY_ORDER | EXTRA},
};

START_TEST(hostile_arrays_are_bounded) {
    struct budget budget = {.left = 1000000};
    char *expected = make_array(hostile[_i].expected, "}", 60000);
    char *actual = make_array(hostile[_i].actual, "}", 60000);
    ck_assert_int_gt(compare(expected, actual, hostile[_i].options, &budget), 0);
    budget = (struct budget){.left = 1000000};
    ck_assert_int_eq(compare(expected, expected, hostile[_i].options, &budget), 0);
    free(expected);
    free(actual);
}
END_TEST

START_TEST(an_exhausted_budget_is_no_match) {
    struct budget budget = {.left = 10};
    ck_assert_int_eq(compare("[1,2,3,4,5,6,7,8,9,10]", "[1,2,3,4,5,6,7,8,9,10]", EXACT, &budget),
                     1);
    ck_assert(budget.exhausted);
    ck_assert_int_eq(compare("1", "1", EXACT, &budget), 1);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("json_compare");
    TCase *tcase = suite_add(suite, "json_compare");
    suite_add_rows(tcase, values_are_compared, rows);
    suite_add_rows(tcase, hostile_arrays_are_bounded, hostile);
    tcase_add_test(tcase, an_exhausted_budget_is_no_match);
    return suite_run(suite);
}
