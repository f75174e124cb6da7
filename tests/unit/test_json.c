#include <string.h>

#include "json/json.h"
#include "json/json_number.h"
#include "json/json_print.h"
#include "suite.h"
#include "util/cleanup.h"

static const char *const valid[] = {
    "{}",
    "[]",
    "null",
    "true",
    "false",
    "0",
    "-0",
    "12.5e+3",
    "1E-2",
    "\"\"",
    " [ 1 , 2 ] ",
    "\t\r\n{}",
    "{\"a\":{\"b\":[1,\"x\",null]}}",
    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"",
    "\"\\ud83d\\ude00\"",
    "\"\xf0\x9f\x98\x80\"",
    "\"\x7f\"",
    "\xef\xbb\xbf{}",
    "{\"a\":1,\"a\":2}",
};

static const struct {
    const char *text;
    size_t line;
    size_t column;
    const char *reason;
} invalid[] = {
    {"", 1, 1, "unexpected end"},
    {"  ", 1, 3, "unexpected end"},
    {"{", 1, 2, "string expected"},
    {"[", 1, 2, "unexpected end"},
    {"[1,]", 1, 4, "unexpected character"},
    {"{\"a\":1,}", 1, 8, "string expected"},
    {"{\"a\" 1}", 1, 6, "':' expected"},
    {"{a:1}", 1, 2, "string expected"},
    {"[1 2]", 1, 4, "',' or ']' expected"},
    {"{\"a\":1 \"b\":2}", 1, 8, "',' or '}' expected"},
    {"{}x", 1, 3, "unexpected text after the value"},
    {"[\n1,\n x]", 3, 2, "unexpected character"},
    {"nul", 1, 1, "unexpected character"},
    {"True", 1, 1, "unexpected character"},
    {"NaN", 1, 1, "unexpected character"},
    {"01", 1, 2, "unexpected text after the value"},
    {"+1", 1, 1, "unexpected character"},
    {"-", 1, 2, "digit expected"},
    {".5", 1, 1, "unexpected character"},
    {"1.", 1, 3, "digit expected"},
    {"1e", 1, 3, "digit expected"},
    {"\"abc", 1, 5, "unterminated string"},
    {"\"\\", 1, 3, "unterminated string"},
    {"\"\\x\"", 1, 3, "unknown escape"},
    {"\"\\u12g4\"", 1, 6, "invalid \\u escape"},
    {"\"\\u0000\"", 1, 8, "NUL is not allowed"},
    {"\"\\ud800\"", 1, 8, "unpaired surrogate"},
    {"\"\\udc00\"", 1, 8, "unpaired surrogate"},
    {"\"\\ud800\\u0041\"", 1, 14, "unpaired surrogate"},
    {"\"a\nb\"", 1, 3, "control character in a string"},
    {"\"\xc3\"", 1, 3, "invalid UTF-8"},
    {"'a'", 1, 1, "unexpected character"},
    {"/* */1", 1, 1, "unexpected character"},
};

START_TEST(accepts_valid_texts) {
    CLEANUP(cleanup_json) cJSON *tree = NULL;
    struct json_error error;
    ck_assert_int_eq(json_parse(valid[_i], strlen(valid[_i]), &tree, &error), 0);
    ck_assert_ptr_nonnull(tree);
}
END_TEST

START_TEST(tells_where_a_text_is_invalid) {
    CLEANUP(cleanup_json) cJSON *tree = NULL;
    struct json_error error = {0};
    ck_assert_int_eq(json_parse(invalid[_i].text, strlen(invalid[_i].text), &tree, &error), 1);
    ck_assert_ptr_null(tree);
    ck_assert_str_eq(error.reason, invalid[_i].reason);
    ck_assert_uint_eq(error.line, invalid[_i].line);
    ck_assert_uint_eq(error.column, invalid[_i].column);
}
END_TEST

static void expect_alike(const cJSON *tree, const cJSON *wanted) {
    ck_assert_int_eq(tree->type, wanted->type);
    ck_assert_int_eq(tree->valueint, wanted->valueint);
    ck_assert_pstr_eq(tree->string, wanted->string);
    ck_assert_pstr_eq(tree->valuestring, wanted->valuestring);
    ck_assert(!tree->next == !wanted->next && !tree->child == !wanted->child);
    if (tree->child) {
        ck_assert_ptr_null(tree->child->prev->next);
        expect_alike(tree->child, wanted->child);
    }
    if (tree->next) {
        ck_assert_ptr_eq(tree->next->prev, tree);
        expect_alike(tree->next, wanted->next);
    }
}

/* Short texts become trees in another way than long ones, and texts with numbers or escapes. */
START_TEST(makes_the_trees_of_cjson) {
    static const char *const texts[] = {
        "\"\"",
        "true",
        "false",
        "null",
        "[]",
        "{}",
        " [ [ ] , { } , \"\xc3\xa4\" ] ",
        "{\"a\":{\"b\":[true,false,null,\"c\"],\"\":\"d\"},\"a\":\"e\"}",
        "{\"a\":[\"b\",{\"c\":\"d\"}],\"e\":\"\\n\",\"f\":[]}",
        "{\"a\":[\"b\",{\"c\":\"d\"}],\"\\u0065\":\"f\",\"g\":[]}",
        "{\"a\":[\"b\",{\"c\":1}],\"e\":\"f\",\"g\":[[]]}",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct json_error error;
        cJSON *tree;
        ck_assert_int_eq(json_parse(texts[i], strlen(texts[i]), &tree, &error), 0);
        cJSON *wanted = cJSON_Parse(texts[i]);
        expect_alike(tree, wanted);
        cJSON_Delete(wanted);
        cJSON_Delete(tree);
    }
}
END_TEST

START_TEST(bounds_the_depth) {
    char text[2 * JSON_MAX_DEPTH + 2];
    CLEANUP(cleanup_json) cJSON *tree = NULL;
    struct json_error error;
    memset(text, '[', JSON_MAX_DEPTH);
    memset(text + JSON_MAX_DEPTH, ']', JSON_MAX_DEPTH);
    ck_assert_int_eq(json_parse(text, 2 * JSON_MAX_DEPTH, &tree, &error), 0);
    memset(text, '[', JSON_MAX_DEPTH + 1);
    memset(text + JSON_MAX_DEPTH + 1, ']', JSON_MAX_DEPTH + 1);
    cJSON_Delete(tree);
    tree = NULL;
    ck_assert_int_eq(json_parse(text, 2 * JSON_MAX_DEPTH + 2, &tree, &error), 1);
    ck_assert_str_eq(error.reason, "nested too deeply");
}
END_TEST

START_TEST(a_nul_byte_is_not_white_space) {
    CLEANUP(cleanup_json) cJSON *tree = NULL;
    struct json_error error;
    ck_assert_int_eq(json_parse("{}\0", 3, &tree, &error), 1);
    ck_assert_int_eq(json_parse("\"a\0b\"", 5, &tree, &error), 1);
}
END_TEST

#define HUNDRED                                                                                    \
    "12345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012" \
    "34567890"

static const char *const printed[] = {
    "[9007199254740993,299.0,-0,-0.0,0.10,1E5,1e+5,1e400,-1e-400,123456789012345678]",
    "[1,-1,0,-5,999999999999999,1000000000000000]",
    "{\"a\":{\"b\":[2.50,\"1.0\",{\"c\":1.10}]},\"d\":[],\"e\":{},\"f\":null,\"g\":[true,false]}",
    "[" HUNDRED "," HUNDRED ".0e"
    "12," HUNDRED "]",
    "{\"1.50\":1.50,\"\\\"2.50\":\"\\\\\",\"-\":3.50}",
    "\"\\b\\f\\n\\r\\t\\\"\\\\\\u0001\x7f\xc3\xa9/\"",
};

START_TEST(writes_numbers_as_they_came) {
    CLEANUP(cleanup_json) cJSON *tree = NULL;
    struct json_error error;
    const char *text = printed[_i];
    ck_assert_int_eq(json_parse(text, strlen(text), &tree, &error), 0);
    CLEANUP(cleanup_free) char *first = json_print(tree);
    ck_assert_str_eq(first, text);
    CLEANUP(cleanup_json) cJSON *copy = cJSON_Duplicate(tree, true);
    CLEANUP(cleanup_free) char *second = json_print(copy);
    ck_assert_str_eq(second, text);
    CLEANUP(cleanup_json) cJSON *own = json_parse_own(text);
    CLEANUP(cleanup_free) char *third = json_print(own);
    ck_assert_str_eq(third, text);
}
END_TEST

START_TEST(writes_lines_for_people) {
    CLEANUP(cleanup_json)
    cJSON *tree = json_parse_own("{\"a\":[1.0,{}],\"b\":{\"c\":[]},\"d\":null}");
    CLEANUP(cleanup_free) char *text = json_print_lines(tree);
    ck_assert_str_eq(text,
                     "{\n  \"a\": [\n    1.0,\n    {}\n  ],\n  \"b\": {\n    \"c\": []\n  },\n"
                     "  \"d\": null\n}");
}
END_TEST

START_TEST(writes_numbers_of_its_own) {
    static const struct {
        double number;
        const char *text;
    } numbers[] = {
        {1, "1"}, {-2.5, "-2.5"}, {0.1, "0.1"}, {1e21, "1e+21"}, {1.0 / 3, "0.33333333333333331"}};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        CLEANUP(cleanup_json) cJSON *number = cJSON_CreateNumber(numbers[i].number);
        CLEANUP(cleanup_free) char *text = json_print(number);
        ck_assert_str_eq(text, numbers[i].text);
    }
}
END_TEST

static const struct {
    const char *a;
    const char *b;
    int order; /* 2: one is no number */
} compared[] = {
    {"123.0", "123", 0},
    {"1e2", "100", 0},
    {"0.1e1", "1.000", 0},
    {"-0.0", "0", 0},
    {"0e99", "-0", 0},
    {"00012", "12", 0},
    {"+5", "5.", 0},
    {".5", "0.5", 0},
    {"9007199254740992", "9007199254740993", -1},
    {"-9007199254740992", "-9007199254740993", 1},
    {"0.1", "0.10000000000000000000000000001", -1},
    {"99.9", "100", -1},
    {"-1", "1", -1},
    {"-1", "0", -1},
    {"2", "10", -1},
    {"1.25", "1.3", -1},
    {"1e400", "1e399", 1},
    {"1e-400", "0", 1},
    {"-1e400", "1", -1},
    {"1e99999999999999999999", "1e88888888888888888888", 0}, /* both beyond what is told apart */
    {"1e99999999999999999999", "1e5", 1},
    {HUNDRED, HUNDRED ".0", 0},
    {HUNDRED, HUNDRED "1", -1},
    {HUNDRED, HUNDRED ".000000000000000000000000000000000000001", -1},
    {"", "1", 2},
    {"-", "1", 2},
    {".", "1", 2},
    {"1e", "1", 2},
    {"1e+", "1", 2},
    {"1.2.3", "1", 2},
    {"1 ", "1", 2},
    {"0x1", "1", 2},
    {"nan", "1", 2},
    {"--1", "1", 2},
};

START_TEST(compares_numbers_by_value) {
    const char *a = compared[_i].a;
    const char *b = compared[_i].b;
    int order = compared[_i].order;
    ck_assert_int_eq(json_decimal_compare(a, strlen(a), b, strlen(b)), order);
    ck_assert_int_eq(json_decimal_compare(b, strlen(b), a, strlen(a)), order == 2 ? 2 : -order);
}
END_TEST

START_TEST(knows_integers) {
    static const char *const integers[] = {
        "0", "-0.0", "1.0", "1e3", "1.5e1", "150e-1", "9007199254740993.0", HUNDRED};
    static const char *const others[] = {"0.5",       "1.5", "15e-1", "1e-1", "9007199254740993.5",
                                         HUNDRED ".1"};
    for (size_t i = 0; i < sizeof(integers) / sizeof(integers[0]); i++) {
        CLEANUP(cleanup_json) cJSON *number = json_parse_own(integers[i]);
        ck_assert_msg(json_number_is_integer(number), "%s", integers[i]);
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        CLEANUP(cleanup_json) cJSON *number = json_parse_own(others[i]);
        ck_assert_msg(!json_number_is_integer(number), "%s", others[i]);
    }
}
END_TEST

static cJSON *parse_nested(int depth, bool is_dump) {
    char text[2 * 200 + 1] = "";
    struct json_error error;
    cJSON *tree = NULL;
    for (int i = 0; i < depth; i++) {
        text[i] = '[';
        text[2 * depth - 1 - i] = ']';
    }
    (is_dump ? json_parse_dump : json_parse)(text, (size_t)depth * 2, &tree, &error);
    return tree;
}

START_TEST(reads_more_levels_than_it_stores) {
    static const int depths[] = {1, 99, 100, 101, 119, 120, 121};
    for (size_t i = 0; i < sizeof(depths) / sizeof(depths[0]); i++) {
        cJSON *tree = parse_nested(depths[i], false);
        cJSON *dump = parse_nested(depths[i], true);
        ck_assert_int_eq(tree != NULL, depths[i] <= 100);
        ck_assert_int_eq(dump != NULL, depths[i] <= 120);
        ck_assert(!dump || (json_find_flaw(dump) != NULL) == (depths[i] > 100));
        cJSON_Delete(tree);
        cJSON_Delete(dump);
    }
}
END_TEST

/* What a text becomes is never more than what was estimated. */
START_TEST(estimates_the_memory_of_a_tree) {
    static const char *const texts[] = {
        "1",
        "[]",
        "{}",
        "[[[]],[],1,\"x\"]",
        "{\"a\":{\"b\":[1,2,3,null,true]},\"c\":\"text\"}",
        "[\"\",\"\",\"\"]",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        cJSON *tree;
        struct json_error error;
        ck_assert_int_eq(json_parse(texts[i], strlen(texts[i]), &tree, &error), 0);
        ck_assert_uint_ge(json_estimate_memory(texts[i], strlen(texts[i])), json_memory(tree));
        cJSON_Delete(tree);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("json");
    TCase *tcase = suite_add(suite, "json");
    suite_add_rows(tcase, accepts_valid_texts, valid);
    suite_add_rows(tcase, tells_where_a_text_is_invalid, invalid);
    tcase_add_test(tcase, makes_the_trees_of_cjson);
    tcase_add_test(tcase, bounds_the_depth);
    tcase_add_test(tcase, a_nul_byte_is_not_white_space);
    suite_add_rows(tcase, writes_numbers_as_they_came, printed);
    tcase_add_test(tcase, writes_lines_for_people);
    tcase_add_test(tcase, writes_numbers_of_its_own);
    suite_add_rows(tcase, compares_numbers_by_value, compared);
    tcase_add_test(tcase, knows_integers);
    tcase_add_test(tcase, reads_more_levels_than_it_stores);
    tcase_add_test(tcase, estimates_the_memory_of_a_tree);
    return suite_run(suite);
}
