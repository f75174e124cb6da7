/* The socket that clients connect to. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Opens a non-blocking listening socket (owned by the caller). Returns 0, or <0 with a message in
 * `reterr_error` that names the wrong option. */
int listener_open(const char *host, int64_t port, int *ret_fd, char *reterr_error,
                  size_t error_size);

/* Returns the socket's port, or 0 when the system does not tell it. */
uint16_t listener_port(int fd);
