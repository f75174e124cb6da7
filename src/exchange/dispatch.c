#include "exchange/dispatch.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "exchange/auth.h"
#include "exchange/faulting.h"
#include "exchange/query.h"
#include "exchange/stubbing.h"
#include "json/json.h"
#include "util/text.h"

/* Who may not use the control plane makes no sandbox by naming one. */
static bool check_admin(struct exchange *exchange) {
    struct request *request = &exchange->request;
    const char *token = exchange->config->admin_token;
    request->is_admin = exchange->config->admin && request->n_segments > 0 &&
                        strcmp(request->segments[0], "__admin") == 0;
    if (!request->is_admin || !token || auth_is_bearer(request, token))
        return true;
    exchange_fail(exchange, ERROR_UNAUTHORIZED, "the control plane asks for its --admin-token");
    response_add_header(&exchange->response, "WWW-Authenticate", "Bearer realm=\"kestub\"");
    return false;
}

static bool enter_sandbox(struct exchange *exchange) {
    const struct request *request = &exchange->request;
    if (exchange->sandbox)
        return true;
    const char *name = request->sandbox ? request->sandbox : request->sandbox_header;
    int r = sandboxes_enter(exchange->sandboxes, name, &exchange->sandbox);
    if (r == 0)
        exchange->iam = &exchange->sandbox->iam;
    if (r != 0 && exchange_fail_sandbox(exchange, r) < 0)
        exchange_fail_internally(exchange, r);
    return r == 0;
}

static void answer_other_method(struct exchange *exchange, unsigned allowed) {
    struct request *request = &exchange->request;
    char *allow = arena_alloc(&request->arena, ROUTER_ALLOW_SIZE);
    if (!allow) {
        exchange_fail_internally(exchange, -ENOMEM);
        return;
    }
    router_format_allow(allowed, allow);
    if (request->is_options)
        response_set_empty(&exchange->response, 204);
    else
        exchange_fail(exchange, ERROR_METHOD_NOT_ALLOWED,
                      arena_format(&request->arena, "the path allows %s", allow));
    response_add_header(&exchange->response, "Allow", allow);
}

static bool route(struct exchange *exchange) {
    struct request *request = &exchange->request;
    unsigned allowed = (1U << HTTP_N_METHODS) - 1;
    if (request->ambiguous_length) {
        exchange_fail(exchange, ERROR_BAD_REQUEST, "the length of the body is ambiguous");
        return false;
    }
    if (request->is_options && strcmp(request->target, "*") == 0) {
        answer_other_method(exchange, allowed);
        return false;
    }
    if (request->bad_path) {
        exchange_fail(exchange, ERROR_BAD_REQUEST,
                      "the path has a broken escape, a NUL or invalid UTF-8");
        return false;
    }
    switch (router_match(request->is_admin ? &admin_routes : &contract_routes, request,
                         &exchange->match, &allowed)) {
    case 0:
        return true;
    case ROUTER_UNKNOWN_METHOD:
        answer_other_method(exchange, allowed);
        return false;
    default:
        exchange_fail(exchange, ERROR_UNKNOWN_ROUTE, "no operation has this path");
        return false;
    }
}

static bool authenticate(struct exchange *exchange) {
    if (exchange->match.operation->is_public)
        return true;
    int r = auth_authenticate(&exchange->sandbox->iam, (enum auth_mode)exchange->config->auth,
                              &exchange->request, clock_now(&exchange->sandbox->clock),
                              &exchange->principal);
    r = faulting_authenticate(exchange, r);
    if (r == IAM_UNAUTHENTICATED) {
        exchange_fail(exchange, ERROR_UNAUTHORIZED, NULL);
        response_add_header(&exchange->response, "WWW-Authenticate", "Basic realm=\"Kestra\"");
        return false;
    }
    if (r == 0)
        r = auth_check_csrf(&exchange->request, &exchange->principal);
    if (r == IAM_FORBIDDEN)
        response_set_empty(&exchange->response, 403);
    else if (r < 0)
        exchange_fail_internally(exchange, r);
    return r == 0;
}

static const char *tenant_of(const struct exchange *exchange) {
    const struct operation *operation = exchange->match.operation;
    for (size_t i = 0; i < operation->n_parameters; i++)
        if (strcmp(operation->parameters[i].name, "tenant") == 0)
            return exchange->match.parameters[i];
    return NULL;
}

static bool authorize(struct exchange *exchange) {
    const struct operation *operation = exchange->match.operation;
    if (operation->is_public)
        return true;
    const char *tenant = tenant_of(exchange);
    int r = auth_authorize(&exchange->sandbox->iam, &exchange->principal, operation, tenant,
                           &exchange->tenant_pk);
    if (r == IAM_UNKNOWN_TENANT)
        exchange_fail(
            exchange, ERROR_NOT_FOUND,
            arena_format(&exchange->request.arena, "Tenant does not exist for id '%s'", tenant));
    else if (r == IAM_FORBIDDEN)
        exchange_fail(exchange, ERROR_FORBIDDEN, NULL);
    else if (r < 0)
        exchange_fail_internally(exchange, r);
    return r == 0;
}

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
    {"application/x-www-form-urlencoded", MEDIA_FORM},
    {"text/plain", MEDIA_TEXT},
};
enum { N_MEDIA_TYPES = sizeof(media_types) / sizeof(media_types[0]) };

/* Which of the media that the operation takes the body has; without a header the first. 0: none. */
static unsigned media_of(const struct exchange *exchange) {
    const char *content_type = exchange->request.content_type;
    for (size_t i = 0; i < N_MEDIA_TYPES; i++)
        if (exchange->match.operation->body_media & media_types[i].media &&
            (!content_type || is_media(content_type, media_types[i].name)))
            return media_types[i].media;
    return 0;
}

static bool check_media_type(struct exchange *exchange) {
    unsigned taken = exchange->match.operation->body_media;
    if (!taken || media_of(exchange))
        return true;
    const char *names = "";
    for (size_t i = 0; i < N_MEDIA_TYPES && names; i++)
        if (taken & media_types[i].media)
            names = arena_format(&exchange->request.arena, "%s%s%s", names, *names ? " or " : "",
                                 media_types[i].name);
    exchange_fail(exchange, ERROR_UNSUPPORTED_MEDIA_TYPE,
                  names ? arena_format(&exchange->request.arena, "the body must be %s", names)
                        : NULL);
    return false;
}

static bool check_size(struct exchange *exchange) {
    if (!exchange->request.body_too_large)
        return true;
    exchange_fail(exchange, ERROR_TOO_LARGE,
                  arena_format(&exchange->request.arena, "the body may have %lld bytes",
                               (long long)exchange->config->max_body));
    return false;
}

static bool check_head(struct exchange *exchange) {
    if (!route(exchange))
        return false;
    bool may = exchange->request.is_admin || (authenticate(exchange) && authorize(exchange));
    return may && check_media_type(exchange) && check_size(exchange);
}

/* Every answer but the control plane's is as late as the sandbox's settings say. */
static void hold_back(struct exchange *exchange) {
    int64_t *delay_ms = &exchange->response.delivery.delay_ms;
    if (exchange->sandbox && !exchange->request.is_admin &&
        stubs_are_active(exchange->sandbox->stubs))
        *delay_ms += stubs_draw_delay(exchange->sandbox->stubs);
    faulting_hold_back(exchange);
    if (*delay_ms > DELAY_MAX_MS)
        *delay_ms = DELAY_MAX_MS;
}

bool dispatch_head(struct exchange *exchange) {
    bool entered = check_admin(exchange) && enter_sandbox(exchange) && !faulting_meet(exchange);
    exchange->deferred = entered && !exchange->request.is_admin &&
                         !exchange->request.body_too_large && !exchange->request.ambiguous_length &&
                         stubs_are_active(exchange->sandbox->stubs);
    if (exchange->deferred || (entered && check_head(exchange)))
        return true;
    hold_back(exchange);
    return false;
}

static void bind_parameters(const struct exchange *exchange, void *input) {
    const struct operation *operation = exchange->match.operation;
    for (size_t i = 0; i < operation->n_parameters; i++)
        *(const char **)((char *)input + operation->parameters[i].offset) =
            exchange->match.parameters[i];
}

static const char *missing_parameter(const struct schema *schema, const cJSON *tree) {
    for (size_t i = 0; i < schema->n_fields; i++)
        if (schema->fields[i].required &&
            !cJSON_GetObjectItemCaseSensitive(tree, schema->fields[i].name))
            return schema->fields[i].name;
    return NULL;
}

/* Whether the query is valid and bound; otherwise the response is there. */
static bool read_query(struct exchange *exchange, void *input) {
    const struct operation *operation = exchange->match.operation;
    struct arena *arena = &exchange->request.arena;
    struct violations violations = {.arena = arena};
    if (!operation->query)
        return true;
    size_t length;
    const char *text = request_query(&exchange->request, &length);
    int r = query_read(operation->query, text, length, arena, &exchange->query);
    if (r > 0) {
        exchange_fail(exchange, ERROR_BAD_REQUEST,
                      "the query has a broken escape, a NUL or invalid UTF-8");
        return false;
    }
    const char *missing = r == 0 ? missing_parameter(operation->query, exchange->query) : NULL;
    if (missing) {
        exchange_fail(exchange, ERROR_BAD_REQUEST,
                      arena_format(arena, "the query lacks '%s'", missing));
        return false;
    }
    if (r == 0)
        r = validate_value(operation->query, exchange->query,
                           &(struct json_place){.name = operation->id}, &violations);
    if (r == 0 && violations.count == 0)
        r = validate_bind(operation->query, exchange->query, arena, input);
    if (r < 0)
        exchange_fail_internally(exchange, r);
    else if (violations.count > 0)
        exchange_refuse(exchange, ERROR_INVALID_ENTITY, &violations);
    return r == 0 && violations.count == 0;
}

static int parse_json(struct exchange *exchange, struct violations *violations) {
    const struct json_place place = exchange_body_place(exchange);
    struct request *request = &exchange->request;
    struct json_error error;
    int r = json_parse(request->body.bytes, request->body.size, &exchange->body, &error);
    if (r <= 0)
        return r;
    return violations_refuse(violations, &place, "invalid JSON at line %zu, column %zu: %s",
                             error.line, error.column, error.reason);
}

static int parse_text(struct exchange *exchange, struct violations *violations, unsigned media) {
    const struct operation *operation = exchange->match.operation;
    const struct json_place place = exchange_body_place(exchange);
    struct request *request = &exchange->request;
    const char *text = arena_copy(&request->arena, request->body.bytes, request->body.size);
    if (!text)
        return -ENOMEM;
    bool broken = media == MEDIA_TEXT &&
                  (strlen(text) != request->body.size || !text_is_utf8(text, request->body.size));
    int r = 0;
    if (media == MEDIA_FORM)
        r = query_read(operation->body, text, request->body.size, &request->arena, &exchange->body);
    else if (!broken && !(exchange->body = cJSON_CreateString(text)))
        r = -ENOMEM;
    if (r == 0 && !broken)
        return 0;
    return r < 0 ? r
                 : violations_refuse(violations, &place,
                                     "has a broken escape, a NUL or invalid UTF-8");
}

/* Parses the body into exchange->body. 0, >0 and a violation, <0. */
static int parse_body(struct exchange *exchange, struct violations *violations) {
    const struct json_place place = exchange_body_place(exchange);
    unsigned media = media_of(exchange);
    if (exchange->request.body.size == 0)
        return violations_refuse(violations, &place, "%s",
                                 media == MEDIA_JSON ? "a JSON body is required"
                                                     : "a body is required");
    return media == MEDIA_JSON ? parse_json(exchange, violations)
                               : parse_text(exchange, violations, media);
}

static int bind_body(struct exchange *exchange, void *input) {
    const struct operation *operation = exchange->match.operation;
    if (operation->body->type == SCHEMA_STRING) {
        *(const char **)((char *)input + operation->body_offset) = exchange->body->valuestring;
        return 0;
    }
    return validate_bind(operation->body, exchange->body, &exchange->request.arena, input);
}

/* Whether the body is valid and bound; otherwise the response is there. */
static bool read_body(struct exchange *exchange, void *input) {
    const struct operation *operation = exchange->match.operation;
    struct arena *arena = &exchange->request.arena;
    struct violations violations = {.arena = arena};
    const struct json_place place = exchange_body_place(exchange);
    if (!operation->body || (exchange->request.body.size == 0 && !operation->body_required))
        return true;
    int r = parse_body(exchange, &violations);
    if (r == 0)
        r = validate_value(operation->body, exchange->body, &place, &violations);
    if (r == 0 && violations.count == 0)
        r = bind_body(exchange, input);
    if (r < 0)
        exchange_fail_internally(exchange, r);
    else if (violations.count > 0)
        exchange_refuse_body(exchange, &violations);
    return r == 0 && violations.count == 0;
}

static void serve(struct exchange *exchange) {
    const struct operation *operation = exchange->match.operation;
    if (!check_size(exchange))
        return;
    void *input = arena_alloc(&exchange->request.arena, operation->input_size);
    if (!input) {
        exchange_fail_internally(exchange, -ENOMEM);
        return;
    }
    bind_parameters(exchange, input);
    if (!read_query(exchange, input) || !read_body(exchange, input) ||
        faulting_prepare(exchange, input))
        return;
    int r = operation->handle(exchange, input);
    if (r < 0)
        exchange_fail_internally(exchange, r);
    faulting_conclude(exchange);
}

/* Of a body that turns out to be too large only the start is there, which no stub shall see. */
void dispatch_body(struct exchange *exchange) {
    bool answered =
        exchange->deferred && !exchange->request.body_too_large && stubbing_answer(exchange);
    if (!answered && (!exchange->deferred || check_head(exchange)))
        serve(exchange);
    hold_back(exchange);
}
