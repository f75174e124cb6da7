#include "exchange/exchange.h"

#include <errno.h>

#include "util/fatal.h"

int exchange_init(struct exchange *exchange, const struct config *config, struct sandbox *sandbox,
                  const char *target) {
    exchange->config = config;
    exchange->metrics = NULL;
    exchange->sandboxes = NULL;
    exchange->cancellation = NULL;
    exchange->sandbox = NULL;
    exchange->iam = NULL;
    exchange->changes = (struct changes){0};
    exchange->faults = 0;
    if (sandbox)
        exchange_set_sandbox(exchange, sandbox);
    exchange->faulted = NULL;
    exchange->routing.operation = NULL;
    exchange->principal = (struct principal){0};
    exchange->query = NULL;
    exchange->body = NULL;
    exchange->input = NULL;
    exchange->response = (struct response){0};
    exchange->failure = 0;
    exchange->wait = (struct exchange_wait){0};
    exchange->stub = NULL;
    exchange->reserved = 0;
    exchange->deferred = false;
    exchange->may_block = false;
    exchange->next_entry_step = exchange->next_head_step = exchange->next_body_step = 0;
    return request_init(&exchange->request, target);
}

void exchange_set_sandbox(struct exchange *exchange, struct sandbox *sandbox) {
    exchange->sandbox = sandbox;
    exchange->own_iam = sandbox->iam;
    exchange->own_iam.changes = sandbox->journal ? &exchange->changes : NULL;
    exchange->iam = &exchange->own_iam;
}

void exchange_deinit(struct exchange *exchange) {
    changes_deinit(&exchange->changes);
    exchange_release(exchange);
    response_deinit(&exchange->response);
    if (exchange->wait.kept)
        exchange->wait.free_kept(exchange->wait.kept);
    stub_release(exchange->stub);
    cJSON_Delete(exchange->query);
    cJSON_Delete(exchange->body);
    if (exchange->sandboxes && exchange->sandbox)
        sandboxes_leave(exchange->sandboxes, exchange->sandbox);
    request_deinit(&exchange->request);
}

/* When there is no memory for the error, the response becomes a 500. Like every other 500, it notes
 * its origin. */
static int answer_error(struct exchange *exchange, struct error_report report) {
    report.request = &exchange->request;
    report.version = exchange_version(exchange);
    int r = response_set_error(&exchange->response, &report);
    if (r < 0 && exchange->failure == 0)
        exchange->failure = r;
    if (exchange->response.status == 404 && !exchange->request.is_admin &&
        report.version->marks_not_found) {
        response_add_header(&exchange->response, "X-Kestra-Edition", "EE");
        response_add_header(&exchange->response, "X-Kestra-Route-Matched",
                            report.code == ERROR_UNKNOWN_ROUTE ? "false" : "true");
    }
    return EXCHANGE_ANSWERED;
}

const struct version *exchange_version(const struct exchange *exchange) {
    return exchange->sandbox ? exchange->sandbox->iam.version : config_version(exchange->config);
}

const struct route_table *exchange_routes(const struct exchange *exchange) {
    return exchange->request.is_admin ? &admin_routes : &exchange_version(exchange)->routes;
}

int exchange_fail(struct exchange *exchange, enum error_code code, const char *detail) {
    return answer_error(exchange, (struct error_report){.code = code, .detail = detail});
}

static void tell_limit(struct exchange *exchange, enum error_code code) {
    const struct memory_limit *memory = exchange_memory(exchange);
    exchange_fail(exchange, code,
                  arena_format(&exchange->request.arena,
                               "--max-memory, which is %zu MiB, leaves no room for this request",
                               (memory ? memory->bytes : 0) >> 20));
}

int exchange_fail_sandbox(struct exchange *exchange, int outcome) {
    if (outcome == SANDBOX_INVALID_NAME)
        exchange_fail(
            exchange, ERROR_BAD_REQUEST,
            "the name of a sandbox or snapshot has 1 to 64 letters, digits, dots, hyphens "
            "and underscores, and starts with a letter or digit");
    else if (outcome == SANDBOX_NO_ROOM)
        exchange_fail(exchange, ERROR_NO_ROOM, "the limit of --max-sandboxes is reached");
    else if (outcome == SANDBOX_NO_MEMORY)
        tell_limit(exchange, ERROR_NO_ROOM);
    return outcome < 0 ? outcome : EXCHANGE_ANSWERED;
}

int exchange_fail_for_memory(struct exchange *exchange) {
    bool reads = exchange->request.method == HTTP_GET;
    tell_limit(exchange, reads ? ERROR_UNAVAILABLE : ERROR_NO_ROOM);
    if (reads)
        response_add_header(&exchange->response, "Retry-After", "1");
    return EXCHANGE_ANSWERED;
}

int exchange_need(struct exchange *exchange, enum memory_use use, size_t bytes) {
    return memory_limit_allows(exchange_memory(exchange), use, bytes)
               ? 0
               : exchange_fail_for_memory(exchange);
}

int exchange_reserve(struct exchange *exchange, enum memory_use use, size_t bytes) {
    if (!memory_limit_reserve(exchange_memory(exchange), use, bytes))
        return exchange_fail_for_memory(exchange);
    exchange->reserved += bytes;
    return 0;
}

void exchange_release(struct exchange *exchange) {
    memory_limit_release(exchange_memory(exchange), exchange->reserved);
    exchange->reserved = 0;
}

void exchange_fail_internally(struct exchange *exchange, int failure) {
    if (fatal_errno(failure) == ECANCELED) {
        exchange_fail(exchange, ERROR_UNAVAILABLE, "the server is stopping");
        return;
    }
    int code = fatal_errno(failure);
    struct memory_limit *memory = exchange_memory(exchange);
    if (code == EDQUOT || (code == ENOMEM && !memory_limit_allows(memory, MEMORY_TO_WORK, 0))) {
        exchange_fail_for_memory(exchange);
        return;
    }
    exchange->failure = failure;
    if (code == ENOSPC)
        exchange_fail(exchange, ERROR_NO_ROOM, "the disk that holds the file of --db is full");
    else
        exchange_fail(exchange, ERROR_INTERNAL,
                      code == EIO ? "the database cannot be read or written; see the log" : NULL);
}

int exchange_refuse(struct exchange *exchange, enum error_code code,
                    const struct violations *violations) {
    return answer_error(exchange, (struct error_report){.code = code, .violations = violations});
}

int exchange_refuse_body(struct exchange *exchange, enum error_code code,
                         const struct violations *violations) {
    bool documents_422 = false;
    for (const int *status = exchange->routing.operation->statuses; *status; status++)
        documents_422 |= *status == 422;
    return answer_error(exchange, (struct error_report){
                                      .code = documents_422 ? code : ERROR_INVALID_PAYLOAD,
                                      .violations = violations,
                                      .in_body = true,
                                  });
}

struct json_place exchange_body_place(const struct exchange *exchange) {
    return (struct json_place){.name = exchange->routing.operation->body_path};
}

int exchange_refuse_member(struct exchange *exchange, const char *name, const char *message) {
    struct violations violations = {.arena = &exchange->request.arena};
    const struct json_place root = exchange_body_place(exchange);
    const struct json_place member = json_place_member(&root, name);
    int r = violations_add(&violations, name ? &member : &root, message);
    return r < 0 ? r : exchange_refuse_body(exchange, ERROR_INVALID_ENTITY, &violations);
}

void exchange_note_operation(struct exchange *exchange) {
    unsigned allowed;
    if (!exchange->request.bad_path)
        router_find(exchange_routes(exchange), &exchange->request, &exchange->routing, &allowed);
}
