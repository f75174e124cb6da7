#include "sandbox/coverage.h"

#include <stdatomic.h>
#include <stdlib.h>

/* Counters per operation. No operation documents more statuses. */
enum { MAX_STATUSES = 16 };

/* The counters of one operation. */
struct row {
    _Atomic uint64_t counters[MAX_STATUSES];
};

struct coverage {
    size_t size;
    _Atomic(struct row *) rows[]; /* (owned) by the operation's number; NULL: all are 0 */
};

struct coverage *coverage_new(const struct route_table *table) {
    size_t size = table->n_operations;
    struct coverage *coverage = calloc(1, sizeof(*coverage) + size * sizeof(coverage->rows[0]));
    if (coverage)
        coverage->size = size;
    return coverage;
}

static struct row *find_row(const struct coverage *coverage, size_t number) {
    return atomic_load_explicit(&coverage->rows[number], memory_order_acquire);
}

void coverage_free(struct coverage *coverage) {
    for (size_t i = 0; coverage && i < coverage->size; i++)
        free(find_row(coverage, i));
    free(coverage);
}

void coverage_clear(struct coverage *coverage) {
    for (size_t i = 0; i < coverage->size; i++) {
        struct row *row = find_row(coverage, i);
        for (size_t j = 0; row && j < MAX_STATUSES; j++)
            atomic_store_explicit(&row->counters[j], 0, memory_order_relaxed);
    }
}

/* Returns NULL when memory is out. */
static struct row *make_row(struct coverage *coverage, size_t number) {
    struct row *found = find_row(coverage, number);
    if (found)
        return found;
    struct row *row = calloc(1, sizeof(*row));
    if (row && !atomic_compare_exchange_strong(&coverage->rows[number], &found, row)) {
        free(row);
        return found;
    }
    return row;
}

void coverage_add(struct coverage *coverage, const struct operation *operation, int status) {
    for (size_t i = 0; i < MAX_STATUSES && operation->statuses[i]; i++) {
        if (operation->statuses[i] != status)
            continue;
        struct row *row = make_row(coverage, operation->number);
        if (row)
            atomic_fetch_add_explicit(&row->counters[i], 1, memory_order_relaxed);
    }
}

uint64_t coverage_count(const struct coverage *coverage, const struct operation *operation,
                        size_t index) {
    const struct row *row = find_row(coverage, operation->number);
    return row && index < MAX_STATUSES
               ? atomic_load_explicit(&row->counters[index], memory_order_relaxed)
               : 0;
}
