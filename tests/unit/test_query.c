/* The query of a request target, and how listings use it. */
#include <string.h>

#include "exchange/query.h"
#include "exchange/request.h"
#include "iam/listing.h"
#include "suite.h"
#include "util/cleanup.h"
#include "util/regex.h"

static const struct schema text = {.type = SCHEMA_STRING};
static const struct schema number = {.type = SCHEMA_INTEGER, .minimum = 1, .fallback = 7};
static const struct schema list = {.type = SCHEMA_ARRAY, .items = &text};
static const struct schema object = {.type = SCHEMA_OBJECT};
static const struct field fields[] = {
    {.name = "q", .schema = &text},
    {.name = "page", .schema = &number},
    {.name = "sort", .schema = &list},
    {.name = "filters", .schema = &object, .bind = BIND_PAIRS},
};
static const struct schema schema = {.type = SCHEMA_OBJECT, .fields = fields, .n_fields = 4};

static const struct {
    const char *target;
    const char *expected; /* NULL: malformed */
} queries[] = {
    {"/", "{\"page\":7}"},
    {"/?", "{\"page\":7}"},
    {"/?page=3", "{\"page\":3}"},
    {"/?page=-3", "{\"page\":-3}"},
    {"/?page=3&page=4", "{\"page\":4}"},
    {"/?page=", "{\"page\":\"\"}"},
    {"/?page=%203", "{\"page\":\" 3\"}"},
    {"/?page=3x", "{\"page\":\"3x\"}"},
    {"/?page=99999999999999999999", "{\"page\":\"99999999999999999999\"}"},
    {"/?q=a+b%2Bc%26d", "{\"q\":\"a b+c&d\",\"page\":7}"},
    {"/?q", "{\"q\":\"\",\"page\":7}"},
    {"/?Q=a&other=b", "{\"page\":7}"},
    {"/?%71=a=b", "{\"q\":\"a=b\",\"page\":7}"},
    {"/?&&q=a&", "{\"q\":\"a\",\"page\":7}"},
    {"/?q=a#q=b", "{\"q\":\"a\",\"page\":7}"},
    {"/?sort=a,b&sort=c", "{\"sort\":[\"a\",\"b\",\"c\"],\"page\":7}"},
    {"/?sort=", "{\"sort\":[\"\"],\"page\":7}"},
    {"/?filters[a][IN]=b,c&filters%5Ba%5D%5BIN%5D=d+e",
     "{\"filters\":{\"filters[a][IN]\":\"b,c\",\"filters[a][IN]\":\"d e\"},\"page\":7}"},
    {"/?filters&filters[=x", "{\"filters\":{\"filters\":\"\",\"filters[\":\"x\"},\"page\":7}"},
    {"/?filter[a]=b&filtersx=c&Filters[a]=d", "{\"page\":7}"},
    {"/?filters[%00]=a", NULL},
    {"/?q=%", NULL},
    {"/?q=%00", NULL},
    {"/?other=%FF", NULL},
};

START_TEST(queries_are_parsed) {
    struct request request;
    CLEANUP(cleanup_json) cJSON *tree = NULL;
    ck_assert_int_eq(request_init(&request, queries[_i].target), 0);
    size_t length;
    const char *query = request_query(&request, &length);
    int r = query_read(&schema, query, length, &request.arena, &tree);
    if (queries[_i].expected) {
        CLEANUP(cleanup_free) char *printed = cJSON_PrintUnformatted(tree);
        ck_assert_int_eq(r, 0);
        ck_assert_str_eq(printed, queries[_i].expected);
    } else {
        ck_assert_int_gt(r, 0);
    }
    request_deinit(&request);
}
END_TEST

static const struct {
    const char *q;
    bool matches;
} searches[] = {
    {NULL, true},     {"", true},          {"*", true},         {"ada", true},
    {"ADA", true},    {"da", true},        {"byron ada", true}, {"ada@example.com", true},
    {"ada z", false}, {"--", false},       {" ", false},        {"ada -- ", true},
    {"byron_", true}, {"\xc3\xbc", false}, {"**", false},
};

/* Otherwise a query with many words over many users would block all other requests. */
START_TEST(a_search_is_given_up_when_its_time_is_over) {
    static const struct listing_column columns[] = {{"name", .searched = true}};
    const struct listing_request request = {.page = 1, .size = 1, .q = "a"};
    struct arena arena;
    struct listing listing;
    const char *problem = NULL;
    int64_t pk = 1;
    int r = 0;
    arena_init(&arena);
    ck_assert_int_eq(listing_init(&listing, &request, columns, 1, &arena, &problem), 0);
    ck_assert_int_eq(listing_visit(&listing, pk, (const char *const[]){"a"}), 0);
    listing.rows.deadline = 0;
    while (r == 0 && pk++ < 1000)
        r = listing_visit(&listing, pk, (const char *const[]){"a"});
    ck_assert_int_eq(r, IAM_INVALID_FILTER);
    ck_assert_str_eq(problem, "the search takes too long");
    arena_deinit(&arena);
}
END_TEST

START_TEST(all_words_must_occur) {
    const char *const texts[] = {"ada@Example.com", NULL, "Byron"};
    ck_assert_int_eq(listing_rows_match_words(searches[_i].q, texts, 3), searches[_i].matches);
}
END_TEST

static const struct listing_column columns[] = {{.name = "name", .searched = true},
                                                {.name = "town"}};
static const char *const rows[][2] = {
    {"b", "Paris"}, {"a", "Rome"}, {"C", NULL}, {"B", "paris"}, {"b", "Rome"}};

static const struct {
    const char *sort[3];
    int64_t page;
    int64_t size;
    const char *q;
    const char *order; /* the numbers of the rows */
    int64_t total;
} listings[] = {
    {{NULL}, 1, 10, NULL, "01234", 5},
    {{"name:asc"}, 1, 10, NULL, "13042", 5},
    {{"name:desc"}, 1, 10, NULL, "20431", 5},
    {{"name:"}, 1, 10, NULL, "20431", 5},
    {{"town:asc", "name:asc"}, 1, 10, NULL, "20314", 5},
    {{"town:ASC", "name:desc"}, 1, 2, NULL, "20", 5},
    {{NULL}, 2, 2, NULL, "23", 5},
    {{NULL}, 3, 2, NULL, "4", 5},
    {{NULL}, 4, 2, NULL, "", 5},
    {{NULL}, 9007199254740992, 9007199254740992, NULL, "", 5},
    {{NULL}, 1, 9007199254740992, "b", "034", 3},
    {{NULL}, 1, 10, "Paris", "", 0},
};

START_TEST(listing_sorts_and_pages) {
    struct arena arena;
    struct listing listing;
    struct listing_result result;
    struct listing_request request = {
        .page = listings[_i].page, .size = listings[_i].size, .q = listings[_i].q};
    char order[8] = "";
    arena_init(&arena);
    request.sort.items = arena_alloc(&arena, sizeof(listings[_i].sort));
    for (; listings[_i].sort[request.sort.count]; request.sort.count++)
        request.sort.items[request.sort.count] = listings[_i].sort[request.sort.count];
    ck_assert_int_eq(listing_init(&listing, &request, columns, 2, &arena, NULL), 0);
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(listing_visit(&listing, i, rows[i]), 0);
    ck_assert_int_eq(listing_finish(&listing, &result), 0);
    for (size_t i = 0; i < result.count; i++)
        order[i] = (char)('0' + result.pks[i]);
    ck_assert_str_eq(order, listings[_i].order);
    ck_assert_int_eq(result.total, listings[_i].total);
    arena_deinit(&arena);
}
END_TEST

static const char *const bad_sorts[] = {"", "name", ":asc", "nam:asc", "names:asc", "NAME:asc"};

START_TEST(bad_sorts_are_refused) {
    struct listing listing;
    struct listing_request request = {.page = 1, .size = 1};
    const char *items[] = {bad_sorts[_i]};
    request.sort = (struct string_list){.present = true, .count = 1, .items = items};
    ck_assert_int_eq(listing_init(&listing, &request, columns, 2, NULL, NULL), IAM_INVALID_SORT);
}
END_TEST

START_TEST(regex_is_searched_within_limits) {
    char many[64] = "";
    ck_assert_int_eq(regex_search("^a.c$", "a\xc3\xbc"
                                           "c"),
                     0);
    ck_assert_int_gt(regex_search("^a$", "a\n"), 0);
    ck_assert_int_lt(regex_search("(", "a"), 0);
    memset(many, 'a', 40);
    ck_assert_int_gt(regex_search("^(a+)+$", strcat(many, "b")), 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("query");
    TCase *tcase = suite_add(suite, "query");
    suite_add_rows(tcase, queries_are_parsed, queries);
    suite_add_rows(tcase, all_words_must_occur, searches);
    suite_add_rows(tcase, listing_sorts_and_pages, listings);
    suite_add_rows(tcase, bad_sorts_are_refused, bad_sorts);
    tcase_add_test(tcase, regex_is_searched_within_limits);
    tcase_add_test(tcase, a_search_is_given_up_when_its_time_is_over);
    return suite_run(suite);
}
