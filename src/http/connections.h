/* The open connections. libmicrohttpd may overlook that a client has closed, when the end arrives
 * together with the last bytes. It then keeps the connection until the timeout, which is too late
 * when others wait for room. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct connections;
struct exchange;
struct MHD_Connection;

struct connection {
    struct connections *all;
    struct connection *previous, *next;
    int fd;
    struct MHD_Connection *handle;
    atomic_bool busy;            /* kestub is working on a request or answering it */
    _Atomic(int64_t) arrival_us; /* by when the rest of the request has to arrive */
    bool is_shut_down;
    bool looked_ended;         /* whether the last sweep found that the client had closed */
    const void *worker;        /* only this worker's thread uses the members below */
    struct exchange *exchange; /* of the head that is arriving; NULL before its target is known */
    bool has_head;             /* the head of the current request is complete */
    bool is_fresh;             /* no request has arrived yet */
};

/* `timeout_us` is for connections_await. Returns NULL when memory is out. */
struct connections *connections_new(int64_t timeout_us);
void connections_free(struct connections *connections);

/* Adds a connection and borrows its `fd`. Returns NULL when memory is out. Remove the connection
 * before you close `fd`; removing NULL does nothing. */
struct connection *connections_add(struct connections *connections, const void *worker,
                                   struct MHD_Connection *handle, int fd);
void connections_remove(struct connection *connection);

/* Gives the client the timeout, from now on, to send its next head or body. */
void connections_await(struct connection *connection);

/* Gives the client more time after `size` bytes of a body have arrived. */
void connections_extend(struct connection *connection, size_t size);

/* Shuts down the connections whose request has not arrived in time. libmicrohttpd's own timeout
 * starts anew with each byte, so a client that drips them would never meet it. */
void connections_end_late(struct connections *connections);

/* Returns the first connection that passes the test, or NULL. */
struct connection *connections_find(struct connections *connections,
                                    bool (*test)(void *cls, struct connection *connection),
                                    void *cls);

/* Shuts down the idle connections whose client has closed, if the previous sweep found the same.
 * This wakes libmicrohttpd, which then closes them. */
void connections_sweep(struct connections *connections);

/* Shuts down all connections. */
void connections_shut_down(struct connections *connections);
