/* Copies of a store: what it held a while ago, for those who shall see it late, and what it holds
 * now, for those whose changes shall not last. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

/* A store as it was once. Threads share it by references. */
struct past;

/* Never more than 10 are needed: a copy serves all writes of an eighth of the lag. */
enum { HISTORY_SIZE = 12 };

/* All zero is an empty one that lags by nothing. Not for several threads at once. */
struct history {
    int64_t lag_us;
    size_t count;
    struct {
        struct past *past;   /* (owned) one reference: the state before the writes */
        int64_t start_us;    /* when the first of the writes began, */
        int64_t until_us;    /* and the last */
    } entries[HISTORY_SIZE]; /* by time */
};

/* To be called before each write, which begins now: copies the store, unless there is a copy that
 * is young enough. 0 or <0. */
int history_note_write(struct history *history, struct store *store, int64_t now_us);

/* A reference to the state of a lag ago; NULL when nothing was written since. A write shows after
 * the lag, and an eighth of it later at most. */
struct past *history_find(struct history *history, int64_t now_us);
void history_clear(struct history *history);

/* A copy of what the store holds now: 0 and a reference (owned by the caller, past_release), or <0.
 */
int past_new(struct store *store, struct past **ret_past);

struct store *past_store(struct past *past);

/* Takes NULL. */
void past_release(struct past *past);
