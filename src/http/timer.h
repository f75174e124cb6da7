/* Alarms by the monotonic clock, on a thread of their own. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct timer;

/* One alarm; part of what it is about. The timer borrows it until it goes off. */
struct alarm {
    int64_t due_us;             /* by timestamp_monotonic_us */
    struct alarm *child, *next; /* the timer's */
};

/* Called on the timer's thread, never early; the alarm is the caller's again. Must not wait. */
typedef void timer_ring(void *cls, struct alarm *alarm);

/* (owned by the caller); NULL when there are no resources for it. */
struct timer *timer_new(timer_ring *ring, void *cls);

/* Sets alarm->due_us. False, and the alarm will not go off, once the timer is stopped. */
bool timer_add(struct timer *timer, struct alarm *alarm, int64_t due_us);

/* All alarms go off at once, and no more are taken. When it returns, the last one has rung. */
void timer_stop(struct timer *timer);
void timer_free(struct timer *timer);
