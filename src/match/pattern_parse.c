#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "match/pattern_parts.h"
#include "util/base64.h"
#include "json/json.h"

/* Some texts ask for much: a regular expression of ten bytes can become one of thousands. */
enum { MAX_PATTERN_MEMORY = 8 << 20 };

struct pattern_parser {
    struct matcher_parser parser;
    struct pattern *pattern;
};

/* A member of the pattern; `argument` says which of those that share a function. */
struct pattern_member {
    const char *name;
    int (*parse)(struct pattern_parser *p, const cJSON *json, int argument);
    int argument;
};

static int add_methods(struct pattern_parser *p, const cJSON *list) {
    struct pattern *pattern = p->pattern;
    pattern->methods =
        arena_alloc(&pattern->arena, (size_t)cJSON_GetArraySize(list) * sizeof(*pattern->methods));
    if (!pattern->methods)
        return -ENOMEM;
    const cJSON *method;
    cJSON_ArrayForEach (method, list) {
        if (!cJSON_IsString(method))
            return matcher_refuse(&p->parser, "must be a list of methods");
        pattern->methods[pattern->n_methods++] = method->valuestring;
    }
    return 0;
}

static int parse_method(struct pattern_parser *p, const cJSON *json, int argument) {
    struct pattern *pattern = p->pattern;
    (void)argument;
    if (cJSON_IsString(json)) {
        pattern->methods = arena_alloc(&pattern->arena, sizeof(*pattern->methods));
        if (!pattern->methods)
            return -ENOMEM;
        pattern->methods[0] = json->valuestring;
        pattern->n_methods = strcmp(json->valuestring, "ANY") != 0;
        return 0;
    }
    const cJSON *list = cJSON_IsObject(json) ? json->child : NULL;
    bool is_none_of = list && strcmp(list->string, "noneOf") == 0;
    if (!list || list->next || !cJSON_IsArray(list) || !list->child ||
        (!is_none_of && strcmp(list->string, "oneOf") != 0))
        return matcher_refuse(&p->parser, "must be a string, or {\"oneOf\": […]} or "
                                          "{\"noneOf\": […]}");
    pattern->excludes_methods = is_none_of;
    return add_methods(p, list);
}

static int parse_url(struct pattern_parser *p, const cJSON *json, int kind) {
    struct pattern *pattern = p->pattern;
    char reason[REGEX_ERROR_SIZE > (int)URL_TEMPLATE_ERROR_SIZE ? REGEX_ERROR_SIZE
                                                                : URL_TEMPLATE_ERROR_SIZE];
    int r = 0;
    if (!cJSON_IsString(json))
        return matcher_refuse(&p->parser, "must be a string");
    if (pattern->url_kind != URL_ANY)
        return matcher_refuse(&p->parser, "is the second member that describes the URL");
    pattern->url_kind = (enum pattern_url_kind)kind;
    pattern->url = json->valuestring;
    if (kind == URL_REGEX || kind == URL_PATH_REGEX)
        r = regex_compile(pattern->url, REGEX_WHOLE, &pattern->arena, &pattern->url_regex, reason);
    else if (kind == URL_PATH_TEMPLATE)
        r = url_template_parse(pattern->url, &pattern->arena, &pattern->url_template, reason);
    return r > 0 ? matcher_refuse(&p->parser, "cannot be read: %s", reason) : r;
}

static int parse_fields(struct pattern_parser *p, const cJSON *json,
                        struct pattern_fields *fields) {
    if (!cJSON_IsObject(json))
        return matcher_refuse(&p->parser, "must be an object of matchers");
    fields->items =
        arena_alloc(&p->pattern->arena, (size_t)cJSON_GetArraySize(json) * sizeof(*fields->items));
    if (!fields->items)
        return -ENOMEM;
    const cJSON *member;
    cJSON_ArrayForEach (member, json) {
        struct pattern_field *field = &fields->items[fields->count++];
        *field = (struct pattern_field){.name = member->string, .json = member};
        size_t mark = matcher_enter(&p->parser, member->string, 0);
        int r = values_matcher_parse(&p->parser, member, &field->matcher);
        if (r != 0)
            return r;
        matcher_leave(&p->parser, mark);
    }
    return 0;
}

static int parse_group(struct pattern_parser *p, const cJSON *json, int group) {
    return parse_fields(p, json, &p->pattern->groups[group]);
}

static int parse_path_parameters(struct pattern_parser *p, const cJSON *json, int argument) {
    (void)argument;
    return parse_fields(p, json, &p->pattern->path_parameters);
}

static int parse_basic(struct pattern_parser *p, const cJSON *json, int argument) {
    struct arena *arena = &p->pattern->arena;
    const char *username = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "username"));
    const char *password = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "password"));
    (void)argument;
    if (!username || !password)
        return matcher_refuse(&p->parser, "must have a \"username\" and a \"password\"");
    const char *pair = arena_format(arena, "%s:%s", username, password);
    p->pattern->authorization = pair ? base64_encode(pair, strlen(pair), arena) : NULL;
    return p->pattern->authorization ? 0 : -ENOMEM;
}

static int parse_body(struct pattern_parser *p, const cJSON *json, int argument) {
    struct pattern *pattern = p->pattern;
    (void)argument;
    if (!cJSON_IsArray(json))
        return matcher_refuse(&p->parser, "must be a list of matchers");
    pattern->body =
        arena_alloc(&pattern->arena, (size_t)cJSON_GetArraySize(json) * sizeof(*pattern->body));
    if (!pattern->body)
        return -ENOMEM;
    const cJSON *item;
    cJSON_ArrayForEach (item, json) {
        struct pattern_value *value = &pattern->body[pattern->n_body];
        size_t mark = matcher_enter(&p->parser, NULL, pattern->n_body++);
        value->json = item;
        int r = matcher_parse(&p->parser, item, NULL, &value->matcher);
        if (r != 0)
            return r;
        matcher_leave(&p->parser, mark);
    }
    return 0;
}

static int parse_host(struct pattern_parser *p, const cJSON *json, int argument) {
    (void)argument;
    p->pattern->host.json = json;
    return matcher_parse(&p->parser, json, NULL, &p->pattern->host.matcher);
}

static int parse_client_ip(struct pattern_parser *p, const cJSON *json, int argument) {
    (void)argument;
    p->pattern->client_ip.json = json;
    return matcher_parse(&p->parser, json, NULL, &p->pattern->client_ip.matcher);
}

static int parse_port(struct pattern_parser *p, const cJSON *json, int argument) {
    (void)argument;
    if (!cJSON_IsNumber(json) || json->valuedouble < 1 || json->valuedouble > 65535 ||
        json->valuedouble != (double)json->valueint)
        return matcher_refuse(&p->parser, "must be an integer from 1 to 65535");
    p->pattern->port = json->valueint;
    return 0;
}

static int parse_scheme(struct pattern_parser *p, const cJSON *json, int argument) {
    (void)argument;
    if (!cJSON_IsString(json))
        return matcher_refuse(&p->parser, "must be a string");
    p->pattern->scheme = json->valuestring;
    return 0;
}

static int refuse_unsupported(struct pattern_parser *p, const cJSON *json, int argument) {
    (void)argument;
    if (cJSON_IsArray(json) && !json->child)
        return 0;
    return matcher_refuse(&p->parser, "\"%s\" is not supported", json->string);
}

static const struct pattern_member members[] = {
    {"basicAuth", parse_basic, 0},
    {"basicAuthCredentials", parse_basic, 0},
    {"bodyPatterns", parse_body, 0},
    {"clientIp", parse_client_ip, 0},
    {"cookies", parse_group, MATCH_COOKIES},
    {"customMatcher", refuse_unsupported, 0},
    {"formParameters", parse_group, MATCH_FORM},
    {"headers", parse_group, MATCH_HEADERS},
    {"host", parse_host, 0},
    {"method", parse_method, 0},
    {"multipartPatterns", refuse_unsupported, 0},
    {"pathParameters", parse_path_parameters, 0},
    {"port", parse_port, 0},
    {"queryParameters", parse_group, MATCH_QUERY},
    {"scheme", parse_scheme, 0},
    {"url", parse_url, URL_EQUAL},
    {"urlPath", parse_url, URL_PATH_EQUAL},
    {"urlPathPattern", parse_url, URL_PATH_REGEX},
    {"urlPathTemplate", parse_url, URL_PATH_TEMPLATE},
    {"urlPattern", parse_url, URL_REGEX},
};

static const struct pattern_member *find_member(const char *name) {
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        if (strcmp(members[i].name, name) == 0)
            return &members[i];
    return NULL;
}

/* Path parameters are those of the template, wherever the two stand in the pattern. */
static int check_path_parameters(struct pattern_parser *p) {
    const struct pattern_fields *fields = &p->pattern->path_parameters;
    for (size_t i = 0; i < fields->count; i++) {
        const struct url_template *url_template = p->pattern->url_template;
        if (url_template && url_template_find(url_template, fields->items[i].name) >= 0)
            continue;
        matcher_enter(&p->parser, "pathParameters", 0);
        matcher_enter(&p->parser, fields->items[i].name, 0);
        return matcher_refuse(&p->parser, "is no variable of a \"urlPathTemplate\"");
    }
    return 0;
}

static int parse_members(struct pattern_parser *p, const cJSON *json) {
    const cJSON *json_member;
    cJSON_ArrayForEach (json_member, json) {
        if (json_member != cJSON_GetObjectItemCaseSensitive(json, json_member->string))
            return matcher_refuse(&p->parser, "has \"%.80s\" twice", json_member->string);
        const struct pattern_member *member = find_member(json_member->string);
        size_t mark = matcher_enter(&p->parser, json_member->string, 0);
        if (!member)
            return matcher_refuse(&p->parser, "is no member of a request pattern");
        int r = cJSON_IsNull(json_member) ? 0 : member->parse(p, json_member, member->argument);
        if (r != 0)
            return r;
        matcher_leave(&p->parser, mark);
    }
    return check_path_parameters(p);
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

int pattern_parse(const cJSON *json, struct pattern **ret_pattern,
                  struct pattern_error *ret_error) {
    struct pattern *pattern = calloc(1, sizeof(*pattern));
    if (!pattern)
        return -ENOMEM;
    arena_init(&pattern->arena);
    arena_limit(&pattern->arena, MAX_PATTERN_MEMORY);
    struct pattern_parser parser = {
        .parser = {.arena = &pattern->arena, .error = ret_error},
        .pattern = pattern,
    };
    *ret_error = (struct pattern_error){0};
    pattern->tree = cJSON_Duplicate(json, true);
    int r = !pattern->tree ? -ENOMEM
            : cJSON_IsObject(json)
                ? parse_members(&parser, pattern->tree)
                : matcher_refuse(&parser.parser, "a request pattern must be an object");
    if (r == -ENOMEM && pattern->arena.is_used_up)
        r = matcher_refuse(&parser.parser, "is too large");
    pattern->trees = parser.parser.trees;
    if (r == 0)
        *ret_pattern = pattern;
    else
        pattern_free(pattern);
    return r;
}
