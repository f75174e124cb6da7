#include "http/descriptors.h"

#include <stdio.h>
#include <sys/resource.h>

#include "http/drain.h"

enum {
    OF_THE_PROCESS = 32, /* standard streams, the database and its WAL, sockets, eventfds */
    OF_A_THREAD = 8,     /* epoll, an eventfd, a file it reads, connections about to close */
    DEFAULT_CONNECTIONS = 16384,
    CONNECTIONS_PER_DRAINED = 8,
};

static uint64_t raise_limit(void) {
    struct rlimit limit = {.rlim_cur = 256};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        const struct rlimit raised = {.rlim_cur = limit.rlim_max, .rlim_max = limit.rlim_max};
        if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
            limit = raised;
    }
    return limit.rlim_cur;
}

int descriptors_share(int64_t connections, unsigned threads, struct descriptors *ret_descriptors,
                      char *reterr_error, size_t error_size) {
    uint64_t own = OF_THE_PROCESS + (uint64_t)OF_A_THREAD * threads;
    uint64_t limit = raise_limit();
    uint64_t room = limit > own ? limit - own : 0;
    uint64_t drained = room / (CONNECTIONS_PER_DRAINED + 1);
    if (drained > DRAIN_MAX_SOCKETS)
        drained = DRAIN_MAX_SOCKETS;
    uint64_t possible = room - drained;
    if (possible == 0 || (uint64_t)connections > possible) {
        snprintf(reterr_error, error_size,
                 "--max-connections: the system allows %llu open files, which is room for %llu "
                 "connections",
                 (unsigned long long)limit, (unsigned long long)possible);
        return 1;
    }
    if (connections == 0)
        connections = (int64_t)(possible < DEFAULT_CONNECTIONS ? possible : DEFAULT_CONNECTIONS);
    *ret_descriptors = (struct descriptors){(unsigned)connections, (unsigned)drained};
    return 0;
}
