#include "exchange/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/friendly_id.h"
#include "util/text.h"

#define PROBLEMS "https://kestra.io/docs/api-reference/problems/"

struct error_info {
    int status;
    int problem_status;
    const char *reason; /* the message of a JSON error starts with it */
    const char *slug;
    const char *title;
    const char *detail; /* what a problem says instead of the report's detail; NULL: that detail */
    int admin_code;     /* what WireMock's shape calls the error; 0: the status */
};

static const struct error_info *find_info(enum error_code code) {
    static const char internal[] =
        "An unexpected error occurred. Quote the traceId when contacting support.";
    static const struct error_info table[] = {
        [ERROR_BAD_REQUEST] = {400, 400, "Bad Request", "bad-request", "Bad request", NULL},
        [ERROR_INVALID_PAYLOAD] = {400, 400, "Invalid request payload", "bad-request",
                                   "Bad request", "Invalid request payload"},
        [ERROR_MISSING_PARAMETER] = {400, 400, "Bad Request", "invalid-query-parameter",
                                     "Invalid query parameter", NULL},
        [ERROR_WRONG_PASSWORD] = {400, 400, "Bad Request", "invalid-credentials",
                                  "Invalid credentials", NULL},
        [ERROR_UNAUTHORIZED] = {401, 401, "Unauthorized", "unauthenticated",
                                "Authentication required", NULL},
        [ERROR_FORBIDDEN] = {403, 403, "Forbidden", "forbidden", "Access denied", NULL},
        [ERROR_LICENSE_LIMIT] = {403, 403, "License limit exceeded", "license-limit-exceeded",
                                 "License limit reached", NULL},
        [ERROR_UNKNOWN_ROUTE] = {404, 404, "Not Found", "not-found", "Resource not found",
                                 "Resource not found"},
        [ERROR_NOT_FOUND] = {404, 404, "Not Found", "not-found", "Resource not found", NULL},
        [ERROR_METHOD_NOT_ALLOWED] = {405, 405, "Method Not Allowed", "method-not-allowed",
                                      "Method not allowed", "Method not allowed"},
        [ERROR_CONFLICT] = {409, 409, "Conflict", "conflict", "Conflict", NULL},
        [ERROR_EXISTS] = {409, 409, "Conflict", "entity-already-exists", "Entity already exists",
                          NULL},
        [ERROR_TOO_LARGE] = {413, 413, "Request Entity Too Large", "payload-too-large",
                             "Payload too large", NULL},
        [ERROR_TARGET_TOO_LONG] = {414, 414, "URI Too Long", "bad-request", "Bad request", NULL},
        [ERROR_UNSUPPORTED_MEDIA_TYPE] = {415, 415, "Unsupported Media Type",
                                          "unsupported-media-type", "Unsupported media type",
                                          "Unsupported media type"},
        [ERROR_INVALID_ENTITY] = {422, 422, "Invalid entity", "validation-failed",
                                  "Validation failed", NULL},
        [ERROR_INVALID_JSON] = {422, 422, "Invalid entity", "invalid-json", "Invalid JSON",
                                "Invalid JSON"},
        [ERROR_INVALID_VALUE] = {422, 422, "Invalid entity", "invalid-argument", "Invalid argument",
                                 "Invalid argument"},
        [ERROR_MISSING_BODY] = {422, 422, "Invalid entity", "invalid-request-body",
                                "Invalid request body", "Required body is missing."},
        [ERROR_DUPLICATE_STUB] = {422, 422, "Duplicate stub mapping ID", "validation-failed",
                                  "Validation failed", NULL, .admin_code = 109},
        [ERROR_WEAK_PASSWORD] = {422, 422, "Invalid entity", "password-policy-violation",
                                 "Password policy not met", NULL},
        [ERROR_ILLEGAL_ARGUMENT] = {422, 422, "Illegal argument", "invalid-argument",
                                    "Invalid argument", NULL},
        [ERROR_INVALID_FILTERS] = {422, 400, "Illegal argument", "invalid-query-filters",
                                   "Invalid query filters", NULL},
        [ERROR_SCIM_FILTER] = {400, 400, "Bad Request", "bad-request", "Bad request", NULL},
        [ERROR_SCIM_PATH] = {400, 400, "Bad Request", "bad-request", "Bad request", NULL},
        [ERROR_SCIM_VALUE] = {400, 400, "Bad Request", "bad-request", "Bad request", NULL},
        [ERROR_SCIM_TARGET] = {400, 400, "Bad Request", "bad-request", "Bad request", NULL},
        [ERROR_SCIM_MUTABILITY] = {400, 400, "Bad Request", "bad-request", "Bad request", NULL},
        [ERROR_SCIM_TOO_MANY] = {400, 400, "Bad Request", "bad-request", "Bad request", NULL},
        [ERROR_TOO_MANY_REQUESTS] = {429, 429, "Too Many Requests", "too-many-requests",
                                     "Too many requests", NULL},
        [ERROR_HEAD_TOO_LARGE] = {431, 431, "Request Header Fields Too Large", "bad-request",
                                  "Bad request", NULL},
        [ERROR_INTERNAL] = {500, 500, "Internal server error", "internal-error",
                            "Internal server error", internal},
        /* The author of a stub must see what is wrong with it. */
        [ERROR_BROKEN_STUB] = {500, 500, "Internal server error", "internal-error",
                               "Internal server error", NULL},
        [ERROR_UNAVAILABLE] = {503, 503, "Service Unavailable", "service-unavailable",
                               "Service unavailable", NULL},
        [ERROR_NO_ROOM] = {507, 507, "Insufficient Storage", "internal-error",
                           "Internal server error", NULL},
    };
    return &table[code];
}

static bool is_scim(const struct error_report *report) {
    return !report->request->is_admin && request_is_scim(report->request);
}

static bool is_problem(const struct error_report *report) {
    return !report->request->is_admin && report->version->problem_documents && !is_scim(report);
}

/* SCIM has no 422. */
int error_status(const struct error_report *report) {
    const struct error_info *info = find_info(report->code);
    if (is_scim(report))
        return info->status == 422 ? 400 : info->status;
    return is_problem(report) ? info->problem_status : info->status;
}

const char *error_media_type(const struct error_report *report) {
    return is_scim(report)      ? "application/scim+json"
           : is_problem(report) ? "application/problem+json"
                                : "application/json";
}

static size_t count_violations(const struct error_report *report) {
    size_t count = report->violations ? report->violations->count : 0;
    return count < VIOLATIONS_KEPT ? count : VIOLATIONS_KEPT;
}

/* A target that is not UTF-8 does not fit into JSON and is left out. */
static const char *target_of(const struct error_report *report) {
    const char *target = report->request->target;
    return text_is_utf8(target, strlen(target)) ? target : "";
}

static void render_json_error(const struct error_report *report, struct json_builder *builder,
                              struct json_parent root) {
    const struct error_info *info = find_info(report->code);
    char *message = NULL;
    if (report->detail && asprintf(&message, "%s: %s", info->reason, report->detail) < 0)
        builder->failed = true;
    json_add_text(builder, root, "message", message ? message : info->reason);
    free(message);
    struct json_parent links = json_add_object(builder, root, "_links");
    struct json_parent self = json_add_object(builder, links, "self");
    json_add_text(builder, self, "href", target_of(report));
    json_add_bool(builder, self, "templated", false);
    size_t count = count_violations(report);
    if (count == 0)
        return;
    struct json_parent embedded = json_add_object(builder, root, "_embedded");
    struct json_parent errors = json_add_array(builder, embedded, "errors");
    for (size_t i = 0; i < count; i++) {
        const struct violation *violation = &report->violations->items[i];
        const char *path = json_place_path(violation->place, report->violations->arena);
        struct json_parent error = json_add_object(builder, errors, NULL);
        builder->failed |= !path;
        json_add_text(builder, error, "message", violation->message);
        json_add_text(builder, error, "path", path);
    }
}

/* Returns the path below the root, such as "groups[1]", or NULL when memory is out. */
static const char *path_in_body(const struct json_place *place, struct arena *arena) {
    const struct json_place *root = place;
    while (root->parent)
        root = root->parent;
    const char *path = json_place_path(place, arena);
    if (!path)
        return NULL;
    path += strlen(root->name);
    return *path == '.' ? path + 1 : path;
}

/* The parser's own words stay hidden, and it stops at the first value that it cannot read. */
static void add_unreadable(const struct error_report *report, struct json_builder *builder,
                           struct json_parent root) {
    const struct violations *violations = report->violations;
    for (size_t i = 0; i < count_violations(report); i++) {
        if (!violations->items[i].is_unreadable)
            continue;
        const char *path = path_in_body(violations->items[i].place, violations->arena);
        builder->failed |= !path;
        if (!path || !*path)
            return;
        struct json_parent error =
            json_add_object(builder, json_add_array(builder, root, "errors"), NULL);
        json_add_text(builder, error, "path", path);
        return;
    }
}

struct problem_error {
    const char *detail;
    const char *pointer; /* NULL: not in the body */
    const char *path;
};

static int compare_pointers(const void *a, const void *b) {
    const char *left = ((const struct problem_error *)a)->pointer;
    const char *right = ((const struct problem_error *)b)->pointer;
    if (!left || !right)
        return (left == NULL) - (right == NULL);
    return strcmp(left, right);
}

static void add_problem_errors(const struct error_report *report, struct json_builder *builder,
                               struct json_parent root) {
    struct problem_error errors[VIOLATIONS_KEPT];
    size_t count = count_violations(report);
    bool says_where = report->code != ERROR_WEAK_PASSWORD;
    for (size_t i = 0; i < count; i++) {
        struct arena *arena = report->violations->arena;
        const struct violation *violation = &report->violations->items[i];
        errors[i] = (struct problem_error){.detail = violation->message};
        if (says_where && report->in_body &&
            !(errors[i].pointer = json_place_pointer(violation->place, arena)))
            builder->failed = true;
        if (says_where && !(errors[i].path = json_place_path(violation->place, arena)))
            builder->failed = true;
    }
    qsort(errors, count, sizeof(errors[0]), compare_pointers);
    struct json_parent array = json_add_array(builder, root, "errors");
    for (size_t i = 0; i < count; i++) {
        struct json_parent error = json_add_object(builder, array, NULL);
        json_add_text(builder, error, "detail", errors[i].detail);
        json_add_text(builder, error, "pointer", errors[i].pointer);
        json_add_text(builder, error, "path", errors[i].path);
    }
}

static void render_problem(const struct error_report *report, struct json_builder *builder,
                           struct json_parent root) {
    const struct error_info *info = find_info(report->code);
    const char *detail = info->detail ? info->detail : report->detail;
    const char *target = report->request->target;
    char type[sizeof(PROBLEMS) + 32];
    size_t length = strcspn(target, "?#");
    char *instance = strndup(target, text_is_utf8(target, length) ? length : 0);
    builder->failed |= !instance;
    snprintf(type, sizeof(type), PROBLEMS "%s", info->slug);
    json_add_text(builder, root, "type", type);
    json_add_text(builder, root, "title", info->title);
    json_add_integer(builder, root, "status", info->problem_status);
    json_add_text(builder, root, "detail", detail ? detail : info->title);
    json_add_text(builder, root, "instance", instance);
    free(instance);
    if (report->code == ERROR_INVALID_JSON)
        add_unreadable(report, builder, root);
    else if (count_violations(report) > 0 && report->code != ERROR_INVALID_VALUE &&
             report->code != ERROR_MISSING_BODY)
        add_problem_errors(report, builder, root);
    if (info->problem_status >= 500) {
        char trace[FRIENDLY_ID_SIZE];
        friendly_id_make(trace);
        json_add_text(builder, root, "traceId", trace);
    }
}

/* Returns NULL for an error that has no scimType. */
static const char *scim_type(enum error_code code) {
    static const struct {
        enum error_code code;
        const char *type;
    } types[] = {
        {ERROR_INVALID_PAYLOAD, "invalidSyntax"}, {ERROR_INVALID_JSON, "invalidSyntax"},
        {ERROR_MISSING_BODY, "invalidSyntax"},    {ERROR_EXISTS, "uniqueness"},
        {ERROR_SCIM_FILTER, "invalidFilter"},     {ERROR_SCIM_PATH, "invalidPath"},
        {ERROR_SCIM_TARGET, "noTarget"},          {ERROR_SCIM_MUTABILITY, "mutability"},
        {ERROR_SCIM_TOO_MANY, "tooMany"},         {ERROR_SCIM_VALUE, "invalidValue"},
        {ERROR_INVALID_ENTITY, "invalidValue"},   {ERROR_INVALID_VALUE, "invalidValue"},
    };
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (types[i].code == code)
            return types[i].type;
    return NULL;
}

static void render_scim(const struct error_report *report, struct json_builder *builder,
                        struct json_parent root) {
    const struct violations *violations = report->violations;
    char status[16];
    const char *detail = report->detail;
    if (!detail && count_violations(report) > 0)
        detail = violations->items[0].message;
    snprintf(status, sizeof(status), "%d", error_status(report));
    json_add_text(builder, json_add_array(builder, root, "schemas"), NULL,
                  "urn:ietf:params:scim:api:messages:2.0:Error");
    json_add_text(builder, root, "status", status);
    json_add_text(builder, root, "scimType", scim_type(report->code));
    json_add_text(builder, root, "detail", detail ? detail : find_info(report->code)->title);
}

static void add_admin_error(const struct error_report *report, struct json_builder *builder,
                            struct json_parent errors, const char *pointer, const char *detail) {
    const struct error_info *info = find_info(report->code);
    struct json_parent error = json_add_object(builder, errors, NULL);
    if (pointer)
        json_add_text(builder, json_add_object(builder, error, "source"), "pointer", pointer);
    json_add_integer(builder, error, "code", info->admin_code ? info->admin_code : info->status);
    json_add_text(builder, error, "title", info->reason);
    json_add_text(builder, error, "detail", detail);
}

static void render_admin(const struct error_report *report, struct json_builder *builder,
                         struct json_parent root) {
    struct json_parent errors = json_add_array(builder, root, "errors");
    size_t count = count_violations(report);
    if (count == 0)
        add_admin_error(report, builder, errors, NULL, report->detail);
    for (size_t i = 0; i < count; i++) {
        const struct violation *violation = &report->violations->items[i];
        const char *pointer = json_place_pointer(violation->place, report->violations->arena);
        builder->failed |= !pointer;
        add_admin_error(report, builder, errors, pointer, violation->message);
    }
}

void error_render(const struct error_report *report, struct json_builder *builder,
                  struct json_parent root) {
    if (report->request->is_admin)
        render_admin(report, builder, root);
    else if (is_scim(report))
        render_scim(report, builder, root);
    else if (is_problem(report))
        render_problem(report, builder, root);
    else
        render_json_error(report, builder, root);
}
