/* A clock that tests can set. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* The real time plus an offset, or an instant at which it stands still. All zero is the real time;
 * one word, so that threads read it without a lock. */
struct clock {
    _Atomic int64_t setting;
};

/* Epoch ms. */
int64_t clock_now(const struct clock *clock);

bool clock_is_frozen(const struct clock *clock);

/* All that it is set to, as a number for clock_restore. */
int64_t clock_setting(const struct clock *clock);
void clock_restore(struct clock *clock, int64_t setting);

/* Makes it this instant now, from which it goes on, or at which it stands still. Instants from year
 * -9999 to 9999. */
void clock_set(struct clock *clock, int64_t instant);
void clock_freeze(struct clock *clock, int64_t instant);
