#include "http/timer.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "util/timestamp.h"

struct timer {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed; /* there is an earlier alarm, or the timer has to stop */
    bool stopping;
    bool stopped;        /* whether the thread has ended */
    struct alarm *first; /* the root of a pairing heap, which needs no memory of its own */
    timer_ring *ring;
    void *cls;
};

static struct alarm *merge(struct alarm *a, struct alarm *b) {
    if (!a || !b)
        return a ? a : b;
    if (b->due_us < a->due_us) {
        struct alarm *earlier = b;
        b = a;
        a = earlier;
    }
    b->next = a->child;
    a->child = b;
    return a;
}

/* Merges siblings in pairs, and then the pairs. That bounds the cost of a removal. */
static struct alarm *merge_all(struct alarm *alarm) {
    struct alarm *pairs = NULL;
    struct alarm *all = NULL;
    while (alarm) {
        struct alarm *a = alarm;
        struct alarm *b = a->next;
        alarm = b ? b->next : NULL;
        a->next = NULL;
        if (b)
            b->next = NULL;
        a = merge(a, b);
        a->next = pairs;
        pairs = a;
    }
    while (pairs) {
        struct alarm *rest = pairs->next;
        pairs->next = NULL;
        all = merge(all, pairs);
        pairs = rest;
    }
    return all;
}

/* Removes the alarms that are due from the heap and returns them, earliest first. */
static struct alarm *take_due(struct timer *timer, int64_t now) {
    struct alarm *due = NULL;
    struct alarm **end = &due;
    while (timer->first && (timer->stopping || timer->first->due_us <= now)) {
        struct alarm *alarm = timer->first;
        timer->first = merge_all(alarm->child);
        alarm->child = alarm->next = NULL;
        *end = alarm;
        end = &alarm->next;
    }
    return due;
}

static void ring_all(struct timer *timer, struct alarm *alarm) {
    while (alarm) {
        struct alarm *next = alarm->next; /* the alarm may be freed once it has gone off */
        timer->ring(timer->cls, alarm);
        alarm = next;
    }
}

static void *run(void *cls) {
    struct timer *timer = cls;
    pthread_mutex_lock(&timer->mutex);
    for (;;) {
        struct alarm *due = take_due(timer, timestamp_monotonic_us());
        if (due) {
            pthread_mutex_unlock(&timer->mutex);
            ring_all(timer, due);
            pthread_mutex_lock(&timer->mutex);
        } else if (timer->stopping) {
            break;
        } else if (timer->first) {
            int64_t due_us = timer->first->due_us;
            struct timespec until = {.tv_sec = (time_t)(due_us / 1000000),
                                     .tv_nsec = (long)(due_us % 1000000) * 1000};
            pthread_cond_timedwait(&timer->changed, &timer->mutex, &until);
        } else {
            pthread_cond_wait(&timer->changed, &timer->mutex);
        }
    }
    pthread_mutex_unlock(&timer->mutex);
    return NULL;
}

struct timer *timer_new(timer_ring *ring, void *cls) {
    struct timer *timer = calloc(1, sizeof(*timer));
    if (!timer)
        return NULL;
    timer->ring = ring;
    timer->cls = cls;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&timer->mutex, NULL);
    pthread_cond_init(&timer->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&timer->thread, NULL, run, timer) != 0) {
        timer->stopped = true;
        timer_free(timer);
        return NULL;
    }
    return timer;
}

bool timer_add(struct timer *timer, struct alarm *alarm, int64_t due_us) {
    *alarm = (struct alarm){.due_us = due_us};
    pthread_mutex_lock(&timer->mutex);
    bool taken = !timer->stopping;
    if (taken) {
        timer->first = merge(timer->first, alarm);
        if (timer->first == alarm)
            pthread_cond_signal(&timer->changed);
    }
    pthread_mutex_unlock(&timer->mutex);
    return taken;
}

void timer_stop(struct timer *timer) {
    if (timer->stopped)
        return;
    pthread_mutex_lock(&timer->mutex);
    timer->stopping = true;
    pthread_cond_signal(&timer->changed);
    pthread_mutex_unlock(&timer->mutex);
    pthread_join(timer->thread, NULL);
    timer->stopped = true;
}

void timer_free(struct timer *timer) {
    if (!timer)
        return;
    timer_stop(timer);
    pthread_cond_destroy(&timer->changed);
    pthread_mutex_destroy(&timer->mutex);
    free(timer);
}
