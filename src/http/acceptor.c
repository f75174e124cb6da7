#include "http/acceptor.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct acceptor {
    pthread_t thread;
    int listen_fd; /* (owned) */
    int stop_fd;   /* (owned) readable when it is time to end */
    acceptor_take *take;
    void *cls;
};

/* All that wait. Whether more may be taken at once. */
static bool take_all(struct acceptor *acceptor) {
    for (;;) {
        struct sockaddr_storage address;
        socklen_t size = sizeof(address);
        int fd = accept4(acceptor->listen_fd, (struct sockaddr *)&address, &size,
                         SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0)
            return errno == EAGAIN || errno == ECONNABORTED || errno == EINTR;
        acceptor->take(acceptor->cls, fd, (struct sockaddr *)&address, size);
    }
}

static void *run(void *cls) {
    enum { OUT_OF_DESCRIPTORS_MS = 20 };
    struct acceptor *acceptor = cls;
    struct pollfd polled[] = {{.fd = acceptor->stop_fd, .events = POLLIN},
                              {.fd = acceptor->listen_fd, .events = POLLIN}};
    for (;;) {
        poll(polled, 2, -1);
        if (polled[0].revents)
            return NULL;
        /* Without descriptors the clients wait in the backlog until others leave. */
        if (polled[1].revents && !take_all(acceptor) && poll(polled, 1, OUT_OF_DESCRIPTORS_MS) > 0)
            return NULL;
    }
}

struct acceptor *acceptor_new(int listen_fd, acceptor_take *take, void *cls) {
    struct acceptor *acceptor = calloc(1, sizeof(*acceptor));
    int stop_fd = eventfd(0, EFD_CLOEXEC);
    if (acceptor && stop_fd >= 0) {
        *acceptor =
            (struct acceptor){.listen_fd = listen_fd, .stop_fd = stop_fd, .take = take, .cls = cls};
        if (pthread_create(&acceptor->thread, NULL, run, acceptor) == 0)
            return acceptor;
    }
    if (stop_fd >= 0)
        close(stop_fd);
    close(listen_fd);
    free(acceptor);
    return NULL;
}

void acceptor_free(struct acceptor *acceptor) {
    if (!acceptor)
        return;
    uint64_t one = 1;
    ssize_t written = write(acceptor->stop_fd, &one, sizeof(one));
    (void)written; /* an empty counter takes it */
    pthread_join(acceptor->thread, NULL);
    close(acceptor->listen_fd);
    close(acceptor->stop_fd);
    free(acceptor);
}
