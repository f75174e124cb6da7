/* The stubs of a sandbox: which one answers, what a match changes, and what a reset returns to. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <sodium.h>

#include "json/json.h"
#include "match_request.h"
#include "refusal.h"
#include "stubs/scalars.h"
#include "stubs/stubs.h"
#include "suite.h"

#define ID "6f1e1f1c-0d34-4a8e-9d63-2f8f6f0c6c01"

static struct stubs *stubs;

static void setup(void) {
    ck_assert_int_ge(sodium_init(), 0);
    stubs = stubs_new();
    ck_assert_ptr_nonnull(stubs);
}

static void teardown(void) {
    stubs_free(stubs);
}

/* In `quoted` ' stands for JSON's quotation mark. */
static cJSON *read_json(const char *quoted) {
    char *text = strdup(quoted);
    cJSON *tree = NULL;
    struct json_error error = {0};
    for (char *at = text; *at; at++)
        *at = *at == '\'' ? '"' : *at;
    int r = json_parse(text, strlen(text), &tree, &error);
    ck_assert_msg(r == 0, "%s: %s", text, error.reason);
    free(text);
    return tree;
}

static struct stub *parse(const char *quoted) {
    cJSON *tree = read_json(quoted);
    struct stub *stub = NULL;
    CLEANUP(refusal_deinit) struct refusal refusal;
    refusal_init(&refusal);
    int r = stub_parse(tree, NULL, 0, &json_root, &refusal.violations, &stub);
    ck_assert_msg(r == 0, "%s: %s %s", quoted, refusal_pointer(&refusal),
                  refusal_message(&refusal));
    cJSON_Delete(tree);
    return stub;
}

static void add(const char *quoted) {
    ck_assert_int_eq(stubs_add(stubs, parse(quoted)), 0);
}

/* Returns the name of the stub that answers, or "-". Valid until the next call. */
static const char *match_delayed(const char *request, int64_t *ret_delay_ms) {
    static char name[64];
    struct arena arena;
    struct match_subject subject;
    struct stubs_use use = {0};
    arena_init(&arena);
    ck_assert(match_request_read(request, strlen(request), &arena, &subject));
    int r = stubs_match(stubs, &subject, false, &use);
    const struct stub *stub = use.stub;
    *ret_delay_ms = use.delay_ms;
    ck_assert(r == 0 || r == STUBS_NOT_FOUND);
    const cJSON *own = r == 0 ? cJSON_GetObjectItemCaseSensitive(stub->json, "name") : NULL;
    snprintf(name, sizeof(name), "%s", own ? own->valuestring : "-");
    stub_release(use.stub);
    match_subject_deinit(&subject);
    arena_deinit(&arena);
    return name;
}

static const char *match(const char *request) {
    int64_t delay_ms;
    return match_delayed(request, &delay_ms);
}

static const char *list_names(void) {
    static char names[256];
    struct stub_list list;
    names[0] = '\0';
    ck_assert_int_eq(stubs_list(stubs, &list), 0);
    for (size_t i = 0; i < list.count; i++) {
        strcat(names, cJSON_GetObjectItemCaseSensitive(list.stubs[i]->json, "name")->valuestring);
        strcat(names, " ");
    }
    stub_list_deinit(&list);
    return names;
}

START_TEST(answers_by_priority_and_age) {
    ck_assert(!stubs_are_active(stubs));
    ck_assert_str_eq(match("GET /"), "-");
    add("{'name':'old'}");
    ck_assert(stubs_are_active(stubs));
    add("{'name':'late','priority':6}");
    ck_assert_str_eq(match("GET /"), "old");
    add("{'name':'new'}");
    ck_assert_str_eq(match("GET /"), "new");
    add("{'name':'put','priority':1,'request':{'method':'PUT'}}");
    add("{'name':'first','priority':0,'request':{'method':'POST'}}");
    ck_assert_str_eq(match("GET /"), "new");
    ck_assert_str_eq(match("PUT /"), "put");
    ck_assert_str_eq(match("POST /"), "first");
    ck_assert_str_eq(list_names(), "first put new old late ");
    stubs_clear(stubs);
    ck_assert(!stubs_are_active(stubs));
}
END_TEST

/* What answers when each stub is tried in turn. */
static const char *match_one_by_one(const char *request) {
    static char name[64];
    struct stub_list list;
    strcpy(name, "-");
    ck_assert_int_eq(stubs_list(stubs, &list), 0);
    for (size_t i = 0; i < list.count && name[0] == '-'; i++) {
        struct arena arena;
        struct match_subject subject;
        arena_init(&arena);
        ck_assert(match_request_read(request, strlen(request), &arena, &subject));
        if (pattern_match(list.stubs[i]->pattern, &subject) == 0)
            snprintf(name, sizeof(name), "%s",
                     cJSON_GetObjectItemCaseSensitive(list.stubs[i]->json, "name")->valuestring);
        match_subject_deinit(&subject);
        arena_deinit(&arena);
    }
    stub_list_deinit(&list);
    return name;
}

/* Patterns that differ in what is known of their paths. */
static const char *const urls[] = {
    "'urlPath':'/a'",
    "'urlPath':'/a/'",
    "'urlPath':'/a/b'",
    "'urlPath':'/'",
    "'urlPath':'*'",
    "'url':'/a/b?q=1'",
    "'url':'/a/b'",
    "'url':'/?q'",
    "'urlPathTemplate':'/a/{x}'",
    "'urlPathTemplate':'/a/{x}/c'",
    "'urlPathTemplate':'/{x}'",
    "'urlPathTemplate':'/a/b'",
    "'urlPathTemplate':'/a/**'",
    "'urlPathTemplate':'/a/b{x}'",
    "'urlPathTemplate':'/a/*/c'",
    "'urlPathTemplate':'/1/2/3/4/5/6/7/8/9/{x}'",
    "'urlPathPattern':'/a/.*'",
    "'urlPathPattern':'/a/?'",
    "'urlPathPattern':'/a/*b'",
    "'urlPathPattern':'/a/+b'",
    "'urlPathPattern':'/a/{0,2}b'",
    "'urlPathPattern':'/a/b|/1/.*'",
    "'urlPathPattern':'^/a/b$'",
    "'urlPathPattern':'(?i)/A/B'",
    "'urlPathPattern':'/a/(b|c)'",
    "'urlPathPattern':'\\\\Q/a/\\\\E.'",
    "'urlPathPattern':'/a/b/[^/]+/d'",
    "'urlPathPattern':'.*'",
    "'urlPathPattern':'/a\\\\/b'",
    "'urlPathPattern':'/a/b/c/{0}'",
    "'urlPathPattern':'/1/2/3/4/5/6/7/8/9/10/.*'",
    "'urlPattern':'/a/b\\\\?q=[0-9]'",
    "'urlPattern':'/a/b/.*'",
    "'urlPattern':'/a/?b.*'",
    "'method':'GET'",
    "'method':'PUT'",
};
static const char *const targets[] = {
    "/",
    "*",
    "/a",
    "/a/",
    "/a//",
    "/a/b",
    "/A/B",
    "/a/b/",
    "/a/b/c",
    "/a/b/c/",
    "/a/x/c",
    "/a/b/c/d",
    "/ab",
    "/ab/c",
    "/a/b?q=1",
    "/a/b?q=1/2/3",
    "/a/bc",
    "/a/c",
    "//a/b",
    "/?q",
    "/b",
    "/ab/x?/a/b",
    "/1/2",
    "/1/2/3/4/5/6/7/8/9",
    "/1/2/3/4/5/6/7/8/9/",
    "/1/2/3/4/5/6/7/8/9/10/11",
    "/1/2/3/4/5/6/7/8/x",
};

static void add_urls(unsigned *random, size_t count) {
    char mapping[256];
    for (size_t i = 0; i < count; i++) {
        *random = *random * 1103515245 + 12345;
        size_t chosen = *random / 65536 % (sizeof(urls) / sizeof(urls[0]));
        snprintf(mapping, sizeof(mapping), "{'name':'%zu','priority':%u,'request':{%s}}", i,
                 *random / 1024 % 4 + 1, urls[chosen]);
        add(mapping);
    }
}

START_TEST(finds_what_a_list_would) {
    unsigned random = 1;
    char request[128];
    size_t answered = 0;
    for (size_t round = 0; round < 60; round++) {
        stubs_clear(stubs);
        add_urls(&random, 1 + round / 4);
        for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
            snprintf(request, sizeof(request), "%s %s", round % 2 ? "GET" : "PUT", targets[i]);
            const char *wanted = match_one_by_one(request);
            ck_assert_msg(strcmp(match(request), wanted) == 0, "round %zu, %s: %s, not %s", round,
                          request, match(request), wanted);
            answered += wanted[0] != '-';
        }
    }
    ck_assert_uint_gt(answered, 500);
    ck_assert_uint_lt(answered, 60 * sizeof(targets) / sizeof(targets[0]) - 100);
}
END_TEST

/* A stub that changes shows that the index follows. */
START_TEST(finds_what_came_and_went) {
    add("{'name':'a','id':'" ID "','request':{'urlPath':'/a'}}");
    ck_assert_str_eq(match("GET /a"), "a");
    add("{'name':'b','id':'" ID "','request':{'urlPath':'/b'}}");
    ck_assert_str_eq(match("GET /a"), "-");
    ck_assert_str_eq(match("GET /b"), "b");
    ck_assert_int_eq(stubs_save(stubs), 0);
    ck_assert_int_eq(stubs_remove(stubs, ID), 0);
    ck_assert_str_eq(match("GET /b"), "-");
    ck_assert_int_eq(stubs_reset(stubs), 0);
    ck_assert_str_eq(match("GET /b"), "b");
    stubs_clear(stubs);
    ck_assert_str_eq(match("GET /b"), "-");
}
END_TEST

START_TEST(replaces_by_id) {
    struct stub *stub;
    add("{'name':'a','id':'" ID "','priority':1}");
    add("{'name':'b'}");
    add("{'name':'c','uuid':'6F1E1F1C-0D34-4A8E-9D63-2F8F6F0C6C01','priority':9}");
    ck_assert_str_eq(list_names(), "b c ");
    ck_assert_str_eq(match("GET /"), "b");
    ck_assert_int_eq(stubs_find(stubs, ID, &stub), 0);
    ck_assert(!stubs_was_used(stubs, stub));
    ck_assert_int_eq(stubs_remove(stubs, ID), 0);
    ck_assert_int_eq(stubs_remove(stubs, ID), STUBS_NOT_FOUND);
    stub_release(stub);
    ck_assert_int_eq(stubs_find(stubs, ID, &stub), STUBS_NOT_FOUND);
}
END_TEST

START_TEST(counts_times) {
    add("{'name':'always'}");
    add("{'name':'twice','metadata':{'kestub':{'times':2}}}");
    add("{'name':'never','metadata':{'kestub':{'times':0}}}");
    ck_assert_str_eq(match("GET /"), "twice");
    ck_assert_str_eq(match("GET /"), "twice");
    ck_assert_str_eq(match("GET /"), "always");
}
END_TEST

static void draw(char out[101]) {
    for (int i = 0; i < 100; i++)
        out[i] = match("GET /")[0];
    out[100] = '\0';
}

START_TEST(chance_is_reproducible) {
    static const char seeded[] = "{'name':'x','metadata':{'kestub':{'probability':0.3,'seed':42}}}";
    char first[101], second[101];
    int hits = 0;
    add(seeded);
    ck_assert_int_eq(stubs_save(stubs), 0);
    draw(first);
    for (int i = 0; i < 100; i++)
        hits += first[i] == 'x';
    ck_assert_int_gt(hits, 15);
    ck_assert_int_lt(hits, 45);
    draw(second);
    ck_assert_str_ne(first, second);
    ck_assert_int_eq(stubs_reset(stubs), 0);
    draw(second);
    ck_assert_str_eq(first, second);
    stubs_clear(stubs);
    add("{'name':'x','metadata':{'kestub':{'probability':0.3,'seed':43}}}");
    draw(second);
    ck_assert_str_ne(first, second);
    stubs_clear(stubs);
    add("{'name':'x','metadata':{'kestub':{'probability':0}}}");
    ck_assert_str_eq(match("GET /"), "-");
}
END_TEST

/* Returns the scenarios as an array (owned by the caller), or NULL when memory is out. */
static char *show_scenarios(void) {
    struct json_builder builder = {0};
    stubs_render_scenarios(stubs, &builder, json_begin_array(&builder));
    if (json_end(&builder) == 0)
        return builder.text.bytes;
    json_builder_deinit(&builder);
    return NULL;
}

START_TEST(walks_through_a_scenario) {
    add("{'name':'one','scenarioName':'s','requiredScenarioState':'Started','newScenarioState':'b'"
        "}");
    add("{'name':'two','scenarioName':'s','requiredScenarioState':'b','newScenarioState':'c'}");
    ck_assert_str_eq(match("GET /"), "one");
    ck_assert_str_eq(match("GET /"), "two");
    ck_assert_str_eq(match("GET /"), "-");
    stubs_reset_scenarios(stubs);
    ck_assert_str_eq(match("GET /"), "one");
    ck_assert_int_eq(stubs_set_scenario(stubs, "s", "c"), 0);
    ck_assert_str_eq(match("GET /"), "-");
    ck_assert_int_eq(stubs_set_scenario(stubs, "s", NULL), 0);
    ck_assert_str_eq(match("GET /"), "one");
    ck_assert_int_eq(stubs_set_scenario(stubs, "s", "z"), STUBS_UNKNOWN_STATE);
    ck_assert_int_eq(stubs_set_scenario(stubs, "t", "b"), STUBS_NOT_FOUND);
    char *text = show_scenarios();
    ck_assert_ptr_eq(strstr(text,
                            "[{\"id\":\"s\",\"name\":\"s\",\"state\":\"b\",\"possibleStates\":"
                            "[\"b\",\"c\",\"Started\"],\"mappings\":[{"),
                     text);
    free(text);
}
END_TEST

START_TEST(shows_only_the_states_that_stubs_name) {
    add("{'scenarioName':'a','newScenarioState':'b'}");
    add("{'scenarioName':'none'}");
    char *text = show_scenarios();
    ck_assert_ptr_nonnull(strstr(text, "\"possibleStates\":[\"b\"]"));
    ck_assert_ptr_nonnull(strstr(text, "\"possibleStates\":[]"));
    free(text);
}
END_TEST

/* The state belongs to the scenario, but ends with the last stub of the scenario. */
START_TEST(forgets_scenarios_without_stubs) {
    static const char mapping[] = "{'name':'one','id':'" ID "','scenarioName':'s',"
                                  "'requiredScenarioState':'Started','newScenarioState':'b'}";
    add(mapping);
    ck_assert_str_eq(match("GET /"), "one");
    add(mapping);
    ck_assert_str_eq(match("GET /"), "-");
    ck_assert_int_eq(stubs_remove(stubs, ID), 0);
    add(mapping);
    ck_assert_str_eq(match("GET /"), "one");
    struct stub_list none = {0};
    ck_assert_int_eq(stubs_import(stubs, &none, IMPORT_REMOVES_OTHERS), 0);
    add(mapping);
    ck_assert_str_eq(match("GET /"), "one");
}
END_TEST

START_TEST(resets_to_what_was_saved) {
    cJSON *settings = read_json("{'fixedDelay':7}");
    CLEANUP(refusal_deinit) struct refusal refusal;
    refusal_init(&refusal);
    add("{'name':'kept','metadata':{'kestub':{'times':1}}}");
    ck_assert_int_eq(stubs_save(stubs), 0);
    add("{'name':'more'}");
    ck_assert_int_eq(stubs_set_settings(stubs, settings, &refusal.violations), 0);
    ck_assert_int_eq(stubs_draw_delay(stubs), 7);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(stubs_reset(stubs), 0);
        ck_assert_int_eq(stubs_draw_delay(stubs), 0);
        ck_assert_str_eq(list_names(), "kept ");
        ck_assert_str_eq(match("GET /"), "kept");
        ck_assert_str_eq(match("GET /"), "-");
    }
    struct stubs *other = stubs_new();
    ck_assert_int_eq(stubs_start_as(other, stubs), 0);
    stubs_free(stubs);
    stubs = other;
    ck_assert_str_eq(match("GET /"), "kept");
    cJSON_Delete(settings);
}
END_TEST

static struct stub_list parse_two(void) {
    struct stub_list list = {calloc(2, sizeof(struct stub *)), 2};
    ck_assert_ptr_nonnull(list.stubs);
    list.stubs[0] = parse("{'name':'x','id':'" ID "'}");
    list.stubs[1] = parse("{'name':'y'}");
    return list;
}

static const struct {
    unsigned options;
    const char *names;
} imports[] = {
    {0, "y b x "},
    {IMPORT_KEEPS_KNOWN, "y b a "},
    {IMPORT_REMOVES_OTHERS, "y x "},
    {IMPORT_KEEPS_KNOWN | IMPORT_REMOVES_OTHERS, "y a "},
};

START_TEST(imports_all_or_nothing) {
    add("{'name':'a','id':'" ID "'}");
    add("{'name':'b'}");
    struct stub_list list = parse_two();
    ck_assert_int_eq(stubs_import(stubs, &list, imports[_i].options), 0);
    stub_list_deinit(&list);
    ck_assert_str_eq(list_names(), imports[_i].names);
}
END_TEST

/* Mappings with ids that repeat in another case, and with priorities that repeat. */
static struct stub_list parse_many(size_t count, unsigned different) {
    struct stub_list list = {calloc(count, sizeof(struct stub *)), count};
    ck_assert_ptr_nonnull(list.stubs);
    for (unsigned i = 0; i < count; i++) {
        char text[160];
        snprintf(text, sizeof(text),
                 i % 2 ? "{'name':'%u','id':'6f1e1f1c-0d34-4a8e-9d63-aaaaaaa%05x','priority':%u}"
                       : "{'name':'%u','id':'6F1E1F1C-0D34-4A8E-9D63-AAAAAAA%05X','priority':%u}",
                 i, i * 7919 % different, 1 + i * 31 % 3);
        list.stubs[i] = parse(text);
    }
    return list;
}

/* The names in the order in which the stubs are tried; there are none then. */
static void take_in_order(struct stubs *of, char *out, size_t size) {
    struct stubs *kept = stubs;
    size_t length = 0;
    stubs = of;
    for (const char *name = match("GET /"); strcmp(name, "-") != 0; name = match("GET /")) {
        length += (size_t)snprintf(out + length, size - length, "%s ", name);
        struct stub_list list;
        ck_assert_int_eq(stubs_list(stubs, &list), 0);
        for (size_t i = 0; i < list.count; i++)
            if (strcmp(cJSON_GetObjectItem(list.stubs[i]->json, "name")->valuestring, name) == 0)
                ck_assert_int_eq(stubs_remove(stubs, list.stubs[i]->id), 0);
        stub_list_deinit(&list);
        ck_assert_uint_lt(length, size - 16);
    }
    stubs = kept;
}

/* An import is a quick way to add one after the other, from the last to the first. */
START_TEST(imports_as_if_added) {
    enum { COUNT = 60 };
    char imported[512] = "";
    char added[512] = "";
    struct stubs *other = stubs_new();
    ck_assert_ptr_nonnull(other);
    struct stub_list list = parse_many(COUNT, 40);
    struct stub_list again = parse_many(COUNT, 40);
    for (size_t half = 0; half < 2; half++) {
        struct stub_list part = {list.stubs + half * COUNT / 2, COUNT / 2};
        ck_assert_int_eq(stubs_import(stubs, &part, 0), 0);
        for (size_t i = (half + 1) * COUNT / 2; i-- > half * COUNT / 2;) {
            atomic_fetch_add(&again.stubs[i]->references, 1);
            ck_assert_int_eq(stubs_add(other, again.stubs[i]), 0);
        }
    }
    take_in_order(stubs, imported, sizeof(imported));
    take_in_order(other, added, sizeof(added));
    ck_assert_str_eq(imported, added);
    ck_assert_uint_gt(strlen(added), 100);
    stub_list_deinit(&list);
    stub_list_deinit(&again);
    stubs_free(other);
}
END_TEST

static int64_t thread_us(void) {
    struct timespec used;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000;
}

/* The least time of several that it takes to import the list onto itself, and to remove it. */
static int64_t time_of_import(const struct stub_list *list) {
    int64_t least = INT64_MAX;
    for (int i = 0; i < 5; i++) {
        int64_t start = thread_us();
        ck_assert_int_eq(stubs_import(stubs, list, 0), 0);
        ck_assert_int_eq(stubs_import(stubs, list, IMPORT_KEEPS_KNOWN | IMPORT_REMOVES_OTHERS), 0);
        ck_assert_int_eq(stubs_remove_all(stubs, list), 0);
        int64_t used = thread_us() - start;
        least = used < least ? used : least;
    }
    ck_assert_str_eq(list_names(), "");
    return least;
}

START_TEST(imports_many_in_linear_time) {
    struct stub_list few = parse_many(STUBS_MAX / 10, STUBS_MAX);
    struct stub_list many = parse_many(STUBS_MAX, STUBS_MAX);
    int64_t time_of_few = time_of_import(&few);
    ck_assert_int_lt(time_of_import(&many), 40 * (time_of_few + 50)); /* and not 100 times */
    stub_list_deinit(&few);
    stub_list_deinit(&many);
}
END_TEST

START_TEST(removes_those_of_a_list) {
    add("{'name':'a'}");
    add("{'name':'b','scenarioName':'s','newScenarioState':'x'}");
    add("{'name':'c'}");
    struct stub_list list;
    ck_assert_int_eq(stubs_list(stubs, &list), 0);
    stub_release(list.stubs[0]);
    list.stubs[0] = parse("{'name':'stranger'}");
    ck_assert_int_eq(stubs_remove_all(stubs, &list), 0);
    ck_assert_str_eq(list_names(), "c ");
    ck_assert_int_eq(stubs_remove_all(stubs, &list), 0);
    ck_assert_str_eq(list_names(), "c ");
    stub_list_deinit(&list);
}
END_TEST

START_TEST(bounds_the_number) {
    for (int i = 0; i < STUBS_MAX - 1; i++)
        add("{}");
    add("{'name':'last','id':'" ID "'}");
    struct stub *stub = parse("{}");
    ck_assert_int_eq(stubs_add(stubs, stub), STUBS_TOO_MANY);
    stub_release(stub);
    add("{'name':'again','id':'" ID "'}");
    struct stub_list list = parse_two();
    ck_assert_int_eq(stubs_import(stubs, &list, 0), STUBS_TOO_MANY);
    ck_assert_str_eq(match("GET /"), "again");
    ck_assert_int_eq(stubs_import(stubs, &list, IMPORT_REMOVES_OTHERS), 0);
    ck_assert_str_eq(list_names(), "y x ");
    stub_list_deinit(&list);
}
END_TEST

/* A mapping that takes many times the memory of its text. */
static struct stub *parse_large(const char *id) {
    cJSON *tree = cJSON_CreateObject();
    cJSON_AddStringToObject(tree, "id", id);
    cJSON *list = cJSON_AddArrayToObject(cJSON_AddObjectToObject(tree, "metadata"), "list");
    for (int i = 0; i < 300000; i++)
        cJSON_AddItemToArray(list, cJSON_CreateArray());
    struct stub *stub = NULL;
    CLEANUP(refusal_deinit) struct refusal refusal;
    refusal_init(&refusal);
    ck_assert_int_eq(stub_parse(tree, NULL, 0, &json_root, &refusal.violations, &stub), 0);
    ck_assert_uint_gt(stub->memory, 300000 * sizeof(cJSON));
    ck_assert_uint_gt(stub->memory, strlen(stub->text) * 20);
    cJSON_Delete(tree);
    return stub;
}

START_TEST(bounds_the_memory) {
    char id[UUID_SIZE];
    int count = 0;
    int r = 0;
    while (r == 0 && count < 100) {
        snprintf(id, sizeof(id), "00000000-0000-0000-0000-0000000000%02u", (unsigned)count % 100);
        struct stub *stub = parse_large(id);
        r = stubs_add(stubs, stub);
        count += r == 0;
        if (r != 0)
            stub_release(stub);
    }
    ck_assert_int_eq(r, STUBS_TOO_MANY);
    ck_assert_int_gt(count, 5);
    ck_assert_int_lt(count, 14);
    ck_assert_int_eq(stubs_add(stubs, parse_large("00000000-0000-0000-0000-000000000000")), 0);
    ck_assert_int_eq(stubs_remove(stubs, "00000000-0000-0000-0000-000000000000"), 0);
    ck_assert_int_eq(stubs_add(stubs, parse_large(id)), 0);
    stubs_clear(stubs);
    ck_assert_int_eq(stubs_add(stubs, parse_large(id)), 0);
}
END_TEST

static const struct {
    const char *json;
    const char *pointer; /* NULL: accepted */
    int64_t delay;
} settings[] = {
    {"{}", NULL, 0},
    {"{'fixedDelay':null,'delayDistribution':null,'proxyPassThrough':true}", NULL, 0},
    {"{'fixedDelay':20,'delayDistribution':{'type':'fixed','milliseconds':30}}", NULL, 50},
    {"{'fixedDelay':3600000,'delayDistribution':{'type':'fixed','milliseconds':3600000}}", NULL,
     3600000},
    {"{'fixedDelay':3600001}", "/fixedDelay", 0},
    {"{'fixedDelay':-1}", "/fixedDelay", 0},
    {"{'fixedDelay':1e999}", "/fixedDelay", 0},
    {"{'fixedDelay':'1'}", NULL, 1},
    {"{'fixedDelay':'x'}", "/fixedDelay", 0},
    {"{'delayDistribution':{'type':'fixed','milliseconds':'30'}}", NULL, 30},
    {"{'delayDistribution':{'type':'uniform','lower':1}}", "/delayDistribution/upper", 0},
    {"{'delayDistribution':7}", "/delayDistribution", 0},
};

START_TEST(applies_settings) {
    cJSON *tree = read_json(settings[_i].json);
    CLEANUP(refusal_deinit) struct refusal refusal;
    refusal_init(&refusal);
    int r = stubs_set_settings(stubs, tree, &refusal.violations);
    ck_assert_int_eq(r > 0, settings[_i].pointer != NULL);
    if (r > 0)
        ck_assert_str_eq(refusal_pointer(&refusal), settings[_i].pointer);
    ck_assert_int_eq(stubs_draw_delay(stubs), settings[_i].delay);
    ck_assert_int_eq(stubs_are_active(stubs), settings[_i].delay > 0);
    cJSON *kept = stubs_render_settings(stubs);
    ck_assert_int_eq(scalars_convert(tree), 0);
    ck_assert(r > 0 ? !kept->child : cJSON_Compare(kept, tree, true));
    cJSON_Delete(kept);
    cJSON_Delete(tree);
}
END_TEST

START_TEST(bounds_the_settings) {
    CLEANUP(refusal_deinit) struct refusal refusal;
    refusal_init(&refusal);
    char name[32];
    int r = 0;
    int n = 0;
    for (; r == 0 && n < 100; n++) {
        cJSON *members = cJSON_CreateObject();
        for (int i = 0; i < 100; i++) {
            snprintf(name, sizeof(name), "%d-%d", n, i);
            cJSON_AddNumberToObject(members, name, i);
        }
        r = stubs_extend_settings(stubs, members, &refusal.violations);
        cJSON_Delete(members);
    }
    ck_assert_int_gt(r, 0);
    ck_assert_int_gt(n, 10);
    ck_assert_msg(strstr(refusal_message(&refusal), "more than"), "%s", refusal_message(&refusal));
    cJSON *large = read_json("{'a':1}");
    ck_assert_int_eq(stubs_set_settings(stubs, large, &refusal.violations), 0);
    ck_assert_int_eq(stubs_extend_settings(stubs, large, &refusal.violations), 0);
    cJSON *kept = stubs_render_settings(stubs);
    char *text = cJSON_PrintUnformatted(kept);
    ck_assert_str_eq(text, "{\"a\":1,\"extended\":{\"a\":1}}");
    cJSON_free(text);
    cJSON_Delete(kept);
    cJSON_Delete(large);
}
END_TEST

START_TEST(delays_add_up_within_bounds) {
    int64_t delay_ms = 0;
    add("{'name':'a','response':{'fixedDelayMilliseconds':10,"
        "'delayDistribution':{'type':'fixed','milliseconds':5}}}");
    match_delayed("GET /", &delay_ms);
    ck_assert_int_eq(delay_ms, 15);
    add("{'name':'b','response':{'fixedDelayMilliseconds':3600000,"
        "'delayDistribution':{'type':'fixed','milliseconds':3600000}}}");
    match_delayed("GET /", &delay_ms);
    ck_assert_int_eq(delay_ms, 3600000);
}
END_TEST

/* Matching each of these patterns is given up after a million steps. Their total work is limited
 * too. */
START_TEST(bounds_the_work) {
    char request[256] = "PUT /\n\n";
    for (int i = 0; i < 30; i++)
        add("{'name':'x','request':{'bodyPatterns':[{'matchesJsonPath':'$..*..*..*..*..*.a'}]}}");
    add("{'name':'cheap','priority':9}");
    memset(request + strlen(request), '[', 95);
    memset(request + strlen(request), ']', 95);
    ck_assert_str_eq(match(request), "-");
    ck_assert_str_eq(match("PUT /\n\n[]"), "cheap");
}
END_TEST

enum { THREADS = 4, ROUNDS = 300 };

static void change(int number, int round) {
    char mapping[256];
    struct stub *stub;
    CLEANUP(refusal_deinit) struct refusal refusal;
    refusal_init(&refusal);
    cJSON *settings;
    char *scenarios;
    snprintf(mapping, sizeof(mapping),
             "{'name':'t','id':'00000000-0000-0000-0000-00000000000%d','scenarioName':'s%d',"
             "'newScenarioState':'n','metadata':{'kestub':{'probability':0.5,'times':9}}}",
             number, round % 3);
    switch (round % 7) {
    case 0:
        add(mapping);
        break;
    case 1:
        stubs_remove(stubs, "00000000-0000-0000-0000-000000000001");
        break;
    case 2:
        stubs_reset(stubs);
        break;
    case 3:
        if (stubs_find(stubs, "00000000-0000-0000-0000-000000000000", &stub) == 0) {
            stubs_was_used(stubs, stub);
            stub_release(stub);
        }
        break;
    case 4:
        stubs_save(stubs);
        break;
    case 5:
        scenarios = show_scenarios();
        settings = scenarios ? json_parse_own(scenarios) : NULL;
        stubs_set_settings(stubs, settings, &refusal.violations);
        stubs_draw_delay(stubs);
        cJSON_Delete(settings);
        free(scenarios);
        break;
    default:
        if (round % 50 == 6)
            stubs_clear(stubs);
    }
}

static void *work(void *cls) {
    int number = *(const int *)cls;
    for (int round = 0; round < ROUNDS; round++) {
        struct arena arena;
        struct match_subject subject;
        struct stubs_use use = {0};
        change(number, round + number);
        arena_init(&arena);
        if (match_request_read("GET /", 5, &arena, &subject) && stubs_are_active(stubs) &&
            stubs_match(stubs, &subject, false, &use) == 0) {
            if (use.stub->text[0] != '{' || !use.stub->scenario)
                abort();
            stub_release(use.stub);
        }
        arena_deinit(&arena);
    }
    return NULL;
}

START_TEST(is_shared_by_threads) {
    pthread_t threads[THREADS];
    int numbers[THREADS];
    for (int i = 0; i < THREADS; i++) {
        numbers[i] = i;
        ck_assert_int_eq(pthread_create(&threads[i], NULL, work, &numbers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("stubs");
    TCase *tcase = suite_add(suite, "stubs");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, answers_by_priority_and_age);
    tcase_add_test(tcase, finds_what_a_list_would);
    tcase_add_test(tcase, finds_what_came_and_went);
    tcase_add_test(tcase, replaces_by_id);
    tcase_add_test(tcase, counts_times);
    tcase_add_test(tcase, chance_is_reproducible);
    tcase_add_test(tcase, walks_through_a_scenario);
    tcase_add_test(tcase, shows_only_the_states_that_stubs_name);
    tcase_add_test(tcase, forgets_scenarios_without_stubs);
    tcase_add_test(tcase, resets_to_what_was_saved);
    suite_add_rows(tcase, imports_all_or_nothing, imports);
    tcase_add_test(tcase, imports_as_if_added);
    tcase_add_test(tcase, imports_many_in_linear_time);
    tcase_add_test(tcase, removes_those_of_a_list);
    tcase_add_test(tcase, bounds_the_number);
    tcase_add_test(tcase, bounds_the_memory);
    suite_add_rows(tcase, applies_settings, settings);
    tcase_add_test(tcase, bounds_the_settings);
    tcase_add_test(tcase, delays_add_up_within_bounds);
    tcase_add_test(tcase, bounds_the_work);
    tcase_add_test(tcase, is_shared_by_threads);
    return suite_run(suite);
}
