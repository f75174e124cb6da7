/* Heads that do not fit into the memory of their connection. libmicrohttpd refuses them itself with
 * an HTML page. This module sends kestub's own error instead. */
#pragma once

#include "config.h"
#include "http/connections.h"

/* Finds the connection whose request libmicrohttpd is about to refuse with `status`; the library
 * tells only the worker. Returns NULL when it cannot be sure; the client then gets the library's
 * page. */
struct connection *overflow_find(struct connections *connections, const void *worker, int status);

/* Sends the error and shuts down the sending side, so that the library's page cannot follow.
 * `status` is 414 or 431. */
void overflow_answer(struct connection *connection, const struct config *config, int status);
