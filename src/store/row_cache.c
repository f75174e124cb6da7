#include "store/row_cache.h"

#include <stdlib.h>

#include "store/statement.h"
#include "util/hash.h"

/* Of each kind. There may be thousands of small stores. A user in three groups takes 700 bytes. */
enum { SLOTS = 1 << 11, FEW_SLOTS = 1 << 5 };

struct kept {
    int64_t pk;
    uint64_t epoch;
    size_t size;
    max_align_t bytes[];
};

/* Direct-mapped: a row takes the place of another that falls on it. */
struct row_cache {
    int changes;          /* SQLite's count of them, up to which what is kept is true */
    uint64_t epoch;       /* a new one makes all that is kept untrue */
    size_t n_slots;       /* of each kind */
    struct kept *slots[]; /* (owned) or NULL */
};

static struct kept **slot_of(struct row_cache *cache, enum cached_kind kind, int64_t pk) {
    size_t hash = hash_of_row(pk) & (cache->n_slots - 1);
    return &cache->slots[kind * cache->n_slots + hash];
}

/* Makes the cache forget what is no longer true. Returns it, or NULL when there is none. */
static struct row_cache *refresh(struct store *store) {
    struct row_cache *cache = store->cached;
    int changes = sqlite3_total_changes(store->db);
    if (cache && cache->changes != changes) {
        cache->changes = changes;
        cache->epoch++;
    }
    return cache;
}

const void *row_cache_find(struct store *store, enum cached_kind kind, int64_t pk,
                           size_t *ret_size) {
    struct row_cache *cache = refresh(store);
    const struct kept *kept = cache ? *slot_of(cache, kind, pk) : NULL;
    if (!kept || kept->pk != pk || kept->epoch != cache->epoch)
        return NULL;
    *ret_size = kept->size;
    return kept->bytes;
}

static struct row_cache *make_cache(struct store *store) {
    size_t n_slots = store->is_small ? FEW_SLOTS : SLOTS;
    struct row_cache *cache =
        calloc(1, sizeof(*cache) + CACHED_N_KINDS * n_slots * sizeof(struct kept *));
    if (!cache)
        return NULL;
    cache->n_slots = n_slots;
    store->cached = cache;
    return refresh(store);
}

void *row_cache_add(struct store *store, enum cached_kind kind, int64_t pk, size_t size) {
    if (!sqlite3_get_autocommit(store->db))
        return NULL;
    struct row_cache *cache = store->cached ? refresh(store) : make_cache(store);
    struct kept *kept = cache ? malloc(sizeof(*kept) + size) : NULL;
    if (!kept)
        return NULL;
    kept->pk = pk;
    kept->epoch = cache->epoch;
    kept->size = size;
    struct kept **slot = slot_of(cache, kind, pk);
    free(*slot);
    *slot = kept;
    return kept->bytes;
}

int row_cache_run(struct store *store, sqlite3_stmt *statement, int64_t user_pk) {
    struct row_cache *cache = refresh(store);
    int r = statement_run(store, statement);
    if (!cache || r != 0)
        return r;
    struct kept **slot = slot_of(cache, CACHED_USER, user_pk);
    free(*slot);
    *slot = NULL;
    cache->changes = sqlite3_total_changes(store->db);
    return 0;
}

void row_cache_free(struct row_cache *cache) {
    for (size_t i = 0; cache && i < CACHED_N_KINDS * cache->n_slots; i++)
        free(cache->slots[i]);
    free(cache);
}
