/* From a request to its response, without a socket: route, credentials, permission, media type,
 * size, body, handler. The first of these steps that refuses the request answers it. */
#pragma once

#include "exchange/exchange.h"

/* How many bytes the body may have, once method and target are known. */
size_t dispatch_body_limit(struct exchange *exchange);

/* The checks that need no more than the request's head. 0, or EXCHANGE_ANSWERED. */
int dispatch_head(struct exchange *exchange);

/* The rest, once the body is complete. Fills the response in any case. */
void dispatch_body(struct exchange *exchange);
