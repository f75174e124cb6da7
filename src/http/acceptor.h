/* Takes connections from a listening socket and hands them out, on a thread of its own. Left to
 * libmicrohttpd's pool, one worker often takes all connections of a client and the others idle;
 * and in 0.9.75 a pool cannot stop to accept without the risk of an abort. */
#pragma once

#include <sys/socket.h>

struct acceptor;

/* Takes a connected socket, non-blocking, (owned). */
typedef void acceptor_take(void *cls, int fd, const struct sockaddr *address, socklen_t size);

/* `listen_fd` (owned) must be non-blocking. NULL when there are no resources; then it is closed. */
struct acceptor *acceptor_new(int listen_fd, acceptor_take *take, void *cls);

/* Once it returns nothing is accepted any more, and the port is free. */
void acceptor_free(struct acceptor *acceptor);
