/* Alarms by the monotonic clock, which go off on a thread of the timer. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct timer;

/* One alarm, embedded in the caller's struct. The timer borrows it until it goes off. */
struct alarm {
    int64_t due_us;             /* by timestamp_monotonic_us */
    struct alarm *child, *next; /* private to the timer */
};

/* Called on the timer's thread, never early. The timer no longer uses the alarm. Must not block. */
typedef void timer_ring(void *cls, struct alarm *alarm);

/* Returns NULL when memory is out or no thread can be started. */
struct timer *timer_new(timer_ring *ring, void *cls);

/* Sets alarm->due_us. Returns false when the timer is stopped; the alarm then never goes off. */
bool timer_add(struct timer *timer, struct alarm *alarm, int64_t due_us);

/* Lets all alarms go off at once and takes no more. Returns after the last one has gone off. */
void timer_stop(struct timer *timer);
void timer_free(struct timer *timer);
