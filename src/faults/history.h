/* Copies of a store: past states for listings that are stale, and copies of the current state for
 * requests whose changes are thrown away. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

/* A past state of a store. It is reference-counted, and threads can share it. */
struct past;

/* At most 10 are needed, since a copy serves all writes within an eighth of the lag. */
enum { HISTORY_SIZE = 12 };

/* All zero: an empty history without a lag. Only one thread at a time may use it. */
struct history {
    int64_t lag_us;
    size_t count;
    struct {
        struct past *past;   /* (owned) one reference to the state before the writes */
        int64_t start_us;    /* when the first of the writes began */
        int64_t until_us;    /* when the last of the writes began */
    } entries[HISTORY_SIZE]; /* in order of time */
};

/* Call this at the beginning of each write. It copies the store unless there is a recent enough
 * copy. Returns 0 or <0. */
int history_note_write(struct history *history, struct store *store, int64_t now_us);

/* Returns a reference to the state as it was one lag ago, or NULL when nothing was written since. A
 * write becomes visible after the lag plus at most an eighth of it. */
struct past *history_find(struct history *history, int64_t now_us);
void history_clear(struct history *history);

/* Copies the current state of the store. Returns 0 and a reference (owned by the caller,
 * past_release), or <0. */
int past_new(struct store *store, struct past **ret_past);

struct store *past_store(struct past *past);

/* Accepts NULL. */
void past_release(struct past *past);
