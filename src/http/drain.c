#include "http/drain.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/timestamp.h"

enum { LINGER_US = 2000000, TICK_MS = 200 };

struct drain {
    pthread_t thread;
    int wake_fd; /* (owned) */
    pthread_mutex_t mutex;
    bool stopping;
    size_t limit;
    size_t n_sockets;
    struct {
        int fd; /* (owned) */
        int64_t deadline_us;
    } sockets[DRAIN_MAX_SOCKETS];
};

/* Returns whether the client may still send. Reads at most 1 MiB, so that a client that sends very
 * much cannot hold up the others. */
static bool discard(int fd) {
    char bytes[16384];
    for (int i = 0; i < 64; i++) {
        ssize_t n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
        if (n == 0)
            return false;
        if (n < 0)
            return true;
    }
    return true;
}

/* Reads without the lock, but returns with the lock held. Other threads only append, so the first n
 * sockets keep their places. */
static void discard_all(struct drain *drain, const struct pollfd *polled, size_t n_polled) {
    bool open[DRAIN_MAX_SOCKETS];
    for (size_t i = 0; i < n_polled; i++)
        open[i] = polled[i].revents == 0 || ((polled[i].revents & POLLIN) && discard(polled[i].fd));
    int64_t now = timestamp_monotonic_us();
    pthread_mutex_lock(&drain->mutex);
    for (size_t i = n_polled; i-- > 0;) {
        if (open[i] && now < drain->sockets[i].deadline_us)
            continue;
        close(drain->sockets[i].fd);
        drain->sockets[i] = drain->sockets[--drain->n_sockets];
    }
}

static void *run(void *cls) {
    struct drain *drain = cls;
    struct pollfd polled[DRAIN_MAX_SOCKETS + 1];
    pthread_mutex_lock(&drain->mutex);
    while (!drain->stopping) {
        /* Only this thread removes sockets, so the first n keep their places during the poll. */
        size_t n = drain->n_sockets;
        for (size_t i = 0; i < n; i++)
            polled[i] = (struct pollfd){.fd = drain->sockets[i].fd, .events = POLLIN};
        polled[n] = (struct pollfd){.fd = drain->wake_fd, .events = POLLIN};
        pthread_mutex_unlock(&drain->mutex);
        poll(polled, n + 1, n > 0 ? TICK_MS : -1);
        uint64_t count;
        if (polled[n].revents && read(drain->wake_fd, &count, sizeof(count)) < 0)
            count = 0;
        discard_all(drain, polled, n);
    }
    pthread_mutex_unlock(&drain->mutex);
    return NULL;
}

struct drain *drain_new(unsigned limit) {
    struct drain *drain = calloc(1, sizeof(*drain));
    if (!drain)
        return NULL;
    drain->limit = limit < DRAIN_MAX_SOCKETS ? limit : DRAIN_MAX_SOCKETS;
    drain->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_mutex_init(&drain->mutex, NULL);
    if (drain->wake_fd < 0 || pthread_create(&drain->thread, NULL, run, drain) != 0) {
        if (drain->wake_fd >= 0)
            close(drain->wake_fd);
        pthread_mutex_destroy(&drain->mutex);
        free(drain);
        return NULL;
    }
    return drain;
}

static void wake(struct drain *drain) {
    uint64_t one = 1;
    ssize_t written = write(drain->wake_fd, &one, sizeof(one));
    (void)written; /* this fails only when the counter is full, and then the thread is awake */
}

void drain_add(struct drain *drain, int fd) {
    pthread_mutex_lock(&drain->mutex);
    if (drain->n_sockets < drain->limit) {
        int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
        if (copy >= 0) {
            drain->sockets[drain->n_sockets].fd = copy;
            drain->sockets[drain->n_sockets++].deadline_us = timestamp_monotonic_us() + LINGER_US;
        }
    }
    pthread_mutex_unlock(&drain->mutex);
    wake(drain);
}

void drain_free(struct drain *drain) {
    if (!drain)
        return;
    pthread_mutex_lock(&drain->mutex);
    drain->stopping = true;
    pthread_mutex_unlock(&drain->mutex);
    wake(drain);
    pthread_join(drain->thread, NULL);
    for (size_t i = 0; i < drain->n_sockets; i++)
        close(drain->sockets[i].fd);
    close(drain->wake_fd);
    pthread_mutex_destroy(&drain->mutex);
    free(drain);
}
