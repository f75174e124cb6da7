/* The writer of JSON: its texts are those of cJSON, and what is wrong about its use shows. */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "json/json_build.h"
#include "json/json_print.h"
#include "suite.h"
#include "util/cleanup.h"
#include "util/fatal.h"

void *__real_realloc(void *memory, size_t size);
void *__wrap_realloc(void *memory, size_t size);

static int until_failure; /* 0: no failure */

void *__wrap_realloc(void *memory, size_t size) {
    return until_failure > 0 && --until_failure == 0 ? NULL : __real_realloc(memory, size);
}

static uint32_t draw(uint32_t *seed, uint32_t bound) {
    *seed = *seed * 1664525 + 1013904223;
    return (*seed >> 8) % bound;
}

/* Texts of all lengths, most of them plain. */
static void draw_text(uint32_t *seed, char *text, size_t most) {
    size_t length = draw(seed, draw(seed, 8) == 0 ? (uint32_t)most : 24);
    bool is_plain = draw(seed, 2) == 0;
    for (size_t i = 0; i < length; i++)
        text[i] = (char)(is_plain ? 'a' + draw(seed, 26) : 1 + draw(seed, 127));
    text[length] = '\0';
}

enum { MOST_TEXT = 300, MOST_LEVELS = 6 };

/* Adds the same values to both. */
static void fill(struct json_builder *builder, struct json_parent parent, cJSON *tree,
                 uint32_t *seed, int level) {
    bool is_object = cJSON_IsObject(tree);
    char name_text[MOST_TEXT];
    char text[MOST_TEXT];
    for (uint32_t n = draw(seed, 6); n > 0; n--) {
        cJSON *value = NULL;
        draw_text(seed, name_text, MOST_TEXT);
        draw_text(seed, text, MOST_TEXT);
        const char *name = is_object ? name_text : NULL;
        int64_t number = (int64_t)draw(seed, 1 << 20) - (1 << 19);
        switch (draw(seed, level < MOST_LEVELS ? 7 : 5)) {
        case 0:
            json_add_text(builder, parent, name, text);
            value = cJSON_CreateString(text);
            break;
        case 1:
            json_add_bool(builder, parent, name, number > 0);
            value = cJSON_CreateBool(number > 0);
            break;
        case 2:
            json_add_integer(builder, parent, name, number);
            value = cJSON_CreateNumber((double)number);
            break;
        case 3:
            json_add_number(builder, parent, name, (double)number / 8);
            value = cJSON_CreateNumber((double)number / 8);
            break;
        case 4:
            value = cJSON_CreateObject();
            cJSON_AddStringToObject(value, text, name_text);
            json_add_copy(builder, parent, name, value);
            break;
        case 5:
            value = cJSON_CreateObject();
            fill(builder, json_add_object(builder, parent, name), value, seed, level + 1);
            break;
        default:
            value = cJSON_CreateArray();
            fill(builder, json_add_array(builder, parent, name), value, seed, level + 1);
        }
        if (is_object)
            cJSON_AddItemToObject(tree, name, value);
        else
            cJSON_AddItemToArray(tree, value);
    }
}

START_TEST(writes_what_cjson_prints) {
    for (uint32_t seed = 0; seed < 3000; seed++) {
        CLEANUP(json_builder_deinit) struct json_builder builder = {0};
        uint32_t drawn = seed;
        bool is_object = seed % 2 == 0;
        CLEANUP(cleanup_json)
        cJSON *tree = is_object ? cJSON_CreateObject() : cJSON_CreateArray();
        struct json_parent root =
            is_object ? json_begin_object(&builder) : json_begin_array(&builder);
        fill(&builder, root, tree, &drawn, 1);
        ck_assert_int_eq(json_end(&builder), 0);
        CLEANUP(cleanup_free) char *expected = cJSON_PrintUnformatted(tree);
        CLEANUP(cleanup_free) char *printed = json_print(tree);
        ck_assert_str_eq(builder.text.bytes, expected);
        ck_assert_str_eq(printed, expected);
        ck_assert_uint_eq(builder.text.size, strlen(expected));
    }
}
END_TEST

START_TEST(finds_what_needs_an_escape) {
    enum { MOST = 40 };
    char text[MOST + 1] = "";
    for (size_t length = 0; length <= MOST; length++) {
        memset(text, 'a', length);
        ck_assert_uint_eq(json_plain_length(text, length), length);
        for (size_t at = 0; at < length; at++) {
            for (int c = 1; c <= 255; c++) {
                bool is_plain = c >= ' ' && c != '"' && c != '\\';
                text[at] = (char)c;
                ck_assert_uint_eq(json_plain_length(text, length), is_plain ? length : at);
            }
            text[at] = at % 2 ? '\xff' : '!';
        }
    }
}
END_TEST

START_TEST(writes_each_kind_of_value) {
    static const int64_t integers[] = {0, 7, -1, INT64_MAX, INT64_MIN};
    CLEANUP(json_builder_deinit) struct json_builder builder = {0};
    struct json_parent root = json_begin_object(&builder);
    struct json_parent list = json_add_array(&builder, root, "list");
    for (size_t i = 0; i < sizeof(integers) / sizeof(integers[0]); i++)
        json_add_integer(&builder, list, NULL, integers[i]);
    json_add_array(&builder, json_add_object(&builder, list, NULL), "in\"ner");
    json_add_number(&builder, list, NULL, 1.0 / 0.0);
    json_add_text(&builder, root, "nothing", NULL);
    json_add_printed(&builder, root, "printed", "{\"a\":1.50}");
    json_add_members_of(&builder, root, "{\"b\":[1E5],\"c\":null}");
    json_add_members_of(&builder, root, NULL);
    json_add_instant(&builder, root, "at", 0);
    ck_assert_int_eq(json_end(&builder), 0);
    ck_assert_str_eq(builder.text.bytes,
                     "{\"list\":[0,7,-1,9223372036854775807,-9223372036854775808,{\"in\\\"ner\":[]}"
                     ",null],\"printed\":{\"a\":1.50},\"b\":[1E5],\"c\":null,"
                     "\"at\":\"1970-01-01T00:00:00Z\"}");
}
END_TEST

START_TEST(refuses_members_of_no_object) {
    CLEANUP(json_builder_deinit) struct json_builder builder = {0};
    json_add_members_of(&builder, json_begin_object(&builder), "[1]");
    ck_assert_int_lt(json_end(&builder), 0);
}
END_TEST

START_TEST(begins_another_text_after_the_end) {
    CLEANUP(json_builder_deinit) struct json_builder builder = {0};
    json_begin_array(&builder);
    ck_assert_int_eq(json_end(&builder), 0);
    json_add_bool(&builder, json_begin_object(&builder), "a", true);
    ck_assert_int_eq(json_end(&builder), 0);
    ck_assert_str_eq(builder.text.bytes, "[]{\"a\":true}");
}
END_TEST

/* Each of these is a mistake of the program. */
static void misuse(int mistake) {
    CLEANUP(json_builder_deinit) struct json_builder builder = {0};
    struct json_parent root = json_begin_object(&builder);
    struct json_parent list = json_add_array(&builder, root, "a");
    struct json_parent inner = json_add_object(&builder, list, NULL);
    switch (mistake) {
    case 0: /* closed by a value of the root */
        json_add_bool(&builder, root, "b", true);
        json_add_bool(&builder, list, NULL, true);
        break;
    case 1: /* closed, and another one is open in its place */
        json_add_object(&builder, list, NULL);
        json_add_bool(&builder, inner, "b", true);
        break;
    case 2: /* an element with a name */
        json_add_bool(&builder, list, "b", true);
        break;
    case 3: /* a member without one */
        json_add_bool(&builder, root, NULL, true);
        break;
    case 4: /* no parent */
        json_add_bool(&builder, (struct json_parent){0}, "b", true);
        break;
    case 5: /* a text within a text */
        json_begin_object(&builder);
        break;
    default: /* too many levels */
        for (int i = 0; i < JSON_BUILD_LEVELS; i++)
            inner = json_add_object(&builder, inner, "b");
    }
}

START_TEST(aborts_on_misuse) {
    misuse(_i);
}
END_TEST

/* Writes enough to grow several times, in names, texts, copies and ends. */
static int write_much(struct json_builder *builder) {
    CLEANUP(cleanup_json) cJSON *tree = cJSON_CreateObject();
    char text[2000] = "";
    memset(text, '"', sizeof(text) - 1);
    cJSON_AddStringToObject(tree, "quotes", text);
    struct json_parent list = json_add_array(builder, json_begin_object(builder), "list");
    for (int i = 0; i < 3; i++) {
        struct json_parent object = json_add_object(builder, list, NULL);
        json_add_text(builder, object, text + i, text);
        json_add_copy(builder, object, "copy", tree);
        json_add_printed(builder, object, "plain", "1");
    }
    return json_end(builder);
}

START_TEST(fails_when_memory_is_out) {
    CLEANUP(json_builder_deinit) struct json_builder whole = {0};
    int n = 0;
    ck_assert_int_eq(write_much(&whole), 0);
    for (bool reached = true; reached; n++) {
        CLEANUP(json_builder_deinit) struct json_builder builder = {0};
        until_failure = n + 1;
        int r = write_much(&builder);
        reached = until_failure == 0;
        until_failure = 0;
        ck_assert_int_eq(r < 0 ? fatal_errno(r) : 0, reached ? ENOMEM : 0);
        if (!reached)
            ck_assert_str_eq(builder.text.bytes, whole.text.bytes);
    }
    ck_assert_int_gt(n, 4);
}
END_TEST

/* A small text is always allowed. */
START_TEST(obeys_the_limit) {
    struct memory_limit limit;
    memory_limit_init(&limit, MEMORY_LEAST);
    atomic_store(&limit.reserved, MEMORY_LEAST); /* by others */
    CLEANUP(json_builder_deinit) struct json_builder small = {.memory = &limit};
    json_add_text(&small, json_begin_array(&small), NULL, "x");
    ck_assert_int_eq(json_end(&small), 0);
    CLEANUP(json_builder_deinit) struct json_builder large = {.memory = &limit};
    struct json_parent list = json_begin_array(&large);
    for (size_t i = 0; i < MEMORY_SMALL; i++)
        json_add_text(&large, list, NULL, "xxxxxxxx");
    ck_assert(large.failed);
    ck_assert_uint_le(large.text.size, 2 * MEMORY_SMALL);
    ck_assert_int_eq(fatal_errno(json_end(&large)), EDQUOT);
    memory_limit_deinit(&limit);
}
END_TEST

int main(void) {
    enum { MISTAKES = 7 };
    Suite *suite = suite_create("json_build");
    TCase *tcase = suite_add(suite, "writer");
    tcase_add_test(tcase, writes_what_cjson_prints);
    tcase_add_test(tcase, finds_what_needs_an_escape);
    tcase_add_test(tcase, writes_each_kind_of_value);
    tcase_add_test(tcase, refuses_members_of_no_object);
    tcase_add_test(tcase, begins_another_text_after_the_end);
    tcase_add_loop_test_raise_signal(tcase, aborts_on_misuse, SIGABRT, 0, MISTAKES);
    tcase_add_test(tcase, fails_when_memory_is_out);
    tcase_add_test(tcase, obeys_the_limit);
    return suite_run(suite);
}
