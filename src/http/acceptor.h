/* Takes connections from a listening socket, as many at a time as there may be, and hands them out,
 * on a thread of its own. libmicrohttpd must not do that: 0.9.75 returns with a mutex locked once a
 * worker has all connections that it may have, and its pool may give one worker all of them. */
#pragma once

#include <sys/socket.h>

struct acceptor;

/* Takes a connected socket, non-blocking, (owned). Whoever took it calls acceptor_release once the
 * connection has ended. */
typedef void acceptor_take(void *cls, int fd, const struct sockaddr *address, socklen_t size);

/* Called now and then while the limit is reached. */
typedef void acceptor_full(void *cls);

/* Has up to `limit` connections at a time; the kernel keeps the others waiting. `listen_fd` (owned)
 * must be non-blocking. NULL when there are no resources; then it is closed. */
struct acceptor *acceptor_new(int listen_fd, unsigned limit, acceptor_take *take,
                              acceptor_full *full, void *cls);

/* Nothing is taken before. 0 or <0. */
int acceptor_start(struct acceptor *acceptor);

/* A connection has ended, and another one may come. From any thread. */
void acceptor_release(struct acceptor *acceptor);

/* How many connections there are. */
unsigned acceptor_count(struct acceptor *acceptor);

/* Once it returns nothing is accepted any more, and the port is free. */
void acceptor_stop(struct acceptor *acceptor);

/* After the last acceptor_release. */
void acceptor_free(struct acceptor *acceptor);
