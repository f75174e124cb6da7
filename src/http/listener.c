#include "http/listener.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/fatal.h"

enum { BACKLOG = 4096 };

int listener_open(const char *host, int64_t port, int *ret_fd, char *reterr_error,
                  size_t error_size) {
    char service[16];
    struct addrinfo *addresses;
    struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
    snprintf(service, sizeof(service), "%d", (int)port);
    int failure = getaddrinfo(host, service, &hints, &addresses);
    if (failure) {
        snprintf(reterr_error, error_size, "--host: '%.80s': %s", host, gai_strerror(failure));
        return FATAL(EINVAL);
    }
    int type = addresses->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK;
    int fd = socket(addresses->ai_family, type, addresses->ai_protocol);
    int one = 1;
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
        bind(fd, addresses->ai_addr, addresses->ai_addrlen) < 0 || listen(fd, BACKLOG) < 0) {
        failure = FATAL(errno);
        snprintf(reterr_error, error_size, "--port: cannot listen on %.80s port %s: %s", host,
                 service, strerror(fatal_errno(failure)));
        if (fd >= 0)
            close(fd);
    } else {
        *ret_fd = fd;
    }
    freeaddrinfo(addresses);
    return failure;
}

uint16_t listener_port(int fd) {
    union {
        struct sockaddr_storage storage;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address = {0};
    socklen_t size = sizeof(address);
    if (getsockname(fd, (struct sockaddr *)&address, &size) < 0)
        return 0;
    return ntohs(address.storage.ss_family == AF_INET6 ? address.v6.sin6_port
                                                       : address.v4.sin_port);
}
