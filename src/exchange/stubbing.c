#include "exchange/stubbing.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "exchange/origin.h"
#include "sandbox/journal.h"
#include "util/fatal.h"
#include "util/files.h"

static struct match_subject subject_of(struct exchange *exchange) {
    struct request *request = &exchange->request;
    return (struct match_subject){
        .method = request->method_name,
        .target = request_url(request),
        .client_ip = request->client_ip,
        .headers = request->headers,
        .body = request->body.bytes,
        .body_size = request->body.size,
        .now = clock_now(&exchange->sandbox->clock),
        .arena = &request->arena,
    };
}

/* Only the start of a large file is read; the server sends it from the descriptor. */
static int set_body(struct exchange *exchange, int status, int fd, size_t size) {
    size_t kept = size > JOURNAL_MAX_BODY ? JOURNAL_MAX_BODY : size;
    char *start = arena_alloc(&exchange->request.arena, kept + 1);
    int r = start ? files_read_start(fd, start, kept) : FATAL(ENOMEM);
    if (r == 0 && size > kept) {
        response_set_file(&exchange->response, status, start, fd, size);
        return 0;
    }
    close(fd);
    if (r == 0)
        response_set_static(&exchange->response, status, NULL, start, size);
    return r;
}

static int set_file(struct exchange *exchange, const struct stub *stub) {
    const char *directory = exchange->config->files;
    int fd = -1;
    size_t size;
    int r = directory ? files_open(directory, stub->body_file, &fd, &size) : FATAL(ENOENT);
    if (r == 0)
        r = set_body(exchange, (int)stub->status, fd, size);
    if (fatal_errno(r) == ENOMEM)
        return r;
    if (r < 0)
        return exchange_fail(exchange, ERROR_BROKEN_STUB,
                             arena_format(&exchange->request.arena, "bodyFileName '%s': %s",
                                          stub->body_file,
                                          directory ? strerror(fatal_errno(r))
                                                    : "kestub was started without --files"));
    response_borrow_headers(&exchange->response, &stub->headers);
    return EXCHANGE_ANSWERED;
}

static int answer(struct exchange *exchange, const struct stub *stub) {
    if (stub->body_file)
        return set_file(exchange, stub);
    response_set_static(&exchange->response, (int)stub->status, NULL, stub->body, stub->body_size);
    response_borrow_headers(&exchange->response, &stub->headers);
    return EXCHANGE_ANSWERED;
}

int stubbing_answer(struct exchange *exchange) {
    struct match_subject subject = subject_of(exchange);
    struct stub *stub;
    int64_t delay_ms = 0;
    int r = match_subject_set_place(&subject, exchange->request.target);
    if (r == 0)
        r = stubs_match(exchange->sandbox->stubs, &subject, origin_is_foreign(exchange), &stub,
                        &delay_ms);
    match_subject_deinit(&subject);
    if (r == STUBS_FORBIDDEN)
        return exchange_fail(exchange, ERROR_FORBIDDEN,
                             "a web page of another site may not use this stub, unless its "
                             "response has the header Access-Control-Allow-Origin");
    if (r != 0)
        return r == STUBS_NOT_FOUND ? 0 : r;
    exchange->stub = stub;
    exchange->response.delivery = (struct response_delivery){
        .delay_ms = delay_ms,
        .breakage = stub->breakage,
        .dribble_chunks = (int)stub->dribble_chunks,
        .dribble_ms = stub->dribble_ms,
    };
    if (stub->passes_on)
        return 0;
    exchange_note_operation(exchange);
    return answer(exchange, stub);
}
