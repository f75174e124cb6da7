/* Remembers verified credentials. It holds only digests, under a random key that never leaves the
 * process. */
#pragma once

#include <stdint.h>

#include "iam/iam.h"

enum { CREDENTIAL_DIGEST_SIZE = 16, CREDENTIAL_CACHE_MAX = 4096 };

/* Returns a cache (owned by the caller) that uses the key of `other`, which must outlive it, or a
 * key of its own when that is NULL. Returns NULL when memory is out. */
struct credential_cache *credential_cache_new(const struct credential_cache *other);
void credential_cache_free(struct credential_cache *cache);

/* Forgets a user's credentials, or everyone's when `user_pk` is 0. Call this after committing a
 * change to a user or its tokens, and before answering the request. */
void credential_cache_forget(struct credential_cache *cache, int64_t user_pk);

/* Hashes the presented credentials under the cache's key. */
void credential_cache_digest(const struct credential_cache *cache, const char *presented,
                             unsigned char out[CREDENTIAL_DIGEST_SIZE]);

/* Returns 0 and the principal with its name in the arena, STORE_NOT_FOUND, or -ENOMEM. Ignores
 * entries that expired at `now` (epoch ms) or earlier. Pass *ret_generation on to
 * credential_cache_put. */
int credential_cache_get(struct credential_cache *cache,
                         const unsigned char digest[CREDENTIAL_DIGEST_SIZE], int64_t now,
                         struct arena *arena, struct principal *ret_principal,
                         uint64_t *ret_generation);

/* Remembers a principal until `expires_at` (epoch ms). Does nothing when memory is out, or when the
 * cache forgot any credentials since the generation was read: these might be outdated too. */
void credential_cache_put(struct credential_cache *cache,
                          const unsigned char digest[CREDENTIAL_DIGEST_SIZE], uint64_t generation,
                          const struct principal *principal, int64_t expires_at);
