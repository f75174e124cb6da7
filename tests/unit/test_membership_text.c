#include <errno.h>
#include <string.h>

#include "store/membership_text.h"
#include "suite.h"
#include "util/fatal.h"

static struct arena arena;

static void setup(void) {
    arena_init(&arena);
}

static void teardown(void) {
    arena_deinit(&arena);
}

/* A list by ascending group, and its text. */
static struct {
    struct membership items[4];
    size_t count;
    const char *text;
} lists[] = {
    {{{.group_pk = 7}}, 1, "[7]"},
    {{{.group_pk = 7, .position = 1}}, 1, "[[7,1,0,0]]"},
    {{{.group_pk = 7, .position = 2}, {.group_pk = 12, .position = 1}, {.group_pk = 13}},
     3,
     "[13,12,7]"},
    {{{.group_pk = 7, .position = 4}, {.group_pk = 12, .position = 4}, {.group_pk = 13}},
     3,
     "[13,[7,4,0,0],[12,4,0,0]]"},
    {{{.group_pk = 1, .kind = MEMBERSHIP_OWNER},
      {.group_pk = 2, .external = true, .position = 1},
      {.group_pk = 3, .kind = MEMBERSHIP_OWNER, .external = true, .position = 2},
      {.group_pk = 4, .position = 3}},
     4,
     "[[1,0,1,0],[2,1,0,1],[3,2,1,1],4]"},
    {{{.group_pk = INT64_MAX, .position = INT64_MAX}},
     1,
     "[[9223372036854775807,9223372036854775807,0,0]]"},
};

START_TEST(writes_and_reads_memberships) {
    struct membership_list list = {lists[_i].items, lists[_i].count};
    struct membership_list read;
    const char *text;
    size_t size;
    ck_assert_int_eq(membership_text_format(&list, &arena, &text, &size), 0);
    ck_assert_uint_eq(size, strlen(lists[_i].text));
    ck_assert_mem_eq(text, lists[_i].text, size);
    ck_assert_int_eq(membership_text_parse(text, size, &arena, &read), 0);
    ck_assert_uint_eq(read.count, list.count);
    for (size_t i = 0; i < list.count; i++) {
        ck_assert_int_eq(read.items[i].group_pk, list.items[i].group_pk);
        ck_assert_int_eq(read.items[i].position, list.items[i].position);
        ck_assert_int_eq((int)read.items[i].kind, (int)list.items[i].kind);
        ck_assert_int_eq(read.items[i].external, list.items[i].external);
    }
}
END_TEST

START_TEST(writes_no_memberships_as_null) {
    const char *text = "";
    size_t size = 1;
    ck_assert_int_eq(membership_text_format(&(struct membership_list){0}, &arena, &text, &size), 0);
    ck_assert_ptr_null(text);
    ck_assert_uint_eq(size, 0);
}
END_TEST

START_TEST(keeps_the_order_of_many) {
    enum { MANY = 1000 };
    struct membership items[MANY];
    struct membership_list read;
    const char *text;
    size_t size;
    for (int i = 0; i < MANY; i++)
        items[i] = (struct membership){.group_pk = i + 1, .position = (i * 7) % MANY};
    ck_assert_int_eq(
        membership_text_format(&(struct membership_list){items, MANY}, &arena, &text, &size), 0);
    ck_assert_ptr_null(memchr(text + 1, '[', size - 1)); /* all positions are places */
    ck_assert_int_eq(membership_text_parse(text, size, &arena, &read), 0);
    ck_assert_uint_eq(read.count, MANY);
    for (int i = 0; i < MANY; i++) {
        ck_assert_int_eq(read.items[i].group_pk, i + 1);
        ck_assert_int_eq(read.items[i].position, (i * 7) % MANY);
    }
}
END_TEST

static const char *const damaged[] = {
    "",
    "[",
    "]",
    "[]",
    "[1",
    "[1,",
    "[1,]",
    "[,1]",
    "1",
    "[1]x",
    "[1] ",
    " [1]",
    "[ 1]",
    "[-1]",
    "[1.5]",
    "[\"1\"]",
    "[1,1]",
    "[[1,0,0,0],1]",
    "[[1]]",
    "[[1,0,0]]",
    "[[1,0,2,0]]",
    "[[1,0,0,2]]",
    "[[1,0,0,0]",
    "[[1,0,0,0],]",
    "[[1,-1,0,0]]",
    "[[1,0,0,0,0]]",
    "[9223372036854775808]",
    "[99999999999999999999]",
    "[[[1,0,0,0]]]",
    "null",
    "{}",
};

START_TEST(refuses_damage) {
    struct membership_list read;
    int r = membership_text_parse(damaged[_i], strlen(damaged[_i]), &arena, &read);
    ck_assert_msg(fatal_errno(r) == EINVAL, "%s", damaged[_i]);
}
END_TEST

START_TEST(refuses_a_zero_byte) {
    struct membership_list read;
    ck_assert_int_eq(fatal_errno(membership_text_parse("[1\0]", 4, &arena, &read)), EINVAL);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("membership_text");
    TCase *tcase = suite_add(suite, "membership_text");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, writes_and_reads_memberships, 0, sizeof(lists) / sizeof(lists[0]));
    tcase_add_test(tcase, writes_no_memberships_as_null);
    tcase_add_test(tcase, keeps_the_order_of_many);
    tcase_add_loop_test(tcase, refuses_damage, 0, sizeof(damaged) / sizeof(damaged[0]));
    tcase_add_test(tcase, refuses_a_zero_byte);
    return suite_run(suite);
}
