#include "http/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <microhttpd.h>

#include "exchange/dispatch.h"
#include "exchange/recorder.h"
#include "http/acceptor.h"
#include "http/connections.h"
#include "http/delivery.h"
#include "http/descriptors.h"
#include "http/drain.h"
#include "http/head.h"
#include "http/listener.h"
#include "http/overflow.h"
#include "log.h"
#include "util/fatal.h"
#include "util/timestamp.h"

enum {
    CONNECTION_MEMORY = 32 * 1024, /* bounds the request head, with 64 bytes for each header */
    CONNECTION_TIMEOUT = 30,       /* seconds without a byte */
    DRAIN_FACTOR = 16, /* a chunked body may pass the limit so many times before it is cut off */
};

/* One serving thread. */
struct worker {
    struct server *server;
    struct MHD_Daemon *daemon; /* (owned) */
    atomic_uint live;          /* connections; only the acceptor's thread adds to it */
};

struct server {
    const struct config *config;
    struct sandboxes *sandboxes;
    struct acceptor *acceptor;       /* (owned) */
    struct worker *workers;          /* (owned) */
    unsigned n_workers;              /* those that have started */
    struct connections *connections; /* (owned) */
    struct delivery *delivery;       /* (owned) */
    struct drain *drain;             /* (owned) */
    uint16_t port;
    atomic_int in_flight;
    atomic_bool stopping;             /* nothing new is begun */
    struct cancellation cancellation; /* what was begun is given up */
};

/* What one request needs beyond its exchange. */
struct call {
    struct exchange exchange;
    struct server *server;
    struct connection *connection; /* or NULL */
    struct parcel parcel;
    int64_t start_us;
    int failure;    /* <0: memory ran out before the exchange was whole */
    bool started;   /* the head was seen */
    bool answering; /* the response is on its way, or waits for it */
    bool logged;
    bool draining; /* refused while the client may still send */
    bool closing;  /* the connection ends with the answer */
    bool refused;  /* the response is there, what is left of the body is thrown away */
    size_t body_size;
    const char *target; /* libmicrohttpd's */
    struct head head;
};

/* libmicrohttpd would parse the query into the connection's memory, an entry for each pair. Once
 * that is full, 0.9.75 answers no more. The request has a copy of its own, so the library gets an
 * empty query. */
static void empty_query(const char *target) {
    char *mark = strchr(target, '?');
    if (mark)
        mark[1] = '\0'; /* the terminating NUL at the latest */
}

static struct connection *connection_of(struct MHD_Connection *connection) {
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

static void set_busy(struct call *call, bool busy) {
    if (call->connection)
        atomic_store_explicit(&call->connection->busy, busy, memory_order_relaxed);
}

static void set_head(struct call *call, bool has_head) {
    if (!call->connection)
        return;
    call->connection->exchange = NULL;
    call->connection->has_head = has_head;
    call->connection->is_fresh = false;
}

/* The first callback of a request, and the only one that has the target as it was sent. */
static void *on_target(void *cls, const char *target, struct MHD_Connection *connection) {
    struct server *server = cls;
    struct call *call = malloc(sizeof(*call));
    if (!call)
        return NULL;
    call->server = server;
    call->connection = connection_of(connection);
    call->parcel = (struct parcel){0};
    call->started = call->answering = call->refused = call->logged = false;
    call->draining = call->closing = false;
    call->body_size = 0;
    call->target = target;
    call->start_us = timestamp_monotonic_us();
    call->failure = exchange_init(&call->exchange, server->config, NULL, target);
    call->exchange.sandboxes = server->sandboxes;
    call->exchange.cancellation = &server->cancellation;
    if (call->connection)
        call->connection->exchange = &call->exchange;
    empty_query(target);
    return call;
}

/* Escapes are the request's to undo, after the path is split. */
static size_t keep_escapes(void *cls, struct MHD_Connection *connection, char *text) {
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
    const struct exchange *exchange = &call->exchange;
    enum log_format format = (enum log_format)call->server->config->log;
    if (format == LOG_OFF || call->logged)
        return;
    call->logged = true;
    char origin[FATAL_ORIGIN_SIZE];
    fatal_format_origin(exchange->failure, origin);
    if (exchange->failure < 0) {
        char message[STORE_ERROR_SIZE + 64];
        char database[STORE_ERROR_SIZE] = "";
        int code = fatal_errno(exchange->failure);
        if ((code == EIO || code == ENOSPC) && exchange->sandbox)
            store_describe_error(exchange->sandbox->iam.store, database);
        snprintf(message, sizeof(message), "%s %s", strerror(fatal_errno(exchange->failure)),
                 database);
        log_write_failure(format, message, origin);
    }
    log_write_request(format, &(struct log_request){
                                  .method = exchange->request.method_name,
                                  .path = exchange->request.path,
                                  .path_length = exchange->request.path_length,
                                  .status = response_sent_status(&exchange->response),
                                  .microseconds = timestamp_monotonic_us() - call->start_us,
                                  .principal = exchange->principal.username,
                                  .breakage = breakage_name(exchange->response.delivery.breakage),
                                  .origin = origin,
                              });
}

static int socket_of(struct MHD_Connection *connection) {
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

static bool is_stopping(const struct server *server) {
    return atomic_load_explicit(&server->stopping, memory_order_relaxed);
}

/* Records before it holds an answer back, and logs before it answers, so that a client that has its
 * answer finds both. */
static enum MHD_Result answer(struct call *call, struct MHD_Connection *connection) {
    struct server *server = call->server;
    struct response *response = &call->exchange.response;
    if (!call->answering)
        recorder_add(&call->exchange, call->body_size, timestamp_monotonic_us() - call->start_us);
    call->answering = true;
    if (call->exchange.request.is_head || response->status == 304)
        response->delivery.dribble_chunks = 0; /* its end would come, though there is no body */
    if (delivery_wait(server->delivery, &call->parcel, connection, response))
        return MHD_YES;
    log_call(call);
    call->draining &= response->delivery.breakage != BREAKAGE_CONNECTION_RESET_BY_PEER;
    if (call->draining)
        drain_add(server->drain, socket_of(connection));
    return delivery_send(server->delivery, &call->parcel, connection, response,
                         call->closing || is_stopping(server));
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
        inet_ntop(AF_INET, &v4.sin_addr, request->client_ip, sizeof(request->client_ip));
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
    set_client_ip(request, connection);
    head_begin(&call->head, method, request->target, call->target, version);
    MHD_get_connection_values(connection, MHD_HEADER_KIND, on_header, call);
    head_end(&call->head, size);
}

/* What the server refuses before the request is looked at. True, and the response is there. */
static bool refuse_head(struct call *call) {
    struct exchange *exchange = &call->exchange;
    if (call->failure < 0)
        exchange_fail_internally(exchange, call->failure);
    else if (call->head.flaw)
        dispatch_refuse(exchange, ERROR_BAD_REQUEST, call->head.flaw);
    else if (is_stopping(call->server))
        dispatch_refuse(exchange, ERROR_UNAVAILABLE, "the server is stopping");
    else
        return false;
    return true;
}

/* What is held back is of no use once its sandbox is reset. */
static void watch_sandbox(struct call *call) {
    struct sandbox *sandbox = call->exchange.sandbox;
    if (!sandbox)
        return;
    call->parcel.generation = &sandbox->generation;
    call->parcel.born = atomic_load(&sandbox->generation);
}

static enum MHD_Result on_head(struct call *call, struct MHD_Connection *connection,
                               const char *method, const char *version) {
    struct request *request = &call->exchange.request;
    call->started = true;
    set_head(call, true);
    atomic_fetch_add_explicit(&call->server->in_flight, 1, memory_order_relaxed);
    read_head(call, connection, method, version);
    request->body_limit = dispatch_body_limit(&call->exchange);
    call->refused = call->closing = refuse_head(call);
    if (!call->refused) {
        /* libmicrohttpd has refused what is no number, unless the length is ambiguous. */
        uint64_t announced =
            request->content_length ? strtoull(request->content_length, NULL, 10) : 0;
        request->body_too_large = announced > request->body_limit;
        call->refused = dispatch_head(&call->exchange) == EXCHANGE_ANSWERED;
        call->closing = call->refused && request->ambiguous_length;
        watch_sandbox(call);
    }
    /* A client that waits for leave, or has much to send, hears the refusal at once, and so does
     * one whose next request starts nobody knows where. Every other is read to the end, since to
     * close earlier could reset the connection under the answer. */
    if (call->closing ||
        (call->refused && (request->expects_continue || request->body_too_large))) {
        call->draining = true;
        return answer(call, connection);
    }
    return MHD_YES;
}

/* Of a body that nobody reads the journal gets the start, unless a part of that is missing. */
static void keep_start(struct call *call, const char *bytes, size_t size) {
    struct buffer *body = &call->exchange.request.body;
    size_t limit = recorder_body_limit(&call->exchange);
    if (body->size < limit && body->size == call->body_size - size)
        buffer_append(body, bytes, size < limit - body->size ? size : limit - body->size, limit);
}

static enum MHD_Result on_body(struct call *call, const char *bytes, size_t *size) {
    struct request *request = &call->exchange.request;
    size_t limit = request->body_limit;
    call->body_size += *size;
    if (call->body_size / DRAIN_FACTOR > limit)
        return MHD_NO;
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

/* The head, a part of the body, the end of the request, and the time to answer come in turn. */
static enum MHD_Result on_part(struct call *call, struct MHD_Connection *connection,
                               const char *method, const char *version, const char *upload_data,
                               size_t *upload_data_size) {
    if (!call->started)
        return on_head(call, connection, method, version);
    if (call->answering)
        return answer(call, connection);
    if (*upload_data_size > 0)
        return on_body(call, upload_data, upload_data_size);
    int r = cancellation_check(&call->server->cancellation);
    if (!call->refused && r < 0)
        exchange_fail_internally(&call->exchange, r);
    else if (!call->refused)
        dispatch_body(&call->exchange);
    return answer(call, connection);
}

static enum MHD_Result on_access(void *cls, struct MHD_Connection *connection, const char *url,
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
    set_busy(call, call->answering);
    return result;
}

/* What libmicrohttpd says on its way. When it refuses a request before anybody else has seen it
 * whole, this is the only sign of it. */
__attribute__((format(printf, 2, 0))) static void on_complaint(void *cls, const char *format,
                                                               va_list arguments) {
    const struct worker *worker = cls;
    const struct server *server = worker->server;
    if (!strstr(format, "(HTTP response code is %u"))
        return;
    int status = va_arg(arguments, int);
    struct connection *full = NULL;
    if (status == MHD_HTTP_URI_TOO_LONG || status == MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE)
        full = overflow_find(server->connections, worker, status);
    const struct request *request = full && full->exchange ? &full->exchange->request : NULL;
    log_write_request((enum log_format)server->config->log,
                      &(struct log_request){.method = "-",
                                            .path = request ? request->path : "-",
                                            .path_length = request ? request->path_length : 1,
                                            .status = status,
                                            .origin = ""});
    if (full)
        overflow_answer(full, server->config, status);
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **con_cls,
                         enum MHD_RequestTerminationCode code) {
    struct call *call = *con_cls;
    (void)cls;
    (void)code;
    if (!call)
        return;
    if (call->draining) /* the drain holds the socket open; the client shall see the end */
        shutdown(socket_of(connection), SHUT_WR);
    if (call->started || !MHD_get_connection_info(connection, MHD_CONNECTION_INFO_HTTP_STATUS))
        log_call(call); /* else on_complaint has */
    if (call->started)
        atomic_fetch_sub_explicit(&call->server->in_flight, 1, memory_order_release);
    set_busy(call, false);
    set_head(call, false);
    exchange_deinit(&call->exchange);
    free(call);
    *con_cls = NULL;
}

static void forget_connection(struct worker *worker) {
    atomic_fetch_sub_explicit(&worker->live, 1, memory_order_relaxed);
    acceptor_release(worker->server->acceptor);
}

/* libmicrohttpd closes a socket after this. What the client has sent and nobody has read would
 * reset the connection, and could destroy the last answer. */
static void on_connection(void *cls, struct MHD_Connection *connection, void **socket_context,
                          enum MHD_ConnectionNotificationCode code) {
    struct worker *worker = cls;
    int fd = socket_of(connection);
    int unread = 0;
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        *socket_context = connections_add(worker->server->connections, worker, connection, fd);
    if (code != MHD_CONNECTION_NOTIFY_CLOSED)
        return;
    connections_remove(*socket_context);
    if (ioctl(fd, FIONREAD, &unread) == 0 && unread > 0) {
        drain_add(worker->server->drain, fd);
        shutdown(fd, SHUT_WR);
    }
    forget_connection(worker);
}

static unsigned thread_count(const struct config *config) {
    cpu_set_t processors;
    if (config->threads > 0)
        return (unsigned)config->threads;
    if (sched_getaffinity(0, sizeof(processors), &processors) < 0)
        return 1;
    return (unsigned)CPU_COUNT(&processors);
}

static void on_full(void *cls) {
    const struct server *server = cls;
    connections_sweep(server->connections);
}

/* Gives it to the worker that has the fewest. The worker closes it when it cannot take it. */
static void on_accept(void *cls, int fd, const struct sockaddr *address, socklen_t size) {
    struct server *server = cls;
    struct worker *worker = &server->workers[0];
    for (unsigned i = 1; i < server->n_workers; i++)
        if (atomic_load_explicit(&server->workers[i].live, memory_order_relaxed) <
            atomic_load_explicit(&worker->live, memory_order_relaxed))
            worker = &server->workers[i];
    atomic_fetch_add_explicit(&worker->live, 1, memory_order_relaxed);
    if (MHD_add_connection(worker->daemon, fd, address, size) != MHD_YES)
        forget_connection(worker);
}

static int start_worker(struct server *server, unsigned limit) {
    struct worker *worker = &server->workers[server->n_workers];
    worker->server = server;
    worker->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_USE_TURBO | MHD_USE_NO_LISTEN_SOCKET |
            MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG,
        0, NULL, NULL, on_access, server, MHD_OPTION_EXTERNAL_LOGGER, on_complaint, worker,
        MHD_OPTION_URI_LOG_CALLBACK, on_target, server, MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes,
        NULL, MHD_OPTION_NOTIFY_CONNECTION, on_connection, worker, MHD_OPTION_NOTIFY_COMPLETED,
        on_completed, server, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)CONNECTION_TIMEOUT, MHD_OPTION_CONNECTION_LIMIT,
        limit, MHD_OPTION_STRICT_FOR_CLIENT, head_strictness(), MHD_OPTION_END);
    if (!worker->daemon)
        return FATAL(EIO);
    server->n_workers++;
    return 0;
}

/* Any worker can have all connections, and some that are about to be closed, so that the library's
 * own limit is never reached. */
static int start_workers(struct server *server, unsigned threads, unsigned connections) {
    enum { SLACK = 1024 };
    server->workers = calloc(threads, sizeof(*server->workers));
    int r = server->workers ? 0 : FATAL(ENOMEM);
    for (unsigned i = 0; r == 0 && i < threads; i++)
        r = start_worker(server, connections + SLACK);
    return r;
}

/* Takes the listening socket over. */
static int start_all(struct server *server, int fd, unsigned threads,
                     const struct descriptors *descriptors, char reterr_error[SERVER_ERROR_SIZE]) {
    server->acceptor = acceptor_new(fd, descriptors->connections, on_accept, on_full, server);
    server->connections = connections_new();
    server->drain = drain_new(descriptors->drained);
    server->delivery = delivery_new();
    int r = FATAL(ENOMEM);
    if (server->acceptor && server->connections && server->drain && server->delivery)
        r = start_workers(server, threads, descriptors->connections);
    if (r == 0)
        r = acceptor_start(server->acceptor);
    if (r < 0)
        snprintf(reterr_error, SERVER_ERROR_SIZE, "cannot start the HTTP server: %s",
                 strerror(fatal_errno(r)));
    return r;
}

static int start(struct server *server, char reterr_error[SERVER_ERROR_SIZE]) {
    const struct config *config = server->config;
    unsigned threads = thread_count(config);
    struct descriptors descriptors;
    int fd;
    int r = descriptors_share(config->max_connections, threads, &descriptors, reterr_error,
                              SERVER_ERROR_SIZE);
    if (r == 0)
        r = listener_open(config->host, config->port, &fd, reterr_error, SERVER_ERROR_SIZE);
    if (r != 0)
        return r < 0 ? r : FATAL(EINVAL);
    server->port = listener_port(fd);
    return start_all(server, fd, threads, &descriptors, reterr_error);
}

const char *server_library_version(void) {
    return MHD_get_version();
}

int server_start(const struct config *config, struct sandboxes *sandboxes,
                 struct server **ret_server, char reterr_error[SERVER_ERROR_SIZE]) {
    struct server *server = calloc(1, sizeof(*server));
    if (!server) {
        snprintf(reterr_error, SERVER_ERROR_SIZE, "out of memory");
        return FATAL(ENOMEM);
    }
    server->config = config;
    server->sandboxes = sandboxes;
    int r = start(server, reterr_error);
    if (r < 0) {
        server_free(server);
        return r;
    }
    *ret_server = server;
    return 0;
}

uint16_t server_port(const struct server *server) {
    return server->port;
}

/* 0.9.75 crashes when it refuses a request while a daemon stops, so that all connections end
 * before. Their work has been given up, and takes no more than a moment. */
static void end_connections(struct server *server, int64_t deadline_us) {
    const struct timespec tick = {.tv_nsec = 2000000};
    while (acceptor_count(server->acceptor) > 0 && timestamp_monotonic_us() < deadline_us) {
        connections_shut_down(server->connections);
        nanosleep(&tick, NULL);
    }
}

static void finish_requests(struct server *server, int64_t deadline_us) {
    const struct timespec tick = {.tv_nsec = 2000000};
    while (atomic_load_explicit(&server->in_flight, memory_order_acquire) > 0 &&
           timestamp_monotonic_us() < deadline_us)
        nanosleep(&tick, NULL);
}

void server_stop(struct server *server, int grace_ms) {
    enum { END_US = 1000000 };
    if (server->n_workers == 0)
        return;
    int64_t deadline_us = timestamp_monotonic_us() + (int64_t)grace_ms * 1000;
    atomic_store_explicit(&server->stopping, true, memory_order_relaxed);
    acceptor_stop(server->acceptor);
    delivery_stop(server->delivery);
    finish_requests(server, deadline_us);
    atomic_store_explicit(&server->cancellation.requested, true, memory_order_relaxed);
    end_connections(server, timestamp_monotonic_us() + END_US);
    for (unsigned i = 0; i < server->n_workers; i++)
        MHD_stop_daemon(server->workers[i].daemon);
    server->n_workers = 0;
}

void server_free(struct server *server) {
    if (!server)
        return;
    server_stop(server, 0);
    acceptor_free(server->acceptor);
    connections_free(server->connections);
    delivery_free(server->delivery);
    drain_free(server->drain);
    free(server->workers);
    free(server);
}
