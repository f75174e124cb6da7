/* Random sequences that depend only on their seed. Not for secrets. */
#pragma once

#include <stdint.h>

/* Returns the next 64 bits, and advances the state. */
uint64_t random_bits(uint64_t *random);

/* Returns the next number from 0 to less than 1. */
double random_share(uint64_t *random);

/* Returns the next number from 0 to less than `limit`, which is not 0. */
uint64_t random_below(uint64_t *random, uint64_t limit);
