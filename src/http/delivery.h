/* How a response leaves: at once, late, in drops or broken. Knows libmicrohttpd, whose connections
 * are suspended meanwhile, so that no thread waits. */
#pragma once

#include <stdatomic.h>

#include <microhttpd.h>

#include "exchange/response.h"
#include "http/timer.h"

struct delivery; /* of one server */

/* One response on its way. All zero at first; stays in its place until the request is completed. */
struct parcel {
    struct alarm alarm; /* first, so that one leads to the other */
    struct MHD_Connection *connection;
    struct delivery *delivery;
    const struct response *response;
    const atomic_uint *generation; /* ends the wait when it is not `born` any more; or NULL */
    unsigned born;
    int64_t due_us;   /* of what it waits for */
    bool waited;      /* the delay is over */
    bool hurried;     /* nothing of it waits any more */
    int64_t start_us; /* of the dribble */
    size_t chunk;     /* which one is on its way */
};

/* (owned by the caller); NULL when there are no resources for it. */
struct delivery *delivery_new(void);

/* Ends all waiting at once and for good: late responses are sent now. Comes before the end of the
 * daemon, which may not have suspended connections then. */
void delivery_stop(struct delivery *delivery);
void delivery_free(struct delivery *delivery);

/* To be called by the access handler before it sends. Whether the response has to wait: then the
 * connection is suspended, and the access handler is called again when it is time to send. That is
 * within a second once the client has closed the connection or the parcel's generation is over. */
bool delivery_wait(struct delivery *delivery, struct parcel *parcel,
                   struct MHD_Connection *connection, const struct response *response);

/* Queues the response, or breaks it as its fault says. `closing`: the client shall send no more.
 * A body that is sent as a whole is the queue's from then on; any other stays the response's,
 * which lives until the request is completed. MHD_NO closes the connection. */
enum MHD_Result delivery_send(struct delivery *delivery, struct parcel *parcel,
                              struct MHD_Connection *connection, struct response *response,
                              bool closing);
