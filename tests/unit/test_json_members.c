/* Reading the members of JSON objects by a table, and the places of violations. */
#include <string.h>

#include "json/json.h"
#include "json/json_members.h"
#include "refusal.h"
#include "suite.h"

struct target {
    const char *text;
    bool flag;
    int64_t count;
    double share;
    const cJSON *any;
    int custom;
};

static int read_custom(struct json_reader *reader, const struct json_place *place,
                       const cJSON *value, void *target, int argument) {
    if (!cJSON_IsTrue(value))
        return violations_refuse(reader->violations, place, "must be true");
    *(int *)target = argument;
    return 0;
}

static const struct json_member members[] = {
    {"text", JSON_TEXT, .offset = offsetof(struct target, text), .required = true},
    {"flag", JSON_BOOLEAN, .offset = offsetof(struct target, flag)},
    {"count", JSON_INTEGER, .offset = offsetof(struct target, count), .min = -2, .max = 1e15},
    {"share", JSON_NUMBER, .offset = offsetof(struct target, share), .max = 1},
    {"any", JSON_VALUE, .offset = offsetof(struct target, any)},
    {"custom", JSON_CUSTOM, .offset = offsetof(struct target, custom), .read = read_custom,
     .argument = 7},
    {"checked", JSON_TEXT, .offset = JSON_NOT_KEPT},
    {"skipped", .kind = JSON_SKIPPED},
    {"unsupported", .kind = JSON_UNSUPPORTED},
};
static const struct json_object closed = JSON_OBJECT(members);
static const struct json_object open = JSON_OPEN_OBJECT(members);

static int read_text(const struct json_object *object, const char *text, struct target *target,
                     struct refusal *refusal, cJSON **ret_tree) {
    struct json_error error;
    struct json_reader reader = {.arena = &refusal->arena, .violations = &refusal->violations};
    ck_assert_int_eq(json_parse(text, strlen(text), ret_tree, &error), 0);
    return json_members_read(&reader, &json_root, object, *ret_tree, target);
}

START_TEST(reads_every_kind) {
    CLEANUP(refusal_deinit) struct refusal refusal;
    CLEANUP(cleanup_json) cJSON *tree = NULL;
    struct target target = {0};
    refusal_init(&refusal);
    ck_assert_int_eq(read_text(&closed,
                               "{\"text\":\"t\",\"flag\":true,\"count\":-2,\"share\":0.5,"
                               "\"any\":[],\"custom\":true,\"checked\":\"c\",\"skipped\":{},"
                               "\"unsupported\":[]}",
                               &target, &refusal, &tree),
                     0);
    ck_assert_str_eq(target.text, "t");
    ck_assert(target.flag);
    ck_assert_int_eq(target.count, -2);
    ck_assert_double_eq(target.share, 0.5);
    ck_assert_ptr_eq(target.any, cJSON_GetObjectItemCaseSensitive(tree, "any"));
    ck_assert_int_eq(target.custom, 7);
}
END_TEST

START_TEST(treats_null_as_absent) {
    CLEANUP(refusal_deinit) struct refusal refusal;
    CLEANUP(cleanup_json) cJSON *tree = NULL;
    struct target target = {.flag = true, .count = 3};
    refusal_init(&refusal);
    ck_assert_int_eq(read_text(&closed,
                               "{\"text\":\"t\",\"flag\":null,\"count\":null,\"custom\":null,"
                               "\"unsupported\":null}",
                               &target, &refusal, &tree),
                     0);
    ck_assert(target.flag);
    ck_assert_int_eq(target.count, 3);
}
END_TEST

START_TEST(ignores_unknown_members_of_an_open_object) {
    CLEANUP(refusal_deinit) struct refusal refusal;
    CLEANUP(cleanup_json) cJSON *tree = NULL;
    struct target target = {0};
    refusal_init(&refusal);
    ck_assert_int_eq(
        read_text(&open, "{\"other\":1,\"other\":2,\"text\":\"t\"}", &target, &refusal, &tree), 0);
    ck_assert_str_eq(target.text, "t");
}
END_TEST

static const struct {
    const char *json;
    const char *violations; /* "pointer: message; ..." */
} refused[] = {
    {"[]", ": must be an object; "},
    {"{}", "/text: is required; "},
    {"{\"text\":null}", "/text: is required; "},
    {"{\"text\":1,\"flag\":1,\"share\":1.5,\"share\":0}",
     "/text: must be a string; /flag: must be true or false; /share: must be a number from 0 to 1; "
     "/share: must not appear twice; "},
    {"{\"text\":\"\",\"count\":-3}", "/count: must be an integer from -2 to 1000000000000000; "},
    {"{\"text\":\"\",\"count\":0.5}", "/count: must be an integer from -2 to 1000000000000000; "},
    {"{\"text\":\"\",\"count\":1e300}", "/count: must be an integer from -2 to 1000000000000000; "},
    {"{\"text\":\"\",\"custom\":false,\"unsupported\":{\"a\":1},\"checked\":2}",
     "/custom: must be true; /unsupported: is not supported; /checked: must be a string; "},
    {"{\"text\":\"\",\"a/b~c.d[0]\":1}", "/a~1b~0c.d[0]: is not known; "},
    {"{\"text\":\"\",\"Flag\":true,\"check_ed\":\"\"}",
     "/Flag: unknown; did you mean flag?; /check_ed: unknown; did you mean checked?; "},
};

START_TEST(reports_all_violations) {
    CLEANUP(refusal_deinit) struct refusal refusal;
    CLEANUP(cleanup_json) cJSON *tree = NULL;
    struct target target = {0};
    char found[512] = "";
    refusal_init(&refusal);
    ck_assert_int_gt(read_text(&closed, refused[_i].json, &target, &refusal, &tree), 0);
    for (size_t i = 0; i < refusal.violations.count; i++) {
        const struct violation *violation = &refusal.violations.items[i];
        strcat(strcat(found, json_place_pointer(violation->place, &refusal.arena)), ": ");
        strcat(strcat(found, violation->message), "; ");
    }
    ck_assert_str_eq(found, refused[_i].violations);
}
END_TEST

/* Checking each name for duplicates would take long in a large object. */
START_TEST(stops_after_many_violations) {
    CLEANUP(refusal_deinit) struct refusal refusal;
    CLEANUP(cleanup_json) cJSON *tree = cJSON_CreateObject();
    struct target target = {0};
    refusal_init(&refusal);
    struct json_reader reader = {.arena = &refusal.arena, .violations = &refusal.violations};
    for (int i = 0; i < 10000; i++)
        cJSON_AddItemToObject(tree, "x", cJSON_CreateNull());
    ck_assert_int_gt(json_members_read(&reader, &json_root, &closed, tree, &target), 0);
    ck_assert_uint_eq(refusal.violations.count, VIOLATIONS_KEPT);
}
END_TEST

START_TEST(renders_places) {
    CLEANUP(arena_deinit) struct arena arena;
    arena_init(&arena);
    const struct json_place root = {.name = "createUser.request"};
    const struct json_place users = json_place_member(&root, "us.ers/~");
    const struct json_place user = json_place_element(&users, 12);
    const struct json_place *copy = json_place_copy(&user, &arena);
    ck_assert_ptr_ne(copy, &user);
    ck_assert_ptr_ne(copy->parent->name, users.name);
    ck_assert_str_eq(json_place_path(copy, &arena), "createUser.request.us.ers/~[12]");
    ck_assert_str_eq(json_place_pointer(copy, &arena), "/us.ers~1~0/12");
    ck_assert_str_eq(json_place_path(&root, &arena), "createUser.request");
    ck_assert_str_eq(json_place_pointer(&root, &arena), "");
}
END_TEST

/* The 200th byte lies within a character of two bytes. */
START_TEST(truncates_long_names_between_characters) {
    CLEANUP(arena_deinit) struct arena arena;
    char name[512] = "x";
    arena_init(&arena);
    for (int i = 0; i < 200; i++)
        strcat(name, "ä");
    const struct json_place member = json_place_member(&json_root, name);
    const char *pointer = json_place_pointer(json_place_copy(&member, &arena), &arena);
    ck_assert_uint_eq(strlen(pointer), 1 + 199);
    ck_assert_str_eq(pointer + 198, "ä");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("json_members");
    TCase *tcase = suite_add(suite, "json_members");
    tcase_add_test(tcase, reads_every_kind);
    tcase_add_test(tcase, treats_null_as_absent);
    tcase_add_test(tcase, ignores_unknown_members_of_an_open_object);
    suite_add_rows(tcase, reports_all_violations, refused);
    tcase_add_test(tcase, stops_after_many_violations);
    tcase_add_test(tcase, renders_places);
    tcase_add_test(tcase, truncates_long_names_between_characters);
    return suite_run(suite);
}
