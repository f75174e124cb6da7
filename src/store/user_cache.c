#include "store/user_cache.h"

#include <stdlib.h>

#include "store/statement.h"

/* There may be thousands of small stores. A user in three groups takes 700 bytes. */
enum { SLOTS = 1 << 11, FEW_SLOTS = 1 << 5 };

struct kept {
    int64_t user_pk;
    uint64_t epoch;
    size_t size;
    max_align_t bytes[];
};

/* Direct-mapped: a user takes the place of another that falls on it. */
struct user_cache {
    int changes;    /* SQLite's count of them, up to which what is kept is true */
    uint64_t epoch; /* a new one makes all that is kept untrue */
    size_t n_slots;
    struct kept *slots[]; /* (owned) or NULL */
};

static struct kept **slot_of(struct user_cache *cache, int64_t user_pk) {
    const uint64_t golden = 0x9e3779b97f4a7c15;
    return &cache->slots[((uint64_t)user_pk * golden >> 32) & (cache->n_slots - 1)];
}

/* Returns the cache after it has forgotten what is no longer true, or NULL. */
static struct user_cache *refresh(struct store *store) {
    struct user_cache *cache = store->users;
    int changes = sqlite3_total_changes(store->db);
    if (cache && cache->changes != changes) {
        cache->changes = changes;
        cache->epoch++;
    }
    return cache;
}

const void *user_cache_find(struct store *store, int64_t user_pk, size_t *ret_size) {
    struct user_cache *cache = refresh(store);
    const struct kept *kept = cache ? *slot_of(cache, user_pk) : NULL;
    if (!kept || kept->user_pk != user_pk || kept->epoch != cache->epoch)
        return NULL;
    *ret_size = kept->size;
    return kept->bytes;
}

static struct user_cache *make_cache(struct store *store) {
    size_t n_slots = store->is_small ? FEW_SLOTS : SLOTS;
    struct user_cache *cache = calloc(1, sizeof(*cache) + n_slots * sizeof(struct kept *));
    if (!cache)
        return NULL;
    cache->n_slots = n_slots;
    store->users = cache;
    return refresh(store);
}

void *user_cache_add(struct store *store, int64_t user_pk, size_t size) {
    if (!sqlite3_get_autocommit(store->db))
        return NULL;
    struct user_cache *cache = store->users ? refresh(store) : make_cache(store);
    struct kept *kept = cache ? malloc(sizeof(*kept) + size) : NULL;
    if (!kept)
        return NULL;
    kept->user_pk = user_pk;
    kept->epoch = cache->epoch;
    kept->size = size;
    struct kept **slot = slot_of(cache, user_pk);
    free(*slot);
    *slot = kept;
    return kept->bytes;
}

int user_cache_run(struct store *store, sqlite3_stmt *statement, int64_t user_pk) {
    struct user_cache *cache = refresh(store);
    int r = statement_run(store, statement);
    if (!cache || r != 0)
        return r;
    struct kept **slot = slot_of(cache, user_pk);
    free(*slot);
    *slot = NULL;
    cache->changes = sqlite3_total_changes(store->db);
    return 0;
}

void user_cache_free(struct user_cache *cache) {
    for (size_t i = 0; cache && i < cache->n_slots; i++)
        free(cache->slots[i]);
    free(cache);
}
