/* Accepts connections on a thread of its own, up to a limit, and hands them out. libmicrohttpd must
 * not accept them itself: its thread pool may give all connections to one worker, and 0.9.75
 * returns with a mutex locked once a worker has reached its limit. */
#pragma once

#include <stdbool.h>
#include <sys/socket.h>

struct acceptor;

enum { ACCEPTOR_MAX_DOORS = 3 };

/* Takes over a connected, non-blocking socket that came in by one of the listening sockets, and
 * calls acceptor_release once the connection has ended. */
typedef void acceptor_take(void *cls, size_t door, int fd, const struct sockaddr *address,
                           socklen_t size);

/* Called about once a second while connections are open, and five times a second while the limit is
 * reached. */
typedef void acceptor_look(void *cls, bool is_full);

/* Allows up to `limit` connections at a time; the kernel keeps the others waiting. Returns NULL
 * when memory or descriptors are out. */
struct acceptor *acceptor_new(unsigned limit, acceptor_take *take, acceptor_look *look, void *cls);

/* Takes over a listening socket, which must be non-blocking. There may be ACCEPTOR_MAX_DOORS, and
 * acceptor_take gets their number, from 0 on. Call this before acceptor_start. */
void acceptor_add(struct acceptor *acceptor, int listen_fd);

/* Starts to accept connections. Returns 0 or <0. */
int acceptor_start(struct acceptor *acceptor);

/* Makes room for another connection after one has ended. Any thread may call this. */
void acceptor_release(struct acceptor *acceptor);

/* Returns the number of open connections. */
unsigned acceptor_count(struct acceptor *acceptor);

/* Stops accepting. When it returns, the ports are free. Open connections stay open. */
void acceptor_stop(struct acceptor *acceptor);

/* Call this after the last acceptor_release. */
void acceptor_free(struct acceptor *acceptor);
