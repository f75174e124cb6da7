#include <errno.h>
#include <string.h>

#include "suite.h"
#include "util/arena.h"
#include "util/buffer.h"
#include "util/friendly_id.h"
#include "util/text.h"
#include "util/timestamp.h"

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

int main(void) {
    Suite *suite = suite_create("util");
    TCase *tcase = suite_add(suite, "util");
    tcase_add_test(tcase, arena_gives_zeroed_aligned_memory);
    tcase_add_test(tcase, buffer_keeps_its_limit);
    suite_add_rows(tcase, utf8_is_strict, utf8);
    suite_add_rows(tcase, percent_decoding_is_strict, percents);
    suite_add_rows(tcase, blank_is_white_space, blanks);
    suite_add_rows(tcase, instants_are_rfc_3339, instants);
    tcase_add_test(tcase, instants_are_written_in_utc);
    tcase_add_test(tcase, friendly_ids_are_base62_numbers);
    tcase_add_test(tcase, friendly_ids_differ);
    return suite_run(suite);
}
