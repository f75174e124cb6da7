#include <string.h>

#include "json/json_path.h"
#include "suite.h"

#define STORE                                                                                      \
    "{\"store\":{\"books\":["                                                                      \
    "{\"title\":\"Moby Dick\",\"price\":8.99,\"isbn\":\"0-553\",\"tags\":[\"sea\",\"old\"]},"      \
    "{\"title\":\"Sayings\",\"price\":8.95,\"isbn\":null},"                                        \
    "{\"title\":\"Sword\",\"price\":12.99,\"tags\":[]},"                                           \
    "{\"title\":\"Rings\",\"price\":22.99,\"isbn\":\"0-395\"}],"                                   \
    "\"bike\":{\"color\":\"red\",\"price\":19.95}},"                                               \
    "\"limit\":10,\"odd name\":1,\"it's\":2,\"\xc3\xa9\":\"\xc3\xa9t\xc3\xa9\"}"

static const struct {
    const char *path;
    const char *json;
    const char *found; /* the values that it finds, as a JSON array */
} rows[] = {
    {"$", "1", "[1]"},
    {"$.limit", STORE, "[10]"},
    {"limit", STORE, "[10]"},
    {"store.bike.color", STORE, "[\"red\"]"},
    {"$.missing", STORE, "[]"},
    {"$.store.books.title", STORE, "[]"},
    {"$['odd name']", STORE, "[1]"},
    {"$[\"odd name\"]", STORE, "[1]"},
    {"$['it\\'s']", STORE, "[2]"},
    {"$.['limit']", STORE, "[10]"},
    {"$.\xc3\xa9", STORE, "[\"\xc3\xa9t\xc3\xa9\"]"},
    {"$['limit','odd name','x']", STORE, "[10,1]"},
    {"$.store.books[0].title", STORE, "[\"Moby Dick\"]"},
    {"$.store.books[-1].title", STORE, "[\"Rings\"]"},
    {"$.store.books[-4].title", STORE, "[\"Moby Dick\"]"},
    {"$.store.books[-5].title", STORE, "[]"},
    {"$.store.books[4].title", STORE, "[]"},
    {"$.store.books[0,2].title", STORE, "[\"Moby Dick\",\"Sword\"]"},
    {"$.store.books[*].price", STORE, "[8.99,8.95,12.99,22.99]"},
    {"$.store.books.*.price", STORE, "[8.99,8.95,12.99,22.99]"},
    {"$.store.bike.*", STORE, "[\"red\",19.95]"},
    {"$..price", STORE, "[8.99,8.95,12.99,22.99,19.95]"},
    {"$..books[1].title", STORE, "[\"Sayings\"]"},
    {"$..['color','isbn']", STORE, "[\"0-553\",null,\"0-395\",\"red\"]"},
    {"$..[0]", "[[1,2],[3]]", "[[1,2],1,3]"},
    {"$..*", "{\"a\":[1]}", "[[1],1]"},
    {"$[1:3]", "[0,1,2,3,4]", "[1,2]"},
    {"$[:2]", "[0,1,2,3,4]", "[0,1]"},
    {"$[3:]", "[0,1,2,3,4]", "[3,4]"},
    {"$[-2:]", "[0,1,2,3,4]", "[3,4]"},
    {"$[:-3]", "[0,1,2,3,4]", "[0,1]"},
    {"$[-9:1]", "[0,1,2,3,4]", "[0]"},
    {"$[::2]", "[0,1,2,3,4]", "[0,2,4]"},
    {"$[1:4:2]", "[0,1,2,3,4]", "[1,3]"},
    {"$[ 1 : 3 ]", "[0,1,2,3,4]", "[1,2]"},
    {"$.length()", "[0,1,2]", "[3]"},
    {"$.a.size()", "{\"a\":{\"b\":1,\"c\":2}}", "[2]"},
    {"$.\xc3\xa9.length()", STORE, "[3]"},
    {"$.limit.length()", STORE, "[]"},
    {"$.length", "{\"length\":7}", "[7]"},
    {"$.store.books[?(@.isbn)].title", STORE, "[\"Moby Dick\",\"Sayings\",\"Rings\"]"},
    {"$.store.books[?(!@.isbn)].title", STORE, "[\"Sword\"]"},
    {"$.store.books[?(@.isbn == null)].title", STORE, "[\"Sayings\"]"},
    {"$.store.books[?(@.price < 10)].title", STORE, "[\"Moby Dick\",\"Sayings\"]"},
    {"$.store.books[?(@.price <= 8.95)].title", STORE, "[\"Sayings\"]"},
    {"$.store.books[?(@.price > $.limit)].title", STORE, "[\"Sword\",\"Rings\"]"},
    {"$.store.books[?(@.price >= 22.99)].title", STORE, "[\"Rings\"]"},
    {"$.store.books[?(8.95 == @.price)].title", STORE, "[\"Sayings\"]"},
    {"$.store.books[?(@.title == 'Sword')].price", STORE, "[12.99]"},
    {"$.store.books[?(@['title'] != \"Sword\")].price", STORE, "[8.99,8.95,22.99]"},
    {"$.store.books[?(@.isbn != 'x')].title", STORE,
     "[\"Moby Dick\",\"Sayings\",\"Sword\",\"Rings\"]"},
    {"$.store.books[?(@.title =~ /s.*/i)].title", STORE, "[\"Sayings\",\"Sword\"]"},
    {"$.store.books[?(@.title =~ /S/)].title", STORE, "[]"},
    {"$.store.books[?(@.isbn =~ /0-\\d+/ && @.price < 10)].title", STORE, "[\"Moby Dick\"]"},
    {"$.store.books[?(@.price > 20 || @.title == 'Sword')].price", STORE, "[12.99,22.99]"},
    {"$.store.books[?(!(@.price > 20 || @.title == 'Sword'))].price", STORE, "[8.99,8.95]"},
    {"$.store.books[?(@.price>20||@.price<9&&@.isbn=='0-553')].price", STORE, "[8.99,22.99]"},
    {"$.store.books[?(@.tags.length() == 2)].title", STORE, "[\"Moby Dick\"]"},
    {"$.store.books[?(@.tags[?(@ == 'sea')])].title", STORE, "[\"Moby Dick\"]"},
    {"$.store.books[?@.price == 12.99].title", STORE, "[\"Sword\"]"},
    {"$[?(@ > 2)]", "[1,2,3]", "[3]"},
    {"$[?(@ < 'b')]", "[\"a\",\"b\",1]", "[\"a\"]"},
    {"$[?(@ == true)]", "[true,false,1]", "[true]"},
    {"$[?(@.a == 1)]", "{\"a\":1}", "[{\"a\":1}]"},
    {"$[?(@.a == 2)]", "{\"a\":1}", "[]"},
    {"$[?(@.a == @.b)]", "[{\"a\":[1],\"b\":[1]},{\"a\":1}]", "[{\"a\":[1],\"b\":[1]}]"},
    {"$[?(@.u =~ /a\\/b/)].u", "[{\"u\":\"a/b\"}]", "[\"a/b\"]"},
    {"$.a[?(@.x)]", "{\"a\":1}", "[]"},
};

static char *find(const char *text, const char *json, struct budget *budget) {
    struct arena arena;
    const struct json_path *path = NULL;
    struct json_nodes nodes = {0};
    char error[JSON_PATH_ERROR_SIZE] = "";
    arena_init(&arena);
    ck_assert_msg(json_path_parse(text, &arena, &path, error) == 0, "%s: %s", text, error);
    cJSON *tree = cJSON_Parse(json);
    cJSON *found = cJSON_CreateArray();
    ck_assert(tree && found);
    ck_assert_int_eq(json_path_find(path, tree, &arena, budget, &nodes), 0);
    for (size_t i = 0; i < nodes.count; i++)
        cJSON_AddItemToArray(found, cJSON_Duplicate(nodes.items[i], true));
    char *printed = cJSON_PrintUnformatted(found);
    cJSON_Delete(found);
    cJSON_Delete(tree);
    arena_deinit(&arena);
    return printed;
}

START_TEST(paths_find_values) {
    struct budget budget = {.left = 1000};
    char *found = find(rows[_i].path, rows[_i].json, &budget);
    ck_assert_str_eq(found, rows[_i].found);
    ck_assert(!budget.exhausted);
    free(found);
}
END_TEST

static const struct {
    const char *path;
    const char *error;
} broken[] = {
    {"", "name expected at byte 0 of the JSONPath"},
    {"$.", "name expected at byte 2 of the JSONPath"},
    {"$..", "name expected at byte 3 of the JSONPath"},
    {"$...a", "name expected at byte 3 of the JSONPath"},
    {"$a", "unexpected character at byte 1 of the JSONPath"},
    {"$.a b", "unexpected character at byte 4 of the JSONPath"},
    {"$[", "number expected at byte 2 of the JSONPath"},
    {"$[1", "']' expected at byte 3 of the JSONPath"},
    {"$[a]", "number expected at byte 2 of the JSONPath"},
    {"$[1,'a']", "number expected at byte 4 of the JSONPath"},
    {"$['a',1]", "quoted name expected at byte 6 of the JSONPath"},
    {"$['a", "unterminated string at byte 3 of the JSONPath"},
    {"$[1:2:0]", "the step of a slice must be positive at byte 7 of the JSONPath"},
    {"$[12345678901]", "number is too large at byte 2 of the JSONPath"},
    {"$.a.min()", "unsupported function at byte 7 of the JSONPath"},
    {"$..length()", "unsupported function at byte 11 of the JSONPath"},
    {"$.length().a", "unexpected character at byte 10 of the JSONPath"},
    {"$[?()]", "path or value expected at byte 4 of the JSONPath"},
    {"$[?(@.a ==)]", "path or value expected at byte 10 of the JSONPath"},
    {"$[?(@.a == 1]", "')' expected at byte 12 of the JSONPath"},
    {"$[?(@.a = 1)]", "')' expected at byte 8 of the JSONPath"},
    {"$[?(1)]", "operator expected at byte 5 of the JSONPath"},
    {"$[?(@.a =~ 'x')]", "'/' expected at byte 11 of the JSONPath"},
    {"$[?(@.a =~ /x)]", "unterminated string at byte 12 of the JSONPath"},
    {"$[?(@.a =~ /(/)]", "invalid regular expression at byte 14 of the JSONPath"},
    {"$[?(@.a == 1-)]", "invalid number at byte 11 of the JSONPath"},
    {"$[?(@.a in [1])]", "')' expected at byte 8 of the JSONPath"},
    {"$[?((((((((((((((((((@.a))))))))))))))))))]", "nested too deeply at byte 19 of the JSONPath"},
};

START_TEST(invalid_paths_are_refused) {
    struct arena arena;
    const struct json_path *path = NULL;
    char error[JSON_PATH_ERROR_SIZE] = "";
    arena_init(&arena);
    ck_assert_int_gt(json_path_parse(broken[_i].path, &arena, &path, error), 0);
    ck_assert_ptr_null(path);
    ck_assert_str_eq(error, broken[_i].error);
    arena_deinit(&arena);
}
END_TEST

static const struct {
    const char *path;
    bool definite;
} kinds[] = {
    {"$", true},
    {"$.a.b[0]['c'][-1]", true},
    {"$.a.length()", true},
    {"$.a[0,1]", false},
    {"$['a','b']", false},
    {"$..a", false},
    {"$.*", false},
    {"$[*]", false},
    {"$[0:1]", false},
    {"$[?(@.a)]", false},
};

START_TEST(definite_paths_are_recognized) {
    struct arena arena;
    const struct json_path *path = NULL;
    char error[JSON_PATH_ERROR_SIZE] = "";
    arena_init(&arena);
    ck_assert_int_eq(json_path_parse(kinds[_i].path, &arena, &path, error), 0);
    ck_assert_int_eq(json_path_is_definite(path), kinds[_i].definite);
    arena_deinit(&arena);
}
END_TEST

static const char *const expensive[] = {
    "$..[?($..a)]",
    "$..[?($..[?($..[?($..a)])])]",
    "$..[?(@.a =~ /(x+)+y/)]",
    "$..length",
    "$[*][*][*]",
    "$..*..*..*..*",
};

START_TEST(expensive_paths_are_given_up) {
    struct budget budget = {.left = 1000000};
    cJSON *array = cJSON_CreateArray();
    for (int i = 0; i < 300; i++) {
        cJSON *inner = cJSON_CreateArray();
        for (int j = 0; j < 100; j++) {
            cJSON *object = cJSON_CreateObject();
            cJSON_AddStringToObject(object, "a", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
            cJSON_AddItemToArray(inner, object);
        }
        cJSON_AddItemToArray(array, inner);
    }
    char *json = cJSON_PrintUnformatted(array);
    free(find(expensive[_i], json, &budget));
    ck_assert_int_eq(budget.exhausted, _i < 3);
    free(json);
    cJSON_Delete(array);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("json_path");
    TCase *tcase = suite_add(suite, "json_path");
    suite_add_rows(tcase, paths_find_values, rows);
    suite_add_rows(tcase, invalid_paths_are_refused, broken);
    suite_add_rows(tcase, definite_paths_are_recognized, kinds);
    suite_add_rows(tcase, expensive_paths_are_given_up, expensive);
    return suite_run(suite);
}
