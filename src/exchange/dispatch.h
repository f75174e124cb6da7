/* From a request to its response, without a socket: route, credentials, permission, media type,
 * size, body, handler. The first check that fails answers. */
#pragma once

#include "exchange/exchange.h"

/* The checks that need no more than the request's head. A failure fills the response. Returns
 * whether the request is still open. */
bool dispatch_head(struct exchange *exchange);

/* The rest, once the body is complete. Fills the response in any case. */
void dispatch_body(struct exchange *exchange);
