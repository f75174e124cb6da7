/* Which of the statuses that the contract documents a sandbox has answered with, and how often.
 * Threads may share it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "contract/contract.h"

struct coverage;

/* Of all operations in the table; NULL when memory is out. */
struct coverage *coverage_new(const struct route_table *table);
void coverage_free(struct coverage *coverage);
void coverage_clear(struct coverage *coverage);

/* Counts an answer. One that is not documented counts nowhere. */
void coverage_add(struct coverage *coverage, const struct operation *operation, int status);

/* How often the status operation->statuses[index] was answered. */
uint64_t coverage_count(const struct coverage *coverage, const struct operation *operation,
                        size_t index);
