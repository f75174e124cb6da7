/* Threads for work that takes long, so that it never holds a thread that serves. They run at a
 * lower priority than those, and take the owners of waiting jobs in turn: an owner with a hundred
 * jobs delays another by one job, not by a hundred. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct jobs;

/* One piece of work. Stays in its place until `run` has been called. */
struct job {
    /* Does the work, on a thread of the pool; or, with `cancelled`, only says that it is not done.
     * The job is the caller's again when it is called. */
    void (*run)(struct job *job, bool cancelled);
    struct job *next; /* belongs to the pool, as long as the job waits */
};

/* At most `max_waiting` jobs wait, and of one owner half as many. (owned by the caller); NULL when
 * there are no resources for it. */
struct jobs *jobs_new(unsigned threads, size_t max_waiting);

/* Queues a job. `owner` tells whose it is. False when too many wait, or the pool is cancelled: then
 * nothing calls `run`. */
bool jobs_add(struct jobs *jobs, struct job *job, const void *owner);

/* How many wait. */
size_t jobs_count(struct jobs *jobs);

/* Takes no more jobs, and cancels those that wait. Does not wait for those that run. */
void jobs_cancel(struct jobs *jobs);

/* Cancels, and returns when every job has ended. */
void jobs_free(struct jobs *jobs);
