#include "exchange/cors.h"

#include <errno.h>
#include <string.h>

#include "util/authority.h"
#include "util/fatal.h"
#include "util/text.h"

#define ALLOW_ORIGIN "Access-Control-Allow-Origin"
#define METHODS "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"

/* A page can always read the most common headers of a response. These are the others of the
 * emulated API. */
#define EXPOSED                                                                                    \
    "Allow, Location, Retry-After, WWW-Authenticate, X-Kestra-Edition, X-Kestra-Route-Matched"
#define MAX_AGE "600"

enum grant { GRANT_NONE, GRANT_ANY, GRANT_NAMED };

/* Returns the origin of the page, or NULL without exactly one that can be compared. */
static const char *origin_of(const struct request *request) {
    const char *origin = NULL;
    size_t count = 0;
    for (size_t i = 0; i < request->headers.count; i++) {
        if (text_is_same_name(request->headers.items[i].name, "Origin")) {
            origin = request->headers.items[i].value;
            count++;
        }
    }
    return count == 1 && authority_is_origin(origin, strlen(origin)) ? origin : NULL;
}

/* Whether the list has `*`, which allows pages that do not say who they are, too: a browser sends
 * no Origin for images and the like. */
static bool allows_any(const struct exchange *exchange) {
    return !exchange->request.is_admin && strchr(exchange->config->cors, '*');
}

static enum grant find_grant(const struct exchange *exchange, const char *origin) {
    enum grant grant = origin && allows_any(exchange) ? GRANT_ANY : GRANT_NONE;
    for (const char *at = exchange->config->cors; origin && at && *at; at += *at == ',') {
        size_t length = strcspn(at, ",");
        if (authority_is_same_origin(at, length, origin))
            return GRANT_NAMED;
        at += length;
    }
    return grant;
}

bool cors_allows(const struct exchange *exchange) {
    if (!exchange->config->cors)
        return false;
    if (!request_find_header(&exchange->request, "Origin"))
        return allows_any(exchange);
    return find_grant(exchange, origin_of(&exchange->request)) != GRANT_NONE;
}

/* Whether the text has only what names of methods and headers have, and `more`. */
static bool has_only_tokens(const char *text, const char *more) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789!#$%&'*+-.^_`|~";
    while (*text && (strchr(letters, *text) || strchr(more, *text)))
        text++;
    return *text == '\0';
}

static bool is_usual_method(const char *method) {
    static const char *const usual[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
        if (strcmp(usual[i], method) == 0)
            return true;
    return false;
}

/* Adds the methods and headers that the browser asks for: what the operation or stub takes is for
 * their answer to say. */
static int add_permissions(struct exchange *exchange, const char *method) {
    struct response *response = &exchange->response;
    const char *headers = request_find_header(&exchange->request, "Access-Control-Request-Headers");
    const char *methods = METHODS;
    if (!is_usual_method(method))
        methods = arena_format(&exchange->request.arena, METHODS ", %s", method);
    if (!methods)
        return FATAL(ENOMEM);
    response_add_header(response, "Access-Control-Allow-Methods", methods);
    if (headers && *headers && has_only_tokens(headers, ", "))
        response_add_header(response, "Access-Control-Allow-Headers", headers);
    response_add_header(response, "Access-Control-Max-Age", MAX_AGE);
    return EXCHANGE_ANSWERED;
}

int cors_answer_preflight(struct exchange *exchange) {
    const struct request *request = &exchange->request;
    if (!request->is_options || !request_find_header(request, "Origin") || !cors_allows(exchange))
        return 0;
    const char *method = request_find_header(request, "Access-Control-Request-Method");
    if (!method || !*method || !has_only_tokens(method, ""))
        return 0;
    response_set_empty(&exchange->response, 204);
    return add_permissions(exchange, method);
}

static bool has_header(const struct name_value_list *headers, const char *name) {
    for (size_t i = 0; i < headers->count; i++)
        if (text_is_same_name(headers->items[i].name, name))
            return true;
    return false;
}

/* Returns the names that the page may read: the usual ones, and those that a stub has set. NULL:
 * memory is out. */
static const char *list_exposed(struct exchange *exchange) {
    const struct name_value_list *headers = &exchange->response.headers;
    const char *names = EXPOSED;
    for (size_t i = 0; exchange->stub && names && i < headers->count; i++)
        if (!strcasestr(names, headers->items[i].name))
            names = arena_format(&exchange->request.arena, "%s, %s", names, headers->items[i].name);
    return names;
}

void cors_finish(struct exchange *exchange) {
    enum { MOST = 4 };
    if (!exchange->config->cors)
        return;
    struct name_value_list list = exchange->response.headers;
    if (list.count > 0 && has_header(&list, ALLOW_ORIGIN))
        return;
    const char *origin = origin_of(&exchange->request);
    enum grant grant = find_grant(exchange, origin);
    const char *exposed = list_exposed(exchange);
    struct name_value *items =
        arena_alloc(&exchange->request.arena, (list.count + MOST) * sizeof(*items));
    if (!exposed || !items)
        return;
    if (list.count > 0)
        memcpy(items, list.items, list.count * sizeof(*items));
    list.items = items;
    /* Caches must not show one page the answer to another. */
    items[list.count++] = (struct name_value){"Vary", "Origin"};
    if (grant != GRANT_NONE)
        items[list.count++] = (struct name_value){ALLOW_ORIGIN, grant == GRANT_ANY ? "*" : origin};
    if (grant == GRANT_NAMED && !has_header(&list, "Access-Control-Allow-Credentials"))
        items[list.count++] = (struct name_value){"Access-Control-Allow-Credentials", "true"};
    if (grant != GRANT_NONE && !has_header(&list, "Access-Control-Expose-Headers"))
        items[list.count++] = (struct name_value){"Access-Control-Expose-Headers", exposed};
    response_borrow_headers(&exchange->response, &list);
}
