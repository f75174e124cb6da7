/* Verified credentials, remembered: keyed digests under a key that lives and dies with the process,
 * never the credentials. */
#pragma once

#include <stdint.h>

#include "iam/iam.h"

enum { CREDENTIAL_DIGEST_SIZE = 32, CREDENTIAL_CACHE_MAX = 4096 };

/* (owned by the caller); NULL when memory is out. */
struct credential_cache *credential_cache_new(void);
void credential_cache_free(struct credential_cache *cache);

/* Forgets what was verified for a user, or, with 0, for everyone. To be called after the change
 * of a user or of its tokens is committed, and before it is acknowledged. */
void credential_cache_forget(struct credential_cache *cache, int64_t user_pk);

/* A digest of presented credentials under the cache's key. */
void credential_cache_digest(const struct credential_cache *cache, const char *presented,
                             unsigned char out[CREDENTIAL_DIGEST_SIZE]);

/* 0 and the principal with its name in the arena, STORE_NOT_FOUND, or -ENOMEM. Entries that
 * expired before `now` are not found. *ret_generation is for credential_cache_put. */
int credential_cache_get(struct credential_cache *cache,
                         const unsigned char digest[CREDENTIAL_DIGEST_SIZE], int64_t now,
                         struct arena *arena, struct principal *ret_principal,
                         uint64_t *ret_generation);

/* Remembers a principal until `expires_at` (epoch ms), unless something was forgotten since the
 * generation was read: then what was verified may be outdated. Does nothing when memory is out. */
void credential_cache_put(struct credential_cache *cache,
                          const unsigned char digest[CREDENTIAL_DIGEST_SIZE], uint64_t generation,
                          const struct principal *principal, int64_t expires_at);
