#include "util/clock.h"

#include "util/timestamp.h"

/* The setting is twice the offset, or twice the instant and one. */
int64_t clock_now(const struct clock *clock) {
    int64_t setting = atomic_load_explicit(&clock->setting, memory_order_relaxed);
    int64_t value = (setting - (setting & 1)) / 2;
    return setting & 1 ? value : timestamp_now() + value;
}

void clock_set(struct clock *clock, int64_t instant) {
    atomic_store_explicit(&clock->setting, (instant - timestamp_now()) * 2, memory_order_relaxed);
}

void clock_freeze(struct clock *clock, int64_t instant) {
    atomic_store_explicit(&clock->setting, instant * 2 + 1, memory_order_relaxed);
}
