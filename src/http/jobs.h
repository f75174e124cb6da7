/* A pool of threads for slow work, which would block a serving thread. They run at a lower priority
 * than serving threads, and serve the owners of waiting jobs in turn. An owner with a hundred jobs
 * delays another owner by one job, not by a hundred. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct jobs;

/* One piece of work. It must stay in place until the pool has called `run`. */
struct job {
    /* Does the work on a thread of the pool. With `cancelled` it only reports that the work was not
     * done. The pool no longer uses the job when it calls this. */
    void (*run)(struct job *job, bool cancelled);
    struct job *next; /* used by the pool while the job waits */
};

/* Lets `max_waiting` jobs wait, half of them from one owner. Returns a pool (owned by the caller),
 * or NULL when memory or threads are out. */
struct jobs *jobs_new(unsigned threads, size_t max_waiting);

/* Queues a job for an owner. Returns false when too many jobs wait or the pool is cancelled; then
 * the pool never calls `run`. */
bool jobs_add(struct jobs *jobs, struct job *job, const void *owner);

/* Returns the number of waiting jobs. */
size_t jobs_count(struct jobs *jobs);

/* Refuses new jobs and cancels the waiting ones. Does not wait for the jobs that run. */
void jobs_cancel(struct jobs *jobs);

/* Cancels the pool, waits for the jobs that run, and frees the pool. Does nothing for NULL. */
void jobs_free(struct jobs *jobs);
