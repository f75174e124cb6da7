#include "stubs/stub.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/base64.h"
#include "util/cleanup.h"
#include "json/json.h"

/* The head of an answer has to fit, with the request's, into what a connection may take. */
enum { DEFAULT_PRIORITY = 5, MAX_HEADER_BYTES = 8192 };

struct stub_parser {
    struct matcher_parser parser;
    struct stub *stub;
    bool has_status;
    size_t header_bytes;
};

/* A member of an object, and what takes its value, which is not null. */
struct stub_member {
    const char *name;
    int (*parse)(struct stub_parser *p, const cJSON *json);
};

/* Every member of the object must be known, as a typing mistake would otherwise pass unseen, and
 * occur once, as it would otherwise be parsed into what is there already. */
static int parse_members(struct stub_parser *p, const cJSON *object,
                         const struct stub_member *members, size_t n_members) {
    const cJSON *json;
    if (!cJSON_IsObject(object))
        return matcher_refuse(&p->parser, "must be an object");
    cJSON_ArrayForEach (json, object) {
        if (json != cJSON_GetObjectItemCaseSensitive(object, json->string))
            return matcher_refuse(&p->parser, "has \"%.80s\" twice", json->string);
        size_t mark = matcher_enter(&p->parser, json->string, 0);
        size_t i = 0;
        while (i < n_members && strcmp(members[i].name, json->string) != 0)
            i++;
        if (i == n_members)
            return matcher_refuse(&p->parser, "is not known");
        int r = cJSON_IsNull(json) || !members[i].parse ? 0 : members[i].parse(p, json);
        if (r != 0)
            return r;
        matcher_leave(&p->parser, mark);
    }
    return 0;
}
#define PARSE_MEMBERS(p, object, table)                                                            \
    parse_members(p, object, table, sizeof(table) / sizeof((table)[0]))

static int read_text(struct stub_parser *p, const cJSON *json, const char **ret_text) {
    if (!cJSON_IsString(json))
        return matcher_refuse(&p->parser, "must be a string");
    *ret_text = json->valuestring;
    return 0;
}

static int read_integer(struct stub_parser *p, const cJSON *json, int64_t min, int64_t max,
                        int64_t *ret_number) {
    double number = cJSON_IsNumber(json) ? json->valuedouble : -1;
    if (!(number >= (double)min && number <= (double)max) || number != (double)(int64_t)number)
        return matcher_refuse(&p->parser, "must be an integer from %lld to %lld", (long long)min,
                              (long long)max);
    *ret_number = (int64_t)number;
    return 0;
}

static int check_text(struct stub_parser *p, const cJSON *json) {
    const char *text;
    return read_text(p, json, &text);
}

static int check_boolean(struct stub_parser *p, const cJSON *json) {
    return cJSON_IsBool(json) ? 0 : matcher_refuse(&p->parser, "must be true or false");
}

/* What only a proxy or a template engine could do. */
static int refuse_unless_empty(struct stub_parser *p, const cJSON *json) {
    bool is_list = cJSON_IsArray(json) || cJSON_IsObject(json);
    return is_list && !json->child ? 0 : matcher_refuse(&p->parser, "is not supported");
}

static int parse_priority(struct stub_parser *p, const cJSON *json) {
    return read_integer(p, json, 0, INT32_MAX, &p->stub->priority);
}

static int parse_scenario(struct stub_parser *p, const cJSON *json) {
    return read_text(p, json, &p->stub->scenario);
}

static int parse_required_state(struct stub_parser *p, const cJSON *json) {
    return read_text(p, json, &p->stub->required_state);
}

static int parse_new_state(struct stub_parser *p, const cJSON *json) {
    return read_text(p, json, &p->stub->new_state);
}

static int parse_request(struct stub_parser *p, const cJSON *json) {
    struct pattern_error error;
    int r = pattern_parse(json, &p->stub->pattern, &error);
    if (r <= 0)
        return r;
    size_t length = strlen(p->parser.error->pointer);
    snprintf(p->parser.error->pointer + length, PATTERN_POINTER_SIZE - length, "%s", error.pointer);
    return matcher_refuse(&p->parser, "%s", error.detail);
}

static int parse_status(struct stub_parser *p, const cJSON *json) {
    int64_t status = 0;
    int r = read_integer(p, json, 200, 599, &status);
    if (r == 0) {
        p->stub->status = (int)status;
        p->has_status = true;
    }
    return r;
}

static bool is_token(const char *text) {
    size_t length = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                 "!#$%&'*+-.^_`|~");
    return length > 0 && text[length] == '\0';
}

/* What libmicrohttpd sends: it takes no empty value, and no tab. */
static bool is_header_value(const char *text) {
    bool is_printable = true;
    for (const char *c = text; *c; c++)
        is_printable = is_printable && (unsigned char)*c >= ' ' && *c != '\x7f';
    return is_printable && *text;
}

static int add_header(struct stub_parser *p, const char *name, const cJSON *value) {
    struct name_value_list *headers = &p->stub->headers;
    if (!cJSON_IsString(value) || !is_header_value(value->valuestring))
        return matcher_refuse(&p->parser,
                              "must be a string that is not empty, without control characters");
    p->header_bytes += strlen(name) + strlen(value->valuestring) + strlen(": \r\n");
    if (p->header_bytes > MAX_HEADER_BYTES)
        return matcher_refuse(&p->parser, "makes more than %d bytes of headers", MAX_HEADER_BYTES);
    headers->items[headers->count++] = (struct name_value){name, value->valuestring};
    return 0;
}

static int parse_headers(struct stub_parser *p, const cJSON *json) {
    const cJSON *header;
    const cJSON *value;
    size_t count = 0;
    int r = 0;
    if (!cJSON_IsObject(json))
        return matcher_refuse(&p->parser, "must be an object");
    cJSON_ArrayForEach (header, json)
        count += cJSON_IsArray(header) ? (size_t)cJSON_GetArraySize(header) : 1;
    p->stub->headers.items = arena_alloc(&p->stub->arena, count * sizeof(struct name_value));
    if (!p->stub->headers.items)
        return -ENOMEM;
    cJSON_ArrayForEach (header, json) {
        size_t mark = matcher_enter(&p->parser, header->string, 0);
        if (!is_token(header->string))
            return matcher_refuse(&p->parser, "is no name of a header");
        if (!cJSON_IsArray(header))
            r = add_header(p, header->string, header);
        else
            cJSON_ArrayForEach (value, header)
                if (r == 0)
                    r = add_header(p, header->string, value);
        if (r != 0)
            return r;
        matcher_leave(&p->parser, mark);
    }
    return 0;
}

static int set_body(struct stub_parser *p, const char *body, size_t size) {
    if (p->stub->body || p->stub->body_file)
        return matcher_refuse(&p->parser, "is the second body");
    p->stub->body = body;
    p->stub->body_size = size;
    return 0;
}

static int parse_body(struct stub_parser *p, const cJSON *json) {
    const char *text = "";
    int r = read_text(p, json, &text);
    return r == 0 ? set_body(p, text, strlen(text)) : r;
}

static int parse_json_body(struct stub_parser *p, const cJSON *json) {
    CLEANUP(cleanup_free) char *printed = cJSON_PrintUnformatted(json);
    char *text = printed ? arena_copy(&p->stub->arena, printed, strlen(printed)) : NULL;
    return text ? set_body(p, text, strlen(text)) : -ENOMEM;
}

static int parse_base64_body(struct stub_parser *p, const cJSON *json) {
    const char *text = "";
    char *bytes;
    size_t size;
    int r = read_text(p, json, &text);
    if (r == 0) {
        r = base64_decode(text, &p->stub->arena, &bytes, &size);
        if (r > 0)
            return matcher_refuse(&p->parser, "must be base64");
    }
    return r == 0 ? set_body(p, bytes, size) : r;
}

static int parse_body_file(struct stub_parser *p, const cJSON *json) {
    const char *name = NULL;
    int r = read_text(p, json, &name);
    if (r == 0)
        r = set_body(p, NULL, 0);
    if (r == 0)
        p->stub->body_file = name;
    return r;
}

static int parse_fault(struct stub_parser *p, const cJSON *json) {
    for (int i = FAULT_NONE + 1; cJSON_IsString(json) && i < FAULTS; i++) {
        if (strcmp(response_fault_name((enum response_fault)i), json->valuestring) == 0) {
            p->stub->fault = (enum response_fault)i;
            return 0;
        }
    }
    return matcher_refuse(&p->parser, "must be %s, %s, %s or %s",
                          response_fault_name(FAULT_EMPTY_RESPONSE),
                          response_fault_name(FAULT_MALFORMED_RESPONSE_CHUNK),
                          response_fault_name(FAULT_RANDOM_DATA_THEN_CLOSE),
                          response_fault_name(FAULT_CONNECTION_RESET_BY_PEER));
}

static int parse_fixed_delay(struct stub_parser *p, const cJSON *json) {
    int64_t milliseconds = 0;
    int r = read_integer(p, json, 0, DELAY_MAX_MS, &milliseconds);
    if (r == 0)
        p->stub->fixed_delay = (struct delay){.kind = DELAY_FIXED, .first = (double)milliseconds};
    return r;
}

static int parse_delay(struct stub_parser *p, const cJSON *json) {
    return delay_parse(&p->parser, json, &p->stub->delay);
}

static int parse_chunks(struct stub_parser *p, const cJSON *json) {
    int64_t chunks = 0;
    int r = read_integer(p, json, 1, 10000, &chunks);
    if (r == 0)
        p->stub->dribble_chunks = (int)chunks;
    return r;
}

static int parse_dribble_time(struct stub_parser *p, const cJSON *json) {
    return read_integer(p, json, 0, DELAY_MAX_MS, &p->stub->dribble_ms);
}

static int parse_dribble(struct stub_parser *p, const cJSON *json) {
    static const struct stub_member members[] = {{"numberOfChunks", parse_chunks},
                                                 {"totalDuration", parse_dribble_time}};
    int r = PARSE_MEMBERS(p, json, members);
    if (r == 0 && p->stub->dribble_chunks == 0)
        r = matcher_refuse(&p->parser, "lacks numberOfChunks");
    return r;
}

static int parse_response(struct stub_parser *p, const cJSON *json) {
    static const struct stub_member members[] = {
        {"status", parse_status},
        {"statusMessage", check_text}, /* libmicrohttpd sends its own */
        {"headers", parse_headers},
        {"body", parse_body},
        {"jsonBody", parse_json_body},
        {"base64Body", parse_base64_body},
        {"bodyFileName", parse_body_file},
        {"fault", parse_fault},
        {"fixedDelayMilliseconds", parse_fixed_delay},
        {"delayDistribution", parse_delay},
        {"chunkedDribbleDelay", parse_dribble},
        {"transformers", refuse_unless_empty},
        {"transformerParameters", refuse_unless_empty},
        {"proxyBaseUrl", refuse_unless_empty},
        {"proxyUrlPrefixToRemove", refuse_unless_empty},
        {"additionalProxyRequestHeaders", refuse_unless_empty},
        {"removeProxyRequestHeaders", refuse_unless_empty},
        {"fromConfiguredStub", check_boolean},
    };
    return PARSE_MEMBERS(p, json, members);
}

static int parse_probability(struct stub_parser *p, const cJSON *json) {
    double value = cJSON_IsNumber(json) ? json->valuedouble : -1;
    if (!(value >= 0 && value <= 1))
        return matcher_refuse(&p->parser, "must be a number from 0 to 1");
    p->stub->probability = value;
    return 0;
}

static int parse_seed(struct stub_parser *p, const cJSON *json) {
    int64_t seed = 0;
    int r = read_integer(p, json, 0, INT64_C(1) << 53, &seed);
    if (r == 0)
        p->stub->state.random = (uint64_t)seed;
    return r;
}

static int parse_times(struct stub_parser *p, const cJSON *json) {
    return read_integer(p, json, 0, INT32_MAX, &p->stub->state.times_left);
}

static int parse_extensions(struct stub_parser *p, const cJSON *json) {
    static const struct stub_member members[] = {
        {"probability", parse_probability}, {"seed", parse_seed}, {"times", parse_times}};
    return PARSE_MEMBERS(p, json, members);
}

/* Metadata are the client's own but for what kestub knows. */
static int parse_metadata(struct stub_parser *p, const cJSON *json) {
    const cJSON *extensions = cJSON_GetObjectItemCaseSensitive(json, "kestub");
    if (!cJSON_IsObject(json))
        return matcher_refuse(&p->parser, "must be an object");
    p->stub->metadata = json;
    if (!extensions || cJSON_IsNull(extensions))
        return 0;
    size_t mark = matcher_enter(&p->parser, "kestub", 0);
    int r = parse_extensions(p, extensions);
    if (r == 0)
        matcher_leave(&p->parser, mark);
    return r;
}

static int parse_mapping(struct stub_parser *p, const cJSON *json) {
    static const struct stub_member members[] = {
        {"id", NULL},
        {"uuid", NULL},
        {"name", check_text},
        {"request", parse_request},
        {"response", parse_response},
        {"persistent", check_boolean},
        {"priority", parse_priority},
        {"scenarioName", parse_scenario},
        {"requiredScenarioState", parse_required_state},
        {"newScenarioState", parse_new_state},
        {"metadata", parse_metadata},
        {"insertionIndex", NULL},
        {"postServeActions", refuse_unless_empty},
        {"serveEventListeners", refuse_unless_empty},
    };
    struct stub *stub = p->stub;
    int r = PARSE_MEMBERS(p, json, members);
    if (r != 0)
        return r;
    bool is_slow = stub->fixed_delay.kind != DELAY_NONE || stub->delay.kind != DELAY_NONE ||
                   stub->dribble_chunks > 0;
    bool has_answer = p->has_status || stub->headers.items || stub->body || stub->body_file;
    stub->passes_on = is_slow && !has_answer && !stub->fault;
    if ((stub->required_state || stub->new_state) && !stub->scenario)
        return matcher_refuse(&p->parser, "has the state of a scenario, but no scenarioName");
    return 0;
}

/* The id that the mapping itself has, if it has one. */
static int find_id(struct stub_parser *p, const cJSON *mapping, const char **ret_id) {
    static const char *const names[] = {"uuid", "id"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const cJSON *json = cJSON_GetObjectItemCaseSensitive(mapping, names[i]);
        if (!json || cJSON_IsNull(json))
            continue;
        size_t mark = matcher_enter(&p->parser, names[i], 0);
        if (!cJSON_IsString(json) || !uuid_is_valid(json->valuestring))
            return matcher_refuse(&p->parser, "must be a UUID");
        matcher_leave(&p->parser, mark);
        *ret_id = json->valuestring;
    }
    return 0;
}

/* The mapping as clients get it back: with id and uuid first. */
static int make_json(struct stub *stub, const cJSON *mapping, const char *id) {
    if (id)
        strcpy(stub->id, id);
    else
        uuid_make(stub->id);
    stub->json = cJSON_CreateObject();
    if (!cJSON_AddStringToObject(stub->json, "id", stub->id))
        return -ENOMEM;
    const cJSON *member;
    cJSON_ArrayForEach (member, mapping) {
        if (strcmp(member->string, "id") == 0 || strcmp(member->string, "uuid") == 0)
            continue;
        cJSON *copy = cJSON_Duplicate(member, true);
        if (!copy || !cJSON_AddItemToObject(stub->json, member->string, copy)) {
            cJSON_Delete(copy);
            return -ENOMEM;
        }
    }
    if (!cJSON_AddStringToObject(stub->json, "uuid", stub->id))
        return -ENOMEM;
    stub->text = cJSON_PrintUnformatted(stub->json);
    return stub->text ? 0 : -ENOMEM;
}

static size_t measure(const struct stub *stub) {
    return sizeof(*stub) + stub->arena.taken + json_memory(stub->json) + strlen(stub->text) +
           json_trees_memory(stub->trees) + (stub->pattern ? pattern_memory(stub->pattern) : 0);
}

int stub_parse(const cJSON *mapping, const char *id, struct stub **ret_stub,
               struct pattern_error *ret_error) {
    *ret_error = (struct pattern_error){0};
    struct stub *stub = calloc(1, sizeof(*stub));
    if (!stub)
        return -ENOMEM;
    atomic_init(&stub->references, 1);
    arena_init(&stub->arena);
    stub->priority = DEFAULT_PRIORITY;
    stub->status = 200;
    stub->probability = 1;
    stub->state.times_left = INT64_MAX;
    struct stub_parser parser = {
        .parser = {.arena = &stub->arena, .error = ret_error},
        .stub = stub,
    };
    const char *own_id = NULL;
    int r = cJSON_IsObject(mapping) ? find_id(&parser, mapping, &own_id)
                                    : matcher_refuse(&parser.parser, "must be an object");
    if (r == 0)
        r = make_json(stub, mapping, id ? id : own_id);
    if (r == 0)
        r = parse_mapping(&parser, stub->json);
    stub->trees = parser.parser.trees;
    if (r != 0) {
        stub_release(stub);
        return r;
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
    CLEANUP(cleanup_free) char *text = cJSON_PrintUnformatted(metadata);
    if (!text)
        return -ENOMEM;
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
