#include "errors.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#define PROBLEMS "https://kestra.io/docs/api-reference/problems/"

static const struct error {
    const char *type;
    const char *title;
    int status;
    int older_status;
    const char *older_reason; /* how the message starts before problem documents */
} errors[] = {
    /* The first of a status is its usual one. */
    {"bad-request", "Bad request", 400, 400, ""},
    {"unauthenticated", "Authentication required", 401, 401, "Unauthorized"},
    {"forbidden", "Access denied", 403, 403, "Forbidden"},
    {"not-found", "Resource not found", 404, 404, "Not Found"},
    {"method-not-allowed", "Method not allowed", 405, 405, "Method Not Allowed"},
    {"entity-already-exists", "Entity already exists", 409, 409, "Conflict: "},
    {"payload-too-large", "Payload too large", 413, 413, "Request Entity Too Large"},
    {"unsupported-media-type", "Unsupported media type", 415, 415, "Unsupported Media Type"},
    {"validation-failed", "Validation failed", 422, 422, "Invalid entity"},
    {"too-many-requests", "Too many requests", 429, 429, "Too Many Requests"},
    {"internal-error", "Internal server error", 500, 500, "Internal server error"},
    {"service-unavailable", "Service unavailable", 503, 503, "Service Unavailable"},
    {"invalid-query-parameter", "Invalid query parameter", 400, 400, "Bad Request: "},
    {"invalid-query-filters", "Invalid query filters", 400, 422, "Illegal argument: "},
    {"invalid-credentials", "Invalid credentials", 400, 400, "Bad Request: "},
    {"license-limit-exceeded", "License limit reached", 403, 403, "License limit exceeded: "},
    {"conflict", "Conflict", 409, 409, "Conflict: "},
    {"invalid-json", "Invalid JSON", 422, 422, "Invalid entity"},
    {"invalid-argument", "Invalid argument", 422, 422, ""},
    {"invalid-request-body", "Invalid request body", 422, 422, "Invalid entity"},
    {"password-policy-violation", "Password policy not met", 422, 422, "Invalid entity"},
};

const struct version *version_under_test(void) {
    const char *name = getenv("KESTUB_SERVER_VERSION");
    const struct version *version =
        name ? version_find(name) : &contract_versions[contract_n_versions - 1];
    ck_assert_msg(version != NULL, "KESTUB_SERVER_VERSION is not a version");
    return version;
}

bool version_is_in(unsigned set) {
    return set == 0 || (set >> (version_under_test() - contract_versions) & 1);
}

const char *errors_media_type(void) {
    return version_under_test()->problem_documents ? "application/problem+json"
                                                   : "application/json";
}

static const struct error *find_error(int status, const char *type) {
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
        if (type ? strcmp(errors[i].type, type) == 0 : errors[i].older_status == status)
            return &errors[i];
    return NULL;
}

static const char *text_of(const cJSON *object, const char *name) {
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return text ? text : "";
}

/* The members must have this order, and those that are not required may be missing. */
static bool has_members(const cJSON *object, const char *const *names, size_t n_names,
                        size_t n_required) {
    const cJSON *member = object->child;
    for (size_t i = 0; i < n_names; i++) {
        if (member && strcmp(member->string, names[i]) == 0)
            member = member->next;
        else if (i < n_required)
            return false;
    }
    return member == NULL;
}

static bool errors_are_in_order(const cJSON *list) {
    static const char *const names[] = {"detail", "pointer", "path"};
    const char *last = "";
    const cJSON *error;
    cJSON_ArrayForEach (error, list) {
        const cJSON *pointer = cJSON_GetObjectItemCaseSensitive(error, "pointer");
        if (!error->child || !has_members(error, names, 3, 0) ||
            (last ? pointer && strcmp(last, pointer->valuestring) > 0 : pointer != NULL))
            return false;
        last = pointer ? pointer->valuestring : NULL;
    }
    return !list || list->child;
}

static void check_problem(const cJSON *problem, const struct http_call *call,
                          const struct http_answer *answer) {
    static const char *const names[] = {"type",     "title",  "status", "detail",
                                        "instance", "errors", "traceId"};
    const char *type = text_of(problem, "type");
    const char *instance = text_of(problem, "instance");
    size_t prefix = strlen(PROBLEMS);
    const struct error *error =
        strncmp(type, PROBLEMS, prefix) == 0 ? find_error(0, type + prefix) : NULL;
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(problem, "errors");
    bool has_trace = cJSON_GetObjectItemCaseSensitive(problem, "traceId") != NULL;
    ck_assert_msg(has_members(problem, names, 7, 5), "wrong members: %s", answer->body);
    ck_assert_msg(error && strcmp(text_of(problem, "title"), error->title) == 0,
                  "type and title do not fit: %s", answer->body);
    ck_assert_msg(cJSON_GetObjectItemCaseSensitive(problem, "status")->valueint == answer->status,
                  "not the status %d: %s", answer->status, answer->body);
    ck_assert_msg(*text_of(problem, "detail"), "no detail: %s", answer->body);
    ck_assert_msg(strlen(instance) == strcspn(call->target, "?#") &&
                      strncmp(instance, call->target, strlen(instance)) == 0,
                  "not an instance of %s: %s", call->target, answer->body);
    ck_assert_msg(errors_are_in_order(list), "wrong errors: %s", answer->body);
    ck_assert_msg(has_trace == (answer->status >= 500) &&
                      (!has_trace || (*text_of(problem, "traceId") && !list)),
                  "wrong traceId or errors: %s", answer->body);
}

static void check_json_error(const cJSON *error, const struct http_call *call,
                             const struct http_answer *answer) {
    static const char *const names[] = {"message", "_links", "_embedded"};
    const cJSON *links = cJSON_GetObjectItemCaseSensitive(error, "_links");
    const cJSON *self = cJSON_GetObjectItemCaseSensitive(links, "self");
    ck_assert_msg(has_members(error, names, 3, 2), "wrong members: %s", answer->body);
    ck_assert_msg(*text_of(error, "message"), "no message: %s", answer->body);
    ck_assert_msg(strcmp(text_of(self, "href"), call->target) == 0, "no link to %s: %s",
                  call->target, answer->body);
}

bool errors_are_of_control_plane(const char *target) {
    if (strncmp(target, "/sandbox/", 9) == 0)
        target += 9 + strcspn(target + 9, "/");
    return strncmp(target, "/__admin", 8) == 0;
}

bool errors_are_of_scim(const char *target) {
    const char *integrations = strstr(target, "/integrations/");
    return integrations && strstr(integrations, "/scim/v2") != NULL;
}

static void check_scim(const cJSON *error, const struct http_answer *answer) {
    static const char *const names[] = {"schemas", "status", "scimType", "detail"};
    const cJSON *member = error->child;
    size_t n_found = 0;
    for (size_t i = 0; i < 4; i++) {
        bool found = member && strcmp(member->string, names[i]) == 0;
        ck_assert_msg(found || i == 2, "no %s: %s", names[i], answer->body);
        member = found ? member->next : member;
        n_found += found;
    }
    ck_assert_msg(!member && n_found >= 3, "wrong members: %s", answer->body);
    ck_assert_msg(atoi(text_of(error, "status")) == answer->status, "not the status %d: %s",
                  answer->status, answer->body);
    ck_assert_msg(*text_of(error, "detail"), "no detail: %s", answer->body);
}

static void check_marks(const struct version *version, const struct http_answer *answer) {
    char edition[16] = "";
    const char *value = http_header(answer, "X-Kestra-Edition");
    if (value)
        snprintf(edition, sizeof(edition), "%s", value);
    const char *matched = http_header(answer, "X-Kestra-Route-Matched");
    if (!version->marks_not_found || answer->status != 404) {
        ck_assert_msg(!*edition && !matched, "marked as a 404: %s", answer->headers);
    } else {
        ck_assert_str_eq(edition, "EE");
        ck_assert_msg(matched && (strcmp(matched, "true") == 0 || strcmp(matched, "false") == 0),
                      "does not say whether there is a route: %s", answer->headers);
    }
}

void errors_check_form(const struct version *version, const struct http_call *call,
                       const struct http_answer *answer) {
    if (errors_are_of_control_plane(call->target))
        return;
    check_marks(version, answer);
    if (answer->status < 400 || answer->body_size == 0)
        return;
    bool is_scim = errors_are_of_scim(call->target);
    ck_assert_str_eq(http_header(answer, "Content-Type"), is_scim ? "application/scim+json"
                                                          : version->problem_documents
                                                              ? "application/problem+json"
                                                              : "application/json");
    cJSON *body = cJSON_Parse(answer->body);
    ck_assert_msg(cJSON_IsObject(body), "not an object: %s", answer->body);
    if (is_scim)
        check_scim(body, answer);
    else if (version->problem_documents)
        check_problem(body, call, answer);
    else
        check_json_error(body, call, answer);
    cJSON_Delete(body);
}

int errors_status(int status, const char *type) {
    const struct error *error = find_error(status, type);
    return error && version_under_test()->problem_documents ? error->status : status;
}

void errors_check(int status, const char *type, const struct http_answer *answer) {
    const struct error *error = find_error(status, type);
    char start[160];
    if (status < 400)
        return;
    if (strcmp(http_header(answer, "Content-Type"), "application/scim+json") == 0) {
        snprintf(start, sizeof(start), "\"scimType\":\"%s\"", type ? type : "");
        ck_assert_msg(!type || strstr(answer->body, start), "not %s: %s", type, answer->body);
        return;
    }
    ck_assert_msg(error != NULL, "no error is known for %d, %s", status, type ? type : "");
    snprintf(start, sizeof(start), "{\"%s\":\"%s%s",
             version_under_test()->problem_documents ? "type" : "message",
             version_under_test()->problem_documents ? PROBLEMS : "",
             version_under_test()->problem_documents ? error->type : error->older_reason);
    ck_assert_msg(strncmp(answer->body, start, strlen(start)) == 0, "not %s: %s", start,
                  answer->body);
}
