#include "exchange/recorder.h"

#include <errno.h>

#include "sandbox/coverage.h"
#include "sandbox/journal.h"
#include "util/timestamp.h"

size_t recorder_body_limit(const struct exchange *exchange) {
    bool wanted = exchange->sandbox && exchange->sandbox->journal && !exchange->request.is_admin;
    return wanted ? JOURNAL_MAX_BODY : 0;
}

/* Those that come with the response and those of a stub, and the Content-Type. 0 or -ENOMEM. */
static int list_headers(struct exchange *exchange, struct match_fields *ret_headers) {
    const struct response *response = &exchange->response;
    size_t room = 1 + response->n_headers + response->n_more_headers;
    struct match_field *items = arena_alloc(&exchange->request.arena, room * sizeof(*items));
    size_t count = 0;
    if (!items)
        return -ENOMEM;
    if (response->content_type)
        items[count++] = (struct match_field){"Content-Type", response->content_type};
    for (size_t i = 0; i < response->n_headers; i++)
        items[count++] =
            (struct match_field){response->headers[i].name, response->headers[i].value};
    for (size_t i = 0; i < response->n_more_headers; i++)
        items[count++] = response->more_headers[i];
    *ret_headers = (struct match_fields){.items = items, .count = count};
    return 0;
}

/* A stub may answer before anybody looks for the operation. */
static const struct operation *operation_of(const struct exchange *exchange) {
    struct match match = {.operation = exchange->match.operation};
    unsigned allowed;
    if (!match.operation && exchange->stub && !exchange->request.bad_path &&
        router_match(&contract_routes, &exchange->request, &match, &allowed) != 0)
        return NULL;
    return match.operation;
}

static struct journal_message request_message(const struct request *request, size_t body_received) {
    return (struct journal_message){
        .headers = {.items = request->headers, .count = request->n_headers},
        .body = request->body.bytes,
        .body_size = request->body.size,
        .body_received = body_received,
    };
}

void recorder_add(struct exchange *exchange, size_t body_received, int64_t process_us) {
    const struct request *request = &exchange->request;
    const struct response *response = &exchange->response;
    struct sandbox *sandbox = exchange->sandbox;
    struct match_fields headers;
    if (!sandbox || request->is_admin)
        return;
    const struct operation *operation = operation_of(exchange);
    if (operation && response->delivery.fault == FAULT_NONE) /* else no answer reaches the client */
        coverage_add(sandbox->coverage, operation, response->status);
    if (!sandbox->journal)
        return;
    if (list_headers(exchange, &headers) < 0) {
        journal_lose(sandbox->journal);
        return;
    }
    struct journal_record record = {
        .time = timestamp_now() - process_us / 1000,
        .method = request->method_name,
        .target = request->target,
        .url = request_url(request),
        .client_ip = request->client_ip,
        .protocol = request->protocol,
        .request = request_message(request, body_received),
        .response = {.headers = headers},
        .status = response->status,
        .fault = response_fault_name(response->delivery.fault),
        .operation = operation,
        .stub_id = exchange->stub ? exchange->stub->id : NULL,
        .stub_json = exchange->stub ? exchange->stub->text : NULL,
        .stub_answered = exchange->stub && !exchange->stub->passes_on,
        .added_delay_ms = response->delivery.delay_ms,
        .process_us = process_us,
    };
    if (!request->is_head) {
        record.response.body = response->body;
        record.response.body_size = response->body_size;
        record.response.body_received = response->body_size;
    }
    journal_add(sandbox->journal, &record);
}
