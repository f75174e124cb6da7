/* Filters of listings: what they mean, and what is refused. */
#include <string.h>

#include "iam/listing.h"
#include "suite.h"

static const char *const flags[] = {"true", "false", NULL};
static const struct listing_column columns[] = {
    {.name = "name", .searched = true},
    {.name = "homeTown", .any_case = true},
    {.name = "superAdmin", .any_case = true, .values = flags},
};
enum { N_COLUMNS = 3, N_ROWS = 5 };
static const char *const rows[N_ROWS][N_COLUMNS] = {{"ada", "Paris", "true"},
                                                    {"Bob", NULL, "false"},
                                                    {"a.c", "rome", "false"},
                                                    {"", "PARIS", "true"},
                                                    {"ada b", "Oslo", "false"}};

#define F(path, value)                                                                             \
    { "filters" path, value }

static const struct {
    struct name_value pairs[5];
    const char *expected; /* the numbers of the rows */
} filters[] = {
    {{F("[name][EQUALS]", "ada")}, "0"},
    {{F("[name][EQUALS]", "ADA")}, ""},
    {{F("[name][EQUALS]", "")}, "3"},
    {{F("[NA_ME][EQUALS]", "ada")}, "0"},
    {{F("[homeTown][EQUALS]", "paris")}, "03"},
    {{F("[home_town][EQUALS]", "paris")}, "03"},
    {{F("[HOMETOWN][EQUALS]", "paris")}, "03"},
    {{F("[homeTown][NOT_EQUALS]", "paris")}, "124"},
    {{F("[name][GREATER_THAN]", "a.c")}, "04"},
    {{F("[name][GREATER_THAN_OR_EQUAL_TO]", "a.c")}, "024"},
    {{F("[name][LESS_THAN]", "a.c")}, "13"},
    {{F("[name][LESS_THAN_OR_EQUAL_TO]", "a.c")}, "123"},
    {{F("[homeTown][LESS_THAN]", "PARIT")}, "034"},
    {{F("[homeTown][GREATER_THAN_OR_EQUAL_TO]", "")}, "0234"},
    {{F("[name][IN]", "nobody,Bob,a.c")}, "12"},
    {{F("[name][IN]", "bob,")}, "3"},
    {{F("[homeTown][IN]", "ROME,oslo")}, "24"},
    {{F("[name][IN]", "ada"), F("[name][IN]", "Bob,x"), F("[name][IN]", "a.c")}, "012"},
    {{F("[name][IN]", "ada,Bob"), F("[homeTown][IN]", "paris")}, "0"},
    {{F("[name][STARTS_WITH]", "a"), F("[name][IN]", "ada"), F("[name][IN]", "Bob")}, "0"},
    {{F("[or][0][homeTown][EQUALS]", "rome"), F("[name][IN]", "ada,a.c")}, "2"},
    {{F("[name][NOT_IN]", "ada,Bob"), F("[name][NOT_IN]", "a.c")}, "34"},
    {{F("[homeTown][NOT_IN]", "paris,rome")}, "14"},
    {{F("[name][STARTS_WITH]", "A")}, "024"},
    {{F("[name][PREFIX]", "AD")}, "04"},
    {{F("[name][ENDS_WITH]", "B")}, "14"},
    {{F("[name][ENDS_WITH]", "longer than the name")}, ""},
    {{F("[homeTown][CONTAINS]", "O")}, "24"},
    {{F("[homeTown][CONTAINS]", "")}, "0234"},
    {{F("[homeTown][NOT_CONTAINS]", "O")}, "013"},
    {{F("[name][REGEX]", "^a.c?")}, "024"},
    {{F("[name][REGEX]", "^a\\.")}, "2"},
    {{F("[name][REGEX]", "B")}, "1"},
    {{F("[homeTown][REGEX]", "(?i)^paris$")}, "03"},
    {{F("[homeTown][IS_NULL]", "")}, "1"},
    {{F("[homeTown][IS_NULL]", "true")}, "1"},
    {{F("[homeTown][IS_NULL]", "False")}, "0234"},
    {{F("[homeTown][IS_NOT_NULL]", "")}, "0234"},
    {{F("[homeTown][IS_NOT_NULL]", "false")}, "1"},
    {{F("[super_admin][EQUALS]", "TRUE")}, "03"},
    {{F("[superAdmin][NOT_IN]", "true")}, "124"},
    {{F("[q][EQUALS]", "b ada")}, "4"},
    {{F("[QUERY][EQUALS]", "ADA")}, "04"},
    {{F("[query][NOT_EQUALS]", "ada")}, "123"},
    {{F("[q][EQUALS]", "*")}, "01234"},
    {{F("[q][EQUALS]", "ada"), F("[q][EQUALS]", "b")}, "4"},
    {{F("[name][STARTS_WITH]", "a"), F("[homeTown][EQUALS]", "rome")}, "2"},
    {{F("[name][EQUALS]", "ada"), F("[name][EQUALS]", "Bob")}, ""},
    {{F("[or][0][name][EQUALS]", "ada"), F("[or][1][name][EQUALS]", "Bob")}, "01"},
    {{F("[or][7][name][EQUALS]", "ada"), F("[or][3][homeTown][IS_NULL]", "")}, "01"},
    {{F("[or][0][name][STARTS_WITH]", "a"), F("[or][0][homeTown][EQUALS]", "rome"),
      F("[or][1][name][EQUALS]", "Bob")},
     "12"},
    {{F("[and][0][name][STARTS_WITH]", "a"), F("[and][1][superAdmin][EQUALS]", "false")}, "24"},
    {{F("[AND][0][name][IN]", "ada"), F("[and][0][name][IN]", "Bob")}, "01"},
    {{F("[and][0][name][IN]", "ada"), F("[and][1][name][IN]", "Bob")}, ""},
    {{F("[and][0][or][0][name][EQUALS]", "ada"), F("[and][0][or][1][name][EQUALS]", "Bob"),
      F("[and][1][superAdmin][EQUALS]", "true")},
     "0"},
    {{F("[or][0][and][0][name][EQUALS]", "ada"), F("[or][0][and][1][name][EQUALS]", "Bob"),
      F("[or][1][q][EQUALS]", "c"), F("[superAdmin][EQUALS]", "false")},
     "2"},
    {{F("[or][0][or][0][and][0][and][0][or][0][name][EQUALS]", "ada")}, "0"},
};

static const struct {
    const char *name;
    const char *value;
    const char *problem;
} refused[] = {
    {"filters", "", "malformed"},
    {"filters", "[name][EQUALS]", "malformed"},
    {"filters[", "", "malformed"},
    {"filters[]", "", "malformed"},
    {"filters[name]", "ada", "malformed"},
    {"filters[name][EQUALS", "ada", "malformed"},
    {"filters[name]EQUALS]", "ada", "malformed"},
    {"filters[name][EQUALS]x", "ada", "malformed"},
    {"filters[name][EQUALS][]", "ada", "malformed"},
    {"filters[name][EQUALS][key]", "ada", "malformed"},
    {"filters[name][[EQUALS]]", "ada", "malformed"},
    {"filters[name] [EQUALS]", "ada", "malformed"},
    {"filters[][EQUALS]", "ada", "malformed"},
    {"filters[and]", "", "malformed"},
    {"filters[and][name][EQUALS]", "ada", "malformed"},
    {"filters[or][-1][name][EQUALS]", "ada", "malformed"},
    {"filters[or][0]", "ada", "malformed"},
    {"filters[or][0][name]", "ada", "malformed"},
    {"filters[or][1234567][name][EQUALS]", "ada", "malformed"},
    {"filters[or][0][or][0][or][0][or][0][or][0][or][0][name][EQUALS]", "ada", "nested too deeply"},
    {"filters[town][EQUALS]", "ada", "'filters[town][EQUALS]' has an unknown field"},
    {"filters[_][EQUALS]", "ada", "unknown field"},
    {"filters[nam][EQUALS]", "ada", "unknown field"},
    {"filters[names][EQUALS]", "ada", "unknown field"},
    {"filters[name][equals]", "ada", "'filters[name][equals]' has an unknown operator"},
    {"filters[name][LIKE]", "ada", "unknown operator"},
    {"filters[name][EQUAL]", "ada", "unknown operator"},
    {"filters[q][CONTAINS]", "ada", "q takes only EQUALS and NOT_EQUALS"},
    {"filters[query][IS_NULL]", "", "q takes only"},
    {"filters[name][IS_NULL]", "maybe", "takes only true, false or no value"},
    {"filters[name][REGEX]", "(", "invalid regular expression: missing closing parenthesis"},
    {"filters[superAdmin][EQUALS]", "yes", "not valid for this field"},
    {"filters[superAdmin][IN]", "true,", "not valid for this field"},
};

static struct arena arena;
static struct listing listing;
static const char *problem;

static void setup(void) {
    arena_init(&arena);
    problem = NULL;
}

static void teardown(void) {
    arena_deinit(&arena);
}

static int start(const struct listing_request *request) {
    return listing_init(&listing, request, columns, N_COLUMNS, &arena, &problem);
}

/* Compares the numbers of the rows that a listing returns. */
static void check_rows(const struct listing_request *request, const char *expected) {
    struct listing_result result;
    char found[N_ROWS + 1] = "";
    ck_assert_int_eq(start(request), 0);
    for (int i = 0; i < N_ROWS; i++)
        ck_assert_int_eq(listing_visit(&listing, i, rows[i]), 0);
    ck_assert_int_eq(listing_finish(&listing, &result), 0);
    for (size_t i = 0; i < result.count; i++)
        found[i] = (char)('0' + result.pks[i]);
    ck_assert_str_eq(found, expected);
}

START_TEST(filters_choose_rows) {
    struct name_value pairs[5];
    struct listing_request request = {.page = 1, .size = 10, .filters = {0, pairs}};
    memcpy(pairs, filters[_i].pairs, sizeof(pairs));
    while (pairs[request.filters.count].name)
        request.filters.count++;
    check_rows(&request, filters[_i].expected);
}
END_TEST

START_TEST(invalid_filters_are_refused) {
    struct name_value pairs[] = {F("[name][EQUALS]", "ada"), {refused[_i].name, refused[_i].value}};
    const struct listing_request request = {.page = 1, .size = 10, .filters = {2, pairs}};
    ck_assert_int_eq(start(&request), IAM_INVALID_FILTER);
    ck_assert_ptr_nonnull(strstr(problem, refused[_i].problem));
    ck_assert_ptr_nonnull(strstr(problem, refused[_i].name));
}
END_TEST

START_TEST(the_number_of_filters_is_limited) {
    struct name_value pairs[FILTER_MAX_PAIRS + 1];
    for (size_t i = 0; i < FILTER_MAX_PAIRS + 1; i++)
        pairs[i] = (struct name_value)F("[name][EQUALS]", "ada");
    struct listing_request request = {.page = 1, .size = 10, .filters = {FILTER_MAX_PAIRS, pairs}};
    check_rows(&request, "0");
    request.filters.count++;
    ck_assert_int_eq(start(&request), IAM_INVALID_FILTER);
    ck_assert_ptr_nonnull(strstr(problem, "too many"));
}
END_TEST

START_TEST(a_dedicated_parameter_is_a_filter_too) {
    struct name_value pairs[] = {F("[superAdmin][EQUALS]", "false")};
    struct listing_request request = {.page = 1, .size = 10, .q = "a", .filters = {1, pairs}};
    ck_assert_int_eq(listing_request_filter(&request, "homeTown", NULL, &arena), 0);
    check_rows(&request, "24");
    ck_assert_int_eq(listing_request_filter(&request, "homeTown", "ROME", &arena), 0);
    check_rows(&request, "2");
}
END_TEST

/* A listing reads no columns behind the last one that it needs. */
START_TEST(unused_columns_are_not_read) {
    struct name_value pairs[] = {F("[name][EQUALS]", "ada")};
    const char *sort[] = {"homeTown:asc"};
    struct listing_request request = {.page = 1, .size = 10};
    ck_assert_int_eq(start(&request), 0);
    ck_assert_uint_eq(listing.n_used, 0);
    request.q = "a";
    ck_assert_int_eq(start(&request), 0);
    ck_assert_uint_eq(listing.n_used, 1);
    request.sort = (struct string_list){true, 1, sort};
    ck_assert_int_eq(start(&request), 0);
    ck_assert_uint_eq(listing.n_used, 2);
    request.filters = (struct name_value_list){1, pairs};
    ck_assert_int_eq(start(&request), 0);
    ck_assert_uint_eq(listing.n_used, N_COLUMNS);
}
END_TEST

/* Passes up to `n` rows through a REGEX filter. Returns the result that ended it. */
static int search(const char *pattern, const char *text, int n) {
    struct name_value pairs[] = {F("[name][REGEX]", pattern)};
    const struct listing_request request = {.page = 1, .size = 10, .filters = {1, pairs}};
    const char *const row[N_COLUMNS] = {text};
    int r = start(&request);
    for (int i = 0; r == 0 && i < n; i++)
        r = listing_visit(&listing, i, row);
    return r;
}

START_TEST(slow_regular_expressions_are_given_up) {
    ck_assert_int_eq(search("^(a+)+$", "aaaaaaaaaa", 10), 0);
    ck_assert_int_eq(search("^(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", 1), IAM_INVALID_FILTER);
    ck_assert_ptr_nonnull(strstr(problem, "too long"));
    problem = NULL; /* each row is fast enough, but not all of them together */
    ck_assert_int_eq(search("^(a+)+$", "aaaaaaaab", 10000000), IAM_INVALID_FILTER);
    ck_assert_ptr_nonnull(strstr(problem, "too long"));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("filter");
    TCase *tcase = suite_add(suite, "filter");
    tcase_add_checked_fixture(tcase, setup, teardown);
    suite_add_rows(tcase, filters_choose_rows, filters);
    suite_add_rows(tcase, invalid_filters_are_refused, refused);
    tcase_add_test(tcase, the_number_of_filters_is_limited);
    tcase_add_test(tcase, a_dedicated_parameter_is_a_filter_too);
    tcase_add_test(tcase, unused_columns_are_not_read);
    tcase_add_test(tcase, slow_regular_expressions_are_given_up);
    return suite_run(suite);
}
