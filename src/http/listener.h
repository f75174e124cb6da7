/* The sockets that clients connect to. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/un.h>

/* Returns PATH when the host is unix:PATH, or NULL. */
const char *listener_unix_path(const char *host);

/* Returns 0, or >0 when the path is empty or too long for a socket. */
int listener_unix_address(const char *path, struct sockaddr_un *ret_address);

/* Where to listen. */
struct listener_place {
    const char *host; /* an address, a name, or unix:PATH */
    int64_t port;     /* 0: any free one; unused for unix:PATH */
    const char *port_option;
};

/* Opens a non-blocking listening socket (owned by the caller). A socket file that no server listens
 * on any more is replaced. Returns 0, or <0 with a message in `reterr_error` that names the wrong
 * option. */
int listener_open(const struct listener_place *place, int *ret_fd, char *reterr_error,
                  size_t error_size);

/* Returns the socket's port, or 0 when the system does not tell it. */
uint16_t listener_port(int fd);

/* Removes the socket file of unix:PATH. Does nothing for other hosts. */
void listener_remove(const char *host);
