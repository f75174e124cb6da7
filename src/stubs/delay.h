/* How long an answer is held back, by chance or not. */
#pragma once

#include "json/json_members.h"

enum delay_kind { DELAY_NONE, DELAY_FIXED, DELAY_UNIFORM, DELAY_LOGNORMAL };

struct delay {
    enum delay_kind kind;
    double first;  /* milliseconds, lower bound, or median */
    double second; /* upper bound, or sigma */
    double max;    /* of a log-normal one */
};

/* A client that gives up holds its connection until the response is due. */
enum { DELAY_MAX_MS = 3600 * 1000 };

/* Read into a struct delay: a number of milliseconds; and {"type": "fixed", "milliseconds"},
 * {"type": "uniform", "lower", "upper"} or {"type": "lognormal", "median", "sigma", "maxValue"}. */
json_read delay_read_fixed;
json_read delay_read;

/* Milliseconds, DELAY_MAX_MS at most. The state of the random numbers goes on. */
int64_t delay_draw(const struct delay *delay, uint64_t *random);

/* The next of a sequence of random numbers that its seed alone decides; from 0 to less than 1. */
double delay_random(uint64_t *random);
