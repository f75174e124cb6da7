#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "json/json.h"
#include "json/json_members.h"
#include "match/pattern_parts.h"
#include "util/base64.h"
#include "util/fatal.h"
#include "util/text.h"

/* A short text can need much memory: a regular expression of ten bytes can compile to thousands. */
enum { MAX_PATTERN_MEMORY = 8 << 20 };

/* Adds a method: ANY stands for all of them, and GET_OR_HEAD for two. */
static int add_method(struct json_reader *reader, const struct json_place *place,
                      const cJSON *method, struct pattern *pattern) {
    if (!cJSON_IsString(method) || !text_is_token(method->valuestring))
        return violations_refuse(reader->violations, place, "must be a method or a list of them");
    bool is_any = strcasecmp(method->valuestring, "ANY") == 0;
    if (is_any && pattern->excludes_methods)
        return violations_refuse(reader->violations, place, "excludes all methods");
    pattern->takes_any_method |= is_any;
    if (strcmp(method->valuestring, "GET_OR_HEAD") == 0) {
        pattern->methods[pattern->n_methods++] = "GET";
        pattern->methods[pattern->n_methods++] = "HEAD";
    } else if (!is_any) {
        pattern->methods[pattern->n_methods++] = method->valuestring;
    }
    return 0;
}

static int read_method(struct json_reader *reader, const struct json_place *place,
                       const cJSON *json, void *target, int argument) {
    struct pattern *pattern = target;
    (void)argument;
    const cJSON *list = cJSON_IsObject(json) ? json->child : NULL;
    bool is_none_of = list && strcmp(list->string, "noneOf") == 0;
    bool is_list = list && !list->next && cJSON_IsArray(list) && list->child &&
                   (is_none_of || strcmp(list->string, "oneOf") == 0);
    if (!cJSON_IsString(json) && !is_list)
        return violations_refuse(reader->violations, place,
                                 "must be a string, or {\"oneOf\": […]} or {\"noneOf\": […]}");
    size_t count = is_list ? (size_t)cJSON_GetArraySize(list) : 1;
    pattern->excludes_methods = is_none_of;
    pattern->methods = arena_alloc(&pattern->arena, 2 * count * sizeof(*pattern->methods));
    if (!pattern->methods)
        return FATAL(ENOMEM);
    if (!is_list)
        return add_method(reader, place, json, pattern);
    int outcome = 0;
    for (const cJSON *method = list->child; method && outcome == 0; method = method->next)
        outcome = add_method(reader, place, method, pattern);
    return outcome;
}

/* Says why no request can have the URL. Returns NULL when one can. */
static const char *find_url_flaw(const char *url, enum pattern_url_kind kind) {
    bool is_whole = kind == URL_EQUAL;
    if ((!is_whole && kind != URL_PATH_EQUAL) || strcmp(url, "*") == 0)
        return NULL;
    if (url[0] != '/')
        return "must start with a slash, or no request can match";
    if (strpbrk(url, is_whole ? "#" : "#?"))
        return is_whole ? "must not have a fragment, which no client sends"
                        : "must be a path alone; \"url\" has a query too";
    return strpbrk(url, " \t\r\n") ? "must have blanks encoded, as requests have them" : NULL;
}

static int read_url(struct json_reader *reader, const struct json_place *place, const cJSON *json,
                    void *target, int kind) {
    struct pattern *pattern = target;
    char reason[REGEX_ERROR_SIZE > (int)URL_TEMPLATE_ERROR_SIZE ? REGEX_ERROR_SIZE
                                                                : URL_TEMPLATE_ERROR_SIZE];
    int r = 0;
    if (!cJSON_IsString(json))
        return violations_refuse(reader->violations, place, "must be a string");
    if (pattern->url_kind != URL_ANY)
        return violations_refuse(reader->violations, place,
                                 "must not describe the URL again: only one member may");
    pattern->url_kind = (enum pattern_url_kind)kind;
    pattern->url = json->valuestring;
    const char *flaw = find_url_flaw(pattern->url, pattern->url_kind);
    if (flaw)
        return violations_refuse(reader->violations, place, "%s", flaw);
    if (kind == URL_REGEX || kind == URL_PATH_REGEX)
        r = regex_compile(pattern->url, REGEX_JAVA | REGEX_WHOLE | REGEX_DOTALL, &pattern->arena,
                          &pattern->url_regex, reason);
    else if (kind == URL_PATH_TEMPLATE)
        r = url_template_parse(pattern->url, &pattern->arena, &pattern->url_template, reason);
    if (r <= 0)
        return r;
    const char *wanted = kind == URL_PATH_TEMPLATE ? "path template" : "regular expression";
    return violations_refuse(reader->violations, place, "is not a %s: %s", wanted, reason);
}

static int read_fields(struct json_reader *reader, const struct json_place *place,
                       const cJSON *json, struct pattern_fields *fields) {
    if (!cJSON_IsObject(json))
        return violations_refuse(reader->violations, place, "must be an object of matchers");
    fields->items =
        arena_alloc(reader->arena, (size_t)cJSON_GetArraySize(json) * sizeof(*fields->items));
    if (!fields->items)
        return FATAL(ENOMEM);
    int outcome = 0;
    const cJSON *member;
    cJSON_ArrayForEach (member, json) {
        struct pattern_field *field = &fields->items[fields->count++];
        const struct json_place inner = json_place_member(place, member->string);
        *field = (struct pattern_field){.name = member->string, .json = member};
        int r = values_matcher_parse(reader, &inner, member, &field->matcher);
        if (r < 0)
            return r;
        outcome = r > 0 ? r : outcome;
    }
    return outcome;
}

static int read_group(struct json_reader *reader, const struct json_place *place, const cJSON *json,
                      void *target, int group) {
    struct pattern *pattern = target;
    const cJSON *header = group == MATCH_HEADERS && cJSON_IsObject(json) ? json->child : NULL;
    for (; header; header = header->next) {
        const struct json_place member = json_place_member(place, header->string);
        if (!text_is_token(header->string))
            return violations_refuse(reader->violations, &member, "is not a valid header name");
    }
    return read_fields(reader, place, json, &pattern->groups[group]);
}

static int read_path_parameters(struct json_reader *reader, const struct json_place *place,
                                const cJSON *json, void *target, int argument) {
    struct pattern *pattern = target;
    (void)argument;
    return read_fields(reader, place, json, &pattern->path_parameters);
}

struct basic {
    const char *username;
    const char *password;
};

static int read_basic(struct json_reader *reader, const struct json_place *place, const cJSON *json,
                      void *target, int argument) {
    struct pattern *pattern = target;
    (void)argument;
    static const struct json_member credentials[] = {
        {"username", JSON_TEXT, .offset = offsetof(struct basic, username), .required = true},
        {"password", JSON_TEXT, .offset = offsetof(struct basic, password), .required = true},
    };
    static const struct json_object credentials_object = JSON_OBJECT(credentials);
    struct basic basic;
    int r = json_members_read(reader, place, &credentials_object, json, &basic);
    if (r != 0)
        return r;
    const char *pair = arena_format(reader->arena, "%s:%s", basic.username, basic.password);
    pattern->authorization = pair ? base64_encode(pair, strlen(pair), reader->arena) : NULL;
    return pattern->authorization ? 0 : FATAL(ENOMEM);
}

static int read_values(struct json_reader *reader, const struct json_place *place,
                       const cJSON *json, struct pattern_value **ret_values, size_t *ret_count) {
    if (!cJSON_IsArray(json))
        return violations_refuse(reader->violations, place, "must be a list of matchers");
    size_t count = 0;
    struct pattern_value *values =
        arena_alloc(reader->arena, (size_t)cJSON_GetArraySize(json) * sizeof(*values));
    if (!values)
        return FATAL(ENOMEM);
    int outcome = 0;
    const cJSON *item;
    cJSON_ArrayForEach (item, json) {
        const struct json_place element = json_place_element(place, count);
        struct pattern_value *value = &values[count++];
        value->json = item;
        int r = matcher_parse(reader, &element, item, NULL, &value->matcher);
        if (r < 0)
            return r;
        outcome = r > 0 ? r : outcome;
    }
    *ret_values = values;
    *ret_count = count;
    return outcome;
}

static int read_body(struct json_reader *reader, const struct json_place *place, const cJSON *json,
                     void *target, int argument) {
    struct pattern *pattern = target;
    (void)argument;
    return read_values(reader, place, json, &pattern->body, &pattern->n_body);
}

static int read_part_type(struct json_reader *reader, const struct json_place *place,
                          const cJSON *json, void *target, int argument) {
    const char *type = cJSON_GetStringValue(json);
    (void)argument;
    ((struct pattern_part *)target)->takes_all = type && strcmp(type, "ALL") == 0;
    return type && (strcmp(type, "ALL") == 0 || strcmp(type, "ANY") == 0)
               ? 0
               : violations_refuse(reader->violations, place, "must be ANY or ALL");
}

static int read_part_headers(struct json_reader *reader, const struct json_place *place,
                             const cJSON *json, void *target, int argument) {
    struct pattern_part *part = target;
    (void)argument;
    part->has_headers = true;
    return read_fields(reader, place, json, &part->headers);
}

static int read_part_body(struct json_reader *reader, const struct json_place *place,
                          const cJSON *json, void *target, int argument) {
    struct pattern_part *part = target;
    (void)argument;
    part->has_body = true;
    return read_values(reader, place, json, &part->body, &part->n_body);
}

static int read_parts(struct json_reader *reader, const struct json_place *place, const cJSON *json,
                      void *target, int argument) {
    static const struct json_member part_members[] = {
        {"bodyPatterns", JSON_CUSTOM, .read = read_part_body},
        {"fileName", JSON_TEXT, .offset = offsetof(struct pattern_part, file_name)},
        {"headers", JSON_CUSTOM, .read = read_part_headers},
        {"matchingType", JSON_CUSTOM, .read = read_part_type},
        {"name", JSON_TEXT, .offset = offsetof(struct pattern_part, name)},
    };
    static const struct json_object part_object = JSON_OBJECT(part_members);
    struct pattern *pattern = target;
    (void)argument;
    if (!cJSON_IsArray(json))
        return violations_refuse(reader->violations, place, "must be a list of multipart patterns");
    pattern->parts =
        arena_alloc(reader->arena, (size_t)cJSON_GetArraySize(json) * sizeof(*pattern->parts));
    if (!pattern->parts)
        return FATAL(ENOMEM);
    int outcome = 0;
    const cJSON *item;
    cJSON_ArrayForEach (item, json) {
        const struct json_place element = json_place_element(place, pattern->n_parts);
        struct pattern_part *part = &pattern->parts[pattern->n_parts++];
        part->json = item;
        int r = json_members_read(reader, &element, &part_object, item, part);
        if (r < 0)
            return r;
        outcome = r > 0 ? r : outcome;
    }
    return outcome;
}

static int read_value(struct json_reader *reader, const struct json_place *place, const cJSON *json,
                      struct pattern_value *value) {
    value->json = json;
    return matcher_parse(reader, place, json, NULL, &value->matcher);
}

static int read_host(struct json_reader *reader, const struct json_place *place, const cJSON *json,
                     void *target, int argument) {
    struct pattern *pattern = target;
    (void)argument;
    return read_value(reader, place, json, &pattern->host);
}

static int read_client_ip(struct json_reader *reader, const struct json_place *place,
                          const cJSON *json, void *target, int argument) {
    struct pattern *pattern = target;
    (void)argument;
    return read_value(reader, place, json, &pattern->client_ip);
}

static int read_scheme(struct json_reader *reader, const struct json_place *place,
                       const cJSON *json, void *target, int argument) {
    struct pattern *pattern = target;
    (void)argument;
    if (!cJSON_IsString(json) ||
        (strcasecmp(json->valuestring, "http") != 0 && strcasecmp(json->valuestring, "https") != 0))
        return violations_refuse(reader->violations, place,
                                 "must be http or https: kestub serves no other");
    pattern->scheme = json->valuestring;
    return 0;
}

/* JSON_UNSUPPORTED would accept an empty object, but here it would be a matcher without a name. */
static int refuse_custom(struct json_reader *reader, const struct json_place *place,
                         const cJSON *json, void *target, int argument) {
    (void)json;
    (void)target;
    (void)argument;
    return violations_refuse(reader->violations, place, "is not supported");
}

static const struct json_member members[] = {
    {"basicAuth", JSON_CUSTOM, .read = read_basic},
    {"basicAuthCredentials", JSON_CUSTOM, .read = read_basic},
    {"bodyPatterns", JSON_CUSTOM, .read = read_body},
    {"clientIp", JSON_CUSTOM, .read = read_client_ip},
    {"cookies", JSON_CUSTOM, .read = read_group, .argument = MATCH_COOKIES},
    {"customMatcher", JSON_CUSTOM, .read = refuse_custom},
    {"formParameters", JSON_CUSTOM, .read = read_group, .argument = MATCH_FORM},
    {"headers", JSON_CUSTOM, .read = read_group, .argument = MATCH_HEADERS},
    {"host", JSON_CUSTOM, .read = read_host},
    {"method", JSON_CUSTOM, .read = read_method},
    {"multipartPatterns", JSON_CUSTOM, .read = read_parts},
    {"pathParameters", JSON_CUSTOM, .read = read_path_parameters},
    {"port", JSON_INTEGER, .offset = offsetof(struct pattern, port), .min = 1, .max = 65535},
    {"queryParameters", JSON_CUSTOM, .read = read_group, .argument = MATCH_QUERY},
    {"scheme", JSON_CUSTOM, .read = read_scheme},
    {"url", JSON_CUSTOM, .read = read_url, .argument = URL_EQUAL},
    {"urlPath", JSON_CUSTOM, .read = read_url, .argument = URL_PATH_EQUAL},
    {"urlPathPattern", JSON_CUSTOM, .read = read_url, .argument = URL_PATH_REGEX},
    {"urlPathTemplate", JSON_CUSTOM, .read = read_url, .argument = URL_PATH_TEMPLATE},
    {"urlPattern", JSON_CUSTOM, .read = read_url, .argument = URL_REGEX},
};
static const struct json_object object = JSON_OBJECT(members);

/* Each path parameter must be a variable of the template, in whatever order the two appear. */
static int check_path_parameters(struct json_reader *reader, const struct json_place *place,
                                 const struct pattern *pattern) {
    const struct pattern_fields *fields = &pattern->path_parameters;
    const struct json_place parameters = json_place_member(place, "pathParameters");
    for (size_t i = 0; i < fields->count; i++) {
        const struct url_template *url_template = pattern->url_template;
        const struct json_place member = json_place_member(&parameters, fields->items[i].name);
        if (!url_template || url_template_find(url_template, fields->items[i].name) < 0)
            return violations_refuse(reader->violations, &member,
                                     "is not a variable of \"urlPathTemplate\"");
    }
    return 0;
}

void pattern_free(struct pattern *pattern) {
    if (!pattern)
        return;
    json_trees_free(pattern->trees);
    cJSON_Delete(pattern->tree);
    arena_deinit(&pattern->arena);
    free(pattern);
}

size_t pattern_memory(const struct pattern *pattern) {
    return sizeof(*pattern) + pattern->arena.taken + json_memory(pattern->tree) +
           json_trees_memory(pattern->trees);
}

int pattern_parse(const cJSON *json, const struct json_place *place, struct violations *violations,
                  struct pattern **ret_pattern) {
    struct pattern *pattern = calloc(1, sizeof(*pattern));
    if (!pattern)
        return FATAL(ENOMEM);
    arena_init(&pattern->arena);
    arena_limit(&pattern->arena, MAX_PATTERN_MEMORY);
    struct json_reader reader = {.arena = &pattern->arena, .violations = violations};
    pattern->tree = cJSON_Duplicate(json, true);
    int r = pattern->tree ? json_members_read(&reader, place, &object, pattern->tree, pattern)
                          : FATAL(ENOMEM);
    if (r == 0)
        r = check_path_parameters(&reader, place, pattern);
    if (fatal_errno(r) == ENOMEM && pattern->arena.is_used_up)
        r = violations_refuse(violations, place, "is too large");
    pattern->trees = reader.trees;
    if (r == 0)
        *ret_pattern = pattern;
    else
        pattern_free(pattern);
    return r;
}
