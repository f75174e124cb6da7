#include <string.h>

#include "json/json_path.h"
#include "json/json_print.h"
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
    {"$.\xc3\xa9.length()", STORE, "[]"}, /* as in Jayway, a text has no length */
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
    {"@.limit", STORE, "[10]"},
    {"$..[?(@ != 2)]", "{\"a\":[1,[3]]}", "[{\"a\":[1,[3]]},[3]]"},
    /* Functions. */
    {"$.sum()", "[1,\"2\",3.5,null,[4]]", "[4.5]"},
    {"$.sum()", "[1,2]", "[3.0]"},
    {"$.sum()", "[0.1,0.2]", "[0.30000000000000004]"},
    {"$.max()", "[12345678901234567890,1]", "[1.2345678901234567E19]"},
    {"$.min()", "[0.0001,1]", "[1.0E-4]"},
    {"$.avg()", "[10000000,10000001]", "[1.00000005E7]"},
    {"$.stddev()", "[1,2,3,10]", "[3.5355339059327378]"},
    {"$.min()", "[-3,0]", "[-3.0]"},
    {"$.sum(1, 2)", "{}", "[3.0]"},
    {"$.sum($.a, $.b[*], 1)", "{\"a\":[1,\"x\"],\"b\":[2,3]}", "[7.0]"},
    {"$.sum($.nope)", "{}", "[]"},
    {"$..v.sum(100)", "{\"v\":1,\"a\":{\"v\":2.5}}", "[3.5]"},
    {"$..v.length()", "{\"v\":[1,2],\"a\":{\"v\":[3]}}", "[3]"},
    {"$.concat()", "[\"a\",1,\"b\"]", "[\"ab\"]"},
    {"$.concat(\"x\", 1, 1.50, $.a)", "{\"a\":[true,null,2,[3],{\"b\":null,\"c\":\"d\"}]}",
     "[\"x11.5true2[3]{b=null, c=d}\"]"},
    {"$.keys()", "{\"a\":1,\"b\":2}", "[[\"a\",\"b\"]]"},
    {"$.keys()", "[1]", "[]"},
    {"$.first()", "[1,2]", "[1]"},
    {"$.last()", "[1,2]", "[2]"},
    {"$.index(1)", "[1,2,3]", "[2]"},
    {"$.index(-1)", "[1,2,3]", "[3]"},
    {"$[*].first()", "[[1,2],[],[3]]", "[1,3]"},
    {"$[*].length()", "[[1],\"ab\",{}]", "[1,null,0]"},
    {"$.append(2, \"x\", {\"a\":1})", "[1]", "[[1,2,\"x\",{\"a\":1}]]"},
    {"$.a.append(2)", "{\"a\":1}", "[1]"},
    {"$[?(@ > $.first())]", "[1,2]", "[2]"},
    /* Operators of filters. */
    {"$[?(@ in [1,'b'])]", "[1,2,\"b\"]", "[1,\"b\"]"},
    {"$[?(@ IN [\"1\"])]", "[1,2]", "[1]"},
    {"$[?(@.a in $[0].b)].a", "[{\"a\":1,\"b\":[1]},{\"a\":2}]", "[1]"},
    {"$[?(@ nin [1])]", "[1,2,null]", "[2,null]"},
    {"$[?(@.a nin [1])]", "[{},{\"a\":1}]", "[{}]"},
    {"$[?(@ nin 1)]", "[1,2]", "[]"},
    {"$[?(!(@ in 1))]", "[1,2]", "[]"},
    {"$[?(@ subsetof [1,2])]", "[[1],[1,3],[],5]", "[[1],[]]"},
    {"$[?(@ anyof [1,2])]", "[[1],[3],[]]", "[[1]]"},
    {"$[?(@ noneof [1,2])]", "[[1],[3],[]]", "[[3],[]]"},
    {"$[?(@.a noneof [1])]", "[{}]", "[]"},
    {"$[?(@ size 2)]", "[[1,2],\"\xc3\xa9t\",{\"a\":1,\"b\":2},2]", "[[1,2],\"\xc3\xa9t\"]"},
    {"$[?(@ empty true)]", "[[],\"\",{},[1],0]", "[[],\"\",{}]"},
    {"$[?(@ empty false)]", "[[],\"a\",[1],0]", "[\"a\",[1]]"},
    {"$[?(@ contains 'a')]", "[\"cat\",[\"a\"],[\"b\"],1]", "[\"cat\",[\"a\"]]"},
    {"$[?(@ == '1')]", "[1,\"1\",\"1.0\"]", "[1,\"1\"]"},
    {"$[?(@ == 1)]", "[1,\"1\",\"1.0\",true]", "[1,\"1\"]"},
    {"$[?(@ === 1)]", "[1,\"1\"]", "[1]"},
    {"$[?(@ !== 1)]", "[1,\"1\",null]", "[\"1\",null]"},
    {"$[?(@ == ['x',{\"a\":[]}])]", "[[\"x\",{\"a\":[]}],[]]", "[[\"x\",{\"a\":[]}]]"},
    {"$[?(@ == '\\u00e9\\ud83d\\ude00\\n\\'')]", "[\"\xc3\xa9\xf0\x9f\x98\x80\\n'\"]",
     "[\"\xc3\xa9\xf0\x9f\x98\x80\\n'\"]"},
    {"$[?(@ =~ /[0-9.]+|true|x/)]", "[1,2.5,\"7\",true,null,[\"x\"],[\"y\"]]",
     "[1,2.5,\"7\",true,[\"x\"]]"},
    {"$[?(@ =~ /a.b/is)]", "[\"A\\nB\"]", "[\"A\\nB\"]"},
    {"$[?(@.a[*] contains 2)].b", "[{\"a\":[1,2],\"b\":1},{\"a\":[1],\"b\":2}]", "[1]"},
    {"$[?(@.a[*] == 1)]", "[{\"a\":[1]}]", "[]"},
    {"$[?(!!(@ == 1))]", "[1,2]", "[1]"},
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
    char *printed = json_print(found);
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
    {"$.a.least()", "unsupported function at byte 9 of the JSONPath"},
    {"$..length()", "unsupported function at byte 9 of the JSONPath"},
    {"$.a.length($.a)", "parameters are not supported here at byte 15 of the JSONPath"},
    {"$.sum(true)",
     "path, number, object or text in double quotes expected at byte 6 of the JSONPath"},
    {"$.sum('a')",
     "path, number, object or text in double quotes expected at byte 6 of the JSONPath"},
    {"$.sum(", "path, number, object or text in double quotes expected at byte 6 of the JSONPath"},
    {"$.sum(1", "')' expected at byte 7 of the JSONPath"},
    {"$.sum(1,)",
     "path, number, object or text in double quotes expected at byte 8 of the JSONPath"},
    {"$.a.sum().sum()", "unexpected character at byte 9 of the JSONPath"},
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
    {"$[?(@.a all [1])]", "')' expected at byte 8 of the JSONPath"},
    {"$[?(@.a inn [1])]", "')' expected at byte 8 of the JSONPath"},
    {"$[?(@.a in [1,])]", "path or value expected at byte 14 of the JSONPath"},
    {"$[?(@.a in [1)]", "',' or a closing bracket expected at byte 13 of the JSONPath"},
    {"$[?(@.a == {a:1})]", "quoted name expected at byte 12 of the JSONPath"},
    {"$[?(@.a == {'a' 1})]", "':' expected at byte 16 of the JSONPath"},
    {"$[?(@.a == '\\ud800')]", "invalid escape at byte 14 of the JSONPath"},
    {"$[?(@.a == '\\u0000')]", "invalid escape at byte 14 of the JSONPath"},
    {"$[?(@.a == '\\u00')]", "invalid escape at byte 14 of the JSONPath"},
    {"$[?(@.a =~ /x/iz)]", "unknown flag of a regular expression at byte 14 of the JSONPath"},
    {"$[?(!@.a == 1)]", "what ! negates needs parentheses at byte 13 of the JSONPath"},
    {"$[?(@.a == [[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]])]",
     "nested too deeply at byte 26 of the JSONPath"},
    {"$[?((((((((((((((((((@.a))))))))))))))))))]", "nested too deeply at byte 19 of the JSONPath"},
};

/* Where a function has no result, or Jayway cannot compare, nothing matches, not even "absent". */
static const struct {
    const char *path;
    const char *json;
} failing[] = {
    {"$.sum()", "[\"a\"]"},
    {"$.sum()", "5"},
    {"$.max()", "[]"},
    {"$.max()", "[1e400]"},
    {"$[*].sum()", "[[1],[]]"},
    {"$.first()", "[]"},
    {"$.last()", "[1]"},
    {"$.last()", "{}"},
    {"$.index(2)", "[1,2]"},
    {"$.index(-2)", "[1,2]"},
    {"$.index(\"1\")", "[1,2]"},
    {"$.index()", "[1,2]"},
    {"$[*].first()", "[[1],2]"},
    {"$.a[?(@ == 1)]", "{\"a\":1}"},
    {"$[?(@.a.sum() > 1)]", "[{\"a\":1}]"},
    {"$[?(@ in [[1]])]", "[1]"},
};

START_TEST(paths_fail) {
    struct budget budget = {.left = 1000};
    struct arena arena;
    const struct json_path *path = NULL;
    struct json_nodes nodes = {0};
    char error[JSON_PATH_ERROR_SIZE] = "";
    arena_init(&arena);
    ck_assert_int_eq(json_path_parse(failing[_i].path, &arena, &path, error), 0);
    cJSON *tree = cJSON_Parse(failing[_i].json);
    ck_assert_int_gt(json_path_find(path, tree, &arena, &budget, &nodes), 0);
    ck_assert_uint_eq(nodes.count, 0);
    cJSON_Delete(tree);
    arena_deinit(&arena);
}
END_TEST

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
    suite_add_rows(tcase, paths_fail, failing);
    suite_add_rows(tcase, invalid_paths_are_refused, broken);
    suite_add_rows(tcase, definite_paths_are_recognized, kinds);
    suite_add_rows(tcase, expensive_paths_are_given_up, expensive);
    return suite_run(suite);
}
