#include "http/waits.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "util/timestamp.h"

enum {
    MAX_WAITS = 4000,
    MAX_WAITS_OF_SANDBOX = MAX_WAITS / 2,
    LOOK_US = 500000, /* between looks at a connection, which nobody else watches */
    RETRY_US = 10000, /* before the next attempt to wake a request */
};

struct waits {
    struct journal_bell bell; /* the first member, so that a bell can be cast to its waits */
    pthread_t thread;
    bool stopped;         /* whether the thread has ended */
    struct wait *watched; /* only used by the thread */
    atomic_size_t count;
    atomic_bool rung; /* a journal has changed */
    pthread_mutex_t mutex;
    pthread_cond_t changed; /* rung, added or stopping */
    struct wait *added;
    bool stopping;
};

static void stir(struct waits *waits) {
    pthread_mutex_lock(&waits->mutex);
    pthread_cond_signal(&waits->changed);
    pthread_mutex_unlock(&waits->mutex);
}

static void on_ring(struct journal_bell *bell) {
    struct waits *waits = (struct waits *)bell;
    if (!atomic_exchange(&waits->rung, true))
        stir(waits);
}

/* A client that has closed only its sending side looks like one that is gone. */
static bool is_in_vain(const struct wait *wait) {
    struct pollfd polled = {.fd = wait->fd, .events = POLLRDHUP};
    return poll(&polled, 1, 0) > 0;
}

/* Tells whether the wait has ended, and why. */
static bool has_ended(struct wait *wait, int64_t now_us, bool stopping, enum wait_end *ret_end) {
    bool looks = now_us >= wait->look_us;
    if (looks)
        wait->look_us = now_us + LOOK_US;
    if (stopping)
        *ret_end = WAIT_CANCELLED;
    else if (looks && is_in_vain(wait))
        *ret_end = WAIT_IN_VAIN;
    else if (now_us >= wait->due_us || journal_changes(wait->journal) != wait->changes)
        *ret_end = WAIT_IS_OVER;
    else
        return false;
    return true;
}

/* The request, and the sandbox with its journal, may be gone as soon as it is awake. */
static bool wake(struct waits *waits, struct wait *wait, enum wait_end end) {
    struct journal *journal = wait->journal;
    journal_unwatch(journal);
    if (wait->wake(wait, end)) {
        atomic_fetch_sub(&waits->count, 1);
        return true;
    }
    journal_watch(journal, &waits->bell);
    return false;
}

/* Wakes the requests of a chain whose wait has ended, and keeps the others. *next_us becomes
 * earlier if one of them has to be looked at before. */
static void look_at(struct waits *waits, struct wait *chain, bool stopping, int64_t *next_us) {
    int64_t now_us = timestamp_monotonic_us();
    while (chain) {
        struct wait *wait = chain;
        enum wait_end end;
        chain = wait->next;
        bool ended = has_ended(wait, now_us, stopping, &end);
        if (ended && wake(waits, wait, end))
            continue;
        int64_t then_us = wait->look_us < wait->due_us ? wait->look_us : wait->due_us;
        if (ended)
            then_us = now_us + RETRY_US;
        *next_us = then_us < *next_us ? then_us : *next_us;
        wait->next = waits->watched;
        waits->watched = wait;
    }
}

/* Waits until there is something to do. Returns the requests that were added. */
static struct wait *sleep_until(struct waits *waits, int64_t due_us, bool *ret_stopping) {
    struct timespec until = {.tv_sec = (time_t)(due_us / 1000000),
                             .tv_nsec = (long)(due_us % 1000000) * 1000};
    pthread_mutex_lock(&waits->mutex);
    while (!waits->added && !waits->stopping && !atomic_load(&waits->rung) &&
           timestamp_monotonic_us() < due_us)
        pthread_cond_timedwait(&waits->changed, &waits->mutex, &until);
    struct wait *added = waits->added;
    waits->added = NULL;
    *ret_stopping = waits->stopping;
    pthread_mutex_unlock(&waits->mutex);
    return added;
}

static void *run(void *cls) {
    enum { FAR_US = 1000000000 };
    struct waits *waits = cls;
    int64_t next_us = 0;
    bool stopping = false;
    while (!stopping || waits->watched) {
        int64_t far_us = timestamp_monotonic_us() + FAR_US;
        struct wait *added = sleep_until(waits, next_us < far_us ? next_us : far_us, &stopping);
        bool rung = atomic_exchange(&waits->rung, false);
        if (rung || stopping || timestamp_monotonic_us() >= next_us) {
            struct wait *watched = waits->watched;
            waits->watched = NULL;
            next_us = INT64_MAX;
            look_at(waits, watched, stopping, &next_us);
        }
        look_at(waits, added, stopping, &next_us);
    }
    return NULL;
}

struct waits *waits_new(void) {
    struct waits *waits = calloc(1, sizeof(*waits));
    if (!waits)
        return NULL;
    waits->bell.ring = on_ring;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&waits->mutex, NULL);
    pthread_cond_init(&waits->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&waits->thread, NULL, run, waits) != 0) {
        waits->stopped = true;
        waits_free(waits);
        return NULL;
    }
    return waits;
}

bool waits_add(struct waits *waits, struct wait *wait) {
    struct journal *journal = wait->journal;
    bool has_room = atomic_fetch_add(&waits->count, 1) < MAX_WAITS;
    has_room &= journal_watch(journal, &waits->bell) <= MAX_WAITS_OF_SANDBOX;
    wait->look_us = 0;
    pthread_mutex_lock(&waits->mutex);
    bool taken = has_room && !waits->stopping;
    if (taken) {
        wait->next = waits->added;
        waits->added = wait;
        pthread_cond_signal(&waits->changed);
    }
    pthread_mutex_unlock(&waits->mutex);
    if (!taken) {
        journal_unwatch(journal);
        atomic_fetch_sub(&waits->count, 1);
    }
    return taken;
}

void waits_stop(struct waits *waits) {
    if (waits->stopped)
        return;
    pthread_mutex_lock(&waits->mutex);
    waits->stopping = true;
    pthread_cond_signal(&waits->changed);
    pthread_mutex_unlock(&waits->mutex);
    pthread_join(waits->thread, NULL);
    waits->stopped = true;
}

void waits_free(struct waits *waits) {
    if (!waits)
        return;
    waits_stop(waits);
    pthread_cond_destroy(&waits->changed);
    pthread_mutex_destroy(&waits->mutex);
    free(waits);
}
