#include "http/probe.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <gnutls/gnutls.h>

#include "http/listener.h"

enum { PATIENCE_S = 2, STATUS_SIZE = 16 };

int probe_parse(const char *url, struct probe_target *ret_target) {
    struct probe_target target = {.is_tls = strncmp(url, "https://", 8) == 0};
    char rest[2] = "";
    if (listener_unix_path(url)) {
        snprintf(target.host, sizeof(target.host), "%s", url);
        *ret_target = target;
        return strlen(url) >= sizeof(target.host);
    }
    if (!target.is_tls && strncmp(url, "http://", 7) != 0)
        return 1;
    url += target.is_tls ? 8 : 7;
    strcpy(target.port, target.is_tls ? "443" : "80");
    int fields = *url == '['
                     ? sscanf(url, "[%127[^]/]]:%7[0-9]%1[^\n]", target.host, target.port, rest)
                     : sscanf(url, "%127[^:/]:%7[0-9]%1[^\n]", target.host, target.port, rest);
    if (fields < 1 || (fields == 3 && rest[0] != '/'))
        return 1;
    *ret_target = target;
    return 0;
}

void probe_aim(const char *host, int64_t port, bool is_tls, struct probe_target *ret_target) {
    *ret_target = (struct probe_target){.is_tls = is_tls};
    if (strcmp(host, "0.0.0.0") == 0)
        host = "127.0.0.1";
    else if (strcmp(host, "::") == 0)
        host = "::1";
    snprintf(ret_target->host, sizeof(ret_target->host), "%s", host);
    snprintf(ret_target->port, sizeof(ret_target->port), "%d", (int)port);
}

void probe_format(const struct probe_target *target, char out[PROBE_URL_SIZE]) {
    bool is_v6 = strchr(target->host, ':') != NULL;
    if (listener_unix_path(target->host))
        snprintf(out, PROBE_URL_SIZE, "%s", target->host);
    else
        snprintf(out, PROBE_URL_SIZE, "http%s://%s%s%s:%s", target->is_tls ? "s" : "",
                 is_v6 ? "[" : "", target->host, is_v6 ? "]" : "", target->port);
}

/* Returns a connected socket, or -1 and errno. */
static int connect_socket(int family, const struct sockaddr *address, socklen_t size) {
    const struct timeval patience = {.tv_sec = PATIENCE_S};
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    if (connect(fd, address, size) == 0)
        return fd;
    int failure = errno;
    close(fd);
    errno = failure;
    return -1;
}

static int connect_to(const struct probe_target *target) {
    const char *path = listener_unix_path(target->host);
    struct addrinfo *addresses;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct sockaddr_un local;
    if (path && listener_unix_address(path, &local) != 0) {
        errno = ENAMETOOLONG;
        return -1;
    }
    if (path)
        return connect_socket(AF_UNIX, (struct sockaddr *)&local, sizeof(local));
    if (getaddrinfo(target->host, target->port, &hints, &addresses) != 0) {
        errno = EHOSTUNREACH;
        return -1;
    }
    int fd = -1;
    for (struct addrinfo *a = addresses; a && fd < 0; a = a->ai_next)
        fd = connect_socket(a->ai_family, a->ai_addr, a->ai_addrlen);
    freeaddrinfo(addresses);
    return fd;
}

static const char request[] = "GET /__admin/health HTTP/1.0\r\n\r\n";

/* Both return the bytes of the answer's start, or <=0 and errno. */

static ssize_t ask_plainly(int fd, char *answer, size_t size) {
    errno = 0;
    if (send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) < 0)
        return -1;
    return recv(fd, answer, size, MSG_WAITALL);
}

static ssize_t ask_session(gnutls_session_t session, char *answer, size_t size) {
    ssize_t r;
    do
        r = gnutls_handshake(session);
    while (r < 0 && gnutls_error_is_fatal((int)r) == 0);
    if (r == 0)
        r = gnutls_record_send(session, request, sizeof(request) - 1);
    if (r > 0)
        r = gnutls_record_recv(session, answer, size);
    if (r <= 0)
        errno = r == GNUTLS_E_AGAIN || r == GNUTLS_E_TIMEDOUT ? EAGAIN : EPROTO;
    return r;
}

static ssize_t ask_secretly(int fd, char *answer, size_t size) {
    gnutls_session_t session;
    gnutls_certificate_credentials_t credentials;
    ssize_t r = -1;
    errno = ENOMEM;
    if (gnutls_certificate_allocate_credentials(&credentials) != 0)
        return -1;
    if (gnutls_init(&session, GNUTLS_CLIENT) == 0) {
        gnutls_transport_set_int(session, fd);
        gnutls_handshake_set_timeout(session, PATIENCE_S * 1000);
        if (gnutls_set_default_priority(session) == 0 &&
            gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials) == 0)
            r = ask_session(session, answer, size);
        gnutls_deinit(session);
    }
    gnutls_certificate_free_credentials(credentials);
    return r;
}

int probe_health(const struct probe_target *target, char *reterr_error, size_t error_size) {
    char answer[STATUS_SIZE] = "";
    int fd = connect_to(target);
    ssize_t size = -1;
    if (fd >= 0)
        size = target->is_tls ? ask_secretly(fd, answer, sizeof(answer) - 1)
                              : ask_plainly(fd, answer, sizeof(answer) - 1);
    int failure = errno;
    if (fd >= 0)
        close(fd);
    long status =
        strncmp(answer, "HTTP/", 5) == 0 ? strtol(answer + strcspn(answer, " "), NULL, 10) : 0;
    if (status == 200)
        return 0;
    if (status != 0)
        snprintf(reterr_error, error_size, "answers %ld", status);
    else if (size > 0)
        snprintf(reterr_error, error_size, "does not answer in HTTP");
    else
        snprintf(reterr_error, error_size, "does not answer: %s",
                 size < 0 ? strerror(failure) : "it closed the connection");
    return 1;
}
