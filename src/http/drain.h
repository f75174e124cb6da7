/* Keeps reading from refused connections for a moment. Closing a socket while the client still
 * sends resets the connection, and the reset can destroy an answer that the client has not read
 * yet. */
#pragma once

struct drain;

enum { DRAIN_MAX_SOCKETS = 64 };

/* Starts a thread that holds up to `limit` connections at a time, but at most DRAIN_MAX_SOCKETS.
 * Returns NULL when memory or descriptors are out or no thread can be started. */
struct drain *drain_new(unsigned limit);
void drain_free(struct drain *drain);

/* Reads and drops what arrives on the connection until the client closes it, for at most two
 * seconds. The drain works on a duplicate of `fd`. It does nothing when it is full. */
void drain_add(struct drain *drain, int fd);
