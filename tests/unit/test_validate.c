#include <string.h>

#include "contract/validate.h"
#include "suite.h"
#include "util/cleanup.h"

struct input {
    const char *name;
    struct optional_bool on;
    struct string_list tags;
    const cJSON *extra;
    int64_t size;
};

static const struct schema text = {.type = SCHEMA_STRING};
static const struct schema name = {.type = SCHEMA_STRING, .not_blank = true, .min_length = 3};
static const struct schema flag = {.type = SCHEMA_BOOLEAN};
static const char *const colours[] = {"RED", "BLUE", NULL};
static const struct schema colour = {.type = SCHEMA_STRING, .enumeration = colours};
static const struct schema tags = {.type = SCHEMA_ARRAY, .nullable = true, .items = &colour};
static const struct schema instant = {.type = SCHEMA_STRING, .date_time = true};
static const struct schema size = {
    .type = SCHEMA_INTEGER, .minimum = 1, .maximum = 9000, .fallback = 7};
static const struct field inner_fields[] = {{.name = "at", .schema = &instant},
                                            {.name = "tags", .schema = &tags}};
static const struct schema closed = {
    .type = SCHEMA_OBJECT, .closed = true, .fields = inner_fields, .n_fields = 2};
static const struct field fields[] = {
    {.name = "name",
     .schema = &name,
     .required = true,
     .bind = BIND_STRING,
     .offset = offsetof(struct input, name)},
    {.name = "on", .schema = &flag, .bind = BIND_BOOLEAN, .offset = offsetof(struct input, on)},
    {.name = "tags", .schema = &tags, .bind = BIND_STRINGS, .offset = offsetof(struct input, tags)},
    {.name = "extra",
     .schema = &closed,
     .bind = BIND_JSON,
     .offset = offsetof(struct input, extra)},
    {.name = "unbound", .schema = &text},
    {.name = "size", .schema = &size, .bind = BIND_INTEGER, .offset = offsetof(struct input, size)},
};
static const struct schema schema = {.type = SCHEMA_OBJECT, .fields = fields, .n_fields = 6};

static const struct {
    const char *json;
    const char *violations; /* "path: message; ..." */
} cases[] = {
    {"{\"name\":\"abc\"}", ""},
    {"{\"name\":\"abc\",\"on\":null,\"tags\":null,\"unbound\":null,\"more\":1}", ""},
    {"{\"name\":\"abc\",\"tags\":[\"RED\",\"BLUE\"],\"extra\":{\"at\":\"2024-01-01T00:00:00Z\"}}",
     ""},
    {"{\"name\":\"abc\",\"size\":1,\"extra\":{\"tags\":null}}", ""},
    {"{\"name\":\"abc\",\"size\":0}", "$.size: must be greater than or equal to 1; "},
    {"{\"name\":\"abc\",\"size\":1.5}", "$.size: must be an integer; "},
    {"{}", "$.name: is required; "},
    {"{\"name\":null}", "$.name: must be a string; "},
    {"{\"NAME\":\"abc\"}", "$.name: is required; "},
    {"{\"name\":\"  \"}", "$.name: must not be blank; "},
    {"{\"name\":\"ab\"}", "$.name: must have at least 3 characters; "},
    {"{\"name\":1,\"on\":\"true\"}", "$.name: must be a string; $.on: must be true or false; "},
    {"{\"name\":\"abc\",\"name\":1}", "$.name: must be a string; "},
    {"{\"name\":\"abc\",\"tags\":[\"RED\",\"red\",{}]}",
     "$.tags[1]: must be one of: RED, BLUE; $.tags[2]: must be a string; "},
    {"{\"name\":\"abc\",\"tags\":\"RED\"}", "$.tags: must be an array; "},
    {"{\"name\":\"abc\",\"extra\":{\"at\":null}}", "$.extra.at: must be a string; "},
    {"{\"name\":\"abc\",\"extra\":[]}", "$.extra: must be an object; "},
    {"{\"name\":\"abc\",\"extra\":{\"at\":\"now\",\"x\":1}}",
     "$.extra.at: must be an RFC 3339 date-time with offset; $.extra.x: is not known; "},
    {"[]", "$: must be an object; "},
};

START_TEST(reports_what_and_where) {
    struct arena arena;
    arena_init(&arena);
    CLEANUP(cleanup_json) cJSON *value = cJSON_Parse(cases[_i].json);
    struct violations violations = {.arena = &arena};
    char found[512] = "";
    ck_assert_int_eq(validate_value(&schema, value, &json_root, &violations), 0);
    for (size_t i = 0; i < violations.count; i++) {
        strcat(strcat(found, json_place_path(violations.items[i].place, &arena)), ": ");
        strcat(strcat(found, violations.items[i].message), "; ");
    }
    ck_assert_str_eq(found, cases[_i].violations);
    arena_deinit(&arena);
}
END_TEST

START_TEST(keeps_a_bounded_number) {
    struct arena arena;
    arena_init(&arena);
    CLEANUP(cleanup_json) cJSON *value = cJSON_CreateArray();
    struct violations violations = {.arena = &arena};
    for (int i = 0; i < 10000; i++)
        cJSON_AddItemToArray(value, cJSON_CreateNumber(i));
    ck_assert_int_eq(validate_value(&tags, value, &json_root, &violations), 0);
    ck_assert_uint_eq(violations.count, 10000);
    ck_assert_str_eq(json_place_path(violations.items[VIOLATIONS_KEPT - 1].place, &arena), "$[99]");
    arena_deinit(&arena);
}
END_TEST

START_TEST(binds_by_the_table) {
    struct arena arena;
    arena_init(&arena);
    CLEANUP(cleanup_json)
    cJSON *value = cJSON_Parse("{\"name\":\"abc\",\"on\":false,\"tags\":[\"RED\"],\"tags\":["
                               "\"BLUE\",\"RED\"],\"extra\":{},\"x\":1,\"size\":3}");
    struct input input = {0};
    ck_assert_int_eq(validate_bind(&schema, value, &arena, &input), 0);
    ck_assert_int_eq(input.size, 3);
    ck_assert_str_eq(input.name, "abc");
    ck_assert(input.on.present && !input.on.value);
    ck_assert(input.tags.present);
    ck_assert_uint_eq(input.tags.count, 2);
    ck_assert_str_eq(input.tags.items[0], "BLUE");
    ck_assert_ptr_nonnull(input.extra);
    arena_deinit(&arena);
}
END_TEST

START_TEST(binds_null_as_absent) {
    struct arena arena;
    arena_init(&arena);
    CLEANUP(cleanup_json)
    cJSON *value = cJSON_Parse("{\"name\":\"abc\",\"on\":true,\"on\":null,\"tags\":[\"RED\"],"
                               "\"tags\":null,\"extra\":null,\"size\":null}");
    struct input input = {0};
    ck_assert_int_eq(validate_bind(&schema, value, &arena, &input), 0);
    ck_assert_int_eq(input.size, 7);
    ck_assert(!input.on.present && !input.tags.present && !input.extra);
    arena_deinit(&arena);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("validate");
    TCase *tcase = suite_add(suite, "validate");
    suite_add_rows(tcase, reports_what_and_where, cases);
    tcase_add_test(tcase, keeps_a_bounded_number);
    tcase_add_test(tcase, binds_by_the_table);
    tcase_add_test(tcase, binds_null_as_absent);
    return suite_run(suite);
}
