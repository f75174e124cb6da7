#include "sandbox/coverage.h"

#include <stdatomic.h>
#include <stdlib.h>

/* Counters per operation. No operation documents more statuses. */
enum { MAX_STATUSES = 16 };

struct coverage {
    size_t size;
    _Atomic uint64_t counters[];
};

struct coverage *coverage_new(const struct route_table *table) {
    size_t size = table->n_operations * MAX_STATUSES;
    struct coverage *coverage = calloc(1, sizeof(*coverage) + size * sizeof(_Atomic uint64_t));
    if (coverage)
        coverage->size = size;
    return coverage;
}

void coverage_free(struct coverage *coverage) {
    free(coverage);
}

void coverage_clear(struct coverage *coverage) {
    for (size_t i = 0; i < coverage->size; i++)
        atomic_store_explicit(&coverage->counters[i], 0, memory_order_relaxed);
}

void coverage_add(struct coverage *coverage, const struct operation *operation, int status) {
    for (size_t i = 0; i < MAX_STATUSES && operation->statuses[i]; i++)
        if (operation->statuses[i] == status)
            atomic_fetch_add_explicit(&coverage->counters[operation->number * MAX_STATUSES + i], 1,
                                      memory_order_relaxed);
}

uint64_t coverage_count(const struct coverage *coverage, const struct operation *operation,
                        size_t index) {
    size_t place = operation->number * MAX_STATUSES + index;
    return index < MAX_STATUSES
               ? atomic_load_explicit(&coverage->counters[place], memory_order_relaxed)
               : 0;
}
