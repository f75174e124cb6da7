#include "iam/rights_cache.h"

#include <pthread.h>
#include <stdlib.h>

/* Direct-mapped: a principal takes the place of another that falls on it. */
enum { N_PLACES = 64 };

struct entry {
    int64_t user_pk; /* 0: free */
    int64_t tenant_pk;
    struct rights rights;
};

struct rights_cache {
    pthread_mutex_t mutex;
    uint64_t generation;
    struct entry *entries; /* (owned) NULL before the first put; most sandboxes never have one */
};

struct rights_cache *rights_cache_new(void) {
    struct rights_cache *cache = calloc(1, sizeof(*cache));
    if (cache)
        pthread_mutex_init(&cache->mutex, NULL);
    return cache;
}

void rights_cache_free(struct rights_cache *cache) {
    if (!cache)
        return;
    pthread_mutex_destroy(&cache->mutex);
    free(cache->entries);
    free(cache);
}

void rights_cache_forget(struct rights_cache *cache, int64_t user_pk) {
    pthread_mutex_lock(&cache->mutex);
    cache->generation++;
    for (size_t i = 0; cache->entries && i < N_PLACES; i++)
        if (user_pk == 0 || cache->entries[i].user_pk == user_pk)
            cache->entries[i].user_pk = 0;
    pthread_mutex_unlock(&cache->mutex);
}

static struct entry *place_of(struct rights_cache *cache, int64_t user_pk, int64_t tenant_pk) {
    return &cache->entries[((uint64_t)user_pk * 31 + (uint64_t)tenant_pk) % N_PLACES];
}

bool rights_cache_get(struct rights_cache *cache, int64_t user_pk, int64_t tenant_pk,
                      struct rights *ret_rights, uint64_t *ret_generation) {
    bool found = false;
    pthread_mutex_lock(&cache->mutex);
    *ret_generation = cache->generation;
    if (cache->entries) {
        const struct entry *entry = place_of(cache, user_pk, tenant_pk);
        found = entry->user_pk == user_pk && entry->tenant_pk == tenant_pk;
        if (found)
            *ret_rights = entry->rights;
    }
    pthread_mutex_unlock(&cache->mutex);
    return found;
}

void rights_cache_put(struct rights_cache *cache, int64_t user_pk, int64_t tenant_pk,
                      uint64_t generation, const struct rights *rights) {
    pthread_mutex_lock(&cache->mutex);
    if (!cache->entries)
        cache->entries = calloc(N_PLACES, sizeof(*cache->entries));
    if (cache->entries && cache->generation == generation)
        *place_of(cache, user_pk, tenant_pk) = (struct entry){user_pk, tenant_pk, *rights};
    pthread_mutex_unlock(&cache->mutex);
}
