/* The text of a fixture. */
#pragma once

#include <stddef.h>

enum { FIXTURE_FILE_ERROR_SIZE = 320 };

/* Reads a file, or one of the built-in fixtures "default" and "empty". Returns 0 with the text
 * (owned by the caller, free) and its size; >0 with an error message; or -ENOMEM. */
int fixture_file_read(const char *name, char **ret_text, size_t *ret_size,
                      char reterr_error[FIXTURE_FILE_ERROR_SIZE]);

/* Reads from a file descriptor, such as standard input, in the same way. */
int fixture_file_read_open(int fd, char **ret_text, size_t *ret_size,
                           char reterr_error[FIXTURE_FILE_ERROR_SIZE]);
