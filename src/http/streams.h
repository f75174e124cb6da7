/* Responses without an end: bodies that follow the journal of their sandbox. One thread looks for
 * all of them whether there is something new, so that neither a stream holds a thread, nor has a
 * request work with those who watch it. */
#pragma once

#include <microhttpd.h>

#include "exchange/feed.h"

struct streams; /* one for each server */
struct batch;

/* One response. It must stay in place until the request is completed. */
struct stream {
    struct streams *streams; /* NULL: it is not open */
    struct feed *feed;
    struct MHD_Connection *connection;
    struct batch *batch; /* (owned) a reference: what is being sent, or NULL */
    size_t sent;         /* bytes of the batch */
    bool has_ended;      /* nothing follows the batch */
    int64_t look_us;     /* when to look at the connection */
    int64_t sent_us;     /* when there was something to send last */
    struct stream *next; /* in a chain of those that have nothing to send */
};

/* Returns NULL when memory is out or no thread can be started. */
struct streams *streams_new(void);

/* Ends all streams, and those that are opened later at once. Returns after the last is awake. */
void streams_stop(struct streams *streams);
void streams_free(struct streams *streams);

/* Returns a response whose body starts with `start` (copied) and then follows the feed, which is
 * borrowed. Returns NULL when memory is out, or too many streams are open and *ret_is_full. */
struct MHD_Response *streams_open(struct streams *streams, struct stream *stream,
                                  struct MHD_Connection *connection, struct feed *feed,
                                  const char *start, size_t size, bool *ret_is_full);

/* Call this when the request is completed. Does nothing for a stream that is not open. */
void streams_close(struct stream *stream);
