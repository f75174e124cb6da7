/* Files below one directory. */
#pragma once

#include <stddef.h>

enum { FILES_MAX_SIZE = 64 << 20 };

/* Reads a file whose relative name has no way out of the directory, by no link either. 0 and its
 * bytes (owned by the caller, free); <0: a negative errno, -EFBIG for one of more than
 * FILES_MAX_SIZE bytes. */
int files_read(const char *directory, const char *name, char **ret_bytes, size_t *ret_size);
