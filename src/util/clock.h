/* A clock that tests can set. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* The clock is the real time plus an offset, or it is frozen at an instant. All zero means the real
 * time. The setting is one word, so that threads can read it without a lock. */
struct clock {
    _Atomic int64_t setting;
};

/* In epoch milliseconds. */
int64_t clock_now(const struct clock *clock);

bool clock_is_frozen(const struct clock *clock);

/* The whole setting as one number, for clock_restore. */
int64_t clock_setting(const struct clock *clock);
void clock_restore(struct clock *clock, int64_t setting);

/* clock_set lets the clock run on from the instant; clock_freeze stops it there. The instant is in
 * epoch milliseconds, in the years -9999 to 9999. */
void clock_set(struct clock *clock, int64_t instant);
void clock_freeze(struct clock *clock, int64_t instant);
