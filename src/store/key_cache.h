/* Remembers which key an id has, since most requests name things that earlier ones named too.
 * For the files of store/ only; the store's lock covers it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum key_kind { KEY_TENANT, KEY_USER, KEY_GROUP };

struct key_cache;

/* (owned by the caller); NULL when memory is out. Of several keys that fall into one slot the last
 * is remembered. */
struct key_cache *key_cache_new(size_t n_slots);
void key_cache_free(struct key_cache *cache);

/* A digest of kind, scope (the tenant's key for a group, else 0) and id. */
struct key_digest {
    uint64_t words[2];
};
struct key_digest key_cache_digest(const struct key_cache *cache, enum key_kind kind, int64_t scope,
                                   const char *id);

/* The key, or 0 when it is not known. */
int64_t key_cache_get(const struct key_cache *cache, const struct key_digest *digest);
void key_cache_put(struct key_cache *cache, const struct key_digest *digest, int64_t pk);

/* Forgets all. To be called when rows went away: deleted, or rolled back. */
void key_cache_clear(struct key_cache *cache);
