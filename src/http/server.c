#include "http/server.h"

#include <errno.h>
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

#include "exchange/exchange.h"
#include "http/acceptor.h"
#include "http/call.h"
#include "http/connections.h"
#include "http/descriptors.h"
#include "http/head.h"
#include "http/listener.h"
#include "http/management.h"
#include "http/overflow.h"
#include "http/tls.h"
#include "log.h"
#include "util/fatal.h"
#include "util/timestamp.h"

#define MANAGEMENT_OPTION "endpoints.all.port"
#define TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

enum {
    CONNECTION_MEMORY = 32 * 1024, /* bounds the request head, with 64 bytes for each header */
    MAX_WAITING_JOBS = 4096,       /* so that all who wait in a sandbox can be woken at once */
};

/* One serving thread. */
struct worker {
    struct server *server;
    struct MHD_Daemon *daemon; /* (owned) */
    atomic_uint live;          /* open connections; only the acceptor's thread adds to it */
};

/* A port that clients connect to, with its own threads: libmicrohttpd speaks either HTTP or HTTPS
 * in all connections of a daemon. */
struct door {
    uint16_t port;
    bool is_tls;
    bool is_management;     /* answers only /health, on one thread */
    struct worker *workers; /* borrowed from the server's */
    unsigned n_workers;
};

struct server {
    struct call_context calls;
    struct acceptor *acceptor; /* (owned) */
    struct worker *workers;    /* (owned) */
    unsigned n_workers;        /* the workers that have started */
    struct door doors[ACCEPTOR_MAX_DOORS];
    size_t n_doors;
    struct connections *connections; /* (owned) */
    struct tls_identity tls;
};

/* Receives libmicrohttpd's log messages. They are the only sign of a request that libmicrohttpd
 * refuses before kestub has seen its whole head. */
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
    log_write_request((enum log_format)server->calls.config->log,
                      &(struct log_request){.method = "-",
                                            .path = request ? request->path : "-",
                                            .path_length = request ? request->path_length : 1,
                                            .status = status,
                                            .origin = ""});
    metrics_count(server->calls.metrics, &(struct metrics_request){.status = status});
    if (full)
        overflow_answer(full, server->calls.config, status);
}

static void forget_connection(struct worker *worker) {
    atomic_fetch_sub_explicit(&worker->live, 1, memory_order_relaxed);
    atomic_fetch_sub_explicit(&worker->server->calls.metrics->connections, 1, memory_order_relaxed);
    acceptor_release(worker->server->acceptor);
}

/* libmicrohttpd closes the socket after MHD_CONNECTION_NOTIFY_CLOSED. With unread bytes left, that
 * would reset the connection, and the reset could destroy the last answer. */
static void on_connection(void *cls, struct MHD_Connection *connection, void **socket_context,
                          enum MHD_ConnectionNotificationCode code) {
    struct worker *worker = cls;
    int fd = call_socket(connection);
    int unread = 0;
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        *socket_context = connections_add(worker->server->connections, worker, connection, fd);
    if (code != MHD_CONNECTION_NOTIFY_CLOSED)
        return;
    connections_remove(*socket_context);
    if (ioctl(fd, FIONREAD, &unread) == 0 && unread > 0) {
        drain_add(worker->server->calls.drain, fd);
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

static void on_look(void *cls, bool is_full) {
    const struct server *server = cls;
    connections_end_late(server->connections);
    if (is_full)
        connections_sweep(server->connections);
}

/* Gives the connection to the worker that has the fewest. MHD_add_connection closes the socket when
 * it fails. */
static void on_accept(void *cls, size_t number, int fd, const struct sockaddr *address,
                      socklen_t size) {
    struct server *server = cls;
    const struct door *door = &server->doors[number];
    struct worker *worker = &door->workers[0];
    for (unsigned i = 1; i < door->n_workers; i++)
        if (atomic_load_explicit(&door->workers[i].live, memory_order_relaxed) <
            atomic_load_explicit(&worker->live, memory_order_relaxed))
            worker = &door->workers[i];
    atomic_fetch_add_explicit(&worker->live, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&server->calls.metrics->connections, 1, memory_order_relaxed);
    if (MHD_add_connection(worker->daemon, fd, address, size) != MHD_YES)
        forget_connection(worker);
}

static int start_worker(struct server *server, const struct door *door, unsigned limit) {
    struct worker *worker = &server->workers[server->n_workers];
    struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, server->tls.certificate},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, server->tls.key},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, TLS_PRIORITIES},
        {MHD_OPTION_END, 0, NULL},
    };
    const struct MHD_OptionItem calls[] = {
        {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)call_begin, &server->calls},
        {MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t)call_keep_escapes, NULL},
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)call_end, &server->calls},
        {MHD_OPTION_ARRAY, 0, door->is_tls ? tls : &tls[3]},
        {MHD_OPTION_END, 0, NULL},
    };
    worker->server = server;
    worker->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_USE_TURBO | MHD_USE_NO_LISTEN_SOCKET |
            MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG | (door->is_tls ? MHD_USE_TLS : 0),
        0, NULL, NULL, door->is_management ? management_answer : call_continue, &server->calls,
        MHD_OPTION_EXTERNAL_LOGGER, on_complaint, worker, MHD_OPTION_NOTIFY_CONNECTION,
        on_connection, worker, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)server->calls.config->request_timeout,
        MHD_OPTION_CONNECTION_LIMIT, limit, MHD_OPTION_STRICT_FOR_CLIENT, head_strictness(),
        MHD_OPTION_ARRAY, door->is_management ? &calls[4] : calls, MHD_OPTION_END);
    if (!worker->daemon)
        return FATAL(EIO);
    server->n_workers++;
    return 0;
}

/* Each worker may have all connections, and more that are about to close, so that libmicrohttpd
 * never reaches its own limit. */
static int start_workers(struct server *server, unsigned threads, unsigned connections) {
    enum { SLACK = 1024 };
    server->workers = calloc(threads * server->n_doors, sizeof(*server->workers));
    int r = server->workers ? 0 : FATAL(ENOMEM);
    for (size_t i = 0; r == 0 && i < server->n_doors; i++) {
        struct door *door = &server->doors[i];
        door->workers = server->workers + i * threads;
        unsigned wanted = door->is_management ? 1 : threads;
        for (door->n_workers = 0; r == 0 && door->n_workers < wanted; door->n_workers++)
            r = start_worker(server, door, connections + SLACK);
    }
    return r;
}

static int start_all(struct server *server, unsigned threads, const struct descriptors *descriptors,
                     char reterr_error[SERVER_ERROR_SIZE]) {
    server->connections = connections_new(server->calls.config->request_timeout * 1000000);
    server->calls.metrics = metrics_new();
    server->calls.drain = drain_new(descriptors->drained);
    server->calls.delivery = delivery_new();
    server->calls.jobs = jobs_new(threads, MAX_WAITING_JOBS);
    server->calls.waits = waits_new();
    server->calls.streams = streams_new();
    int r = FATAL(ENOMEM);
    if (server->connections && server->calls.metrics && server->calls.drain &&
        server->calls.delivery && server->calls.jobs && server->calls.waits &&
        server->calls.streams)
        r = start_workers(server, threads, descriptors->connections);
    if (r == 0)
        r = acceptor_start(server->acceptor);
    if (r < 0)
        snprintf(reterr_error, SERVER_ERROR_SIZE, "cannot start the HTTP server: %s",
                 strerror(fatal_errno(r)));
    return r;
}

static int open_door(struct server *server, const struct listener_place *place, struct door door,
                     char reterr_error[SERVER_ERROR_SIZE]) {
    int fd;
    int r = listener_open(place, &fd, reterr_error, SERVER_ERROR_SIZE);
    if (r < 0)
        return r;
    door.port = listener_port(fd);
    server->doors[server->n_doors++] = door;
    acceptor_add(server->acceptor, fd);
    return 0;
}

static int open_doors(struct server *server, const struct config *config, unsigned connections,
                      char reterr_error[SERVER_ERROR_SIZE]) {
    bool has_tls_port = config->tls_port >= 0;
    struct listener_place place = {config->host, config->port, "--port"};
    if (config_has_tls(config) && listener_unix_path(config->host)) {
        snprintf(reterr_error, SERVER_ERROR_SIZE, "--host: unix:PATH makes no sense with TLS");
        return FATAL(EINVAL);
    }
    server->acceptor = acceptor_new(connections, on_accept, on_look, server);
    if (!server->acceptor) {
        snprintf(reterr_error, SERVER_ERROR_SIZE, "out of memory");
        return FATAL(ENOMEM);
    }
    struct door door = {.is_tls = config_has_tls(config) && !has_tls_port};
    int r = open_door(server, &place, door, reterr_error);
    if (r == 0 && has_tls_port) {
        place = (struct listener_place){config->host, config->tls_port, "--tls-port"};
        r = open_door(server, &place, (struct door){.is_tls = true}, reterr_error);
    }
    if (r == 0 && config->management_port >= 0 && !listener_unix_path(config->host)) {
        place = (struct listener_place){config->host, config->management_port, MANAGEMENT_OPTION};
        r = open_door(server, &place, (struct door){.is_management = true}, reterr_error);
    }
    return r;
}

static int start(struct server *server, char reterr_error[SERVER_ERROR_SIZE]) {
    const struct config *config = server->calls.config;
    unsigned threads = thread_count(config);
    struct descriptors descriptors;
    int r = tls_init(&server->tls, config, reterr_error, SERVER_ERROR_SIZE);
    if (r == 0)
        r = descriptors_share(config->max_connections,
                              (config->tls_port >= 0 ? 2 * threads : threads) +
                                  (config->management_port >= 0),
                              &descriptors, reterr_error, SERVER_ERROR_SIZE);
    if (r == 0)
        r = open_doors(server, config, descriptors.connections, reterr_error);
    if (r != 0)
        return r < 0 ? r : FATAL(EINVAL);
    return start_all(server, threads, &descriptors, reterr_error);
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
    server->calls.config = config;
    server->calls.sandboxes = sandboxes;
    server->calls.cancellation.memory = sandboxes_memory(sandboxes);
    int r = start(server, reterr_error);
    if (r < 0) {
        server_free(server);
        return r;
    }
    *ret_server = server;
    return 0;
}

uint16_t server_port(const struct server *server) {
    return server->doors[0].port;
}

uint16_t server_tls_port(const struct server *server) {
    return server->n_doors > 1 && server->doors[1].is_tls ? server->doors[1].port : 0;
}

uint16_t server_management_port(const struct server *server) {
    const struct door *last = &server->doors[server->n_doors - 1];
    return last->is_management ? last->port : 0;
}

/* libmicrohttpd 0.9.75 crashes when it refuses a request while its daemon stops, so kestub ends all
 * connections first. Their work has been cancelled by now, so this takes only a moment. */
static void end_connections(struct server *server, int64_t deadline_us) {
    const struct timespec tick = {.tv_nsec = 2000000};
    while (acceptor_count(server->acceptor) > 0 && timestamp_monotonic_us() < deadline_us) {
        connections_shut_down(server->connections);
        nanosleep(&tick, NULL);
    }
}

static void finish_requests(struct server *server, int64_t deadline_us) {
    const struct timespec tick = {.tv_nsec = 2000000};
    while (atomic_load_explicit(&server->calls.metrics->in_flight, memory_order_acquire) > 0 &&
           timestamp_monotonic_us() < deadline_us)
        nanosleep(&tick, NULL);
}

void server_stop(struct server *server, int grace_ms) {
    enum { END_US = 1000000 };
    if (server->n_workers == 0)
        return;
    int64_t deadline_us = timestamp_monotonic_us() + (int64_t)grace_ms * 1000;
    atomic_store_explicit(&server->calls.stopping, true, memory_order_relaxed);
    acceptor_stop(server->acceptor);
    delivery_stop(server->calls.delivery);
    waits_stop(server->calls.waits);
    streams_stop(server->calls.streams);
    jobs_cancel(server->calls.jobs);
    finish_requests(server, deadline_us);
    atomic_store_explicit(&server->calls.cancellation.requested, true, memory_order_relaxed);
    jobs_free(server->calls.jobs); /* resumes the last suspended connections */
    server->calls.jobs = NULL;
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
    jobs_free(server->calls.jobs);
    waits_free(server->calls.waits);
    streams_free(server->calls.streams);
    delivery_free(server->calls.delivery);
    metrics_free(server->calls.metrics);
    drain_free(server->calls.drain);
    if (server->n_doors > 0)
        listener_remove(server->calls.config->host);
    tls_deinit(&server->tls);
    free(server->workers);
    free(server);
}
