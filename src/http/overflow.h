/* Heads that do not fit into the memory of their connection. libmicrohttpd refuses them on its own,
 * with a page of its own; here they get the answer that kestub gives. */
#pragma once

#include "config.h"
#include "http/connections.h"

/* Finds the connection, while libmicrohttpd is about to refuse a request of this worker with
 * `status` and does not say which. NULL when it may be one of several: the library's page has to do
 * then. */
struct connection *overflow_find(struct connections *connections, const void *worker, int status);

/* Sends the answer and closes the connection for sending, so that the library's page stays behind.
 * `status` is 414 or 431. */
void overflow_answer(struct connection *connection, const struct config *config, int status);
