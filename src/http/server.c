#include "http/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <microhttpd.h>

#include "exchange/dispatch.h"
#include "exchange/recorder.h"
#include "http/acceptor.h"
#include "http/delivery.h"
#include "http/drain.h"
#include "log.h"
#include "util/fatal.h"
#include "util/timestamp.h"

enum {
    CONNECTION_MEMORY = 32 * 1024, /* bounds the request head, too */
    CONNECTION_TIMEOUT = 30,       /* seconds without a byte */
    MAX_CONNECTIONS = 16384,
    LISTEN_BACKLOG = 4096,
    DRAIN_FACTOR = 16, /* a chunked body may pass the limit so many times before it is cut off */
};

struct server {
    const struct config *config;
    struct sandboxes *sandboxes;
    struct acceptor *acceptor; /* (owned) */
    struct MHD_Daemon *daemon; /* (owned) */
    struct delivery *delivery; /* (owned) */
    struct drain *drain;       /* (owned) */
    uint16_t port;
    atomic_int in_flight;
    atomic_bool stopping;
};

/* What one request needs beyond its exchange. */
struct call {
    struct exchange exchange;
    struct server *server;
    struct parcel parcel;
    int64_t start_us;
    int failure;    /* <0: memory ran out before the exchange was whole */
    bool started;   /* the head was seen */
    bool answering; /* the response is on its way, or waits for it */
    bool logged;
    bool draining; /* refused while the client may still send */
    bool refused;  /* the response is there, what is left of the body is thrown away */
    size_t body_size;
    const char *target_end; /* where libmicrohttpd's copy of the target ends */
};

/* The first callback of a request, and the only one that has the target as it was sent. */
static void *on_target(void *cls, const char *target, struct MHD_Connection *connection) {
    struct server *server = cls;
    (void)connection;
    struct call *call = malloc(sizeof(*call));
    if (!call)
        return NULL;
    call->server = server;
    call->parcel = (struct parcel){0};
    call->started = call->answering = call->refused = call->logged = call->draining = false;
    call->body_size = 0;
    call->target_end = target + strlen(target);
    call->start_us = timestamp_monotonic_us();
    call->failure = exchange_init(&call->exchange, server->config, NULL, target);
    call->exchange.sandboxes = server->sandboxes;
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
    if (value && call->failure == 0)
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
                         atomic_load_explicit(&server->stopping, memory_order_relaxed));
}

/* A NUL in the request line cuts the target short for libmicrohttpd, which keeps target and
 * version in one buffer: then there is more than blanks between the two. */
static bool hides_nul(const char *target_end, const char *version) {
    uintptr_t start = (uintptr_t)target_end;
    uintptr_t end = (uintptr_t)version;
    if (end <= start || end - start > CONNECTION_MEMORY)
        return false;
    for (; target_end < version; target_end++)
        if (*target_end != '\0' && *target_end != ' ')
            return true;
    return false;
}

static void set_client_ip(struct request *request, struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *address = info ? info->client_addr : NULL;
    if (address && address->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr,
                  request->client_ip, sizeof(request->client_ip));
    else if (address && address->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)address)->sin_addr,
                  request->client_ip, sizeof(request->client_ip));
}

static enum MHD_Result on_head(struct call *call, struct MHD_Connection *connection,
                               const char *method, const char *version) {
    struct request *request = &call->exchange.request;
    call->started = true;
    atomic_fetch_add_explicit(&call->server->in_flight, 1, memory_order_relaxed);
    if (call->failure == 0)
        call->failure = request_set_method(request, method);
    request->protocol = version;
    set_client_ip(request, connection);
    request->bad_path |= hides_nul(call->target_end, version);
    MHD_get_connection_values(connection, MHD_HEADER_KIND, on_header, call);
    request->body_limit = dispatch_body_limit(&call->exchange);
    if (call->failure < 0) {
        call->refused = true;
        exchange_fail_internally(&call->exchange, call->failure);
        return MHD_YES;
    }
    /* libmicrohttpd has refused what is no number, unless the length is ambiguous. */
    uint64_t announced = request->content_length ? strtoull(request->content_length, NULL, 10) : 0;
    request->body_too_large = announced > request->body_limit;
    call->refused = dispatch_head(&call->exchange) == EXCHANGE_ANSWERED;
    /* A client that waits for leave, or has much to send, hears the refusal at once; every other
     * is read to the end, since to close earlier could reset the connection under the answer. */
    if (call->refused &&
        (request->expects_continue || request->body_too_large || request->ambiguous_length)) {
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

static enum MHD_Result on_access(void *cls, struct MHD_Connection *connection, const char *url,
                                 const char *method, const char *version, const char *upload_data,
                                 size_t *upload_data_size, void **con_cls) {
    struct call *call = *con_cls;
    (void)cls;
    (void)url;
    if (!call)
        return MHD_NO;
    if (!call->started)
        return on_head(call, connection, method, version);
    if (call->answering)
        return answer(call, connection);
    if (*upload_data_size > 0)
        return on_body(call, upload_data, upload_data_size);
    if (!call->refused)
        dispatch_body(&call->exchange);
    return answer(call, connection);
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
    log_call(call);
    if (call->started)
        atomic_fetch_sub_explicit(&call->server->in_flight, 1, memory_order_release);
    exchange_deinit(&call->exchange);
    free(call);
    *con_cls = NULL;
}

static int listen_on(const struct config *config, int *ret_fd,
                     char reterr_error[SERVER_ERROR_SIZE]) {
    char port[16];
    struct addrinfo *addresses;
    struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
    snprintf(port, sizeof(port), "%d", (int)config->port);
    int failure = getaddrinfo(config->host, port, &hints, &addresses);
    if (failure) {
        snprintf(reterr_error, SERVER_ERROR_SIZE, "--host: '%.80s': %s", config->host,
                 gai_strerror(failure));
        return FATAL(EINVAL);
    }
    int type = addresses->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK;
    int fd = socket(addresses->ai_family, type, addresses->ai_protocol);
    int one = 1;
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
        bind(fd, addresses->ai_addr, addresses->ai_addrlen) < 0 || listen(fd, LISTEN_BACKLOG) < 0) {
        snprintf(reterr_error, SERVER_ERROR_SIZE, "--port: cannot listen on %.80s port %s: %s",
                 config->host, port, strerror(errno));
        failure = FATAL(errno);
        if (fd >= 0)
            close(fd);
    } else {
        *ret_fd = fd;
    }
    freeaddrinfo(addresses);
    return failure;
}

static uint16_t bound_port(int fd) {
    union {
        struct sockaddr_storage storage;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address = {0};
    socklen_t size = sizeof(address);
    if (getsockname(fd, (struct sockaddr *)&address, &size) < 0)
        return 0;
    return ntohs(address.storage.ss_family == AF_INET6 ? address.v6.sin6_port
                                                       : address.v4.sin_port);
}

/* As many descriptors as the system lets us have, and so as many connections. */
static unsigned connection_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return 256;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    rlim_t reserve = 96; /* the database, the log, the drain */
    rlim_t available = limit.rlim_cur > reserve * 2 ? limit.rlim_cur - reserve : reserve;
    return available > MAX_CONNECTIONS ? MAX_CONNECTIONS : (unsigned)available;
}

static unsigned thread_count(const struct config *config) {
    cpu_set_t processors;
    if (config->threads > 0)
        return (unsigned)config->threads;
    if (sched_getaffinity(0, sizeof(processors), &processors) < 0)
        return 1;
    return (unsigned)CPU_COUNT(&processors);
}

static void on_connection(void *cls, int fd, const struct sockaddr *address, socklen_t size) {
    struct server *server = cls;
    MHD_add_connection(server->daemon, fd, address, size); /* closes it when it cannot */
}

static int start_daemon(struct server *server, char reterr_error[SERVER_ERROR_SIZE]) {
    int fd = -1;
    int r = listen_on(server->config, &fd, reterr_error);
    if (r != 0)
        return r;
    server->port = bound_port(fd);
    unsigned threads = thread_count(server->config);
    struct MHD_OptionItem pool[] = {{MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)threads, NULL},
                                    {MHD_OPTION_END, 0, NULL}};
    server->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_USE_TURBO | MHD_USE_NO_LISTEN_SOCKET |
            MHD_ALLOW_SUSPEND_RESUME,
        0, NULL, NULL, on_access, server, MHD_OPTION_URI_LOG_CALLBACK, on_target, server,
        MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL, MHD_OPTION_NOTIFY_COMPLETED, on_completed,
        server, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)CONNECTION_TIMEOUT, MHD_OPTION_CONNECTION_LIMIT,
        connection_limit(), MHD_OPTION_ARRAY, threads > 1 ? pool : pool + 1, MHD_OPTION_END);
    if (!server->daemon) {
        close(fd);
        snprintf(reterr_error, SERVER_ERROR_SIZE, "cannot start the HTTP server: %s",
                 strerror(errno));
        return FATAL(EIO);
    }
    server->acceptor = acceptor_new(fd, on_connection, server);
    if (!server->acceptor) {
        snprintf(reterr_error, SERVER_ERROR_SIZE, "cannot start a thread: %s", strerror(errno));
        return FATAL(EIO);
    }
    return 0;
}

const char *server_library_version(void) {
    return MHD_get_version();
}

int server_start(const struct config *config, struct sandboxes *sandboxes,
                 struct server **ret_server, char reterr_error[SERVER_ERROR_SIZE]) {
    struct server *server = calloc(1, sizeof(*server));
    if (server) {
        server->config = config;
        server->sandboxes = sandboxes;
        server->drain = drain_new();
        server->delivery = delivery_new();
    }
    if (!server || !server->drain || !server->delivery) {
        snprintf(reterr_error, SERVER_ERROR_SIZE, "out of memory");
        server_free(server);
        return FATAL(ENOMEM);
    }
    int r = start_daemon(server, reterr_error);
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

void server_stop(struct server *server, int grace_ms) {
    const struct timespec tick = {.tv_nsec = 2000000};
    atomic_store_explicit(&server->stopping, true, memory_order_relaxed);
    acceptor_free(server->acceptor);
    server->acceptor = NULL;
    delivery_stop(server->delivery);
    int64_t deadline_us = timestamp_monotonic_us() + (int64_t)grace_ms * 1000;
    while (atomic_load_explicit(&server->in_flight, memory_order_acquire) > 0 &&
           timestamp_monotonic_us() < deadline_us)
        nanosleep(&tick, NULL);
    MHD_stop_daemon(server->daemon);
    server->daemon = NULL;
}

void server_free(struct server *server) {
    if (!server)
        return;
    if (server->daemon)
        server_stop(server, 0);
    delivery_free(server->delivery);
    drain_free(server->drain);
    free(server);
}
