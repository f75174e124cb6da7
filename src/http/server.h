/* HTTP: with delivery.c the only part that knows libmicrohttpd. */
#pragma once

#include "config.h"
#include "sandbox/sandboxes.h"

enum { SERVER_ERROR_SIZE = 256 };

struct server;

/* Which libmicrohttpd is loaded. */
const char *server_library_version(void);

/* Listens and serves on threads of its own until server_free. Both structs are borrowed. 0; <0
 * and a sentence in `reterr_error`. */
int server_start(const struct config *config, struct sandboxes *sandboxes,
                 struct server **ret_server, char reterr_error[SERVER_ERROR_SIZE]);

/* The port it listens on. */
uint16_t server_port(const struct server *server);

/* Stops accepting, sends now what was to be sent later, lets requests in flight finish for
 * `grace_ms` at most, then ends. */
void server_stop(struct server *server, int grace_ms);
void server_free(struct server *server);
