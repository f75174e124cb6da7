/* Caches the primary keys of ids, since most requests name the same things as earlier ones. Only
 * for the files of store/; the caller holds the store's lock. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum key_kind {
    KEY_TENANT,
    KEY_USER,
    KEY_STANDARD_USER,
    KEY_SERVICE_ACCOUNT,
    KEY_GROUP,
    KEY_N_KINDS,
};

struct key_cache;

/* Returns a cache (owned by the caller), or NULL when memory is out. It grows up to so many slots,
 * a power of two. When several ids share a slot, the cache keeps the latest. */
struct key_cache *key_cache_new(size_t max_slots);
void key_cache_free(struct key_cache *cache);

/* Hashes the kind, the scope (a group's tenant, else 0) and the id. */
struct key_digest {
    uint64_t words[2];
};
struct key_digest key_cache_digest(const struct key_cache *cache, enum key_kind kind, int64_t scope,
                                   const char *id);

/* Returns the cached key, or 0 when there is none. */
int64_t key_cache_get(const struct key_cache *cache, const struct key_digest *digest);
void key_cache_put(struct key_cache *cache, const struct key_digest *digest, int64_t pk);

/* Empties the cache. Call this after rows were deleted or a transaction was rolled back. */
void key_cache_clear(struct key_cache *cache);
