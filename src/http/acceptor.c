#include "http/acceptor.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "util/fatal.h"
#include "util/timestamp.h"

struct acceptor {
    pthread_t thread;
    bool started;                  /* whether the thread runs */
    int doors[ACCEPTOR_MAX_DOORS]; /* (owned) the listening sockets */
    size_t n_doors;                /* none after the stop */
    int wake_fd; /* (owned) wakes the thread when there is room again, or to stop it */
    atomic_bool stopping;
    unsigned limit;
    atomic_uint live; /* open connections; only the thread adds to it */
    acceptor_take *take;
    acceptor_look *look;
    void *cls;
};

static bool is_full(struct acceptor *acceptor) {
    return atomic_load(&acceptor->live) >= acceptor->limit;
}

/* Accepts all waiting connections while there is room. Returns false on an error that an immediate
 * retry would not cure, such as a lack of descriptors or memory. */
static bool take_all(struct acceptor *acceptor, size_t door) {
    while (!is_full(acceptor)) {
        struct sockaddr_storage address;
        socklen_t size = sizeof(address);
        int fd = accept4(acceptor->doors[door], (struct sockaddr *)&address, &size,
                         SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0) {
            atomic_fetch_add(&acceptor->live, 1);
            acceptor->take(acceptor->cls, door, fd, (struct sockaddr *)&address, size);
        } else if (errno != EINTR && errno != ECONNABORTED) {
            return errno == EAGAIN;
        }
    }
    return true;
}

/* Returns for how long the thread may sleep, in milliseconds; -1 is without an end. */
static int pause_ms(struct acceptor *acceptor, bool is_well, bool full) {
    enum { ERROR_MS = 20, FULL_MS = 200, OPEN_MS = 1000 };
    if (full)
        return FULL_MS;
    if (!is_well)
        return ERROR_MS;
    return acceptor_count(acceptor) > 0 ? OPEN_MS : -1;
}

/* Looks at the connections when it is time, and notes the time. */
static void look(struct acceptor *acceptor, bool full, int64_t *looked_us) {
    enum { EVERY_US = 900000 };
    int64_t now_us = timestamp_monotonic_us();
    if (!full && (acceptor_count(acceptor) == 0 || now_us - *looked_us < EVERY_US))
        return;
    *looked_us = now_us;
    acceptor->look(acceptor->cls, full);
}

static void *run(void *cls) {
    struct acceptor *acceptor = cls;
    int64_t looked_us = 0;
    struct pollfd polled[1 + ACCEPTOR_MAX_DOORS] = {{.fd = acceptor->wake_fd, .events = POLLIN}};
    struct pollfd *doors = polled + 1;
    bool is_well = true;
    for (;;) {
        bool full = is_full(acceptor);
        look(acceptor, full, &looked_us);
        for (size_t i = 0; i < acceptor->n_doors; i++)
            doors[i] =
                (struct pollfd){.fd = is_well && !full ? acceptor->doors[i] : -1, .events = POLLIN};
        poll(polled, 1 + acceptor->n_doors, pause_ms(acceptor, is_well, full));
        uint64_t count;
        if (polled[0].revents && read(acceptor->wake_fd, &count, sizeof(count)) < 0)
            count = 0;
        if (atomic_load(&acceptor->stopping))
            return NULL;
        is_well = true;
        for (size_t i = 0; i < acceptor->n_doors; i++)
            is_well = (doors[i].revents == 0 || take_all(acceptor, i)) && is_well;
    }
}

struct acceptor *acceptor_new(unsigned limit, acceptor_take *take, acceptor_look *look, void *cls) {
    struct acceptor *acceptor = calloc(1, sizeof(*acceptor));
    int wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (!acceptor || wake_fd < 0) {
        if (wake_fd >= 0)
            close(wake_fd);
        free(acceptor);
        return NULL;
    }
    *acceptor = (struct acceptor){
        .wake_fd = wake_fd, .limit = limit, .take = take, .look = look, .cls = cls};
    return acceptor;
}

void acceptor_add(struct acceptor *acceptor, int listen_fd) {
    acceptor->doors[acceptor->n_doors++] = listen_fd;
}

int acceptor_start(struct acceptor *acceptor) {
    int failure = pthread_create(&acceptor->thread, NULL, run, acceptor);
    acceptor->started = failure == 0;
    return failure == 0 ? 0 : FATAL(failure);
}

static void wake(struct acceptor *acceptor) {
    uint64_t one = 1;
    ssize_t written = write(acceptor->wake_fd, &one, sizeof(one));
    (void)written; /* this fails only when the counter is full, and then the thread is awake */
}

void acceptor_release(struct acceptor *acceptor) {
    if (atomic_fetch_sub(&acceptor->live, 1) == acceptor->limit)
        wake(acceptor);
}

unsigned acceptor_count(struct acceptor *acceptor) {
    return atomic_load(&acceptor->live);
}

void acceptor_stop(struct acceptor *acceptor) {
    if (!acceptor)
        return;
    atomic_store(&acceptor->stopping, true);
    wake(acceptor);
    if (acceptor->started)
        pthread_join(acceptor->thread, NULL);
    acceptor->started = false;
    while (acceptor->n_doors > 0)
        close(acceptor->doors[--acceptor->n_doors]);
}

void acceptor_free(struct acceptor *acceptor) {
    if (!acceptor)
        return;
    acceptor_stop(acceptor);
    close(acceptor->wake_fd);
    free(acceptor);
}
