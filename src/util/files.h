/* Opens and reads files. */
#pragma once

#include <stddef.h>

enum { FILES_MAX_SIZE = 64 << 20 };

/* Opens a file by its name relative to the directory, as files_read does. Returns 0, the descriptor
 * (owned by the caller) and the size of the file, or a negative errno. */
int files_open(const char *directory, const char *name, int *ret_fd, size_t *ret_size);

/* Reads a file by its name relative to the directory. The name cannot lead out of the directory,
 * not even through a symbolic link. Returns 0 and the bytes (owned by the caller, free), or a
 * negative errno: -EFBIG for a file larger than FILES_MAX_SIZE bytes. */
int files_read(const char *directory, const char *name, char **ret_bytes, size_t *ret_size);

/* Reads the first `size` bytes of an open file. Returns 0, or -EIO when it has become shorter. */
int files_read_start(int fd, char *bytes, size_t size);

/* Reads a descriptor, such as a pipe, to its end. Returns as files_read, but -EFBIG for more than
 * max_size bytes. */
int files_drain(int fd, size_t max_size, char **ret_bytes, size_t *ret_size);
