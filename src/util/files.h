/* Whole files. */
#pragma once

#include <stddef.h>

enum { FILES_MAX_SIZE = 64 << 20 };

/* Reads a file whose relative name has no way out of the directory, by no link either. 0 and its
 * bytes (owned by the caller, free); <0: a negative errno, -EFBIG for one of more than
 * FILES_MAX_SIZE bytes. */
int files_read(const char *directory, const char *name, char **ret_bytes, size_t *ret_size);

/* Reads a descriptor to its end, which may be that of a pipe. As files_read, but for the largest
 * size that there may be. */
int files_drain(int fd, size_t max_size, char **ret_bytes, size_t *ret_size);
