#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "suite.h"
#include "util/arena.h"
#include "util/base64.h"
#include "util/buffer.h"
#include "util/edit_distance.h"
#include "util/fatal.h"
#include "util/friendly_id.h"
#include "util/nearest.h"
#include "util/regex.h"
#include "util/text.h"
#include "util/url_template.h"

START_TEST(arena_gives_zeroed_aligned_memory) {
    struct arena arena;
    arena_init(&arena);
    for (size_t size = 0; size < 3000; size += 7) {
        unsigned char *bytes = arena_alloc(&arena, size);
        ck_assert_ptr_nonnull(bytes);
        ck_assert_uint_eq((uintptr_t)bytes % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            ck_assert_uint_eq(bytes[i], 0);
        memset(bytes, 0xff, size);
    }
    ck_assert_ptr_nonnull(arena_alloc(&arena, 1 << 20));
    volatile size_t too_much = SIZE_MAX; /* hidden from the compiler, which would warn */
    ck_assert_ptr_null(arena_alloc(&arena, too_much));
    ck_assert_ptr_null(arena_alloc(&arena, too_much - 8));
    ck_assert_str_eq(arena_copy(&arena, "abc", 2), "ab");
    ck_assert_str_eq(arena_format(&arena, "%s-%d", "x", 7), "x-7");
    arena_deinit(&arena);
}
END_TEST

static int fail_here(int error) {
    return FATAL(error);
}

START_TEST(fatal_results_know_where_they_come_from) {
    char origin[FATAL_ORIGIN_SIZE];
    int line = __LINE__ + 1;
    int results[] = {FATAL(ENOMEM), FATAL(EIO), fail_here(EIO), fail_here(255)};
    for (int i = 0; i < 4; i++) {
        ck_assert_int_lt(results[i], 0);
        ck_assert_ptr_nonnull(fatal_origin(results[i]));
        ck_assert_str_eq(fatal_origin(results[i])->file, __FILE__);
    }
    ck_assert_int_eq(fatal_errno(results[0]), ENOMEM);
    ck_assert_int_eq(fatal_errno(results[1]), EIO);
    ck_assert_int_eq(fatal_errno(results[3]), 255);
    ck_assert_int_eq(fatal_origin(results[0])->line, line);
    ck_assert_ptr_ne(fatal_origin(results[0]), fatal_origin(results[1]));
    ck_assert_ptr_eq(fatal_origin(results[2]), fatal_origin(results[3]));
    static char text[2 * ARENA_INLINE_SIZE + 1];
    struct arena arena;
    char *bytes;
    size_t size;
    memset(text, 'A', sizeof(text) - 1);
    arena_init(&arena);
    arena_limit(&arena, 0);
    fatal_format_origin(base64_decode(text, &arena, &bytes, &size), origin);
    arena_deinit(&arena);
    ck_assert_msg(strncmp(origin, "src/util/base64.c:", 18) == 0, "%s", origin);
}
END_TEST

START_TEST(other_results_have_no_origin) {
    char origin[FATAL_ORIGIN_SIZE] = "x";
    ck_assert_int_eq(fatal_errno(-EIO), EIO);
    ck_assert_ptr_null(fatal_origin(-EIO));
    for (int r = 0; r < 1000; r += 333) {
        ck_assert_int_eq(fatal_errno(r), 0);
        ck_assert_ptr_null(fatal_origin(r));
    }
    fatal_format_origin(-EIO, origin);
    ck_assert_str_eq(origin, "");
}
END_TEST

START_TEST(buffer_is_cut) {
    struct buffer buffer = {0};
    buffer_cut(&buffer, 0);
    ck_assert_ptr_null(buffer.bytes);
    ck_assert_int_eq(buffer_append(&buffer, "abc", 3, 5), 0);
    buffer_cut(&buffer, 3);
    ck_assert_str_eq(buffer.bytes, "abc");
    buffer_cut(&buffer, 2);
    ck_assert_str_eq(buffer.bytes, "ab");
    ck_assert_int_eq(buffer_append(&buffer, "cd", 2, 5), 0);
    ck_assert_str_eq(buffer.bytes, "abcd");
    buffer_cut(&buffer, 0);
    ck_assert_ptr_null(buffer.bytes);
    ck_assert_uint_eq(buffer.size, 0);
}
END_TEST

START_TEST(buffer_keeps_its_limit) {
    struct buffer buffer = {0};
    ck_assert_int_eq(buffer_append(&buffer, "abc", 3, 5), 0);
    ck_assert_int_gt(buffer_append(&buffer, "def", 3, 5), 0);
    ck_assert_uint_eq(buffer.size, 3);
    ck_assert_int_eq(buffer_append(&buffer, "de", 2, 5), 0);
    ck_assert_str_eq(buffer.bytes, "abcde");
    ck_assert_int_gt(buffer_append(&buffer, "x", SIZE_MAX, 5), 0);
    buffer_deinit(&buffer);
    ck_assert_ptr_null(buffer.bytes);
}
END_TEST

static const struct {
    const char *text;
    size_t length;
    bool valid;
} utf8[] = {
    {"", 0, true},
    {"abc", 3, true},
    {"\x7f", 1, true},
    {"\xc2\x80", 2, true},
    {"\xe0\xa0\x80", 3, true},
    {"\xed\x9f\xbf", 3, true},
    {"\xef\xbf\xbf", 3, true},
    {"\xf0\x90\x80\x80", 4, true},
    {"\xf4\x8f\xbf\xbf", 4, true},
    {"\x80", 1, false},
    {"\xc0\x80", 2, false},
    {"\xc1\xbf", 2, false},
    {"\xc2", 1, false},
    {"\xc2\x41", 2, false},
    {"\xe0\x9f\xbf", 3, false},
    {"\xe2\x82", 2, false},
    {"\xed\xa0\x80", 3, false},
    {"\xf0\x8f\xbf\xbf", 4, false},
    {"\xf4\x90\x80\x80", 4, false},
    {"\xf5\x80\x80\x80", 4, false},
    {"\xff", 1, false},
};

START_TEST(utf8_is_strict) {
    ck_assert_int_eq(text_is_utf8(utf8[_i].text, utf8[_i].length), utf8[_i].valid);
}
END_TEST

static const struct {
    const char *encoded;
    const char *decoded; /* NULL: refused */
} percents[] = {
    {"", ""},       {"abc", "abc"},       {"a%2Fb", "a/b"}, {"%c3%A9", "\xc3\xa9"},
    {"a+b", "a+b"}, {"%25%32%35", "%25"}, {"%", NULL},      {"%4", NULL},
    {"%4g", NULL},  {"%g4", NULL},        {"%00", NULL},    {"%ff", NULL},
    {"%c3", NULL},  {"%-1", NULL},        {"% 1", NULL},
};

static const struct {
    const char *text;
    size_t length;
    const char *repaired;
} repairs[] = {
    {"", 0, ""},
    {"ab\xc3\xa9", 4, "ab\xc3\xa9"},
    {"a\0b", 3,
     "a\xef\xbf\xbd"
     "b"},
    {"\xc3", 1, "\xef\xbf\xbd"},
    {"\xf0\x9f\x98\x80\xff\xf0\x9f", 7, "\xf0\x9f\x98\x80\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
};

START_TEST(invalid_utf8_is_replaced) {
    char out[64];
    text_repair(repairs[_i].text, repairs[_i].length, out);
    ck_assert_str_eq(out, repairs[_i].repaired);
}
END_TEST

START_TEST(percent_decoding_is_strict) {
    char out[32];
    int r = text_percent_decode(percents[_i].encoded, strlen(percents[_i].encoded), out);
    ck_assert_int_eq(r == 0, percents[_i].decoded != NULL);
    if (r == 0)
        ck_assert_str_eq(out, percents[_i].decoded);
}
END_TEST

static const struct {
    const char *text;
    bool blank;
} blanks[] = {
    {"", true},
    {" \t\r\n\v\f", true},
    {"\xc2\xa0\xe3\x80\x80", true},
    {"\xef\xbb\xbf", true},
    {"\xe2\x80\xa8 \xe2\x80\x83", true},
    {" x ", false},
    {"\x01", false},
    {"\xc2\x85", false},
    {"\xe2\x80\x8b", false},
    {"\xc3\xa9", false},
};

START_TEST(blank_is_white_space) {
    ck_assert_int_eq(text_is_blank(blanks[_i].text), blanks[_i].blank);
}
END_TEST

START_TEST(friendly_ids_are_base62_numbers) {
    static const unsigned char zero[16] = {0};
    static const unsigned char sixty_two[16] = {[15] = 62};
    unsigned char highest[16];
    char id[FRIENDLY_ID_SIZE];
    friendly_id_format(zero, id);
    ck_assert_str_eq(id, "0");
    friendly_id_format(sixty_two, id);
    ck_assert_str_eq(id, "10");
    memset(highest, 0xff, sizeof(highest));
    friendly_id_format(highest, id);
    ck_assert_str_eq(id, "7n42DGM5Tflk9n8mt7Fhc7");
}
END_TEST

START_TEST(friendly_ids_differ) {
    char first[FRIENDLY_ID_SIZE];
    char second[FRIENDLY_ID_SIZE];
    friendly_id_make(first);
    friendly_id_make(second);
    ck_assert_str_ne(first, second);
    ck_assert_uint_ge(strlen(first), 18);
    ck_assert_uint_eq(
        strspn(first, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
        strlen(first));
}
END_TEST

START_TEST(a_plus_in_a_form_is_a_space) {
    char out[32];
    ck_assert_int_eq(text_form_decode("a+b%2Bc", 7, out), 0);
    ck_assert_str_eq(out, "a b+c");
    ck_assert_int_gt(text_form_decode("%+1", 3, out), 0);
}
END_TEST

START_TEST(base64_has_padding) {
    struct arena arena;
    char *bytes = NULL;
    size_t size = 0;
    arena_init(&arena);
    ck_assert_int_eq(base64_decode("AGH/", &arena, &bytes, &size), 0);
    ck_assert_uint_eq(size, 3);
    ck_assert_int_eq(memcmp(bytes, "\0a\xff", 4), 0);
    ck_assert_str_eq(base64_encode(bytes, size, &arena), "AGH/");
    ck_assert_str_eq(base64_encode("root@root.com:Root!1234", 23, &arena),
                     "cm9vdEByb290LmNvbTpSb290ITEyMzQ=");
    ck_assert_str_eq(base64_encode("", 0, &arena), "");
    ck_assert_int_eq(base64_decode("", &arena, &bytes, &size), 0);
    ck_assert_uint_eq(size, 0);
    ck_assert_int_gt(base64_decode("AGH", &arena, &bytes, &size), 0);
    ck_assert_int_gt(base64_decode("AG H", &arena, &bytes, &size), 0);
    arena_deinit(&arena);
}
END_TEST

static const struct {
    const char *a;
    const char *b;
    int changes; /* the length of the longer text */
    int bytes;
} distances[] = {
    {"", "", 0, 1},         {"abc", "abc", 0, 1},    {"", "abc", 1, 1},
    {"abc", "", 1, 1},      {"abc", "abd", 1, 3},    {"kitten", "sitting", 3, 7},
    {"abcd", "bcda", 2, 4}, {"/a/1", "/a/12", 1, 5},
};

START_TEST(edit_distance_is_a_share) {
    const char *a = distances[_i].a;
    const char *b = distances[_i].b;
    ck_assert_double_eq_tol(edit_distance(a, strlen(a), b, strlen(b)),
                            (double)distances[_i].changes / distances[_i].bytes, 1e-9);
}
END_TEST

static const struct {
    const char *text;
    const char *name; /* among those in the test */
} slips[] = {
    {"prot", "port"},
    {"Port", "port"},
    {"prt", "port"},
    {"port", "port"},
    {"ports", "port"},
    {"max_body", "max-body"},
    {"maxBody", "max-body"},
    {"max-sandbox", "max-sandboxes"},
    {"missing", "missing-groups"},
    {"max", "max-body"},
    {"bd", NULL},
    {"db", "db"},
    {"dd", "db"},
    {"", NULL},
    {"x", NULL},
    {"mi", NULL},
    {"brew", NULL},
    {"body", NULL},
    {"xmissing-group", "missing-groups"},
};

START_TEST(nearest_suggests_the_intended_name) {
    static const char *const names[] = {"port", "db", "max-body", "max-sandboxes",
                                        "missing-groups"};
    struct nearest nearest = {.text = slips[_i].text};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        nearest_offer(&nearest, names[i]);
    if (slips[_i].name)
        ck_assert_str_eq(nearest.name, slips[_i].name);
    else
        ck_assert_ptr_null(nearest.name);
}
END_TEST

START_TEST(nearest_handles_long_texts) {
    char text[1000];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    struct nearest nearest = {.text = text};
    nearest_offer(&nearest, "port");
    nearest_offer(&nearest, text);
    ck_assert_ptr_null(nearest.name);
}
END_TEST

START_TEST(edit_distance_uses_the_start) {
    char a[1000];
    char b[1000];
    memset(a, 'x', sizeof(a));
    memset(b, 'x', sizeof(b));
    ck_assert_double_eq(edit_distance(a, sizeof(a), b, sizeof(b)), 0);
    b[999] = 'y';
    double distance = edit_distance(a, sizeof(a), b, sizeof(b));
    ck_assert(distance > 0 && distance < 0.01);
}
END_TEST

enum { JAVA = REGEX_JAVA | REGEX_WHOLE | REGEX_DOTALL };

static const struct {
    const char *pattern;
    unsigned mode;
    const char *text;
    int result; /* -1: the pattern is invalid */
} regexes[] = {
    {"b", REGEX_SEARCH, "abc", 0},
    {"b", REGEX_WHOLE, "abc", 1},
    {"a|abc", REGEX_WHOLE, "abc", 0},
    {"ABC", REGEX_WHOLE, "abc", 1},
    {"ABC", REGEX_WHOLE | REGEX_CASELESS, "abc", 0},
    {".*", REGEX_WHOLE, "", 0},
    {".", REGEX_WHOLE, "\xc3\xa9", 0},
    {".*", REGEX_WHOLE, "\xff", 1},
    {"a$", REGEX_WHOLE, "a\n", 1},
    {"(", REGEX_WHOLE, "", -1},
    {"\\C", REGEX_WHOLE, "", -1},
    {"*", REGEX_SEARCH, "", -1},
    {".", REGEX_WHOLE, "\n", 1},
    {".", REGEX_WHOLE | REGEX_DOTALL, "\n", 0},
    {"[a-z&&[^x]]", JAVA, "a", 0},
    {"[a-z&&[^x]]", JAVA, "x", 1},
    {"[a-z&&[^x]]", JAVA, "[]", 1},
    {"[a-z&&[def]]+", JAVA, "fed", 0},
    {"[a-z&&[^m-p]&&[^x]]+", JAVA, "az", 0},
    {"[a-z&&[^m-p]&&[^x]]+", JAVA, "n", 1},
    {"[a-d&&b-z]+", JAVA, "bcd", 0},
    {"[a-d&&b-z]", JAVA, "a", 1},
    {"[^a&&b]", JAVA, "a", 0},
    {"[^a-c&&b-d]", JAVA, "b", 1},
    {"[&&a]", JAVA, "&", 1},
    {"[a&&]", JAVA, "a", 0},
    {"[a&b]+", JAVA, "a&b", 0},
    {"[a-c[x-z]0]+", JAVA, "cx0", 0},
    {"[a-c[x-z]0]", JAVA, "d", 1},
    {"[^a-c[x-z]]", JAVA, "x", 1},
    {"[^a-c[x-z]]", JAVA, "\n", 0},
    {"(?i)[a-z&&[^x]]", JAVA, "X", 1},
    {"[]a]+", JAVA, "a]", 0},
    {"[a\\]\\[]+", JAVA, "[a]", 0},
    {"[\\w-.]+", JAVA, "a-.", 0},
    {"[\\w-]+", JAVA, "a-", 0},
    {"[\\Qa.]\\E]+", JAVA, "a.]", 0},
    {"\\Qa.b\\E", JAVA, "a.b", 0},
    {"\\Qa.b", JAVA, "axb", 1},
    {"[[:alpha:]]", JAVA, "", -1},
    {"[a", JAVA, "", -1},
    {"[a[b]", JAVA, "", -1},
    {"[[]", JAVA, "", -1},
    {"\\p{Alpha}", JAVA, "\xc3\xa9", 1},
    {"\\P{Alpha}", JAVA, "\xc3\xa9", 0},
    {"[\\p{Upper}\\d]+", JAVA, "A1", 0},
    {"[^\\P{Lower}]", JAVA, "a", 0},
    {"\\p{XDigit}\\p{Punct}\\p{Space}", JAVA, "f~\v", 0},
    {"\\p{IsL}\\pL\\p{IsAlphabetic}", JAVA, "\xc3\xa9\xc3\xa9\xc3\xa9", 0},
    {"\\p{general_category=Lu}", JAVA, "A", 0},
    {"\\p{InGreek}", JAVA, "", -1},
    {"\\p{Alpha", JAVA, "", -1},
    {"\\u00e9\\x{e9}\\xe9", JAVA, "\xc3\xa9\xc3\xa9\xc3\xa9", 0},
    {"[\\u0061-\\u0063]", JAVA, "b", 0},
    {"\\uD83D\\uDE00", JAVA, "\xf0\x9f\x98\x80", 0},
    {"\\uD83D", JAVA, "", -1},
    {"\\u00e", JAVA, "", -1},
    {"\\0101\\07", JAVA, "A\a", 0},
    {"\\0477", JAVA, "'7", 0},
    {"\\08", JAVA, "", -1},
    {"(a)\\11", JAVA, "aa1", 0},
    {"(?<n>a)(?:b)\\1\\k<n>", JAVA, "abaa", 0},
    {"(a)\\2", JAVA, "", -1},
    {"(?i)A", JAVA, "a", 0},
    {"(?iu)\xc3\x89", JAVA, "\xc3\xa9", 0},
    {"(?u)(?d:a)", JAVA, "a", 0},
    {"(?U)\\w", JAVA, "\xc3\xa9", 0},
    {"\\w", JAVA, "\xc3\xa9", 1},
    {"a(?U)\\w", JAVA, "", -1},
    {"(?x)a b # [", JAVA, "ab", 0},
    {"(?x)[a b]", JAVA, " ", 1},
    {"a{1}b{0,}c{1,2}", JAVA, "acc", 0},
    {"a{", JAVA, "", -1},
    {"a{,2}", JAVA, "", -1},
    {"(*UCP)a", JAVA, "", -1},
    {"a++b?+(?>c)(?=d)d(?<=d)(?<!x)", JAVA, "aabcd", 0},
    {"\\", JAVA, "", -1},
    {"", JAVA, "", 0},
};

START_TEST(regex_is_compiled_once) {
    struct arena arena;
    struct budget budget = {.left = 1000};
    const struct regex *regex = NULL;
    char error[REGEX_ERROR_SIZE] = "";
    arena_init(&arena);
    int r = regex_compile(regexes[_i].pattern, regexes[_i].mode, &arena, &regex, error);
    ck_assert_int_eq(r > 0, regexes[_i].result < 0);
    ck_assert_int_eq(error[0] != '\0', regexes[_i].result < 0);
    for (int i = 0; r == 0 && i < 2; i++)
        ck_assert_int_eq(regex_match(regex, regexes[_i].text, strlen(regexes[_i].text), &budget),
                         regexes[_i].result);
    ck_assert(!budget.exhausted);
    arena_deinit(&arena);
}
END_TEST

START_TEST(regex_gives_up) {
    struct arena arena;
    struct budget budget = {.left = 1000};
    const struct regex *regex = NULL;
    char error[REGEX_ERROR_SIZE] = "";
    static char text[200000];
    arena_init(&arena);
    memset(text, 'a', sizeof(text));
    text[sizeof(text) - 1] = 'b';
    ck_assert_int_eq(regex_compile("(a+)+", REGEX_WHOLE, &arena, &regex, error), 0);
    ck_assert_int_gt(regex_match(regex, text + sizeof(text) - 50, 50, &budget), 0);
    ck_assert(budget.exhausted);
    ck_assert_int_gt(regex_match(regex, "a", 1, &budget), 0);
    budget = (struct budget){.left = 1000000};
    ck_assert_int_eq(regex_compile(".*b.*", REGEX_WHOLE, &arena, &regex, error), 0);
    ck_assert_int_eq(regex_match(regex, text, sizeof(text), &budget), 0);
    ck_assert_int_eq(regex_compile("(?:a|b)*", REGEX_WHOLE, &arena, &regex, error), 0);
    ck_assert_int_eq(regex_match(regex, text + sizeof(text) - 10000, 10000, &budget), 0);
    memset(text, 'a', sizeof(text));
    text[REGEX_MAX_SIZE + 1] = '\0';
    ck_assert_int_gt(regex_compile(text, REGEX_WHOLE, &arena, &regex, error), 0);
    arena_deinit(&arena);
}
END_TEST

static const struct {
    const char *text; /* the template */
    const char *path;
    const char *values; /* each followed by a semicolon; NULL: no match */
} templates[] = {
    {"/users/{id}", "/users/7", "7;"},
    {"/users/{id}", "/users/a%2Fb", "a%2Fb;"},
    {"/users/{id}", "/users/a%zz", "a%zz;"},
    {"/users/{id}", "/users/", NULL},
    {"/users/{id}", "/users/7/", NULL},
    {"/users/{id}", "/users", NULL},
    {"/users/{id}", "/users/7/groups", NULL},
    {"/users/{id}", "users/7", NULL},
    {"/{t}/users/{id}/groups", "/main/users/7/groups", "main;7;"},
    {"/v-{major}.x/f", "/v-12.x/f", "12;"},
    {"/v-{major}.x/f", "/v-.x/f", NULL},
    {"/v-{major}.x/f", "/v-1.y/f", NULL},
    {"/a/**", "/a/b/c", ""},
    {"/a/**", "/a", NULL},
    {"/a/**", "/a/", ""},
    {"/a/**", "/ab", NULL},
    {"/", "/", ""},
    {"/", "/a", NULL},
    {"/a", "/a", ""},
    {"/a", "/ab", NULL},
    {"/**", "/", ""},
};

START_TEST(templates_match_paths) {
    struct arena arena;
    const struct url_template *parsed = NULL;
    const char *values[URL_TEMPLATE_MAX_VARIABLES] = {NULL};
    char error[URL_TEMPLATE_ERROR_SIZE];
    char found[64] = "";
    arena_init(&arena);
    ck_assert_int_eq(url_template_parse(templates[_i].text, &arena, &parsed, error), 0);
    const char *path = templates[_i].path;
    int r = url_template_match(parsed, path, strlen(path), &arena, values);
    ck_assert_int_eq(r == 0, templates[_i].values != NULL);
    for (size_t i = 0; r == 0 && values[i]; i++)
        strcat(strcat(found, values[i]), ";");
    if (r == 0)
        ck_assert_str_eq(found, templates[_i].values);
    arena_deinit(&arena);
}
END_TEST

static const char *const bad_templates[] = {
    "", "a", "/{}", "/{a", "/a}", "/}{", "/{a}{b}", "/{a}/{a}", "/{{a}}",
};

START_TEST(invalid_templates_are_refused) {
    struct arena arena;
    const struct url_template *parsed = NULL;
    char error[URL_TEMPLATE_ERROR_SIZE] = "";
    arena_init(&arena);
    ck_assert_int_gt(url_template_parse(bad_templates[_i], &arena, &parsed, error), 0);
    ck_assert_str_ne(error, "");
    arena_deinit(&arena);
}
END_TEST

START_TEST(templates_find_their_variables) {
    struct arena arena;
    const struct url_template *parsed = NULL;
    char error[URL_TEMPLATE_ERROR_SIZE] = "";
    char text[1000] = "";
    arena_init(&arena);
    ck_assert_int_eq(url_template_parse("/a/{b}/c/{d}", &arena, &parsed, error), 0);
    ck_assert_int_eq(url_template_find(parsed, "b"), 0);
    ck_assert_int_eq(url_template_find(parsed, "d"), 1);
    ck_assert_int_lt(url_template_find(parsed, "c"), 0);
    for (int i = 0; i <= URL_TEMPLATE_MAX_VARIABLES; i++)
        sprintf(text + strlen(text), "/{v%d}", i);
    ck_assert_int_gt(url_template_parse(text, &arena, &parsed, error), 0);
    arena_deinit(&arena);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("util");
    TCase *tcase = suite_add(suite, "util");
    tcase_add_test(tcase, arena_gives_zeroed_aligned_memory);
    tcase_add_test(tcase, fatal_results_know_where_they_come_from);
    tcase_add_test(tcase, other_results_have_no_origin);
    tcase_add_test(tcase, buffer_keeps_its_limit);
    tcase_add_test(tcase, buffer_is_cut);
    suite_add_rows(tcase, utf8_is_strict, utf8);
    suite_add_rows(tcase, percent_decoding_is_strict, percents);
    suite_add_rows(tcase, invalid_utf8_is_replaced, repairs);
    suite_add_rows(tcase, blank_is_white_space, blanks);
    tcase_add_test(tcase, friendly_ids_are_base62_numbers);
    tcase_add_test(tcase, friendly_ids_differ);
    tcase_add_test(tcase, a_plus_in_a_form_is_a_space);
    tcase_add_test(tcase, base64_has_padding);
    suite_add_rows(tcase, edit_distance_is_a_share, distances);
    tcase_add_test(tcase, edit_distance_uses_the_start);
    suite_add_rows(tcase, nearest_suggests_the_intended_name, slips);
    tcase_add_test(tcase, nearest_handles_long_texts);
    suite_add_rows(tcase, regex_is_compiled_once, regexes);
    tcase_add_test(tcase, regex_gives_up);
    suite_add_rows(tcase, templates_match_paths, templates);
    suite_add_rows(tcase, invalid_templates_are_refused, bad_templates);
    tcase_add_test(tcase, templates_find_their_variables);
    return suite_run(suite);
}
