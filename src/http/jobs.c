#include "http/jobs.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NICENESS = 10 };

/* The waiting jobs of one owner. The queues of all owners with waiting jobs form a ring. */
struct queue {
    struct queue *next;
    const void *owner;
    struct job *first;
    struct job **end;
    size_t count;
};

struct jobs {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct queue *turn;  /* (owned) the last owner served; its successor in the ring is next. NULL:
                            no job waits */
    struct queue *spare; /* (owned) unused queues */
    size_t n_waiting;
    size_t max_waiting;
    bool stopping;
    unsigned n_threads;
    pthread_t threads[];
};

static struct queue *find_queue(struct jobs *jobs, const void *owner) {
    struct queue *queue = jobs->turn;
    if (!queue)
        return NULL;
    do {
        if (queue->owner == owner)
            return queue;
        queue = queue->next;
    } while (queue != jobs->turn);
    return NULL;
}

/* Returns NULL when memory is out. */
static struct queue *add_queue(struct jobs *jobs, const void *owner) {
    struct queue *queue = jobs->spare;
    if (queue)
        jobs->spare = queue->next;
    else
        queue = malloc(sizeof(*queue));
    if (!queue)
        return NULL;
    *queue = (struct queue){.owner = owner, .end = &queue->first};
    if (jobs->turn) { /* a new owner is served last */
        queue->next = jobs->turn->next;
        jobs->turn->next = queue;
    } else {
        queue->next = queue;
    }
    jobs->turn = queue;
    return queue;
}

bool jobs_add(struct jobs *jobs, struct job *job, const void *owner) {
    bool added = false;
    pthread_mutex_lock(&jobs->mutex);
    if (!jobs->stopping && jobs->n_waiting < jobs->max_waiting) {
        struct queue *queue = find_queue(jobs, owner);
        if (!queue)
            queue = add_queue(jobs, owner);
        if (queue && queue->count < (jobs->max_waiting + 1) / 2) {
            job->next = NULL;
            *queue->end = job;
            queue->end = &job->next;
            queue->count++;
            jobs->n_waiting++;
            added = true;
            pthread_cond_signal(&jobs->changed);
        }
    }
    pthread_mutex_unlock(&jobs->mutex);
    return added;
}

size_t jobs_count(struct jobs *jobs) {
    pthread_mutex_lock(&jobs->mutex);
    size_t count = jobs->n_waiting;
    pthread_mutex_unlock(&jobs->mutex);
    return count;
}

/* Takes the first job of the owner whose turn it is. The caller holds the lock, and a job waits. */
static struct job *take(struct jobs *jobs) {
    struct queue *before = jobs->turn;
    struct queue *queue = before->next;
    struct job *job = queue->first;
    queue->first = job->next;
    queue->count--;
    jobs->n_waiting--;
    if (queue->first) {
        jobs->turn = queue;
        return job;
    }
    before->next = queue->next;
    jobs->turn = queue == before ? NULL : before;
    queue->next = jobs->spare;
    jobs->spare = queue;
    return job;
}

static void *work(void *cls) {
    struct jobs *jobs = cls;
    setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), NICENESS);
    pthread_mutex_lock(&jobs->mutex);
    for (;;) {
        while (!jobs->turn && !jobs->stopping)
            pthread_cond_wait(&jobs->changed, &jobs->mutex);
        if (!jobs->turn)
            break;
        struct job *job = take(jobs);
        bool cancelled = jobs->stopping;
        pthread_mutex_unlock(&jobs->mutex);
        job->run(job, cancelled);
        pthread_mutex_lock(&jobs->mutex);
    }
    pthread_mutex_unlock(&jobs->mutex);
    return NULL;
}

struct jobs *jobs_new(unsigned threads, size_t max_waiting) {
    struct jobs *jobs = calloc(1, sizeof(*jobs) + threads * sizeof(pthread_t));
    if (!jobs)
        return NULL;
    pthread_mutex_init(&jobs->mutex, NULL);
    pthread_cond_init(&jobs->changed, NULL);
    jobs->max_waiting = max_waiting;
    for (; jobs->n_threads < threads; jobs->n_threads++) {
        if (pthread_create(&jobs->threads[jobs->n_threads], NULL, work, jobs) != 0) {
            jobs_free(jobs);
            return NULL;
        }
    }
    return jobs;
}

void jobs_cancel(struct jobs *jobs) {
    pthread_mutex_lock(&jobs->mutex);
    jobs->stopping = true;
    pthread_cond_broadcast(&jobs->changed);
    pthread_mutex_unlock(&jobs->mutex);
}

void jobs_free(struct jobs *jobs) {
    if (!jobs)
        return;
    jobs_cancel(jobs);
    while (jobs->n_threads > 0)
        pthread_join(jobs->threads[--jobs->n_threads], NULL);
    while (jobs->spare) {
        struct queue *queue = jobs->spare;
        jobs->spare = queue->next;
        free(queue);
    }
    pthread_cond_destroy(&jobs->changed);
    pthread_mutex_destroy(&jobs->mutex);
    free(jobs);
}
