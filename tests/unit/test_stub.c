/* Stub mappings, delays and ids: what is accepted, and what is refused at which place. */
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "json/json.h"
#include "refusal.h"
#include "stubs/stub.h"
#include "suite.h"
#include "util/random.h"

#define ID "6f1e1f1c-0d34-4a8e-9d63-2f8f6f0c6c01"

/* In the tables ' stands for JSON's quotation mark. */
static cJSON *read_json(const char *quoted) {
    char *text = strdup(quoted);
    cJSON *tree = NULL;
    struct json_error error = {0};
    ck_assert_ptr_nonnull(text);
    for (char *at = text; *at; at++)
        *at = *at == '\'' ? '"' : *at;
    int r = json_parse(text, strlen(text), &tree, &error);
    ck_assert_msg(r == 0, "%s: %s at column %zu", text, error.reason, error.column);
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

START_TEST(is_a_200_for_any_request_by_default) {
    struct stub *stub = parse("{}");
    ck_assert_int_eq(stub->status, 200);
    ck_assert_int_eq(stub->priority, 5);
    ck_assert_ptr_null(stub->pattern);
    ck_assert_ptr_null(stub->body);
    ck_assert_ptr_null(stub->metadata);
    ck_assert(!stub->passes_on);
    ck_assert(stub->probability >= 1);
    ck_assert(stub->state.times_left == INT64_MAX);
    ck_assert(uuid_is_valid(stub->id));
    stub_release(stub);
    stub_release(NULL);
}
END_TEST

START_TEST(keeps_every_member) {
    struct stub *stub = parse(
        "{'name':'n','uuid':'" ID "','request':{'method':'GET'},'persistent':true,'priority':1,"
        "'scenarioName':'s','requiredScenarioState':'a','newScenarioState':'b',"
        "'insertionIndex':3,'postServeActions':[],'serveEventListeners':null,"
        "'metadata':{'mine':1,'kestub':{'probability':0.25,'seed':7,'times':2}},"
        "'response':{'status':418,'statusMessage':'Teapot','headers':{'A':'1','B':['2','3']},"
        "'base64Body':'AAH/','fault':'CONNECTION_RESET_BY_PEER','fixedDelayMilliseconds':12,"
        "'delayDistribution':{'type':'uniform','lower':1,'upper':2},"
        "'chunkedDribbleDelay':{'numberOfChunks':3,'totalDuration':40},"
        "'transformers':[],'transformerParameters':{},'fromConfiguredStub':true}}");
    ck_assert_str_eq(stub->id, ID);
    ck_assert_ptr_nonnull(stub->pattern);
    ck_assert_int_eq(stub->priority, 1);
    ck_assert_str_eq(stub->scenario, "s");
    ck_assert_str_eq(stub->required_state, "a");
    ck_assert_str_eq(stub->new_state, "b");
    ck_assert_ptr_nonnull(stub->metadata);
    ck_assert(stub->probability > 0.2 && stub->probability < 0.3);
    ck_assert_uint_eq(stub->state.random, 7);
    ck_assert_int_eq(stub->state.times_left, 2);
    ck_assert_int_eq(stub->status, 418);
    ck_assert_uint_eq(stub->headers.count, 3);
    ck_assert_str_eq(stub->headers.items[2].name, "B");
    ck_assert_str_eq(stub->headers.items[2].value, "3");
    ck_assert_uint_eq(stub->body_size, 3);
    ck_assert_mem_eq(stub->body, "\0\1\xff", 3);
    ck_assert_int_eq(stub->breakage, BREAKAGE_CONNECTION_RESET_BY_PEER);
    ck_assert_int_eq(stub->fixed_delay.kind, DELAY_FIXED);
    ck_assert_int_eq(stub->delay.kind, DELAY_UNIFORM);
    ck_assert_int_eq(stub->dribble_chunks, 3);
    ck_assert_int_eq(stub->dribble_ms, 40);
    ck_assert(!stub->passes_on);
    ck_assert_ptr_eq(strstr(stub->text, "{\"id\":\"" ID "\",\"name\":\"n\",\"request\""),
                     stub->text);
    ck_assert_ptr_nonnull(strstr(stub->text, "\"uuid\":\"" ID "\"}"));
    ck_assert_uint_gt(stub->memory, strlen(stub->text) * 2);
    stub_release(stub);
}
END_TEST

static const struct {
    const char *response;
    const char *body; /* NULL: no body */
    const char *file;
    bool passes_on;
} responses[] = {
    {"{'body':'häé'}", "häé", NULL, false},
    {"{'body':''}", "", NULL, false},
    {"{'body':5.10}", "5.10", NULL, false},
    {"{'body':true}", "true", NULL, false},
    {"{'bodyFileName':7}", NULL, "7", false},
    {"{'jsonBody':{'a':1.50}}", "{\"a\":1.50}", NULL, false},
    {"{'jsonBody':{'a':[1,null,'x']}}", "{\"a\":[1,null,\"x\"]}", NULL, false},
    {"{'jsonBody':false}", "false", NULL, false},
    {"{'base64Body':'aGk='}", "hi", NULL, false},
    {"{'bodyFileName':'a/b.json'}", NULL, "a/b.json", false},
    {"{'body':null,'jsonBody':null,'status':null}", NULL, NULL, false},
    {"{'fixedDelayMilliseconds':0}", NULL, NULL, true},
    {"{'delayDistribution':{'type':'lognormal','median':9,'sigma':0.1}}", NULL, NULL, true},
    {"{'chunkedDribbleDelay':{'numberOfChunks':3}}", NULL, NULL, true},
    {"{'status':200,'fixedDelayMilliseconds':9}", NULL, NULL, false},
    {"{'headers':{'A':'b'},'fixedDelayMilliseconds':9}", NULL, NULL, false},
    {"{'headers':{},'fixedDelayMilliseconds':9}", NULL, NULL, false},
    {"{'body':'x','fixedDelayMilliseconds':9}", "x", NULL, false},
    {"{'bodyFileName':'x','fixedDelayMilliseconds':9}", NULL, "x", false},
    {"{'fault':'EMPTY_RESPONSE','fixedDelayMilliseconds':9}", NULL, NULL, false},
};

START_TEST(reads_responses) {
    char mapping[256];
    snprintf(mapping, sizeof(mapping), "{'response':%s}", responses[_i].response);
    struct stub *stub = parse(mapping);
    ck_assert_pstr_eq(stub->body, responses[_i].body);
    ck_assert_uint_eq(stub->body_size, stub->body ? strlen(stub->body) : 0);
    ck_assert_pstr_eq(stub->body_file, responses[_i].file);
    ck_assert_int_eq(stub->passes_on, responses[_i].passes_on);
    stub_release(stub);
}
END_TEST

#define RESPONSE(member) "{'response':{" member "}}"
#define KESTUB(member) "{'metadata':{'kestub':{" member "}}}"
#define DELAY(rest) RESPONSE("'delayDistribution':" rest)

static const struct {
    const char *mapping;
    const char *pointer;
    const char *detail; /* part of the message */
} refused[] = {
    {"[]", "", "must be an object"},
    {"{'id':7}", "/id", "must be a UUID"},
    {"{'uuid':'" ID "0'}", "/uuid", "must be a UUID"},
    {"{'id':'" ID "','uuid':'x'}", "/uuid", "must be a UUID"},
    {"{'a/b~':1}", "/a~1b~0", "is not known"},
    {"{'name':[]}", "/name", "must be a string"},
    {"{'name':'a','name':'b'}", "/name", "must not appear twice"},
    {"{'response':{},'response':{}}", "/response", "must not appear twice"},
    {RESPONSE("'headers':{'A':'1'},'headers':{'A':'2'}"), "/response/headers",
     "must not appear twice"},
    {"{'request':7}", "/request", "must be an object"},
    {"{'request':{'url':7}}", "/request/url", "must be a string"},
    {"{'request':{'headers':{'A':{'like':1}}}}", "/request/headers/A", "an unknown operator"},
    {"{'persistent':1}", "/persistent", "must be true or false"},
    {"{'priority':-1}", "/priority", "must be an integer from 0 to 2147483647"},
    {"{'priority':1.5}", "/priority", "must be an integer"},
    {"{'priority':'x'}", "/priority", "must be an integer"},
    {"{'priority':''}", "/priority", "must be an integer"},
    {"{'priority':'[1]'}", "/priority", "must be an integer"},
    {"{'persistent':'yes'}", "/persistent", "must be true or false"},
    {"{'priority':1e999}", "/priority", "must be an integer"},
    {"{'scenarioName':[]}", "/scenarioName", "must be a string"},
    {"{'scenarioName':'s','requiredScenarioState':[]}", "/requiredScenarioState", "must be"},
    {"{'scenarioName':'s','newScenarioState':{}}", "/newScenarioState", "must be a string"},
    {"{'requiredScenarioState':'a'}", "", "no scenarioName"},
    {"{'newScenarioState':'a'}", "", "no scenarioName"},
    {"{'metadata':[]}", "/metadata", "must be an object"},
    {"{'postServeActions':[{'name':'webhook'}]}", "/postServeActions", "is not supported"},
    {"{'serveEventListeners':[1]}", "/serveEventListeners", "is not supported"},
    {KESTUB("'probability':1.01"), "/metadata/kestub/probability", "from 0 to 1"},
    {KESTUB("'probability':'1'"), "/metadata/kestub/probability", "from 0 to 1"},
    {KESTUB("'seed':-1"), "/metadata/kestub/seed", "must be an integer"},
    {KESTUB("'times':0.5"), "/metadata/kestub/times", "must be an integer"},
    {KESTUB("'time':1"), "/metadata/kestub/time", "unknown; did you mean times?"},
    {"{'metadata':{'kestub':1}}", "/metadata/kestub", "must be an object"},
    {"{'response':'x'}", "/response", "must be an object"},
    {RESPONSE("'Status':200"), "/response/Status", "unknown; did you mean status?"},
    {RESPONSE("'status':199"), "/response/status", "from 200 to 999"},
    {RESPONSE("'status':1000"), "/response/status", "from 200 to 999"},
    {RESPONSE("'status':'2 00'"), "/response/status", "must be an integer"},
    {RESPONSE("'statusMessage':[]"), "/response/statusMessage", "must be a string"},
    {RESPONSE("'headers':[]"), "/response/headers", "must be an object"},
    {RESPONSE("'headers':{'':'1'}"), "/response/headers/", "is not a valid header name"},
    {RESPONSE("'headers':{'A b':'1'}"), "/response/headers/A b", "is not a valid header name"},
    {RESPONSE("'headers':{'A:':'1'}"), "/response/headers/A:", "is not a valid header name"},
    {RESPONSE("'headers':{'A':1}"), "/response/headers/A", "must be a string"},
    {RESPONSE("'headers':{'A':'1\\r\\nB: 2'}"), "/response/headers/A", "control characters"},
    {RESPONSE("'headers':{'A':['1','\\n']}"), "/response/headers/A", "control characters"},
    {RESPONSE("'headers':{'A':'\\t'}"), "/response/headers/A", "control characters"},
    {RESPONSE("'headers':{'A':[['x']]}"), "/response/headers/A", "must be a string"},
    {RESPONSE("'headers':{'A':[]}"), "/response/headers/A", "has no values"},
    {"{'insertionIndex':'x'}", "/insertionIndex", "must be an integer"},
    {RESPONSE("'body':{}"), "/response/body", "must be a string"},
    {RESPONSE("'body':'a','jsonBody':1"), "/response/jsonBody", "is a second body"},
    {RESPONSE("'bodyFileName':'a','body':'a'"), "/response/body", "is a second body"},
    {RESPONSE("'body':'a','bodyFileName':'a'"), "/response/bodyFileName", "is a second body"},
    {RESPONSE("'bodyFileName':[]"), "/response/bodyFileName", "must be a string"},
    {RESPONSE("'base64Body':'*'"), "/response/base64Body", "must be base64"},
    {RESPONSE("'base64Body':1"), "/response/base64Body", "must be base64"},
    {RESPONSE("'fault':'NO_SUCH'"), "/response/fault", "must be EMPTY_RESPONSE, MALFORMED"},
    {RESPONSE("'fault':1"), "/response/fault", "must be EMPTY_RESPONSE"},
    {RESPONSE("'fixedDelayMilliseconds':-1"), "/response/fixedDelayMilliseconds", "to 3600000"},
    {RESPONSE("'fixedDelayMilliseconds':3600001"), "/response/fixedDelayMilliseconds", "to 360"},
    {RESPONSE("'chunkedDribbleDelay':1"), "/response/chunkedDribbleDelay", "must be an object"},
    {RESPONSE("'chunkedDribbleDelay':{}"), "/response/chunkedDribbleDelay/numberOfChunks",
     "is required"},
    {RESPONSE("'chunkedDribbleDelay':{'numberOfChunks':0}"),
     "/response/chunkedDribbleDelay/numberOfChunks", "from 1 to 10000"},
    {RESPONSE("'chunkedDribbleDelay':{'numberOfChunks':1,'totalDuration':1e9}"),
     "/response/chunkedDribbleDelay/totalDuration", "to 3600000"},
    {RESPONSE("'transformers':['response-template','x']"), "/response/transformers/1",
     "\"response-template\" only"},
    {RESPONSE("'transformers':'response-template'"), "/response/transformers", "list"},
    {RESPONSE("'transformers':[1]"), "/response/transformers/0", "string"},
    {RESPONSE("'transformerParameters':[1]"), "/response/transformerParameters", "object"},
    {RESPONSE("'transformers':['response-template'],'body':'{{#if a}}'"), "/response/body",
     "1:1: "},
    {RESPONSE("'jsonBody':{'a':'{{foo 1}}'},'transformers':['response-template']"),
     "/response/jsonBody", "has no helper 'foo'"},
    {RESPONSE("'bodyFileName':'{{','transformers':['response-template']"), "/response/bodyFileName",
     "1:1: "},
    {RESPONSE("'headers':{'A':['b','{{foo 1}}']},'transformers':['response-template']"),
     "/response/headers/A/1", "has no helper 'foo'"},
    {RESPONSE("'proxyBaseUrl':'http://x'"), "/response/proxyBaseUrl", "is not supported"},
    {RESPONSE("'proxyUrlPrefixToRemove':'/x'"), "/response/proxyUrlPrefixToRemove", "supported"},
    {RESPONSE("'additionalProxyRequestHeaders':{'A':'b'}"),
     "/response/additionalProxyRequestHeaders", "is not supported"},
    {RESPONSE("'removeProxyRequestHeaders':['A']"), "/response/removeProxyRequestHeaders",
     "is not supported"},
    {RESPONSE("'fromConfiguredStub':1"), "/response/fromConfiguredStub", "true or false"},
    {DELAY("7"), "/response/delayDistribution", "with a type"},
    {DELAY("['type']"), "/response/delayDistribution", "with a type"},
    {DELAY("{'type':'gamma'}"), "/response/delayDistribution", "fixed, uniform or lognormal"},
    {DELAY("{'type':'fixed'}"), "/response/delayDistribution/milliseconds", "is required"},
    {DELAY("{'type':'fixed','milliseconds':1,'x':1}"), "/response/delayDistribution/x", "known"},
    {DELAY("{'type':'fixed','milliseconds':1,'sigma':1}"), "/response/delayDistribution/sigma",
     "is not known"},
    {DELAY("{'type':'fixed','milliseconds':1e300}"), "/response/delayDistribution/milliseconds",
     "from 0 to 3600000"},
    {DELAY("{'type':'uniform','lower':-1,'upper':1}"), "/response/delayDistribution/lower", "from"},
    {DELAY("{'type':'uniform','lower':1}"), "/response/delayDistribution/upper", "is required"},
    {DELAY("{'type':'uniform','lower':2,'upper':1}"), "/response/delayDistribution", "below"},
    {DELAY("{'type':'lognormal','sigma':1}"), "/response/delayDistribution/median", "is required"},
    {DELAY("{'type':'lognormal','median':1}"), "/response/delayDistribution/sigma", "is required"},
    {DELAY("{'type':'lognormal','median':1,'sigma':1,'maxValue':'x'}"),
     "/response/delayDistribution/maxValue", "must be a number"},
};

START_TEST(takes_scalars_as_texts) {
    struct stub *stub =
        parse("{'name':5,'priority':'7','persistent':'true','response':{'status':'404',"
              "'fixedDelayMilliseconds':'5','headers':{'A':''},'delayDistribution':"
              "{'type':'uniform','lower':'1','upper':'2.50'}}}");
    ck_assert_int_eq(stub->priority, 7);
    ck_assert_int_eq(stub->status, 404);
    ck_assert_str_eq(stub->headers.items[0].value, " ");
    ck_assert_ptr_nonnull(strstr(stub->text, "\"name\":\"5\",\"priority\":7,\"persistent\":true,"));
    ck_assert_ptr_nonnull(strstr(stub->text, "\"status\":404,\"fixedDelayMilliseconds\":5,"));
    ck_assert_ptr_nonnull(strstr(stub->text, "\"lower\":1,\"upper\":2.50}"));
    stub_release(stub);
}
END_TEST

START_TEST(refuses_with_the_place) {
    cJSON *tree = read_json(refused[_i].mapping);
    struct stub *stub = NULL;
    CLEANUP(refusal_deinit) struct refusal refusal;
    refusal_init(&refusal);
    ck_assert_int_gt(stub_parse(tree, NULL, 0, &json_root, &refusal.violations, &stub), 0);
    ck_assert_str_eq(refusal_pointer(&refusal), refused[_i].pointer);
    ck_assert_msg(strstr(refusal_message(&refusal), refused[_i].detail), "%s",
                  refusal_message(&refusal));
    ck_assert_ptr_null(stub);
    cJSON_Delete(tree);
}
END_TEST

static const struct {
    const char *mapping;
    const char *mistakes; /* "pointer: message\n..." */
} many_mistakes[] = {
    {"{'id':1,'uuid':2,'nam':3,'priority':'x'}",
     "/uuid: must be a UUID\n/id: must be a UUID\n/nam: unknown; did you mean name?\n"
     "/priority: must be an integer from 0 to 2147483647\n"},
    {"{'request':{'urlPth':'/','headers':{'a':{'equelTo':'x'},'b':{},'c':{'equalTo':'x'}},"
     "'bodyPatterns':[{'equalToJson':'{'},{'equalToJson':'{}','ignoreArrayOrdr':true}]}}",
     "/request/urlPth: unknown; did you mean urlPath?\n"
     "/request/headers/a: has an unknown operator: \"equelTo\"; did you mean equalTo?\n"
     "/request/headers/b: has no operator\n"
     "/request/bodyPatterns/0/equalToJson: is not valid JSON: string expected\n"
     "/request/bodyPatterns/1/ignoreArrayOrdr: is not an option of \"equalToJson\"; did you mean "
     "ignoreArrayOrder?\n"},
    {"{'request':{'host':{'and':[{'equalTo':1},{},{'contains':2}]}}}",
     "/request/host/and/0/equalTo: must be a string\n/request/host/and/1: has no operator\n"
     "/request/host/and/2/contains: must be a string\n"},
    {"{'response':{'headers':{'a b':'x','c':7,'d':[[]]},'status':1,'body':'','jsonBody':{}}}",
     "/response/headers/a b: is not a valid header name\n"
     "/response/headers/c: must be a string without control characters\n"
     "/response/headers/d: must be a string without control characters\n"
     "/response/status: must be an integer from 200 to 999\n"
     "/response/jsonBody: is a second body; a response may have one\n"},
};

START_TEST(reports_every_mistake) {
    cJSON *tree = read_json(many_mistakes[_i].mapping);
    struct stub *stub = NULL;
    char found[2048] = "";
    size_t length = 0;
    CLEANUP(refusal_deinit) struct refusal refusal;
    refusal_init(&refusal);
    ck_assert_int_gt(stub_parse(tree, NULL, 0, &json_root, &refusal.violations, &stub), 0);
    for (size_t i = 0; i < refusal.violations.count; i++)
        length +=
            (size_t)snprintf(found + length, sizeof(found) - length, "%s: %s\n",
                             json_place_pointer(refusal.violations.items[i].place, &refusal.arena),
                             refusal.violations.items[i].message);
    ck_assert_str_eq(found, many_mistakes[_i].mistakes);
    ck_assert_ptr_null(stub);
    cJSON_Delete(tree);
}
END_TEST

/* Parses {"response": {"headers": {"A": …}}} with a value of `size` bytes. */
static int parse_long_header(size_t size) {
    char *value = calloc(1, size + 1);
    ck_assert_ptr_nonnull(value);
    memset(value, 'x', size);
    cJSON *tree = cJSON_CreateObject();
    cJSON *headers = cJSON_AddObjectToObject(cJSON_AddObjectToObject(tree, "response"), "headers");
    cJSON_AddStringToObject(headers, "A", value);
    struct stub *stub = NULL;
    CLEANUP(refusal_deinit) struct refusal refusal;
    refusal_init(&refusal);
    int r = stub_parse(tree, NULL, 0, &json_root, &refusal.violations, &stub);
    stub_release(stub);
    cJSON_Delete(tree);
    free(value);
    return r;
}

START_TEST(bounds_the_headers) {
    ck_assert_int_eq(parse_long_header(8187), 0);
    ck_assert_int_gt(parse_long_header(8188), 0);
}
END_TEST

START_TEST(uses_the_given_id) {
    cJSON *tree = read_json("{'id':'6F1E1F1C-0D34-4A8E-9D63-2F8F6F0C6C02'}");
    struct stub *stub = NULL;
    CLEANUP(refusal_deinit) struct refusal refusal;
    refusal_init(&refusal);
    ck_assert_int_eq(stub_parse(tree, ID, 0, &json_root, &refusal.violations, &stub), 0);
    ck_assert_str_eq(stub->id, ID);
    stub_release(stub);
    ck_assert_int_eq(stub_parse(tree, NULL, 0, &json_root, &refusal.violations, &stub), 0);
    ck_assert_str_eq(stub->id, "6F1E1F1C-0D34-4A8E-9D63-2F8F6F0C6C02");
    stub_release(stub);
    cJSON_Delete(tree);
}
END_TEST

enum { DRAWS = 20001 };

static int compare_numbers(const void *a, const void *b) {
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static const struct {
    struct delay delay;
    int64_t min, max, median_min, median_max;
} delays[] = {
    {{DELAY_NONE, 1, 2, 3}, 0, 0, 0, 0},
    {{DELAY_FIXED, 70, 0, 0}, 70, 70, 70, 70},
    {{DELAY_UNIFORM, 100, 200, 0}, 100, 200, 145, 155},
    {{DELAY_UNIFORM, 5, 5, 0}, 5, 5, 5, 5},
    {{DELAY_LOGNORMAL, 80, 0.5, DELAY_MAX_MS}, 1, DELAY_MAX_MS, 76, 84},
    {{DELAY_LOGNORMAL, 80, 0.5, 100}, 1, 100, 76, 84},
    {{DELAY_LOGNORMAL, 80, 3600000, 90}, 0, 90, 0, 90},
    {{DELAY_LOGNORMAL, 0, 3600000, 90}, 0, 90, 0, 90},
    {{DELAY_LOGNORMAL, 3600000, 3600000, DELAY_MAX_MS}, 0, DELAY_MAX_MS, 0, DELAY_MAX_MS},
};

START_TEST(draws_delays) {
    static int64_t drawn[DRAWS];
    uint64_t random = 1;
    for (int i = 0; i < DRAWS; i++)
        drawn[i] = delay_draw(&delays[_i].delay, &random);
    uint64_t again = 1;
    for (int i = 0; i < DRAWS; i++)
        ck_assert_int_eq(delay_draw(&delays[_i].delay, &again), drawn[i]);
    qsort(drawn, DRAWS, sizeof(drawn[0]), compare_numbers);
    ck_assert_int_ge(drawn[0], delays[_i].min);
    ck_assert_int_le(drawn[DRAWS - 1], delays[_i].max);
    ck_assert_int_ge(drawn[DRAWS / 2], delays[_i].median_min);
    ck_assert_int_le(drawn[DRAWS / 2], delays[_i].median_max);
}
END_TEST

START_TEST(draws_random_numbers_below_one) {
    uint64_t random = 0;
    double sum = 0;
    for (int i = 0; i < DRAWS; i++) {
        double value = random_share(&random);
        ck_assert(value >= 0 && value < 1);
        sum += value;
    }
    ck_assert(sum > DRAWS * 0.49 && sum < DRAWS * 0.51);
}
END_TEST

static const struct {
    const char *text;
    bool is_valid;
} uuids[] = {
    {ID, true},
    {"6F1E1F1C-0D34-4A8E-9D63-2F8F6F0C6C01", true},
    {"00000000-0000-0000-0000-000000000000", true},
    {"", false},
    {"6f1e1f1c-0d34-4a8e-9d63-2f8f6f0c6c0", false},
    {ID "0", false},
    {"6f1e1f1c00d34-4a8e-9d63-2f8f6f0c6c01", false},
    {"6f1e1f1c-0d34-4a8e-9d63-2f8f6f0c6c0g", false},
    {"6f1e1f1c-0d34-4a8e-9d63--f8f6f0c6c01", false},
    {"{f1e1f1c-0d34-4a8e-9d63-2f8f6f0c6c01", false},
};

START_TEST(recognizes_uuids) {
    ck_assert_int_eq(uuid_is_valid(uuids[_i].text), uuids[_i].is_valid);
}
END_TEST

START_TEST(makes_uuids) {
    char first[UUID_SIZE];
    char second[UUID_SIZE];
    ck_assert_int_ge(sodium_init(), 0);
    for (int i = 0; i < 1000; i++) {
        uuid_make(first);
        uuid_make(second);
        ck_assert(uuid_is_valid(first));
        ck_assert_int_eq(first[14], '4');
        ck_assert_ptr_nonnull(strchr("89ab", first[19]));
        ck_assert_str_ne(first, second);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("stub");
    TCase *tcase = suite_add(suite, "stub");
    tcase_add_test(tcase, is_a_200_for_any_request_by_default);
    tcase_add_test(tcase, keeps_every_member);
    suite_add_rows(tcase, reads_responses, responses);
    tcase_add_test(tcase, takes_scalars_as_texts);
    suite_add_rows(tcase, refuses_with_the_place, refused);
    suite_add_rows(tcase, reports_every_mistake, many_mistakes);
    tcase_add_test(tcase, bounds_the_headers);
    tcase_add_test(tcase, uses_the_given_id);
    suite_add_rows(tcase, draws_delays, delays);
    tcase_add_test(tcase, draws_random_numbers_below_one);
    suite_add_rows(tcase, recognizes_uuids, uuids);
    tcase_add_test(tcase, makes_uuids);
    return suite_run(suite);
}
