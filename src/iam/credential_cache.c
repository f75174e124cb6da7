#include "iam/credential_cache.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "util/fatal.h"
#include "util/hash.h"

_Static_assert(CREDENTIAL_DIGEST_SIZE == crypto_shorthash_siphashx24_BYTES, "the digest fits");

struct entry {
    unsigned char digest[CREDENTIAL_DIGEST_SIZE];
    struct principal principal; /* the username is (owned) */
    int64_t expires_at;
    bool lost; /* see util/hash.h */
    UT_hash_handle hh;
};

struct credential_cache {
    pthread_mutex_t mutex;
    struct entry *entries; /* (owned) hash table, oldest entry first */
    uint64_t generation;
    unsigned char *key; /* in guarded memory that is never swapped or dumped */
    bool has_key;       /* and `key` is (owned) */
};

struct credential_cache *credential_cache_new(const struct credential_cache *other) {
    struct credential_cache *cache = calloc(1, sizeof(*cache));
    if (!cache)
        return NULL;
    cache->has_key = !other;
    cache->key = other ? other->key : sodium_malloc(crypto_shorthash_siphashx24_KEYBYTES);
    if (!cache->key) {
        free(cache);
        return NULL;
    }
    if (cache->has_key)
        randombytes_buf(cache->key, crypto_shorthash_siphashx24_KEYBYTES);
    pthread_mutex_init(&cache->mutex, NULL);
    return cache;
}

static void free_entry(struct entry *entry) {
    free((char *)(uintptr_t)entry->principal.username);
    free(entry);
}

static void remove_entry(struct credential_cache *cache, struct entry *entry) {
    HASH_DEL(cache->entries, entry);
    free_entry(entry);
}

void credential_cache_free(struct credential_cache *cache) {
    if (!cache)
        return;
    credential_cache_forget(cache, 0);
    pthread_mutex_destroy(&cache->mutex);
    if (cache->has_key)
        sodium_free(cache->key);
    free(cache);
}

void credential_cache_forget(struct credential_cache *cache, int64_t user_pk) {
    pthread_mutex_lock(&cache->mutex);
    cache->generation++;
    struct entry *entry;
    struct entry *next;
    HASH_ITER (hh, cache->entries, entry, next) {
        if (user_pk == 0 || entry->principal.user_pk == user_pk)
            remove_entry(cache, entry);
    }
    pthread_mutex_unlock(&cache->mutex);
}

void credential_cache_digest(const struct credential_cache *cache, const char *presented,
                             unsigned char out[CREDENTIAL_DIGEST_SIZE]) {
    crypto_shorthash_siphashx24(out, (const unsigned char *)presented, strlen(presented),
                                cache->key);
}

/* The comparison takes variable time. That tells a client nothing: it does not know the key, so it
 * cannot choose the digest of its guess. */
static struct entry *find(struct credential_cache *cache, const unsigned char *digest) {
    struct entry *entry;
    HASH_FIND(hh, cache->entries, digest, CREDENTIAL_DIGEST_SIZE, entry);
    return entry;
}

int credential_cache_get(struct credential_cache *cache,
                         const unsigned char digest[CREDENTIAL_DIGEST_SIZE], int64_t now,
                         struct arena *arena, struct principal *ret_principal,
                         uint64_t *ret_generation) {
    int r = STORE_NOT_FOUND;
    pthread_mutex_lock(&cache->mutex);
    *ret_generation = cache->generation;
    const struct entry *entry = find(cache, digest);
    if (entry && entry->expires_at > now) {
        struct principal principal = entry->principal;
        principal.username = arena_copy(arena, principal.username, strlen(principal.username));
        r = principal.username ? 0 : FATAL(ENOMEM);
        if (r == 0)
            *ret_principal = principal;
    }
    pthread_mutex_unlock(&cache->mutex);
    return r;
}

static struct entry *new_entry(const unsigned char *digest, const struct principal *principal,
                               int64_t expires_at) {
    struct entry *entry = calloc(1, sizeof(*entry));
    char *username = strdup(principal->username);
    if (!entry || !username) {
        free(entry);
        free(username);
        return NULL;
    }
    memcpy(entry->digest, digest, CREDENTIAL_DIGEST_SIZE);
    entry->principal = *principal;
    entry->principal.username = username;
    entry->expires_at = expires_at;
    return entry;
}

void credential_cache_put(struct credential_cache *cache,
                          const unsigned char digest[CREDENTIAL_DIGEST_SIZE], uint64_t generation,
                          const struct principal *principal, int64_t expires_at) {
    struct entry *entry = new_entry(digest, principal, expires_at);
    if (!entry)
        return;
    pthread_mutex_lock(&cache->mutex);
    struct entry *known = find(cache, digest);
    if (known)
        remove_entry(cache, known);
    if (HASH_COUNT(cache->entries) >= CREDENTIAL_CACHE_MAX)
        remove_entry(cache, cache->entries);
    if (cache->generation == generation)
        HASH_ADD(hh, cache->entries, digest, CREDENTIAL_DIGEST_SIZE, entry);
    else
        entry->lost = true;
    bool lost = entry->lost; /* after unlocking, another thread may free the entry */
    pthread_mutex_unlock(&cache->mutex);
    if (lost)
        free_entry(entry);
}
