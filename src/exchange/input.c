#include "exchange/input.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "contract/validate.h"
#include "exchange/multipart.h"
#include "exchange/query.h"
#include "json/json.h"
#include "util/fatal.h"
#include "util/text.h"

static bool is_media(const char *content_type, const char *name) {
    content_type += strspn(content_type, " \t");
    size_t length = strcspn(content_type, " \t;");
    return length == strlen(name) && strncasecmp(content_type, name, length) == 0;
}

static const struct {
    const char *name;
    enum media media;
} media_types[] = {
    {"application/json", MEDIA_JSON},
    {"application/scim+json", MEDIA_SCIM},
    {"application/x-www-form-urlencoded", MEDIA_FORM},
    {"text/plain", MEDIA_TEXT},
    {"multipart/form-data", MEDIA_MULTIPART},
};
enum { N_MEDIA_TYPES = sizeof(media_types) / sizeof(media_types[0]) };

/* A request without a body needs no type. */
static bool needs_content_type(const struct exchange *exchange) {
    return !exchange->request.is_admin && exchange_version(exchange)->needs_content_type &&
           request_has_body(&exchange->request);
}

/* Returns the media type of the body if the operation accepts it, or 0. Where a body needs no
 * Content-Type, one without has the first type that the operation accepts. The control plane looks
 * at no type, since curl sends a form's by default; what keeps pages out is their origin. */
static unsigned media_of(const struct exchange *exchange) {
    const char *content_type = exchange->request.is_admin ? NULL : exchange->request.content_type;
    if (!content_type && needs_content_type(exchange))
        return 0;
    for (size_t i = 0; i < N_MEDIA_TYPES; i++)
        if (exchange->routing.operation->body_media & media_types[i].media &&
            (!content_type || is_media(content_type, media_types[i].name)))
            return media_types[i].media;
    return 0;
}

int input_check_media_type(struct exchange *exchange) {
    unsigned taken = exchange->routing.operation->body_media;
    if (!taken || media_of(exchange))
        return 0;
    const char *names = "";
    for (size_t i = 0; i < N_MEDIA_TYPES && names; i++)
        if (taken & media_types[i].media)
            names = arena_format(&exchange->request.arena, "%s%s%s", names, *names ? " or " : "",
                                 media_types[i].name);
    return exchange_fail(
        exchange, ERROR_UNSUPPORTED_MEDIA_TYPE,
        names ? arena_format(&exchange->request.arena, "the body must be %s", names) : NULL);
}

static void bind_parameters(struct exchange *exchange) {
    const struct operation *operation = exchange->routing.operation;
    for (size_t i = 0; i < operation->n_parameters; i++)
        *(const char **)((char *)exchange->input + operation->parameters[i].offset) =
            exchange->routing.parameters[i];
}

static const char *missing_parameter(const struct schema *schema, const cJSON *tree) {
    for (size_t i = 0; i < schema->n_fields; i++)
        if (schema->fields[i].required &&
            !cJSON_GetObjectItemCaseSensitive(tree, schema->fields[i].name))
            return schema->fields[i].name;
    return NULL;
}

static int read_query(struct exchange *exchange) {
    const struct operation *operation = exchange->routing.operation;
    struct arena *arena = &exchange->request.arena;
    struct violations violations = {.arena = arena};
    if (!operation->query)
        return 0;
    size_t length;
    const char *text = request_query(&exchange->request, &length);
    int r = query_read(operation->query, text, length, arena, &exchange->query);
    if (r > 0)
        return exchange_fail(exchange, ERROR_BAD_REQUEST,
                             "the query has an invalid escape, a NUL or invalid UTF-8");
    if (r < 0)
        return r;
    const char *missing = missing_parameter(operation->query, exchange->query);
    if (missing)
        return exchange_fail(
            exchange, ERROR_MISSING_PARAMETER,
            arena_format(arena, "Required query parameter '%s' is missing.", missing));
    const struct json_place root = {.name = operation->id};
    r = validate_value(operation->query, exchange->query, &root, &violations);
    if (r < 0)
        return r;
    if (violations.count > 0)
        return exchange_refuse(exchange,
                               violations_have_unreadable(&violations) ? ERROR_INVALID_VALUE
                                                                       : ERROR_INVALID_ENTITY,
                               &violations);
    return validate_bind(operation->query, exchange->query, arena, exchange->input);
}

static int parse_json(struct exchange *exchange, struct violations *violations) {
    const struct json_place root = exchange_body_place(exchange);
    struct request *request = &exchange->request;
    struct json_error error;
    int r = (request->is_admin ? json_parse_dump : json_parse)(
        request->body.bytes, request->body.size, &exchange->body, &error);
    if (r <= 0)
        return r;
    return violations_refuse(violations, &root, "invalid JSON at line %zu, column %zu: %s",
                             error.line, error.column, error.reason);
}

static int parse_text(struct exchange *exchange, struct violations *violations, unsigned media) {
    const struct operation *operation = exchange->routing.operation;
    const struct json_place root = exchange_body_place(exchange);
    struct request *request = &exchange->request;
    const char *text = arena_copy(&request->arena, request->body.bytes, request->body.size);
    if (!text)
        return FATAL(ENOMEM);
    bool broken = media == MEDIA_TEXT &&
                  (strlen(text) != request->body.size || !text_is_utf8(text, request->body.size));
    int r = 0;
    if (media == MEDIA_FORM)
        r = query_read(operation->body, text, request->body.size, &request->arena, &exchange->body);
    else if (!broken && !(exchange->body = cJSON_CreateString(text)))
        r = FATAL(ENOMEM);
    if (r == 0 && !broken)
        return 0;
    return r < 0 ? r
                 : violations_refuse(violations, &root,
                                     "has an invalid escape, a NUL or invalid UTF-8");
}

static int parse_multipart(struct exchange *exchange, struct violations *violations) {
    const struct json_place root = exchange_body_place(exchange);
    struct request *request = &exchange->request;
    int r =
        multipart_read(exchange->routing.operation->body, request->content_type,
                       request->body.bytes, request->body.size, &request->arena, &exchange->body);
    return r <= 0 ? r : violations_refuse(violations, &root, "has no boundary or broken parts");
}

static int refuse_missing_body(struct exchange *exchange) {
    struct violations violations = {.arena = &exchange->request.arena};
    const struct json_place root = exchange_body_place(exchange);
    int r = violations_add(&violations, &root,
                           exchange->routing.operation->body_media & MEDIA_JSON
                               ? "a JSON body is required"
                               : "a body is required");
    return r < 0 ? r : exchange_refuse_body(exchange, ERROR_MISSING_BODY, &violations);
}

/* Parses the body into exchange->body. Returns 0, >0 with a violation, or <0. */
static int parse_body(struct exchange *exchange, struct violations *violations) {
    unsigned media = media_of(exchange);
    if (media & (MEDIA_JSON | MEDIA_SCIM))
        return parse_json(exchange, violations);
    return media == MEDIA_MULTIPART ? parse_multipart(exchange, violations)
                                    : parse_text(exchange, violations, media);
}

static int bind_body(struct exchange *exchange) {
    const struct operation *operation = exchange->routing.operation;
    if (operation->body->type == SCHEMA_STRING) {
        *(const char **)((char *)exchange->input + operation->body_offset) =
            exchange->body->valuestring;
        return 0;
    }
    if (operation->body->type == SCHEMA_ARRAY) {
        *(const cJSON **)((char *)exchange->input + operation->body_offset) = exchange->body;
        return 0;
    }
    return validate_bind(operation->body, exchange->body, &exchange->request.arena,
                         exchange->input);
}

static int read_body(struct exchange *exchange) {
    const struct operation *operation = exchange->routing.operation;
    struct violations violations = {.arena = &exchange->request.arena};
    const struct json_place root = exchange_body_place(exchange);
    if (!operation->body || (exchange->request.body.size == 0 && !operation->body_required))
        return 0;
    if (exchange->request.body.size == 0)
        return refuse_missing_body(exchange);
    int r = parse_body(exchange, &violations);
    if (r > 0)
        return exchange_refuse_body(exchange, ERROR_INVALID_JSON, &violations);
    if (r == 0)
        r = validate_value(operation->body, exchange->body, &root, &violations);
    if (r < 0)
        return r;
    if (violations.count == 0)
        return bind_body(exchange);
    return exchange_refuse_body(exchange,
                                violations_have_unreadable(&violations) ? ERROR_INVALID_JSON
                                                                        : ERROR_INVALID_ENTITY,
                                &violations);
}

int input_read(struct exchange *exchange) {
    exchange->input =
        arena_alloc(&exchange->request.arena, exchange->routing.operation->input_size);
    if (!exchange->input)
        return FATAL(ENOMEM);
    bind_parameters(exchange);
    int r = read_query(exchange);
    return r == 0 ? read_body(exchange) : r;
}

static const struct field *find_role(const struct field *fields, size_t n_fields,
                                     enum field_role role) {
    for (size_t i = 0; i < n_fields; i++)
        if (fields[i].role == role)
            return &fields[i];
    return NULL;
}

void *input_find(const struct exchange *exchange, enum field_role role) {
    const struct operation *operation = exchange->routing.operation;
    const struct schema *const objects[] = {operation->query, operation->body};
    const struct field *field = find_role(operation->parameters, operation->n_parameters, role);
    for (size_t i = 0; !field && i < 2; i++)
        if (objects[i])
            field = find_role(objects[i]->fields, objects[i]->n_fields, role);
    return field ? (char *)exchange->input + field->offset : NULL;
}
