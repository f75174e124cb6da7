#include "faults/history.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "store/copy.h"
#include "util/fatal.h"

struct past {
    struct store *store; /* (owned) */
    atomic_int references;
};

struct store *past_store(struct past *past) {
    return past->store;
}

void past_release(struct past *past) {
    if (past && atomic_fetch_sub_explicit(&past->references, 1, memory_order_acq_rel) == 1) {
        store_free(past->store);
        free(past);
    }
}

int past_new(struct store *store, struct past **ret_past) {
    struct store_copy *snapshot;
    struct past *past = calloc(1, sizeof(*past));
    if (!past)
        return FATAL(ENOMEM);
    atomic_init(&past->references, 1);
    int r = store_copy_take(store, &snapshot);
    if (r == 0) {
        r = store_open_copy(snapshot, &past->store);
        store_copy_free(snapshot);
    }
    if (r == 0)
        *ret_past = past;
    else
        past_release(past);
    return r;
}

static void forget_seen(struct history *history, int64_t now_us) {
    size_t seen = 0;
    while (seen < history->count && history->entries[seen].until_us <= now_us - history->lag_us)
        past_release(history->entries[seen++].past);
    history->count -= seen;
    memmove(history->entries, history->entries + seen, history->count * sizeof(*history->entries));
}

int history_note_write(struct history *history, struct store *store, int64_t now_us) {
    forget_seen(history, now_us);
    size_t last = history->count - 1;
    if (history->count > 0 && (history->count == HISTORY_SIZE ||
                               now_us - history->entries[last].start_us < history->lag_us / 8)) {
        history->entries[last].until_us = now_us;
        return 0;
    }
    struct past *past = NULL;
    int r = past_new(store, &past);
    if (r != 0)
        return r;
    history->entries[history->count].past = past;
    history->entries[history->count].start_us = now_us;
    history->entries[history->count++].until_us = now_us;
    return 0;
}

struct past *history_find(struct history *history, int64_t now_us) {
    forget_seen(history, now_us);
    if (history->count == 0)
        return NULL;
    struct past *past = history->entries[0].past;
    atomic_fetch_add_explicit(&past->references, 1, memory_order_relaxed);
    return past;
}

void history_clear(struct history *history) {
    for (size_t i = 0; i < history->count; i++)
        past_release(history->entries[i].past);
    history->count = 0;
}
