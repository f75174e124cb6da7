/* What the server counts for Prometheus, over all sandboxes. Threads share the counters without
 * locks. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "contract/contract.h"

enum { METRICS_N_BUCKETS = 12 };

struct metrics {
    atomic_int in_flight;   /* requests whose head has arrived, also those that nobody counts */
    atomic_int connections; /* open ones */
    atomic_uint_least64_t buckets[METRICS_N_BUCKETS + 1]; /* the last has what is slower */
    atomic_uint_least64_t total_us;
    struct metrics_label *labels; /* (owned) */
    size_t n_labels;
};

/* Returns NULL when memory is out. */
struct metrics *metrics_new(void);
void metrics_free(struct metrics *metrics);

struct metrics_request {
    const struct operation *operation; /* NULL: none */
    bool is_admin;                     /* whether it is one of the control plane */
    bool is_stub;                      /* whether a stub has answered */
    int status;                        /* 0: none has reached the client */
    int64_t microseconds;
};

/* Counts a request. Without memory a status that is new to its operation is not counted. */
void metrics_count(struct metrics *metrics, const struct metrics_request *request);

/* Writes the requests and their durations in Prometheus' text format. */
void metrics_print(FILE *out, const struct metrics *metrics);

/* Writes the lines that introduce a metric. */
void metrics_print_head(FILE *out, const char *name, const char *type, const char *help);
