/* The socket that clients connect to. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* A listening socket (owned by the caller), non-blocking. 0; <0 and a sentence in `reterr_error`
 * that names the option. */
int listener_open(const char *host, int64_t port, int *ret_fd, char *reterr_error,
                  size_t error_size);

/* The port that it has; 0 when the system does not tell. */
uint16_t listener_port(int fd);
