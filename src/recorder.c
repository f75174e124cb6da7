#include "recorder.h"

#include "control/coverage.h"
#include "control/journal.h"
#include "util/timestamp.h"

size_t recorder_body_limit(const struct exchange *exchange) {
    bool wanted = exchange->sandbox && exchange->sandbox->journal && !exchange->request.is_admin;
    return wanted ? JOURNAL_MAX_BODY : 0;
}

static const char *fault_name(enum response_fault fault) {
    static const char *const names[] = {
        [FAULT_EMPTY_RESPONSE] = "EMPTY_RESPONSE",
        [FAULT_MALFORMED_RESPONSE_CHUNK] = "MALFORMED_RESPONSE_CHUNK",
        [FAULT_RANDOM_DATA_THEN_CLOSE] = "RANDOM_DATA_THEN_CLOSE",
        [FAULT_CONNECTION_RESET_BY_PEER] = "CONNECTION_RESET_BY_PEER",
    };
    return names[fault];
}

/* False when memory is out. */
static bool list_request_headers(struct request *request, struct match_fields *ret_headers) {
    size_t count = request->n_headers;
    struct match_field *items = arena_alloc(&request->arena, (count + 1) * sizeof(*items));
    for (size_t i = 0; items && i < count; i++)
        items[i] = (struct match_field){request->headers[i].name, request->headers[i].value};
    *ret_headers = (struct match_fields){.items = items, .count = count};
    return items != NULL;
}

/* As many as a response may have, and its Content-Type. */
static size_t list_response_headers(const struct response *response,
                                    struct match_field out[RESPONSE_MAX_HEADERS + 1]) {
    size_t count = 0;
    if (response->content_type)
        out[count++] = (struct match_field){"Content-Type", response->content_type};
    for (size_t i = 0; i < response->n_headers; i++)
        out[count++] = (struct match_field){response->headers[i].name, response->headers[i].value};
    return count;
}

void recorder_add(struct exchange *exchange, size_t body_received, int64_t process_us) {
    struct request *request = &exchange->request;
    const struct response *response = &exchange->response;
    struct sandbox *sandbox = exchange->sandbox;
    struct match_field response_headers[RESPONSE_MAX_HEADERS + 1];
    struct match_fields request_headers;
    if (!sandbox || request->is_admin)
        return;
    if (exchange->match.operation)
        coverage_add(sandbox->coverage, exchange->match.operation, response->status);
    if (!sandbox->journal)
        return;
    if (!list_request_headers(request, &request_headers)) {
        journal_lose(sandbox->journal);
        return;
    }
    journal_add(
        sandbox->journal,
        &(struct journal_record){
            .time = timestamp_now() - process_us / 1000,
            .method = request->method_name,
            .target = request->target,
            .url = request_url(request),
            .client_ip = request->client_ip,
            .protocol = request->protocol,
            .request = {.headers = request_headers,
                        .body = request->body.bytes,
                        .body_size = request->body.size,
                        .body_received = body_received},
            .response = {.headers = {.items = response_headers,
                                     .count = list_response_headers(response, response_headers)},
                         .body = request->is_head ? NULL : response->body,
                         .body_size = request->is_head ? 0 : response->body_size,
                         .body_received = request->is_head ? 0 : response->body_size},
            .status = response->status,
            .fault = fault_name(response->delivery.fault),
            .operation = exchange->match.operation,
            .stub_id = exchange->stub_id,
            .stub_json = exchange->stub_json,
            .added_delay_ms = response->delivery.delay_ms,
            .process_us = process_us,
        });
}
