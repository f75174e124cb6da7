/* Turns a request into its response, without a socket. The steps are: route, credentials,
 * permission, media type, size, body, handler. The first step that refuses the request answers
 * it. */
#pragma once

#include "exchange/exchange.h"

/* Returns how many bytes the body may have. Needs only the method and the target. */
size_t dispatch_body_limit(struct exchange *exchange);

/* Runs the checks that need only the head of the request. Returns 0 or EXCHANGE_ANSWERED. Unless
 * the exchange may block, it returns EXCHANGE_SLOW before a check that takes long. The caller then
 * calls it again on a thread that may block. */
int dispatch_head(struct exchange *exchange);

/* Runs the remaining steps once the body is complete. Returns EXCHANGE_ANSWERED, or EXCHANGE_SLOW
 * like dispatch_head. It returns EXCHANGE_WAITS only to a thread that may block. The caller then
 * calls it again when what exchange->wait tells has come. */
int dispatch_body(struct exchange *exchange);

/* Answers in their place when the server refuses the request before anything else looks at it. */
void dispatch_refuse(struct exchange *exchange, enum error_code code, const char *detail);
