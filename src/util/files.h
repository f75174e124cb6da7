/* Reads whole files. */
#pragma once

#include <stddef.h>

enum { FILES_MAX_SIZE = 64 << 20 };

/* Reads a file by its name relative to the directory. The name cannot lead out of the directory,
 * not even through a symbolic link. Returns 0 and the bytes (owned by the caller, free), or a
 * negative errno: -EFBIG for a file larger than FILES_MAX_SIZE bytes. */
int files_read(const char *directory, const char *name, char **ret_bytes, size_t *ret_size);

/* Reads a descriptor, such as a pipe, to its end. Returns as files_read, but -EFBIG for more than
 * max_size bytes. */
int files_drain(int fd, size_t max_size, char **ret_bytes, size_t *ret_size);
