/* The server without a fixture. Each request says how long its response is delayed, see
 * support/delivery_hook.h. tests/bench/delays.py measures it.
 *
 * bench-delayed THREADS
 *
 * prints the port. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include <sodium.h>

#include "http/server.h"

static const char *no_environment(const char *name) {
    (void)name;
    return NULL;
}

int main(int argc, char **argv) {
    char error[STORE_ERROR_SIZE + SERVER_ERROR_SIZE + CONFIG_ERROR_SIZE];
    struct config config;
    struct sandbox sandbox;
    struct sandboxes *sandboxes;
    struct server *server;
    if (argc != 2) {
        fputs("Usage: bench-delayed THREADS\n", stderr);
        return 2;
    }
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    if (sodium_init() < 0 || store_initialize() < 0 ||
        config_load(&config, 0, NULL, no_environment, error) != 0 ||
        sandbox_init(&sandbox, NULL, version_find(CONTRACT_DEFAULT_VERSION), error) < 0)
        return 1;
    config.port = 0;
    config.threads = atoi(argv[1]);
    config.log = LOG_OFF;
    if (sandboxes_new(&sandbox, 1, &sandboxes) < 0 ||
        server_start(&config, sandboxes, &server, error) < 0)
        return 1;
    printf("%u\n", server_port(server));
    fflush(stdout);
    int signal_number;
    sigwait(&signals, &signal_number);
    server_stop(server, 5000);
    server_free(server);
    sandboxes_free(sandboxes);
    sandbox_deinit(&sandbox);
    return 0;
}
