/* Requests that wait for the journal of their sandbox, for a time, or for whichever comes first.
 * One thread watches over all of them, so that a request that waits holds none. */
#pragma once

#include <stdbool.h>

#include "sandbox/journal.h"

struct waits; /* one for each server */

/* Why a wait has ended. */
enum wait_end {
    WAIT_IS_OVER,   /* the journal has changed, or the time has come */
    WAIT_IN_VAIN,   /* the client has closed the connection */
    WAIT_CANCELLED, /* the server stops */
};

/* One request that waits. It must stay in place until its `wake` has returned true. */
struct wait {
    struct journal *journal;
    uint64_t changes; /* journal_changes, when the request looked last */
    int64_t due_us;   /* by timestamp_monotonic_us */
    int fd;           /* of the connection */
    /* Takes the request up again. Called on the thread of the waits, and must not block. Returns
     * false to be called again a little later, except when the wait was cancelled. */
    bool (*wake)(struct wait *wait, enum wait_end end);
    struct wait *next; /* the rest is private to the waits */
    int64_t look_us;   /* when to look at the connection */
};

/* Returns NULL when memory is out or no thread can be started. */
struct waits *waits_new(void);

/* Returns false when too many requests wait, in this sandbox or in all, or the waits are stopped;
 * `wake` is never called then. */
bool waits_add(struct waits *waits, struct wait *wait);

/* Cancels all waits and takes no more. Returns after the last `wake`. */
void waits_stop(struct waits *waits);

/* No thread may change a journal any more. Does nothing for NULL. */
void waits_free(struct waits *waits);
