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

int main(void) {
    Suite *suite = suite_create("json");
    TCase *tcase = suite_add(suite, "json");
    suite_add_rows(tcase, accepts_valid_texts, valid);
    suite_add_rows(tcase, tells_where_a_text_is_invalid, invalid);
    tcase_add_test(tcase, bounds_the_depth);
    tcase_add_test(tcase, a_nul_byte_is_not_white_space);
    return suite_run(suite);
}
