#include "util/clock.h"

#include "util/timestamp.h"

/* A setting is twice the offset, or twice the instant plus one. */
int64_t clock_now(const struct clock *clock) {
    int64_t setting = clock_setting(clock);
    int64_t value = (setting - (setting & 1)) / 2;
    return setting & 1 ? value : timestamp_now() + value;
}

bool clock_is_frozen(const struct clock *clock) {
    return clock_setting(clock) & 1;
}

int64_t clock_setting(const struct clock *clock) {
    return atomic_load_explicit(&clock->setting, memory_order_relaxed);
}

void clock_restore(struct clock *clock, int64_t setting) {
    atomic_store_explicit(&clock->setting, setting, memory_order_relaxed);
}

void clock_set(struct clock *clock, int64_t instant) {
    clock_restore(clock, (instant - timestamp_now()) * 2);
}

void clock_freeze(struct clock *clock, int64_t instant) {
    clock_restore(clock, instant * 2 + 1);
}
