#include "exchange/decoding.h"

#include "util/encoding.h"

int decoding_decode(struct exchange *exchange) {
    struct request *request = &exchange->request;
    const struct encoded body = {request->body.bytes, request->body.size};
    const struct encoding_limits limits = {
        .decoded = request->body_limit,
        .kept = request->body_limit,
        .memory = exchange_memory(exchange),
    };
    struct buffer decoded;
    size_t size;
    if (request->body_decoded)
        return 0;
    int r = encoding_undo(&request->headers, body, &limits, &decoded, &size);
    if (r < 0)
        return r;
    if (r == ENCODING_TOO_LARGE) {
        request->body_too_large = request->body_decodes_to_too_much = true;
        return DECODING_TOO_LARGE;
    }
    request->body_decoded = true;
    if (r == 0) {
        buffer_deinit(&request->body);
        request->body = decoded;
    }
    return 0;
}

int decoding_decode_start(const struct exchange *exchange, size_t body_received, size_t kept,
                          struct buffer *ret_start, size_t *ret_size) {
    const struct request *request = &exchange->request;
    const struct encoded body = {request->body.bytes, request->body.size};
    const struct encoding_limits limits = {
        .decoded = request->body_limit,
        .kept = kept,
        .is_start = true,
        .is_cut = body_received > request->body.size,
        .memory = exchange_memory(exchange),
    };
    if (request->body_decoded)
        return 1;
    return encoding_undo(&request->headers, body, &limits, ret_start, ret_size) == 0 ? 0 : 1;
}
