#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "commands/command.h"
#include "config.h"

enum { HEALTHCHECK_ERROR_SIZE = 256 };

struct target {
    char host[128];
    char port[8];
};

static int parse_url(const char *url, struct target *ret_target) {
    char rest[2] = "";
    if (strncmp(url, "http://", 7) != 0)
        return 1;
    url += 7;
    strcpy(ret_target->port, "80");
    int fields =
        *url == '['
            ? sscanf(url, "[%127[^]/]]:%7[0-9]%1[^\n]", ret_target->host, ret_target->port, rest)
            : sscanf(url, "%127[^:/]:%7[0-9]%1[^\n]", ret_target->host, ret_target->port, rest);
    return fields < 1 || (fields == 3 && rest[0] != '/');
}

static int connect_to(const struct target *target) {
    struct addrinfo *addresses;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    const struct timeval timeout = {.tv_sec = 2};
    if (getaddrinfo(target->host, target->port, &hints, &addresses) != 0) {
        errno = EHOSTUNREACH;
        return -1;
    }
    int fd = -1;
    for (struct addrinfo *a = addresses; a && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
        if (fd < 0)
            continue;
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
        if (connect(fd, a->ai_addr, a->ai_addrlen) < 0) {
            int failure = errno;
            close(fd);
            fd = -1;
            errno = failure;
        }
    }
    freeaddrinfo(addresses);
    return fd;
}

/* Sends GET /health to the server at a base URL. Returns 0 when the answer is a 200 and no step
 * took longer than two seconds, or >0 with a message in `error`. */
static int probe(const char *url, char error[HEALTHCHECK_ERROR_SIZE]) {
    static const char request[] = "GET /health HTTP/1.0\r\n\r\n";
    struct target target;
    char answer[16] = "";
    if (parse_url(url, &target) != 0) {
        snprintf(error, HEALTHCHECK_ERROR_SIZE, "'%.100s' is not an http:// URL", url);
        return 1;
    }
    int fd = connect_to(&target);
    long status = 0;
    errno = fd < 0 ? errno : 0;
    if (fd >= 0 && send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) > 0 &&
        recv(fd, answer, sizeof(answer) - 1, MSG_WAITALL) > 0)
        status = strtol(answer + strcspn(answer, " "), NULL, 10);
    if (status != 200 && status != 0)
        snprintf(error, HEALTHCHECK_ERROR_SIZE, "%.100s answers %ld", url, status);
    else if (answer[0] != '\0' && status == 0)
        snprintf(error, HEALTHCHECK_ERROR_SIZE, "%.100s does not answer in HTTP", url);
    else if (status == 0)
        snprintf(error, HEALTHCHECK_ERROR_SIZE, "%.100s does not answer: %s", url,
                 errno ? strerror(errno) : "it closed the connection");
    if (fd >= 0)
        close(fd);
    return status != 200;
}

/* Without a URL it asks the server that `serve` would start in this environment. */
static int check_health(int n_arguments, char *const *arguments) {
    char base[64] = "";
    char error[HEALTHCHECK_ERROR_SIZE];
    const char *url = n_arguments > 0 ? arguments[0] : base;
    if (n_arguments == 0) {
        struct config config;
        char config_error[CONFIG_ERROR_SIZE];
        if (config_load(&config, 0, NULL, command_getenv, config_error) != 0)
            return command_complain("%s", config_error);
        snprintf(base, sizeof(base), "http://127.0.0.1:%lld", (long long)config.port);
    }
    if (probe(url, error) == 0)
        return EXIT_SUCCESS;
    command_complain("%s", error);
    return EXIT_FAILURE;
}

const struct command command_healthcheck = {
    .name = "healthcheck",
    .usage = "healthcheck [URL]",
    .summary = "exit with 0 when a server is healthy, with 1 when it is not",
    .details = "URL is the server's base URL. Without it, the server on this machine is meant, at\n"
               "the port in KESTUB_PORT or at 8080.\n",
    .max_operands = 1,
    .run = check_health,
};
