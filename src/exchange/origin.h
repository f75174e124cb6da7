/* Keeps web pages away from a kestub on the visitor's machine. A page of another origin must not
 * use the control plane. Nor may a page whose own name resolves to this server ("DNS rebinding").
 * Browsers identify the page with Origin and Sec-Fetch-Site; other programs send neither. */
#pragma once

#include "exchange/exchange.h"

/* Checks a request for the control plane. Returns 0, or EXCHANGE_ANSWERED after a 403. It refuses
 * pages of another origin, unless --cors names it. It also refuses a Host that public DNS can
 * contain, unless --admin-hosts lists it or --admin-token is set. This second check applies to all
 * programs, since a page may send neither header after DNS rebinding. */
int origin_check(struct exchange *exchange);

/* Whether the request comes from a page of another site, or from a page after DNS rebinding. A
 * visit by the user, such as a click on a link, does not count, and neither do
 * pages that --cors allows. */
bool origin_is_foreign(const struct exchange *exchange);
