#include "stubs/stub_templates.h"

#include <errno.h>
#include <string.h>

#include "templates/template.h"
#include "util/fatal.h"

#define RESPONSE_TEMPLATE "response-template"

int stub_templates_read_names(struct json_reader *reader, const struct json_place *place,
                              const cJSON *json, void *target, int argument) {
    struct stub_templates *templates = target;
    const cJSON *name;
    size_t i = 0;
    (void)argument;
    if (!cJSON_IsArray(json))
        return violations_refuse(reader->violations, place, "must be a list of names");
    cJSON_ArrayForEach (name, json) {
        const struct json_place element = json_place_element(place, i++);
        if (!cJSON_IsString(name))
            return violations_refuse(reader->violations, &element, "must be a string");
        if (strcmp(name->valuestring, RESPONSE_TEMPLATE) != 0)
            return violations_refuse(reader->violations, &element,
                                     "is not a transformer of kestub, which has "
                                     "\"" RESPONSE_TEMPLATE "\" only");
        templates->is_active = true;
    }
    return 0;
}

int stub_templates_read_parameters(struct json_reader *reader, const struct json_place *place,
                                   const cJSON *json, void *target, int argument) {
    struct stub_templates *templates = target;
    (void)argument;
    if (!cJSON_IsObject(json))
        return violations_refuse(reader->violations, place, "must be an object");
    templates->parameters = json;
    templates->keeps_files =
        cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, "disableBodyFileTemplating"));
    return 0;
}

static int parse(struct json_reader *reader, const struct json_place *place, const char *text,
                 const struct template **ret_template) {
    struct syntax_error error;
    int r = template_parse(text, strlen(text), reader->arena, ret_template, &error);
    return r > 0 ? violations_refuse(reader->violations, place, "%zu:%zu: %s", error.line,
                                     error.column, error.message)
                 : r;
}

static int parse_header(struct json_reader *reader, const struct json_place *place,
                        const cJSON *header, const struct template **headers, size_t *count) {
    const cJSON *value;
    size_t i = 0;
    int r = 0;
    if (cJSON_IsString(header))
        return parse(reader, place, header->valuestring, &headers[(*count)++]);
    cJSON_ArrayForEach (value, header) {
        const struct json_place element = json_place_element(place, i++);
        if (r == 0)
            r = parse(reader, &element, value->valuestring, &headers[(*count)++]);
    }
    return r;
}

static int parse_headers(struct json_reader *reader, const struct json_place *place,
                         const cJSON *json, size_t n_headers, struct stub_templates *templates) {
    const struct template **headers =
        arena_alloc(reader->arena, n_headers * sizeof(struct template *));
    const cJSON *header;
    size_t count = 0;
    int outcome = 0;
    if (!headers)
        return FATAL(ENOMEM);
    cJSON_ArrayForEach (header, json) {
        const struct json_place member = json_place_member(place, header->string);
        int r = parse_header(reader, &member, header, headers, &count);
        if (r < 0)
            return r;
        outcome = r > 0 ? r : outcome;
    }
    templates->headers = headers;
    return outcome;
}

/* Parses a member that is a text, if the response has it. */
static int parse_member(struct json_reader *reader, const struct json_place *place,
                        const cJSON *response, const char *name,
                        const struct template **ret_template) {
    const struct json_place member = json_place_member(place, name);
    const cJSON *json = cJSON_GetObjectItemCaseSensitive(response, name);
    return cJSON_IsString(json) ? parse(reader, &member, json->valuestring, ret_template) : 0;
}

int stub_templates_parse(struct json_reader *reader, const struct json_place *place,
                         const cJSON *response, const char *json_body, size_t n_headers,
                         struct stub_templates *templates) {
    const struct json_place headers = json_place_member(place, "headers");
    const struct json_place body = json_place_member(place, "jsonBody");
    if (!templates->is_active)
        return 0;
    templates->is_json = json_body;
    int r = json_body ? parse(reader, &body, json_body, &templates->body)
                      : parse_member(reader, place, response, "body", &templates->body);
    int other =
        r >= 0 ? parse_member(reader, place, response, "bodyFileName", &templates->body_file) : 0;
    r = other != 0 ? other : r;
    other = r >= 0 ? parse_headers(reader, &headers,
                                   cJSON_GetObjectItemCaseSensitive(response, "headers"), n_headers,
                                   templates)
                   : 0;
    return other != 0 ? other : r;
}
