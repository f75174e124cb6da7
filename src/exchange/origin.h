/* Web pages: what a browser says of the page that sends a request. A page may not use the control
 * plane of a server on its visitor's machine, be it from another origin, or under a name of its own
 * that leads to this server ("DNS rebinding"). Other programs send neither Origin nor
 * Sec-Fetch-Site and are not held up. */
#pragma once

#include "exchange/exchange.h"

/* A step for the control plane: 0, or EXCHANGE_ANSWERED with a 403 for a page of another origin,
 * and for a Host that public DNS can hold, unless --admin-hosts names it or there is an
 * --admin-token. A rebound page may read without saying who it is, so that all programs get the
 * latter. */
int origin_check(struct exchange *exchange);

/* Whether a page of another site sends it, or one of a rebound name. One that the user goes to, by
 * a link for instance, is not such. */
bool origin_is_foreign(const struct exchange *exchange);
