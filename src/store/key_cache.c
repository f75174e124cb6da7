#include "store/key_cache.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

_Static_assert(sizeof(struct key_digest) == crypto_shorthash_siphashx24_BYTES, "128 bits");

/* The digest replaces the id. Digests of 128 bits under a random key do not collide by chance, and
 * no client can make them collide. */
struct slot {
    struct key_digest digest;
    int64_t pk;
};

struct key_cache {
    unsigned char key[crypto_shorthash_siphashx24_KEYBYTES]; /* a new one invalidates all slots */
    size_t max_slots;
    size_t n_slots;
    size_t n_used;      /* also by digests under an old key */
    struct slot *slots; /* (owned) */
};

struct key_cache *key_cache_new(size_t max_slots) {
    enum { FIRST = 1 << 10 };
    size_t n_slots = max_slots < FIRST ? max_slots : FIRST;
    struct key_cache *cache = calloc(1, sizeof(*cache));
    struct slot *slots = calloc(n_slots, sizeof(*slots));
    if (!cache || !slots) {
        free(cache);
        free(slots);
        return NULL;
    }
    cache->slots = slots;
    cache->max_slots = max_slots;
    cache->n_slots = n_slots;
    randombytes_buf(cache->key, sizeof(cache->key));
    return cache;
}

void key_cache_free(struct key_cache *cache) {
    if (cache)
        free(cache->slots);
    free(cache);
}

struct key_digest key_cache_digest(const struct key_cache *cache, enum key_kind kind, int64_t scope,
                                   const char *id) {
    enum { ID_SIZE = 64 };
    struct {
        int64_t scope;
        unsigned char id[ID_SIZE];
    } input;
    input.scope = scope * KEY_N_KINDS + kind; /* keys of rows are far from overflowing */
    struct key_digest digest;
    size_t length = strlen(id);
    size_t size = offsetof(__typeof__(input), id);
    if (length <= ID_SIZE) {
        memcpy(input.id, id, length);
        size += length;
    } else { /* replace a long id by its digest */
        crypto_shorthash_siphashx24(input.id, (const unsigned char *)id, length, cache->key);
        size += ID_SIZE;
    }
    crypto_shorthash_siphashx24((unsigned char *)&digest, (const unsigned char *)&input, size,
                                cache->key);
    return digest;
}

static struct slot *slot_of(const struct key_cache *cache, const struct key_digest *digest) {
    return &cache->slots[digest->words[0] & (cache->n_slots - 1)];
}

int64_t key_cache_get(const struct key_cache *cache, const struct key_digest *digest) {
    const struct slot *slot = slot_of(cache, digest);
    return memcmp(&slot->digest, digest, sizeof(*digest)) == 0 ? slot->pk : 0;
}

/* The slots are spread over their memory. So there are only as many as are needed, since each on a
 * page of its own would cost a request more than the digests. */
static void grow(struct key_cache *cache) {
    enum { FACTOR = 4 };
    struct key_cache larger = *cache;
    larger.n_slots =
        cache->n_slots > cache->max_slots / FACTOR ? cache->max_slots : cache->n_slots * FACTOR;
    larger.n_used = 0;
    larger.slots = calloc(larger.n_slots, sizeof(*larger.slots));
    if (!larger.slots)
        return; /* the latest ids take the slots of others */
    for (size_t i = 0; i < cache->n_slots; i++) {
        struct slot *slot = slot_of(&larger, &cache->slots[i].digest);
        larger.n_used += cache->slots[i].pk != 0 && slot->pk == 0;
        if (cache->slots[i].pk != 0)
            *slot = cache->slots[i];
    }
    free(cache->slots);
    *cache = larger;
}

void key_cache_put(struct key_cache *cache, const struct key_digest *digest, int64_t pk) {
    struct slot *slot = slot_of(cache, digest);
    cache->n_used += slot->pk == 0;
    *slot = (struct slot){.digest = *digest, .pk = pk};
    if (cache->n_used > cache->n_slots / 4 && cache->n_slots < cache->max_slots)
        grow(cache);
}

void key_cache_clear(struct key_cache *cache) {
    randombytes_buf(cache->key, sizeof(cache->key));
}
