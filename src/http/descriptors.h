/* How the process shares out the file descriptors that the system lets it have. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct descriptors {
    unsigned connections; /* how many there may be at a time */
    unsigned drained;     /* how many more may linger in the drain */
};

/* Raises the limit of the process as far as it may. `connections` is how many are wanted, 0: as
 * many as there is room for. What the database, the log and `threads` serving threads need stays
 * free. 0; >0 and a sentence in `reterr_error` when there is no room. */
int descriptors_share(int64_t connections, unsigned threads, struct descriptors *ret_descriptors,
                      char *reterr_error, size_t error_size);
