/* Keeps refused connections readable for a moment. To close a socket that the client still sends
 * to resets it, and the reset can destroy the answer that it has not read yet. */
#pragma once

struct drain;

enum { DRAIN_MAX_SOCKETS = 64 };

/* Keeps up to `limit` connections at a time, DRAIN_MAX_SOCKETS at most. (owned by the caller); NULL
 * when there are no resources for it. Has a thread of its own. */
struct drain *drain_new(unsigned limit);
void drain_free(struct drain *drain);

/* Reads and drops what arrives on the connection until the client closes it, for two seconds at
 * most. `fd` is borrowed: the drain works on a duplicate. When its limit is reached it does
 * nothing. */
void drain_add(struct drain *drain, int fd);
