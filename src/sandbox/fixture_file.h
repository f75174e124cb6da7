/* The text of a fixture. */
#pragma once

#include <stddef.h>

enum { FIXTURE_FILE_ERROR_SIZE = 160 };

/* Reads a file, or the built-in "default" or "empty". 0 and its text (owned by the caller, free)
 * with its size; >0 and a sentence; -ENOMEM. */
int fixture_file_read(const char *name, char **ret_text, size_t *ret_size,
                      char reterr_error[FIXTURE_FILE_ERROR_SIZE]);

/* The same for a descriptor, such as standard input. */
int fixture_file_read_open(int fd, char **ret_text, size_t *ret_size,
                           char reterr_error[FIXTURE_FILE_ERROR_SIZE]);
