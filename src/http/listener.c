#include "http/listener.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/fatal.h"
#include "util/permission.h"

enum { BACKLOG = 4096, SOCKET_FLAGS = SOCK_CLOEXEC | SOCK_NONBLOCK };

const char *listener_unix_path(const char *host) {
    static const char prefix[] = "unix:";
    return strncmp(host, prefix, strlen(prefix)) == 0 ? host + strlen(prefix) : NULL;
}

int listener_unix_address(const char *path, struct sockaddr_un *ret_address) {
    *ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (*path == '\0' || strlen(path) >= sizeof(ret_address->sun_path))
        return 1;
    strcpy(ret_address->sun_path, path);
    return 0;
}

/* Binds and listens. Returns 0, or -1 and errno. */
static int listen_at(int fd, const struct sockaddr *address, socklen_t size) {
    return fd < 0 || bind(fd, address, size) < 0 || listen(fd, BACKLOG) < 0 ? -1 : 0;
}

/* Removes a socket file when nobody listens there. */
static void remove_stale(const struct sockaddr_un *address) {
    struct stat status;
    if (lstat(address->sun_path, &status) < 0 || !S_ISSOCK(status.st_mode))
        return;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCKET_FLAGS, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 &&
        errno == ECONNREFUSED)
        unlink(address->sun_path);
    if (fd >= 0)
        close(fd);
}

static int open_unix(const char *path, int *ret_fd, char *reterr_error, size_t error_size) {
    struct sockaddr_un address;
    if (listener_unix_address(path, &address) != 0) {
        snprintf(reterr_error, error_size, "--host: a path after unix: has 1 to %zu bytes",
                 sizeof(address.sun_path) - 1);
        return FATAL(EINVAL);
    }
    remove_stale(&address);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCKET_FLAGS, 0);
    if (listen_at(fd, (struct sockaddr *)&address, sizeof(address)) == 0) {
        *ret_fd = fd;
        return 0;
    }
    int failure = FATAL(errno);
    char hint[PERMISSION_HINT_SIZE];
    permission_hint(fatal_errno(failure), hint);
    snprintf(reterr_error, error_size, "--host: cannot listen on %s: %s%s", path,
             strerror(fatal_errno(failure)), hint);
    if (fd >= 0)
        close(fd);
    return failure;
}

int listener_open(const struct listener_place *place, int *ret_fd, char *reterr_error,
                  size_t error_size) {
    char service[16];
    struct addrinfo *addresses;
    struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
    if (listener_unix_path(place->host))
        return open_unix(listener_unix_path(place->host), ret_fd, reterr_error, error_size);
    snprintf(service, sizeof(service), "%d", (int)place->port);
    int failure = getaddrinfo(place->host, service, &hints, &addresses);
    if (failure) {
        snprintf(reterr_error, error_size, "--host: '%.80s': %s", place->host,
                 gai_strerror(failure));
        return FATAL(EINVAL);
    }
    int fd = socket(addresses->ai_family, SOCK_STREAM | SOCKET_FLAGS, addresses->ai_protocol);
    int one = 1;
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
        listen_at(fd, addresses->ai_addr, addresses->ai_addrlen) < 0) {
        failure = FATAL(errno);
        snprintf(reterr_error, error_size, "%s: cannot listen on %.80s port %s: %s",
                 place->port_option, place->host, service, strerror(fatal_errno(failure)));
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
    if (address.storage.ss_family == AF_UNIX)
        return 0;
    return ntohs(address.storage.ss_family == AF_INET6 ? address.v6.sin6_port
                                                       : address.v4.sin_port);
}

void listener_remove(const char *host) {
    const char *path = listener_unix_path(host);
    if (path)
        unlink(path);
}
