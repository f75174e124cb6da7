#include "stubs/stub.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "json/json.h"
#include "json/json_print.h"
#include "stubs/scalars.h"
#include "util/base64.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/text.h"

enum { DEFAULT_PRIORITY = 5 };

static int read_request(struct json_reader *reader, const struct json_place *place,
                        const cJSON *json, void *target, int argument) {
    struct stub *stub = target;
    (void)argument;
    return pattern_parse(json, place, reader->violations, &stub->pattern);
}

struct header_list {
    struct name_value_list pairs;
    size_t bytes; /* in the head of the answer */
};

static int add_header(struct json_reader *reader, const struct json_place *place,
                      const cJSON *value, struct header_list *list) {
    if (!cJSON_IsString(value) || !text_is_header_value(value->valuestring))
        return violations_refuse(reader->violations, place,
                                 "must be a string without control characters");
    bool had_room = list->bytes <= STUB_MAX_HEADER_BYTES;
    list->bytes += strlen(place->name) + strlen(value->valuestring) + strlen(": \r\n");
    if (!had_room)
        return 1; /* another header has the violation already */
    if (list->bytes > STUB_MAX_HEADER_BYTES)
        return violations_refuse(reader->violations, place, "makes more than %d bytes of headers",
                                 STUB_MAX_HEADER_BYTES);
    const char *text = value->valuestring[0] ? value->valuestring : " ";
    list->pairs.items[list->pairs.count++] = (struct name_value){place->name, text};
    return 0;
}

/* Reads the headers with one name: a value or a list of values. */
static int add_headers(struct json_reader *reader, const struct json_place *place,
                       const cJSON *json, struct header_list *list) {
    const cJSON *value;
    int r = 0;
    if (!text_is_token(place->name))
        return violations_refuse(reader->violations, place, "is not a valid header name");
    if (!cJSON_IsArray(json))
        return add_header(reader, place, json, list);
    if (!json->child)
        return violations_refuse(reader->violations, place, "has no values");
    cJSON_ArrayForEach (value, json)
        if (r == 0)
            r = add_header(reader, place, value, list);
    return r;
}

static int read_headers(struct json_reader *reader, const struct json_place *place,
                        const cJSON *json, void *target, int argument) {
    struct stub *stub = target;
    (void)argument;
    const cJSON *header;
    size_t room = 0;
    int outcome = 0;
    if (!cJSON_IsObject(json))
        return violations_refuse(reader->violations, place, "must be an object");
    cJSON_ArrayForEach (header, json)
        room += cJSON_IsArray(header) ? (size_t)cJSON_GetArraySize(header) : 1;
    struct header_list list = {.pairs.items =
                                   arena_alloc(reader->arena, room * sizeof(struct name_value))};
    if (!list.pairs.items)
        return FATAL(ENOMEM);
    cJSON_ArrayForEach (header, json) {
        const struct json_place member = json_place_member(place, header->string);
        int r = add_headers(reader, &member, header, &list);
        if (r < 0)
            return r;
        outcome = r > 0 ? r : outcome;
    }
    stub->headers = list.pairs;
    for (size_t i = 0; i < stub->headers.count; i++)
        stub->is_for_pages |=
            strcasecmp(stub->headers.items[i].name, "Access-Control-Allow-Origin") == 0;
    return outcome;
}

static int set_body(struct json_reader *reader, const struct json_place *place, struct stub *stub,
                    const char *body, size_t size) {
    if (stub->body || stub->body_file)
        return violations_refuse(reader->violations, place,
                                 "is a second body; a response may have one");
    stub->body = body;
    stub->body_size = size;
    return 0;
}

static int read_body(struct json_reader *reader, const struct json_place *place, const cJSON *json,
                     void *target, int argument) {
    struct stub *stub = target;
    (void)argument;
    if (!cJSON_IsString(json))
        return violations_refuse(reader->violations, place, "must be a string");
    return set_body(reader, place, stub, json->valuestring, strlen(json->valuestring));
}

static int read_json_body(struct json_reader *reader, const struct json_place *place,
                          const cJSON *json, void *target, int argument) {
    struct stub *stub = target;
    (void)argument;
    CLEANUP(cleanup_free) char *printed = json_print(json);
    char *text = printed ? arena_copy(reader->arena, printed, strlen(printed)) : NULL;
    return text ? set_body(reader, place, stub, text, strlen(text)) : FATAL(ENOMEM);
}

static int read_base64_body(struct json_reader *reader, const struct json_place *place,
                            const cJSON *json, void *target, int argument) {
    struct stub *stub = target;
    (void)argument;
    char *bytes = NULL;
    size_t size = 0;
    int r = 1;
    if (cJSON_IsString(json))
        r = base64_decode(json->valuestring, reader->arena, &bytes, &size);
    if (r > 0)
        return violations_refuse(reader->violations, place, "must be base64");
    return r == 0 ? set_body(reader, place, stub, bytes, size) : r;
}

static int read_body_file(struct json_reader *reader, const struct json_place *place,
                          const cJSON *json, void *target, int argument) {
    struct stub *stub = target;
    (void)argument;
    if (!cJSON_IsString(json))
        return violations_refuse(reader->violations, place, "must be a string");
    int r = set_body(reader, place, stub, NULL, 0);
    if (r == 0)
        stub->body_file = json->valuestring;
    return r;
}

static int read_breakage(struct json_reader *reader, const struct json_place *place,
                         const cJSON *json, void *target, int argument) {
    struct stub *stub = target;
    (void)argument;
    for (int i = BREAKAGE_NONE + 1; cJSON_IsString(json) && i < BREAKAGES; i++) {
        if (strcmp(breakage_name((enum breakage)i), json->valuestring) == 0) {
            stub->breakage = (enum breakage)i;
            return 0;
        }
    }
    return violations_refuse(reader->violations, place, "must be %s, %s, %s or %s",
                             breakage_name(BREAKAGE_EMPTY_RESPONSE),
                             breakage_name(BREAKAGE_MALFORMED_RESPONSE_CHUNK),
                             breakage_name(BREAKAGE_RANDOM_DATA_THEN_CLOSE),
                             breakage_name(BREAKAGE_CONNECTION_RESET_BY_PEER));
}

static int read_dribble(struct json_reader *reader, const struct json_place *place,
                        const cJSON *json, void *target, int argument) {
    struct stub *stub = target;
    (void)argument;
    static const struct json_member members[] = {
        {"numberOfChunks", JSON_INTEGER, .required = true,
         .offset = offsetof(struct stub, dribble_chunks), .min = 1, .max = 10000},
        {"totalDuration", JSON_INTEGER, .offset = offsetof(struct stub, dribble_ms),
         .max = DELAY_MAX_MS},
    };
    static const struct json_object object = JSON_OBJECT(members);
    return json_members_read(reader, place, &object, json, stub);
}

static int read_response(struct json_reader *reader, const struct json_place *place,
                         const cJSON *json, void *target, int argument) {
    struct stub *stub = target;
    (void)argument;
    static const struct json_member members[] = {
        {"status", JSON_INTEGER, .offset = offsetof(struct stub, status), .min = 200, .max = 999},
        {"statusMessage", JSON_TEXT,
         .offset = JSON_NOT_KEPT}, /* libmicrohttpd always sends its own */
        {"headers", JSON_CUSTOM, .read = read_headers},
        {"body", JSON_CUSTOM, .read = read_body},
        {"jsonBody", JSON_CUSTOM, .read = read_json_body},
        {"base64Body", JSON_CUSTOM, .read = read_base64_body},
        {"bodyFileName", JSON_CUSTOM, .read = read_body_file},
        {"fault", JSON_CUSTOM, .read = read_breakage},
        {"fixedDelayMilliseconds", JSON_CUSTOM, .offset = offsetof(struct stub, fixed_delay),
         .read = delay_read_fixed},
        {"delayDistribution", JSON_CUSTOM, .offset = offsetof(struct stub, delay),
         .read = delay_read},
        {"chunkedDribbleDelay", JSON_CUSTOM, .read = read_dribble},
        {"transformers", JSON_CUSTOM, .offset = offsetof(struct stub, templates),
         .read = stub_templates_read_names},
        {"transformerParameters", JSON_CUSTOM, .offset = offsetof(struct stub, templates),
         .read = stub_templates_read_parameters},
        {"proxyBaseUrl", .kind = JSON_UNSUPPORTED},
        {"proxyUrlPrefixToRemove", .kind = JSON_UNSUPPORTED},
        {"additionalProxyRequestHeaders", .kind = JSON_UNSUPPORTED},
        {"removeProxyRequestHeaders", .kind = JSON_UNSUPPORTED},
        {"fromConfiguredStub", JSON_BOOLEAN, .offset = JSON_NOT_KEPT},
    };
    static const struct json_object object = JSON_OBJECT(members);
    int r = json_members_read(reader, place, &object, json, stub);
    bool has_json = !cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(json, "jsonBody")) &&
                    cJSON_HasObjectItem(json, "jsonBody");
    return r == 0 ? stub_templates_parse(reader, place, json, has_json ? stub->body : NULL,
                                         stub->headers.count, &stub->templates)
                  : r;
}

/* Metadata belong to the client, except for the member "kestub". */
static int read_metadata(struct json_reader *reader, const struct json_place *place,
                         const cJSON *json, void *target, int argument) {
    struct stub *stub = target;
    (void)argument;
    static const struct json_member members[] = {
        {"probability", JSON_NUMBER, .offset = offsetof(struct stub, probability), .max = 1},
        {"seed", JSON_INTEGER, .offset = offsetof(struct stub, state.random),
         .max = JSON_MAX_INTEGER},
        {"times", JSON_INTEGER, .offset = offsetof(struct stub, state.times_left),
         .max = INT32_MAX},
    };
    static const struct json_object object = JSON_OBJECT(members);
    const cJSON *own = cJSON_GetObjectItemCaseSensitive(json, "kestub");
    const struct json_place member = json_place_member(place, "kestub");
    if (!cJSON_IsObject(json))
        return violations_refuse(reader->violations, place, "must be an object");
    stub->metadata = json;
    return !own || cJSON_IsNull(own) ? 0 : json_members_read(reader, &member, &object, own, stub);
}

static const struct json_member mapping_members[] = {
    {"$schema", .kind = JSON_SKIPPED}, /* for editors */
    {"id", .kind = JSON_SKIPPED},
    {"uuid", .kind = JSON_SKIPPED},
    {"name", JSON_TEXT, .offset = JSON_NOT_KEPT},
    {"request", JSON_CUSTOM, .read = read_request},
    {"response", JSON_CUSTOM, .read = read_response},
    {"persistent", JSON_BOOLEAN, .offset = JSON_NOT_KEPT},
    {"priority", JSON_INTEGER, .offset = offsetof(struct stub, priority), .max = INT32_MAX},
    {"scenarioName", JSON_TEXT, .offset = offsetof(struct stub, scenario)},
    {"requiredScenarioState", JSON_TEXT, .offset = offsetof(struct stub, required_state)},
    {"newScenarioState", JSON_TEXT, .offset = offsetof(struct stub, new_state)},
    {"metadata", JSON_CUSTOM, .read = read_metadata},
    {"insertionIndex", JSON_INTEGER, .offset = JSON_NOT_KEPT, .min = -JSON_MAX_INTEGER,
     .max = JSON_MAX_INTEGER},
    {"postServeActions", .kind = JSON_UNSUPPORTED},
    {"serveEventListeners", .kind = JSON_UNSUPPORTED},
};
const struct json_object stub_object = JSON_OBJECT(mapping_members);

static int read_mapping(struct json_reader *reader, const struct json_place *place,
                        struct stub *stub) {
    int r = json_members_read(reader, place, &stub_object, stub->json, stub);
    if (r != 0)
        return r;
    bool is_slow = stub->fixed_delay.kind != DELAY_NONE || stub->delay.kind != DELAY_NONE ||
                   stub->dribble_chunks > 0;
    bool has_answer = stub->status != 0 || stub->headers.items || stub->body || stub->body_file;
    stub->passes_on = is_slow && !has_answer && !stub->breakage;
    if (stub->status == 0)
        stub->status = 200;
    if ((stub->required_state || stub->new_state) && !stub->scenario)
        return violations_refuse(reader->violations, place,
                                 "has the state of a scenario, but no scenarioName");
    return 0;
}

/* Finds the id that the mapping itself has, if any. */
static int find_id(struct json_reader *reader, const struct json_place *place, const cJSON *mapping,
                   const char **ret_id) {
    static const char *const names[] = {"uuid", "id"};
    int outcome = 0;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const cJSON *json = cJSON_GetObjectItemCaseSensitive(mapping, names[i]);
        const struct json_place member = json_place_member(place, names[i]);
        if (!json || cJSON_IsNull(json))
            continue;
        bool is_id = cJSON_IsString(json) && uuid_is_valid(json->valuestring);
        int r = is_id ? 0 : violations_refuse(reader->violations, &member, "must be a UUID");
        if (r < 0)
            return r;
        outcome = r > 0 ? r : outcome;
        *ret_id = is_id ? json->valuestring : *ret_id;
    }
    return outcome;
}

/* A hash (FNV-1a) of a mapping's text, without the ids at both ends of it. */
static uint64_t salt_of(const char *text) {
    const size_t first = strlen("{\"id\":\"\"") + UUID_SIZE - 1;
    const size_t last = strlen(",\"uuid\":\"\"}") + UUID_SIZE - 1;
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    const size_t size = strlen(text);
    for (size_t i = first; i + last < size; i++)
        hash = (hash ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
    return hash;
}

/* Makes the mapping that clients get back: it starts with the id. */
static int make_json(struct stub *stub, const cJSON *mapping, const char *id) {
    if (id)
        strcpy(stub->id, id);
    else
        uuid_make(stub->id);
    stub->json = cJSON_CreateObject();
    if (!cJSON_AddStringToObject(stub->json, "id", stub->id))
        return FATAL(ENOMEM);
    const cJSON *member;
    cJSON_ArrayForEach (member, mapping) {
        if (strcmp(member->string, "id") == 0 || strcmp(member->string, "uuid") == 0)
            continue;
        cJSON *copy = cJSON_Duplicate(member, true);
        if (!copy || !cJSON_AddItemToObject(stub->json, member->string, copy)) {
            cJSON_Delete(copy);
            return FATAL(ENOMEM);
        }
    }
    if (!cJSON_AddStringToObject(stub->json, "uuid", stub->id))
        return FATAL(ENOMEM);
    int r = scalars_convert(stub->json);
    stub->text = r == 0 ? json_print(stub->json) : NULL;
    if (!stub->text)
        return FATAL(ENOMEM);
    stub->salt = salt_of(stub->text);
    return 0;
}

static size_t measure(const struct stub *stub) {
    return sizeof(*stub) + stub->arena.taken + json_memory(stub->json) + strlen(stub->text) +
           json_trees_memory(stub->trees) + (stub->pattern ? pattern_memory(stub->pattern) : 0);
}

int stub_parse(const cJSON *mapping, const char *id, unsigned options,
               const struct json_place *place, struct violations *violations,
               struct stub **ret_stub) {
    if (!cJSON_IsObject(mapping))
        return violations_refuse(violations, place, "must be an object");
    struct stub *stub = calloc(1, sizeof(*stub));
    if (!stub)
        return FATAL(ENOMEM);
    atomic_init(&stub->references, 1);
    arena_init(&stub->arena);
    stub->priority = DEFAULT_PRIORITY;
    stub->probability = 1;
    stub->state.times_left = INT64_MAX;
    stub->options = options;
    stub->templates.is_active = options & STUB_IS_TEMPLATED;
    struct json_reader reader = {.arena = &stub->arena, .violations = violations};
    const char *own_id = NULL;
    int outcome = find_id(&reader, place, mapping, &own_id);
    int r = outcome < 0 ? outcome : make_json(stub, mapping, id ? id : own_id);
    if (r == 0)
        r = read_mapping(&reader, place, stub);
    const char *flaw = json_find_flaw(mapping);
    if (r == 0 && flaw)
        r = violations_refuse(violations, place, "%s", flaw);
    stub->trees = reader.trees;
    outcome = r != 0 ? r : outcome;
    if (outcome != 0) {
        stub_release(stub);
        return outcome;
    }
    stub->memory = measure(stub);
    *ret_stub = stub;
    return 0;
}

void stub_release(struct stub *stub) {
    if (!stub || atomic_fetch_sub_explicit(&stub->references, 1, memory_order_acq_rel) != 1)
        return;
    pattern_free(stub->pattern);
    json_trees_free(stub->trees);
    arena_deinit(&stub->arena);
    cJSON_Delete(stub->json);
    cJSON_free(stub->text);
    free(stub);
}

int stub_match_metadata(const cJSON *metadata, const struct matcher *matcher) {
    CLEANUP(arena_deinit) struct arena arena;
    arena_init(&arena);
    if (!metadata)
        return 1;
    CLEANUP(cleanup_free) char *text = json_print(metadata);
    if (!text)
        return FATAL(ENOMEM);
    struct match_subject subject = {.arena = &arena};
    struct match_value value = {
        .text = text, .size = strlen(text), .json = metadata, .json_state = MATCH_JSON_VALID};
    struct matching matching;
    matching_init(&matching, &subject);
    int r = matcher_match(matcher, &matching, &value);
    matching_deinit(&matching);
    match_subject_deinit(&subject);
    return r;
}

void stub_list_deinit(struct stub_list *list) {
    for (size_t i = 0; i < list->count; i++)
        stub_release(list->stubs[i]);
    free(list->stubs);
    *list = (struct stub_list){0};
}
