/* Sends a response: at once, after a delay, dribbled in chunks, or broken on purpose. It suspends
 * libmicrohttpd's connection during a delay, so that no thread waits. */
#pragma once

#include <stdatomic.h>

#include <microhttpd.h>

#include "exchange/response.h"
#include "http/timer.h"

struct delivery; /* one for each server */

/* One response being sent. Start with all zeros. Don't move it until the request is completed. */
struct parcel {
    struct alarm alarm; /* the first member, so that an alarm can be cast to its parcel */
    struct MHD_Connection *connection;
    struct delivery *delivery;
    const struct response *response;
    const atomic_uint *generation; /* a change from `born` ends the wait; or NULL */
    unsigned born;
    int64_t due_us;   /* end of the current wait, by timestamp_monotonic_us */
    bool waited;      /* the delay has begun; there is no second one */
    bool hurried;     /* send the rest without waiting */
    int64_t start_us; /* start of the dribble */
    size_t chunk;     /* index of the chunk to send next */
};

/* Returns NULL when memory is out or no thread can be started. */
struct delivery *delivery_new(void);

/* Ends all delays for good and sends the delayed responses now. Call this before MHD_stop_daemon,
 * which does not allow suspended connections. */
void delivery_stop(struct delivery *delivery);
void delivery_free(struct delivery *delivery);

/* Call this from the access handler before delivery_send. Returns true when the response has to
 * wait: it has suspended the connection, and libmicrohttpd calls the access handler again when it
 * is time to send. The wait ends within a second after the client has closed the connection or the
 * parcel's generation has changed. */
bool delivery_wait(struct delivery *delivery, struct parcel *parcel,
                   struct MHD_Connection *connection, const struct response *response);

/* Queues the response, or breaks it as its fault says. `closing` adds "Connection: close". The
 * queue takes over a body that is sent as a whole. A dribbled body stays with the response, which
 * must live until the request is completed. MHD_NO closes the connection. */
enum MHD_Result delivery_send(struct delivery *delivery, struct parcel *parcel,
                              struct MHD_Connection *connection, struct response *response,
                              bool closing);

/* Adds the headers to the answer, queues it and takes it over. */
enum MHD_Result delivery_queue(struct MHD_Connection *connection, const struct response *response,
                               struct MHD_Response *answer, bool closing);
