/* Work that takes long asks now and then whether it is to be given up. */
#pragma once

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>

#include "util/fatal.h"

struct cancellation {
    atomic_bool requested; /* for good once it is true */
};

/* 0, or -ECANCELED when the work is to be given up. NULL: nobody will ask for it. */
static inline int cancellation_check(const struct cancellation *cancellation) {
    return cancellation && atomic_load_explicit(&cancellation->requested, memory_order_relaxed)
               ? FATAL(ECANCELED)
               : 0;
}
