#include "http/connections.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "util/timestamp.h"

struct connections {
    pthread_mutex_t mutex;
    struct connection *first;
    int64_t timeout_us;
};

struct connections *connections_new(int64_t timeout_us) {
    struct connections *connections = calloc(1, sizeof(*connections));
    if (!connections)
        return NULL;
    pthread_mutex_init(&connections->mutex, NULL);
    connections->timeout_us = timeout_us;
    return connections;
}

void connections_free(struct connections *connections) {
    if (!connections)
        return;
    pthread_mutex_destroy(&connections->mutex);
    free(connections);
}

struct connection *connections_add(struct connections *connections, const void *worker,
                                   struct MHD_Connection *handle, int fd) {
    struct connection *connection = calloc(1, sizeof(*connection));
    if (!connection)
        return NULL;
    pthread_mutex_lock(&connections->mutex);
    *connection =
        (struct connection){.all = connections,
                            .next = connections->first,
                            .fd = fd,
                            .handle = handle,
                            .arrival_us = timestamp_monotonic_us() + connections->timeout_us,
                            .worker = worker,
                            .is_fresh = true};
    if (connection->next)
        connection->next->previous = connection;
    connections->first = connection;
    pthread_mutex_unlock(&connections->mutex);
    return connection;
}

void connections_remove(struct connection *connection) {
    if (!connection)
        return;
    struct connections *connections = connection->all;
    pthread_mutex_lock(&connections->mutex);
    if (connection->next)
        connection->next->previous = connection->previous;
    if (connection->previous)
        connection->previous->next = connection->next;
    else
        connections->first = connection->next;
    pthread_mutex_unlock(&connections->mutex);
    free(connection);
}

struct connection *connections_find(struct connections *connections,
                                    bool (*test)(void *cls, struct connection *connection),
                                    void *cls) {
    pthread_mutex_lock(&connections->mutex);
    struct connection *at = connections->first;
    while (at && !test(cls, at))
        at = at->next;
    pthread_mutex_unlock(&connections->mutex);
    return at;
}

void connections_await(struct connection *connection) {
    atomic_store_explicit(&connection->arrival_us,
                          timestamp_monotonic_coarse_us() + connection->all->timeout_us,
                          memory_order_relaxed);
}

void connections_extend(struct connection *connection, size_t size) {
    enum { US_PER_BYTE = 100 };
    atomic_fetch_add(&connection->arrival_us, (int64_t)size * US_PER_BYTE);
}

/* Whether everything that the client sent was read, and no request is being worked on. */
static bool is_waiting(struct connection *connection) {
    int unread = 0;
    return !atomic_load(&connection->busy) && ioctl(connection->fd, FIONREAD, &unread) == 0 &&
           unread == 0;
}

/* Whether the client has closed, everything it sent was read, and no request is being worked on. */
static bool has_ended(struct connection *connection) {
    struct pollfd polled = {.fd = connection->fd, .events = POLLRDHUP};
    return poll(&polled, 1, 0) > 0 && is_waiting(connection);
}

/* While the mutex is held nobody closes a descriptor, so none can already belong to another
 * connection. */
void connections_sweep(struct connections *connections) {
    pthread_mutex_lock(&connections->mutex);
    for (struct connection *at = connections->first; at; at = at->next) {
        bool ended = has_ended(at);
        if (ended && at->looked_ended)
            shutdown(at->fd, SHUT_RDWR);
        at->looked_ended = ended;
    }
    pthread_mutex_unlock(&connections->mutex);
}

static void shut_down(struct connection *connection) {
    if (!connection->is_shut_down)
        shutdown(connection->fd, SHUT_RDWR);
    connection->is_shut_down = true;
}

void connections_end_late(struct connections *connections) {
    int64_t now_us = timestamp_monotonic_us();
    pthread_mutex_lock(&connections->mutex);
    for (struct connection *at = connections->first; at; at = at->next)
        if (atomic_load(&at->arrival_us) < now_us && is_waiting(at))
            shut_down(at);
    pthread_mutex_unlock(&connections->mutex);
}

void connections_shut_down(struct connections *connections) {
    pthread_mutex_lock(&connections->mutex);
    for (struct connection *at = connections->first; at; at = at->next)
        shut_down(at);
    pthread_mutex_unlock(&connections->mutex);
}
