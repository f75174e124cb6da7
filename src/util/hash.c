#include "util/hash.h"

#include <sys/auxv.h>

#include <sodium.h>

/* The kernel gives each process its own random bytes, so no variable has to hold a key. */
static const unsigned char *process_key(void) {
    static const unsigned char none[crypto_shorthash_KEYBYTES];
    _Static_assert(crypto_shorthash_KEYBYTES == 16, "AT_RANDOM has 16 bytes");
    const void *random = (const void *)getauxval(AT_RANDOM);
    return random ? random : none;
}

unsigned hash_of(const void *key, size_t length) {
    unsigned char hash[crypto_shorthash_BYTES];
    crypto_shorthash(hash, key, length, process_key());
    return (unsigned)hash[0] | (unsigned)hash[1] << 8 | (unsigned)hash[2] << 16 |
           (unsigned)hash[3] << 24;
}
