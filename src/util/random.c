#include "util/random.h"

/* The generator is splitmix64. */
uint64_t random_bits(uint64_t *random) {
    uint64_t z = *random += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* The high 53 bits fill a double. */
double random_share(uint64_t *random) {
    return (double)(random_bits(random) >> 11) / (double)(UINT64_C(1) << 53);
}

/* Tests do not notice that small numbers are a little likelier. */
uint64_t random_below(uint64_t *random, uint64_t limit) {
    return random_bits(random) % limit;
}
