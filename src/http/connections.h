/* The connections that are open. libmicrohttpd may overlook that a client has closed, when the end
 * comes together with the last bytes, and then keeps the connection until it times out. When there
 * is no room for others this is too late. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

struct connections;
struct exchange;
struct MHD_Connection;

struct connection {
    struct connections *all;
    struct connection *previous, *next;
    int fd;
    struct MHD_Connection *handle;
    atomic_bool busy; /* it has a request that is worked on or answered */
    bool is_shut_down;
    bool looked_ended;         /* when it was looked at last */
    const void *worker;        /* whose thread it belongs to, which alone uses what follows */
    struct exchange *exchange; /* of the head that is on its way; NULL before its target is known */
    bool has_head;             /* it has a request whose head is complete */
    bool is_fresh;             /* it has had no request yet */
};

/* (owned by the caller); NULL when memory is out. */
struct connections *connections_new(void);
void connections_free(struct connections *connections);

/* A connection comes, NULL when memory is out; and goes, before its `fd` (borrowed) is closed. */
struct connection *connections_add(struct connections *connections, const void *worker,
                                   struct MHD_Connection *handle, int fd);
void connections_remove(struct connection *connection);

/* The first that passes the test, or NULL. */
struct connection *connections_find(struct connections *connections,
                                    bool (*test)(void *cls, struct connection *connection),
                                    void *cls);

/* Shuts those down that are not busy and whose client has closed, when that was so the last time,
 * too. This wakes libmicrohttpd, which closes them. */
void connections_sweep(struct connections *connections);

/* Shuts all of them down. */
void connections_shut_down(struct connections *connections);
