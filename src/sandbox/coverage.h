/* Counts how often a sandbox has answered with each status that the contract documents. Threads may
 * share it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "contract/contract.h"

struct coverage;

/* Covers all operations of the table. Returns NULL when memory is out. */
struct coverage *coverage_new(const struct route_table *table);
void coverage_free(struct coverage *coverage);
void coverage_clear(struct coverage *coverage);

/* Counts a response. A status that the contract does not document is not counted, nor is the first
 * of its operation when memory is out. */
void coverage_add(struct coverage *coverage, const struct operation *operation, int status);

/* Returns how often the status operation->statuses[index] was sent. */
uint64_t coverage_count(const struct coverage *coverage, const struct operation *operation,
                        size_t index);
