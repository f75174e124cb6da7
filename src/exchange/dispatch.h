/* Turns a request into its response, without a socket. The steps are: route, credentials,
 * permission, media type, size, body, handler. The first step that refuses the request answers
 * it. */
#pragma once

#include "exchange/exchange.h"

/* How many bytes the body may have. Needs the method and the target only. */
size_t dispatch_body_limit(struct exchange *exchange);

/* Runs the checks that need only the head of the request. Returns 0 or EXCHANGE_ANSWERED. */
int dispatch_head(struct exchange *exchange);

/* Runs the remaining steps once the body is complete. The response is always set afterwards. */
void dispatch_body(struct exchange *exchange);

/* Answers in their place when the server refuses the request before anything else looks at it. */
void dispatch_refuse(struct exchange *exchange, enum error_code code, const char *detail);
