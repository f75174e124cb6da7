#include "exchange/recorder.h"

#include "exchange/decoding.h"
#include "sandbox/coverage.h"
#include "sandbox/journal.h"
#include "util/cleanup.h"
#include "util/timestamp.h"

size_t recorder_body_limit(const struct exchange *exchange) {
    bool wanted = exchange->sandbox && exchange->sandbox->journal && !exchange->request.is_admin;
    return wanted ? JOURNAL_MAX_BODY : 0;
}

/* A request that was refused is decoded only here, into the buffer. */
static struct journal_message request_message(const struct exchange *exchange, size_t body_received,
                                              struct buffer *start) {
    const struct request *request = &exchange->request;
    struct journal_message message = {
        .headers = request->headers,
        .body = request->body.bytes,
        .body_size = request->body.size,
        .body_received = request->body_decoded ? request->body.size : body_received,
    };
    if (decoding_decode_start(exchange, body_received, JOURNAL_MAX_BODY, start,
                              &message.body_received) == 0) {
        message.body = start->bytes;
        message.body_size = start->size;
    }
    return message;
}

void recorder_add(struct exchange *exchange, size_t body_received, int64_t process_us) {
    const struct request *request = &exchange->request;
    const struct response *response = &exchange->response;
    struct sandbox *sandbox = exchange->sandbox;
    if (!sandbox || request->is_admin || (request->is_console && request->method == HTTP_GET))
        return;
    const struct operation *operation = exchange->routing.operation;
    if (operation && !request->is_console &&
        response->delivery.breakage == BREAKAGE_NONE) /* a broken response is not counted */
        coverage_add(sandbox->coverage, operation, response->status);
    if (!sandbox->journal)
        return;
    CLEANUP(buffer_deinit) struct buffer start = {0};
    struct journal_record record = {
        .time = timestamp_now() - process_us / 1000,
        .method = request->method_name,
        .target = request->target,
        .url = request_url(request),
        .client_ip = request->client_ip,
        .protocol = request->protocol,
        .is_tls = request->is_tls,
        .request = request_message(exchange, body_received, &start),
        .response = {.headers = response->headers},
        .status = response->status,
        .breakage = breakage_name(response->delivery.breakage),
        .operation = operation,
        .stub_id = exchange->stub ? exchange->stub->id : NULL,
        .stub_json = exchange->stub ? exchange->stub->text : NULL,
        .stub_answered = exchange->stub && !exchange->stub->passes_on,
        .principal = exchange->principal.username,
        .changes = exchange->changes.packed.bytes,
        .n_changes = exchange->changes.total,
        .faults = exchange->faults,
        .by_console = request->is_console,
        .added_delay_ms = response->delivery.delay_ms,
        .process_us = process_us,
        .replaces = !memory_limit_allows(exchange_memory(exchange), MEMORY_TO_KEEP, 0),
    };
    if (!request->is_head) {
        record.response.body = response->body;
        record.response.body_size = response->body_size;
        record.response.body_received = response->body_size;
    }
    journal_add(sandbox->journal, &record);
}
