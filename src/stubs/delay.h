/* How long a response is delayed: by a fixed or a random time. */
#pragma once

#include "json/json_members.h"

enum delay_kind { DELAY_NONE, DELAY_FIXED, DELAY_UNIFORM, DELAY_LOGNORMAL };

struct delay {
    enum delay_kind kind;
    double first;  /* milliseconds, lower bound, or median */
    double second; /* upper bound, or sigma */
    double max;    /* only for DELAY_LOGNORMAL */
};

/* The limit exists because the connection of a client that gives up stays open until the response
 * is due. */
enum { DELAY_MAX_MS = 3600 * 1000 };

/* Both read into a struct delay. delay_read_fixed takes a number of milliseconds. delay_read takes
 * {"type": "fixed", "milliseconds"}, {"type": "uniform", "lower", "upper"} or {"type": "lognormal",
 * "median", "sigma", "maxValue"}. */
json_read delay_read_fixed;
json_read delay_read;

/* Returns milliseconds, at most DELAY_MAX_MS, and advances the random state. */
int64_t delay_draw(const struct delay *delay, uint64_t *random);
