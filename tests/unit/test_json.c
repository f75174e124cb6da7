#include <string.h>

#include "json/json.h"
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
    {"1234567890123456789012345678901234567890123456789012345678901234567890", 1, 71,
     "number is too long"},
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

static const struct {
    const char *text;
    const char *flaw; /* NULL: none */
} stored[] = {
    {"1.79769313486231e308", NULL},
    {"[-1.79769313486231e308,{}]", NULL},
    {"1.7976931348623157e308", "has a number that is too large"},
    {"{\"a\":[-1e999]}", "has a number that is too large"},
};

START_TEST(finds_what_cannot_be_stored) {
    cJSON *tree = cJSON_Parse(stored[_i].text);
    const char *flaw = json_find_flaw(tree);
    ck_assert_ptr_nonnull(tree);
    ck_assert_str_eq(flaw ? flaw : "", stored[_i].flaw ? stored[_i].flaw : "");
    cJSON_Delete(tree);
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
    tcase_add_test(tcase, bounds_the_depth);
    tcase_add_test(tcase, a_nul_byte_is_not_white_space);
    suite_add_rows(tcase, finds_what_cannot_be_stored, stored);
    tcase_add_test(tcase, reads_more_levels_than_it_stores);
    tcase_add_test(tcase, estimates_the_memory_of_a_tree);
    return suite_run(suite);
}
