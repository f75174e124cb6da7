/* Divides the file descriptors that the system allows among the uses of the process. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct descriptors {
    unsigned connections; /* how many may be open at a time */
    unsigned drained;     /* how many more the drain may hold */
};

/* Raises the limit of open files to the hard limit, and sets aside what the database, the log and
 * `threads` serving threads need. `connections` is the wanted number; with 0 it takes as many as
 * fit, up to 16384. Returns 0, or >0 with a message in `reterr_error` when there is not enough
 * room. */
int descriptors_share(int64_t connections, unsigned threads, struct descriptors *ret_descriptors,
                      char *reterr_error, size_t error_size);
