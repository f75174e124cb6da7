#include "http/call.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "exchange/cors.h"
#include "exchange/dispatch.h"
#include "exchange/recorder.h"
#include "exchange/stubbing.h"
#include "http/connections.h"
#include "http/head.h"
#include "log.h"
#include "util/fatal.h"
#include "util/timestamp.h"

enum {
    DRAIN_FACTOR = 16, /* kestub cuts off a chunked body that is this many times the limit */
};

/* A request on its way through the server. */
struct call {
    struct exchange exchange;
    struct call_context *context;
    struct connection *connection; /* or NULL */
    struct parcel parcel;
    struct job job;       /* for work that takes long */
    struct wait wait;     /* of a handler that waits */
    struct stream stream; /* of a response without an end */
    enum MHD_Result (*resume)(struct call *call, struct MHD_Connection *connection); /* or NULL */
    struct MHD_Connection *suspended; /* while a job has the exchange, or it waits */
    int64_t start_us;
    int failure;    /* <0: memory ran out while the exchange was set up */
    bool started;   /* the head has arrived */
    bool checked;   /* dispatch_head is done */
    bool answering; /* the response is being sent, or waits for its delay */
    bool noted;     /* in the metrics and the log */
    bool draining;  /* refused although the client may still send */
    bool closing;   /* close the connection after the answer */
    bool refused;   /* there is a response; drop the rest of the body */
    size_t body_size;
    const char *target; /* owned by libmicrohttpd */
    struct head head;
};

/* libmicrohttpd would parse the query into an entry for each pair, in the connection's memory. Once
 * that is full, 0.9.75 stops answering. kestub has its own copy of the target, so it empties the
 * library's query. */
static void empty_query(const char *target) {
    char *mark = strchr(target, '?');
    if (mark)
        mark[1] = '\0'; /* in bounds, since a NUL ends the target */
}

static struct connection *connection_of(struct MHD_Connection *connection) {
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

static void set_busy(struct call *call, bool busy) {
    if (call->connection)
        atomic_store_explicit(&call->connection->busy, busy, memory_order_relaxed);
}

/* Sets the time for the body, or for the next head. */
static void await_more(struct call *call) {
    if (call->connection)
        connections_await(call->connection);
}

static void set_head(struct call *call, bool has_head) {
    if (!call->connection)
        return;
    call->connection->exchange = NULL;
    call->connection->has_head = has_head;
    call->connection->is_fresh = false;
}

/* libmicrohttpd calls this first for each request. Only here the target is unchanged. */
void *call_begin(void *cls, const char *target, struct MHD_Connection *connection) {
    struct call_context *context = cls;
    struct call *call = malloc(sizeof(*call));
    if (!call)
        return NULL;
    call->context = context;
    call->connection = connection_of(connection);
    call->parcel = (struct parcel){0};
    call->resume = NULL;
    call->stream.streams = NULL;
    call->started = call->checked = call->answering = call->refused = call->noted = false;
    call->draining = call->closing = false;
    call->body_size = 0;
    call->target = target;
    call->start_us = timestamp_monotonic_us();
    call->failure = exchange_init(&call->exchange, context->config, NULL, target);
    call->exchange.sandboxes = context->sandboxes;
    call->exchange.metrics = context->metrics;
    call->exchange.cancellation = &context->cancellation;
    call->exchange.request.arena.memory = context->cancellation.memory;
    if (call->connection)
        call->connection->exchange = &call->exchange;
    empty_query(target);
    return call;
}

/* Leaves escapes alone, since struct request decodes them after it has split the path. */
size_t call_keep_escapes(void *cls, struct MHD_Connection *connection, char *text) {
    (void)cls;
    (void)connection;
    return strlen(text);
}

static enum MHD_Result on_header(void *cls, enum MHD_ValueKind kind, const char *name,
                                 const char *value) {
    struct call *call = cls;
    (void)kind;
    if (!value)
        return MHD_YES;
    head_add(&call->head, name, value);
    if (call->failure == 0)
        call->failure = request_add_header(&call->exchange.request, name, value);
    return MHD_YES;
}

static void log_call(struct call *call) {
    struct exchange *exchange = &call->exchange;
    struct stubbing_miss miss;
    enum log_format format = (enum log_format)call->context->config->log;
    if (format == LOG_OFF)
        return;
    char origin[FATAL_ORIGIN_SIZE];
    fatal_format_origin(exchange->failure, origin);
    if (exchange->failure < 0) {
        char message[STORE_ERROR_SIZE + 64];
        char database[STORE_ERROR_SIZE] = "";
        int code = fatal_errno(exchange->failure);
        if ((code == EIO || code == ENOSPC) && exchange->sandbox)
            store_describe_error(exchange->sandbox->iam.store, database);
        snprintf(message, sizeof(message), "%s %s", strerror(code), database);
        log_write_failure(format, message, origin);
    }
    bool is_miss = stubbing_explain(exchange, &miss);
    log_write_request(format, &(struct log_request){
                                  .method = exchange->request.method_name,
                                  .path = exchange->request.path,
                                  .path_length = exchange->request.path_length,
                                  .status = response_sent_status(&exchange->response),
                                  .microseconds = timestamp_monotonic_us() - call->start_us,
                                  .principal = exchange->principal.username,
                                  .breakage = breakage_name(exchange->response.delivery.breakage),
                                  .origin = origin,
                                  .closest = is_miss ? miss.stub_id : NULL,
                                  .part = is_miss ? miss.part : NULL,
                                  .part_name = is_miss ? miss.name : NULL,
                              });
}

/* Counts and logs the call once. */
static void note(struct call *call, int64_t now_us) {
    const struct exchange *exchange = &call->exchange;
    bool is_granted = exchange->response.status > 0 && exchange->response.status < 400;
    if (call->noted || (exchange->request.is_quiet && is_granted))
        return;
    call->noted = true;
    if (call->started)
        metrics_count(call->context->metrics,
                      &(struct metrics_request){
                          .operation = exchange->routing.operation,
                          .is_admin = exchange->request.is_admin,
                          .is_stub = exchange->stub && !exchange->stub->passes_on,
                          .status = response_sent_status(&exchange->response),
                          .microseconds = now_us - call->start_us,
                      });
    log_call(call);
}

static bool is_stopping(const struct call_context *context) {
    return atomic_load_explicit(&context->stopping, memory_order_relaxed);
}

/* Refuses a call whose connection is suspended. */
static void refuse_suspended(struct call *call, const char *detail) {
    dispatch_refuse(&call->exchange, ERROR_UNAVAILABLE, detail);
    call->refused = true;
}

static void refuse_to_stop(struct call *call) {
    refuse_suspended(call, "the server is stopping");
}

static void refuse_many(struct call *call, const char *detail) {
    refuse_suspended(call, detail);
    response_add_header(&call->exchange.response, "Retry-After", "1");
}

/* Opens the stream of a response without an end, or refuses it. Returns NULL in that case. */
static struct MHD_Response *open_stream(struct call *call, struct MHD_Connection *connection) {
    struct response *response = &call->exchange.response;
    bool is_full;
    struct MHD_Response *stream =
        streams_open(call->context->streams, &call->stream, connection, response->feed,
                     response->body, response->body_size, &is_full);
    if (!stream && is_full)
        refuse_many(call, "too many clients follow journals");
    else if (!stream)
        exchange_fail_internally(&call->exchange, FATAL(ENOMEM));
    return stream;
}

/* Adds the call to the journal before the delay, and to the log before it sends. So a client that
 * has its answer finds both entries. */
static enum MHD_Result answer(struct call *call, struct MHD_Connection *connection) {
    struct call_context *context = call->context;
    struct response *response = &call->exchange.response;
    int64_t now_us = timestamp_monotonic_us();
    if (!call->answering) {
        cors_finish(&call->exchange);
        recorder_add(&call->exchange, call->body_size, now_us - call->start_us);
    }
    call->answering = true;
    if (call->exchange.request.is_head || response->status == 304)
        response->delivery.dribble_chunks = 0; /* there is no body, so send no last chunk either */
    if (delivery_wait(context->delivery, &call->parcel, connection, response))
        return MHD_YES;
    struct MHD_Response *stream =
        response->feed && !call->exchange.request.is_head ? open_stream(call, connection) : NULL;
    note(call, now_us);
    if (stream)
        return delivery_queue(connection, response, stream, false);
    call->draining &= response->delivery.breakage != BREAKAGE_CONNECTION_RESET_BY_PEER;
    if (call->draining)
        drain_add(context->drain, call_socket(connection));
    return delivery_send(context->delivery, &call->parcel, connection, response,
                         call->closing || is_stopping(context));
}

/* inet_ntop would need a thousand instructions for it. */
static void format_v4(const struct in_addr *address, char *out) {
    const unsigned char *bytes = (const unsigned char *)&address->s_addr;
    for (int i = 0; i < 4; i++) {
        unsigned byte = bytes[i];
        if (byte >= 100)
            *out++ = (char)('0' + byte / 100);
        if (byte >= 10)
            *out++ = (char)('0' + byte / 10 % 10);
        *out++ = (char)('0' + byte % 10);
        *out++ = i < 3 ? '.' : '\0';
    }
}

static void set_client_ip(struct request *request, struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *address = info ? info->client_addr : NULL;
    if (address && address->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, address, sizeof(v6));
        inet_ntop(AF_INET6, &v6.sin6_addr, request->client_ip, sizeof(request->client_ip));
    } else if (address && address->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, address, sizeof(v4));
        format_v4(&v4.sin_addr, request->client_ip);
    }
}

static void read_head(struct call *call, struct MHD_Connection *connection, const char *method,
                      const char *version) {
    struct request *request = &call->exchange.request;
    const size_t size =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE)->header_size;
    if (call->failure == 0)
        call->failure = request_set_method(request, method);
    request->protocol = version;
    request->is_tls = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    set_client_ip(request, connection);
    head_begin(&call->head, method, request->target, call->target, version);
    MHD_get_connection_values(connection, MHD_HEADER_KIND, on_header, call);
    head_end(&call->head, size);
}

/* Refuses requests that need not be dispatched. Returns true when it has set the response. */
static bool refuse_head(struct call *call) {
    struct exchange *exchange = &call->exchange;
    if (call->failure < 0)
        exchange_fail_internally(exchange, call->failure);
    else if (call->head.flaw)
        dispatch_refuse(exchange, ERROR_BAD_REQUEST, call->head.flaw);
    else if (is_stopping(call->context))
        dispatch_refuse(exchange, ERROR_UNAVAILABLE, "the server is stopping");
    else
        return false;
    return true;
}

/* Ends the delay of the response when somebody resets its sandbox. */
static void watch_sandbox(struct call *call) {
    struct sandbox *sandbox = call->exchange.sandbox;
    if (!sandbox)
        return;
    call->parcel.generation = &sandbox->generation;
    call->parcel.born = atomic_load(&sandbox->generation);
}

static bool on_wake(struct wait *wait, enum wait_end end) {
    struct call *call = (struct call *)((char *)wait - offsetof(struct call, wait));
    if (end == WAIT_IS_OVER)
        return jobs_add(call->context->jobs, &call->job, call->exchange.sandbox);
    if (end == WAIT_CANCELLED)
        refuse_to_stop(call);
    else
        refuse_suspended(call, "the client has gone");
    MHD_resume_connection(call->suspended);
    return true;
}

/* Returns false when the call is refused instead. */
static bool wait_for_journal(struct call *call) {
    struct call_context *context = call->context;
    call->wait = (struct wait){.journal = call->exchange.sandbox->journal,
                               .changes = call->exchange.wait.changes,
                               .due_us = call->exchange.wait.due_us,
                               .fd = call_socket(call->suspended),
                               .wake = on_wake};
    if (waits_add(context->waits, &call->wait))
        return true;
    if (is_stopping(context))
        refuse_to_stop(call);
    else
        refuse_many(call, "too many requests wait for the journal");
    return false;
}

/* Runs on a job thread while the connection is suspended. */
static void run_job(struct job *job, bool cancelled) {
    struct call *call = (struct call *)((char *)job - offsetof(struct call, job));
    struct exchange *exchange = &call->exchange;
    exchange->may_block = true;
    if (cancelled)
        refuse_to_stop(call);
    else if (!call->checked)
        call->refused = dispatch_head(exchange) == EXCHANGE_ANSWERED;
    else if (dispatch_body(exchange) == EXCHANGE_WAITS && wait_for_journal(call))
        return;
    if (exchange->request.is_admin)
        memory_limit_tidy(exchange_memory(exchange));
    MHD_resume_connection(call->suspended);
}

/* Leaves the rest of a step to a job thread. When the job is done, this thread calls `resume`. */
static enum MHD_Result leave_to_job(struct call *call, struct MHD_Connection *connection,
                                    enum MHD_Result (*resume)(struct call *,
                                                              struct MHD_Connection *)) {
    struct exchange *exchange = &call->exchange;
    call->job = (struct job){.run = run_job};
    call->resume = resume;
    call->suspended = connection;
    /* Suspend first, since the job may be done before jobs_add returns. */
    MHD_suspend_connection(connection);
    if (jobs_add(call->context->jobs, &call->job, exchange->sandbox))
        return MHD_YES;
    refuse_many(call, "too many slow requests are waiting");
    MHD_resume_connection(connection);
    return MHD_YES;
}

static enum MHD_Result finish_head(struct call *call, struct MHD_Connection *connection) {
    const struct request *request = &call->exchange.request;
    call->checked = true;
    await_more(call);
    call->closing |= call->refused && request->ambiguous_length;
    watch_sandbox(call);
    /* A client that waits for 100 Continue or wants to send too much gets the refusal at once. So
     * does one whose connection has to close. For any other client the server reads the body to
     * its end first, since closing earlier could reset the connection before the client has
     * read the answer. */
    if (call->closing ||
        (call->refused && (request->expects_continue || request->body_too_large))) {
        call->draining = true;
        return answer(call, connection);
    }
    return MHD_YES;
}

static enum MHD_Result on_head(struct call *call, struct MHD_Connection *connection,
                               const char *method, const char *version) {
    struct request *request = &call->exchange.request;
    call->started = true;
    set_head(call, true);
    atomic_fetch_add_explicit(&call->context->metrics->in_flight, 1, memory_order_relaxed);
    read_head(call, connection, method, version);
    request->body_limit = dispatch_body_limit(&call->exchange);
    call->refused = call->closing = refuse_head(call);
    if (call->refused)
        return finish_head(call, connection);
    /* libmicrohttpd has refused a length that is not a number, unless it is ambiguous. */
    request->body_announced =
        request->content_length ? strtoull(request->content_length, NULL, 10) : 0;
    request->body_too_large = request->body_announced > request->body_limit;
    int r = dispatch_head(&call->exchange);
    if (r == EXCHANGE_SLOW)
        return leave_to_job(call, connection, finish_head);
    call->refused = r == EXCHANGE_ANSWERED;
    return finish_head(call, connection);
}

/* Keeps the start of a dropped body for the journal, unless an earlier part was not kept. */
static void keep_start(struct call *call, const char *bytes, size_t size) {
    struct buffer *body = &call->exchange.request.body;
    size_t limit = recorder_body_limit(&call->exchange);
    if (body->size < limit && body->size == call->body_size - size)
        buffer_append(body, bytes, size < limit - body->size ? size : limit - body->size, limit);
}

/* Refuses a body for which there is no memory, and drops what is not for the journal. */
static void refuse_growth(struct call *call, size_t size) {
    enum { HARMLESS = 4096 };
    struct exchange *exchange = &call->exchange;
    struct buffer *body = &exchange->request.body;
    size_t total = body->size + size;
    enum memory_use use = total > MEMORY_SMALL ? MEMORY_TO_WORK : MEMORY_TO_WRITE;
    if (call->refused || total <= HARMLESS || exchange_need(exchange, use, size) == 0)
        return;
    call->refused = true;
    buffer_cut(body, recorder_body_limit(exchange));
}

static enum MHD_Result on_body(struct call *call, const char *bytes, size_t *size) {
    struct request *request = &call->exchange.request;
    size_t limit = request->body_limit;
    call->body_size += *size;
    if (call->connection)
        connections_extend(call->connection, *size);
    if (call->body_size / DRAIN_FACTOR > limit)
        return MHD_NO;
    refuse_growth(call, *size);
    if (!call->refused && !request->body_too_large) {
        int r = buffer_append(&request->body, bytes, *size, limit);
        request->body_too_large = r > 0;
        if (r < 0) {
            call->refused = true;
            exchange_fail_internally(&call->exchange, r);
        }
    }
    if (call->refused || request->body_too_large)
        keep_start(call, bytes, *size);
    *size = 0;
    return MHD_YES;
}

/* libmicrohttpd calls this for the head, for each part of the body, and at the end of the request.
 * It also calls it each time kestub has resumed the connection. */
static enum MHD_Result on_part(struct call *call, struct MHD_Connection *connection,
                               const char *method, const char *version, const char *upload_data,
                               size_t *upload_data_size) {
    if (!call->started)
        return on_head(call, connection, method, version);
    if (call->resume) {
        enum MHD_Result (*resume)(struct call *, struct MHD_Connection *) = call->resume;
        call->resume = NULL;
        return resume(call, connection);
    }
    if (call->answering)
        return answer(call, connection);
    if (*upload_data_size > 0)
        return on_body(call, upload_data, upload_data_size);
    int r = cancellation_check(&call->context->cancellation);
    if (!call->refused && r < 0)
        exchange_fail_internally(&call->exchange, r);
    else if (!call->refused && dispatch_body(&call->exchange) == EXCHANGE_SLOW)
        return leave_to_job(call, connection, answer);
    return answer(call, connection);
}

enum MHD_Result call_continue(void *cls, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload_data,
                              size_t *upload_data_size, void **con_cls) {
    struct call *call = *con_cls;
    (void)cls;
    (void)url;
    if (!call)
        return MHD_NO;
    set_busy(call, true);
    enum MHD_Result result =
        on_part(call, connection, method, version, upload_data, upload_data_size);
    set_busy(call, call->answering || call->resume);
    return result;
}

void call_end(void *cls, struct MHD_Connection *connection, void **con_cls,
              enum MHD_RequestTerminationCode code) {
    struct call *call = *con_cls;
    (void)cls;
    (void)code;
    if (!call)
        return;
    if (call->draining) /* the drain keeps the socket open, but the client should see the end */
        shutdown(call_socket(connection), SHUT_WR);
    if (call->started || !MHD_get_connection_info(connection, MHD_CONNECTION_INFO_HTTP_STATUS))
        note(call, timestamp_monotonic_us()); /* otherwise on_complaint has logged it */
    if (call->started)
        atomic_fetch_sub_explicit(&call->context->metrics->in_flight, 1, memory_order_release);
    await_more(call);
    set_busy(call, false);
    set_head(call, false);
    streams_close(&call->stream);
    exchange_deinit(&call->exchange);
    free(call);
    *con_cls = NULL;
}
