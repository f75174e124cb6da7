/* Remembers the rights of principals in tenants. Threads can share it. */
#pragma once

#include "contract/permissions.h"

struct rights_cache;

/* Returns a cache (owned by the caller), or NULL when memory is out. */
struct rights_cache *rights_cache_new(void);
void rights_cache_free(struct rights_cache *cache);

/* Forgets the rights of a user, or everyone's when `user_pk` is 0. Call this after committing a
 * change that could matter, and before answering the request. */
void rights_cache_forget(struct rights_cache *cache, int64_t user_pk);

/* Returns whether the cache has the rights of the user in the tenant. When it has not, pass
 * *ret_generation on to rights_cache_put. */
bool rights_cache_get(struct rights_cache *cache, int64_t user_pk, int64_t tenant_pk,
                      struct rights *ret_rights, uint64_t *ret_generation);

/* Does nothing when memory is out, or when the cache forgot any rights since the generation was
 * read: these might be outdated too. */
void rights_cache_put(struct rights_cache *cache, int64_t user_pk, int64_t tenant_pk,
                      uint64_t generation, const struct rights *rights);
