/* Cancels work that takes long. The work checks now and then whether it has been cancelled. */
#pragma once

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>

#include "util/fatal.h"

struct cancellation {
    atomic_bool requested; /* never becomes false again */
};

/* Returns 0, or -ECANCELED when the work has been cancelled. Work with NULL is never cancelled. */
static inline int cancellation_check(const struct cancellation *cancellation) {
    return cancellation && atomic_load_explicit(&cancellation->requested, memory_order_relaxed)
               ? FATAL(ECANCELED)
               : 0;
}
