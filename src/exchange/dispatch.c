#include "exchange/dispatch.h"

#include <errno.h>
#include <string.h>

#include "exchange/auditing.h"
#include "exchange/auth.h"
#include "exchange/cors.h"
#include "exchange/decoding.h"
#include "exchange/faulting.h"
#include "exchange/input.h"
#include "exchange/origin.h"
#include "exchange/pages.h"
#include "exchange/stubbing.h"
#include "json/json.h"
#include "util/fatal.h"

/* Returns 0, EXCHANGE_ANSWERED, EXCHANGE_SLOW, <0, or the last step EXCHANGE_WAITS. */
typedef int (*step)(struct exchange *exchange);

/* Runs the steps of a NULL-terminated list from *next on, until one returns something other than 0.
 * Returns that result. *next is then that step, so that it can be tried again. */
static int run(struct exchange *exchange, const step *steps, size_t *next) {
    int r = 0;
    for (; steps[*next]; ++*next) {
        r = steps[*next](exchange);
        if (r != 0)
            break;
    }
    return r;
}

/* Whoever watches the server needs no token, and asks even if there is no control plane. */
static int choose_plane(struct exchange *exchange) {
    struct request *request = &exchange->request;
    bool is_below = request->n_segments > 0 && strcmp(request->segments[0], "__admin") == 0;
    request->is_health = is_below && request->n_segments == 2 && request->method == HTTP_GET &&
                         strcmp(request->segments[1], "health") == 0;
    request->is_admin = is_below && (exchange->config->admin || request->is_health);
    bool is_scrape = request->is_admin && request->n_segments == 2 && request->method == HTTP_GET &&
                     strcmp(request->segments[1], "metrics") == 0;
    request->is_quiet = request->is_health || is_scrape;
    request->is_page = request->is_admin && request->method == HTTP_GET &&
                       request->n_segments >= 2 && strcmp(request->segments[1], "ui") == 0;
    request->is_console = !request->is_admin && auth_is_console(request, exchange->config);
    return 0;
}

/* A browser sends no token with a preflight. */
static int answer_admin_preflight(struct exchange *exchange) {
    return exchange->request.is_admin ? cors_answer_preflight(exchange) : 0;
}

static int check_admin_token(struct exchange *exchange) {
    const struct request *request = &exchange->request;
    const char *token = exchange->config->admin_token;
    if (!request->is_admin || request->is_health || request->is_page || !token ||
        auth_is_bearer(request, token))
        return 0;
    exchange_fail(exchange, ERROR_UNAUTHORIZED,
                  "the control plane requires the token of --admin-token");
    response_add_header(&exchange->response, "WWW-Authenticate", "Bearer realm=\"kestub\"");
    return EXCHANGE_ANSWERED;
}

static int enter_sandbox(struct exchange *exchange) {
    const struct request *request = &exchange->request;
    if (exchange->sandbox || request->is_quiet || request->is_page)
        return 0;
    const char *name = request->sandbox ? request->sandbox : request->sandbox_header;
    int r = sandboxes_enter(exchange->sandboxes, name, &exchange->sandbox);
    if (r != 0)
        return exchange_fail_sandbox(exchange, r);
    exchange_set_sandbox(exchange, exchange->sandbox);
    return 0;
}

static int check_length(struct exchange *exchange) {
    return exchange->request.ambiguous_length
               ? exchange_fail(exchange, ERROR_BAD_REQUEST, "the length of the body is ambiguous")
               : 0;
}

static int answer_other_method(struct exchange *exchange, unsigned allowed) {
    struct request *request = &exchange->request;
    char *allow = arena_alloc(&request->arena, ROUTER_ALLOW_SIZE);
    if (!allow)
        return FATAL(ENOMEM);
    router_format_allow(allowed, allow);
    if (request->is_options)
        response_set_empty(&exchange->response, 204);
    else
        exchange_fail(exchange, ERROR_METHOD_NOT_ALLOWED,
                      arena_format(&request->arena, "the path allows %s", allow));
    response_add_header(&exchange->response, "Allow", allow);
    return EXCHANGE_ANSWERED;
}

/* OPTIONS * asks about the server as a whole. */
static int answer_server_options(struct exchange *exchange) {
    const unsigned every = (1U << HTTP_N_METHODS) - 1;
    const struct request *request = &exchange->request;
    return request->is_options && strcmp(request->target, "*") == 0
               ? answer_other_method(exchange, every)
               : 0;
}

static int check_path(struct exchange *exchange) {
    return exchange->request.bad_path
               ? exchange_fail(exchange, ERROR_BAD_REQUEST,
                               "the path has an invalid escape, a NUL or invalid UTF-8")
               : 0;
}

static int route(struct exchange *exchange) {
    const struct request *request = &exchange->request;
    unsigned allowed;
    int r = router_find(exchange_routes(exchange), request, &exchange->routing, &allowed);
    if (r == ROUTER_UNKNOWN_METHOD)
        return answer_other_method(exchange, allowed);
    if (r == ROUTER_UNKNOWN_PATH)
        return exchange_fail(exchange, ERROR_UNKNOWN_ROUTE, "no operation has this path");
    return r;
}

/* The control plane has its own token, and public operations need no credentials. */
static bool needs_principal(const struct exchange *exchange) {
    return !exchange->request.is_admin && !exchange->routing.operation->is_public;
}

static int authenticate(struct exchange *exchange) {
    if (!needs_principal(exchange))
        return 0;
    if (exchange->request.is_console) {
        exchange->principal = (struct principal){.username = "console", .super_admin = true};
        return 0;
    }
    int r = auth_authenticate(&exchange->sandbox->iam, (enum auth_mode)exchange->config->auth,
                              &exchange->request, clock_now(&exchange->sandbox->clock),
                              exchange->may_block, &exchange->principal);
    if (r == AUTH_SLOW)
        return EXCHANGE_SLOW;
    r = faulting_authenticate(exchange, r);
    if (r != IAM_UNAUTHENTICATED)
        return r;
    exchange_fail(exchange, ERROR_UNAUTHORIZED, NULL);
    response_add_header(&exchange->response, "WWW-Authenticate", "Basic realm=\"Kestra\"");
    return EXCHANGE_ANSWERED;
}

static int check_csrf(struct exchange *exchange) {
    if (!needs_principal(exchange) || !exchange_version(exchange)->checks_csrf)
        return 0;
    int r = auth_check_csrf(&exchange->request, &exchange->principal);
    if (r != IAM_FORBIDDEN)
        return r;
    if (exchange_version(exchange)->problem_documents || request_is_scim(&exchange->request))
        return exchange_fail(exchange, ERROR_FORBIDDEN, NULL);
    response_set_empty(&exchange->response, 403);
    return EXCHANGE_ANSWERED;
}

static const char *tenant_of(const struct exchange *exchange) {
    const struct operation *operation = exchange->routing.operation;
    for (size_t i = 0; i < operation->n_parameters; i++)
        if (operation->parameters[i].role == ROLE_TENANT)
            return exchange->routing.parameters[i];
    return NULL;
}

static int authorize(struct exchange *exchange) {
    if (!needs_principal(exchange))
        return 0;
    const char *tenant = tenant_of(exchange);
    int r =
        auth_authorize(&exchange->sandbox->iam, &exchange->principal, exchange->routing.operation,
                       tenant, &exchange->request.arena, &exchange->tenant_pk);
    if (r == IAM_UNKNOWN_TENANT)
        return exchange_fail(
            exchange, ERROR_NOT_FOUND,
            arena_format(&exchange->request.arena, "Tenant does not exist for id '%s'", tenant));
    return r == IAM_FORBIDDEN ? exchange_fail(exchange, ERROR_FORBIDDEN, NULL) : r;
}

static int check_size(struct exchange *exchange) {
    struct request *request = &exchange->request;
    if (!request->body_too_large)
        return 0;
    return exchange_fail(exchange, ERROR_TOO_LARGE,
                         arena_format(&request->arena,
                                      request->body_limit == CONFIG_LARGEST_BODY
                                          ? "a body may have %zu bytes%s"
                                          : "--max-body allows %zu bytes%s",
                                      request->body_limit,
                                      request->body_decodes_to_too_much ? " once decoded" : ""));
}

/* Refuses a body before it arrives. The server answers at once, as if the body were too large. */
static int check_room(struct exchange *exchange) {
    struct request *request = &exchange->request;
    if (request->body_announced <= MEMORY_SMALL ||
        exchange_need(exchange, MEMORY_TO_WORK, (size_t)request->body_announced) == 0)
        return 0;
    request->body_too_large = true;
    return EXCHANGE_ANSWERED;
}

static bool meets_stubs(const struct exchange *exchange) {
    const struct request *request = &exchange->request;
    return request_is_of_client(request) && !request->ambiguous_length &&
           stubs_are_active(exchange->sandbox->stubs);
}

/* A body that stubs do not see would otherwise look like a stub that does not match: the emulator
 * may have no operation for it, or ask for credentials first. */
static int check_size_for_stubs(struct exchange *exchange) {
    if (!exchange->request.body_too_large || !meets_stubs(exchange))
        return 0;
    exchange_note_operation(exchange);
    return check_size(exchange);
}

/* The token and the origin are checked before the sandbox is entered. Entering a sandbox creates
 * it, and a client that may not use the control plane must not be able to do that. */
static const step entry[] = {choose_plane,          origin_check,         answer_admin_preflight,
                             check_admin_token,     enter_sandbox,        faulting_meet,
                             cors_answer_preflight, check_size_for_stubs, NULL};

static const step head[] = {
    check_length, answer_server_options,  check_path, pages_answer, route, authenticate, check_csrf,
    authorize,    input_check_media_type, check_size, check_room,   NULL};

/* Delays every response as the sandbox's settings and faults say, except those of the control
 * plane. */
static void hold_back(struct exchange *exchange) {
    int64_t *delay_ms = &exchange->response.delivery.delay_ms;
    if (exchange->sandbox && request_is_of_client(&exchange->request) &&
        stubs_are_active(exchange->sandbox->stubs))
        *delay_ms += stubs_draw_delay(exchange->sandbox->stubs);
    faulting_hold_back(exchange);
    if (*delay_ms > DELAY_MAX_MS)
        *delay_ms = DELAY_MAX_MS;
}

/* This is the only place where the failure of a step becomes a 500. */
static int finish(struct exchange *exchange, int r) {
    if (r == EXCHANGE_SLOW)
        return r;
    if (r < 0)
        exchange_fail_internally(exchange, r);
    if (r != 0)
        exchange_release(exchange);
    if (r == EXCHANGE_WAITS)
        return r;
    if (r != 0)
        hold_back(exchange);
    if (r != 0 && exchange->request.is_admin)
        response_end_line(&exchange->response); /* people read it with curl */
    return r != 0 ? EXCHANGE_ANSWERED : 0;
}

static int check_head(struct exchange *exchange) {
    return run(exchange, head, &exchange->next_head_step);
}

size_t dispatch_body_limit(struct exchange *exchange) {
    struct routing routing;
    unsigned allowed;
    choose_plane(exchange);
    bool takes_dump = exchange->request.is_admin && !exchange->request.bad_path &&
                      router_find(&admin_routes, &exchange->request, &routing, &allowed) == 0 &&
                      routing.operation->takes_dump;
    return (size_t)(takes_dump ? CONFIG_LARGEST_BODY : exchange->config->max_body);
}

int dispatch_head(struct exchange *exchange) {
    int r = run(exchange, entry, &exchange->next_entry_step);
    /* A stub may match on the body. Then the checks of the head wait until it is complete. */
    exchange->deferred = r == 0 && meets_stubs(exchange);
    if (r == 0 && !exchange->deferred)
        r = check_head(exchange);
    return finish(exchange, r);
}

/* Reserves what a large body takes once it is parsed: many times the memory of its text. */
static int reserve_body(struct exchange *exchange, size_t more) {
    const struct buffer *body = &exchange->request.body;
    return body->size <= MEMORY_SMALL
               ? 0
               : exchange_reserve(exchange, MEMORY_TO_WORK,
                                  json_estimate_memory(body->bytes, body->size) + more);
}

static int decode(struct exchange *exchange) {
    int r = decoding_decode(exchange);
    return r == DECODING_TOO_LARGE ? check_size(exchange) : r;
}

/* Only the start of a body that turns out to be too large is kept. No stub may match on that. */
static int meet_stubs(struct exchange *exchange) {
    if (!exchange->deferred)
        return 0;
    int r = check_size_for_stubs(exchange);
    if (r == 0)
        r = decoding_decode(exchange);
    if (r == DECODING_TOO_LARGE)
        r = check_size_for_stubs(exchange);
    if (r == 0)
        r = reserve_body(exchange, 0);
    if (r == 0)
        r = stubbing_answer(exchange);
    if (r == 0)
        exchange_release(exchange);
    return r;
}

/* A slow operation also has large bodies to parse. */
static int leave_thread(struct exchange *exchange) {
    return exchange->routing.operation->slow && !exchange->may_block ? EXCHANGE_SLOW : 0;
}

static bool documents(const struct operation *operation, int status) {
    const int *next = operation->statuses;
    while (*next && *next != status)
        next++;
    return *next != 0;
}

/* Requests that read or remove pass. On the control plane so do all but those that store something,
 * whose contract has a 507; others of them make room. */
static int make_room(struct exchange *exchange) {
    const struct request *request = &exchange->request;
    const struct operation *operation = exchange->routing.operation;
    int r = 0;
    if (request->is_admin && documents(operation, 507))
        r = exchange_need(exchange, MEMORY_TO_KEEP, 0);
    else if (!request->is_admin && request->method != HTTP_GET && request->method != HTTP_DELETE)
        r = exchange_need(exchange, MEMORY_TO_WRITE, 0);
    /* A dump also becomes a database, a copy of it, and the database of a sandbox. */
    return r == 0 ? reserve_body(exchange, operation->takes_dump ? 4 * request->body.size : 0) : r;
}

static int serve(struct exchange *exchange) {
    int r = exchange->routing.operation->handle(exchange, exchange->input);
    if (r == EXCHANGE_WAITS || r == EXCHANGE_SLOW)
        return r;
    faulting_conclude(exchange, r); /* may refuse it after all */
    if (r >= 0)
        auditing_note(exchange);
    return r < 0 ? r : EXCHANGE_ANSWERED;
}

int dispatch_body(struct exchange *exchange) {
    static const step steps[] = {meet_stubs, check_head, check_size,       leave_thread, decode,
                                 make_room,  input_read, faulting_prepare, serve,        NULL};
    return finish(exchange, run(exchange, steps, &exchange->next_body_step));
}

void dispatch_refuse(struct exchange *exchange, enum error_code code, const char *detail) {
    choose_plane(exchange);
    exchange_fail(exchange, code, detail);
}
