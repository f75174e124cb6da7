/* uthash for keys that clients choose. It does not exit when memory is out. Instead it sets the
 * member `bool lost` of the element that it could not add. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* A hash under a key that only this process knows. With uthash's own hash a client could choose
 * names that all fall into one chain. */
unsigned hash_of(const void *key, size_t length);

/* The same for the key of a row. Such keys are small numbers, which no client chooses. */
static inline size_t hash_of_row(int64_t pk) {
    return (size_t)((uint64_t)pk * 0x9e3779b97f4a7c15 >> 32);
}

#define HASH_FUNCTION(key, length, ret_hash) ((ret_hash) = hash_of(key, length))
#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(element) ((element)->lost = true)
#include <uthash.h>
