/* Input: the bytes that a client sends to the server. The server answers with HTTP or not at all,
 * ends the connection, and still serves the next client. */
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sodium.h>

#include "fuzz.h"
#include "http/server.h"
#include "sandbox/fixture.h"
#include "sandbox/fixture_file.h"
#include "util/timestamp.h"

enum { PATIENCE_US = 10000000, QUIET_MS = 3 };

static const char *no_variable(const char *name) {
    (void)name;
    return NULL;
}

static void load(struct sandbox *sandbox) {
    char error[FIXTURE_ERROR_SIZE];
    char file_error[FIXTURE_FILE_ERROR_SIZE];
    struct fixture_summary summary;
    char *text;
    size_t size;
    if (fixture_file_read("default", &text, &size, file_error) != 0 ||
        fixture_load(&sandbox->iam, text, size, 0, &summary, error) != 0)
        abort();
    free(text);
}

/* The control plane is off: what one input does there would change what the next one meets. */
static struct server *start(void) {
    static char *arguments[] = {
        "--port", "0", "--log", "off", "--admin", "off", "--threads", "1", "--request-timeout",
        "1"};
    static struct config config;
    static struct sandbox sandbox;
    char config_error[CONFIG_ERROR_SIZE];
    char store_error[STORE_ERROR_SIZE];
    char server_error[SERVER_ERROR_SIZE];
    struct sandboxes *sandboxes;
    struct server *server;
    signal(SIGPIPE, SIG_IGN);
    if (sodium_init() < 0 || store_initialize() < 0 ||
        config_load(&config, sizeof(arguments) / sizeof(arguments[0]), arguments, no_variable,
                    config_error) != 0 ||
        sandbox_init(&sandbox, NULL, config_version(&config), store_error) < 0)
        abort();
    load(&sandbox);
    if (sandboxes_new(&sandbox, 100, &sandboxes) < 0 ||
        server_start(&config, sandboxes, &server, server_error) < 0)
        abort();
    return server;
}

static int dial(void) {
    static struct server *server;
    if (!server)
        server = start();
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(server_port(server)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
        abort();
    return fd;
}

/* Sends the bytes, and keeps the start of what comes until the server ends the connection. After
 * the first answer, or when there is none, it closes its own direction. That is late enough for
 * libmicrohttpd to see it: it may overlook an end that comes together with the last bytes. */
static void talk(const void *bytes, size_t size, char *start, size_t room) {
    char block[16384];
    int fd = dial();
    bool open = true;
    size_t kept = 0;
    int64_t deadline_us = timestamp_monotonic_us() + PATIENCE_US;
    const char *at = bytes;
    for (ssize_t sent; size > 0 && (sent = send(fd, at, size, 0)) > 0; size -= (size_t)sent)
        at += sent;
    for (;;) {
        struct pollfd polled = {.fd = fd, .events = POLLIN};
        int ready = poll(&polled, 1, open ? QUIET_MS : 100);
        ssize_t received = ready > 0 ? recv(fd, block, sizeof(block), 0) : 1;
        if (received <= 0)
            break; /* a reset is an end, too */
        for (ssize_t i = 0; ready > 0 && i < received && kept < room; i++)
            start[kept++] = block[i];
        if (open)
            shutdown(fd, SHUT_WR);
        open = false;
        if (timestamp_monotonic_us() > deadline_us)
            abort();
    }
    start[kept < room ? kept : room - 1] = '\0';
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char health[] = "GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    char start[16];
    talk(data, size, start, sizeof(start));
    if (*start && strncmp(start, "HTTP/1.1 ", 9) != 0)
        abort();
    talk(health, sizeof(health) - 1, start, sizeof(start));
    if (strncmp(start, "HTTP/1.1 200 ", 13) != 0)
        abort();
    return 0;
}
