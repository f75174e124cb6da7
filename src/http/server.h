/* The HTTP server. Only http/ uses libmicrohttpd. */
#pragma once

#include "config.h"
#include "sandbox/sandboxes.h"

enum { SERVER_ERROR_SIZE = 256 };

struct server;

/* Returns the version of the libmicrohttpd that is loaded. */
const char *server_library_version(void);

/* Starts threads that listen and serve until server_stop. Borrows both structs. Returns 0, or <0
 * with a message in `reterr_error`. */
int server_start(const struct config *config, struct sandboxes *sandboxes,
                 struct server **ret_server, char reterr_error[SERVER_ERROR_SIZE]);

/* Returns the port that the server listens on; 0 for a Unix socket. */
uint16_t server_port(const struct server *server);

/* Returns the port of --tls-port, or 0 when there is none. */
uint16_t server_tls_port(const struct server *server);

/* Returns the port that answers only /health, or 0 when there is none. */
uint16_t server_management_port(const struct server *server);

/* Stops accepting, sends delayed responses now, waits at most `grace_ms` for the requests in
 * flight, and then stops all threads. */
void server_stop(struct server *server, int grace_ms);
void server_free(struct server *server);
