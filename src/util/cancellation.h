/* Cancels work that takes long or much memory. The work checks now and then whether it has to end.
 */
#pragma once

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>

#include "util/fatal.h"
#include "util/memory_limit.h"

struct cancellation {
    atomic_bool requested;       /* never becomes false again */
    struct memory_limit *memory; /* (borrowed) NULL: no limit */
};

/* Returns 0, or -ECANCELED when the work has been cancelled. Work with NULL is never cancelled. */
static inline int cancellation_check(const struct cancellation *cancellation) {
    return cancellation && atomic_load_explicit(&cancellation->requested, memory_order_relaxed)
               ? FATAL(ECANCELED)
               : 0;
}

/* For work whose memory grows, and is now `size` bytes. Also returns -EDQUOT when there is no room
 * for more, unless it is small. */
static inline int cancellation_check_growth(const struct cancellation *cancellation, size_t size) {
    int r = cancellation_check(cancellation);
    return r == 0 && cancellation && size > MEMORY_SMALL &&
                   !memory_limit_allows(cancellation->memory, MEMORY_TO_WORK, 0)
               ? FATAL(EDQUOT)
               : r;
}
