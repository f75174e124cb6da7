/* Cross-origin resource sharing: lets web pages of the origins in --cors call kestub from a
 * browser. Named origins may use the control plane, too; `*` opens only the emulated API and the
 * stubs. Without the option each of these functions costs one comparison. */
#pragma once

#include "exchange/exchange.h"

/* Whether --cors allows the page that sends the request: its only Origin is listed, or `*` is and
 * there is no Origin that is unclear. The origin `null`, which any sandboxed page has, is never
 * allowed. */
bool cors_allows(const struct exchange *exchange);

/* Answers a preflight: a browser asks, without credentials, whether it may send a request. Returns
 * 0, EXCHANGE_ANSWERED or -ENOMEM. */
int cors_answer_preflight(struct exchange *exchange);

/* Adds the headers that let the page read a response, before it is sent. A response that has
 * Access-Control-Allow-Origin, as a stub may, stays as it is, and so does every response when
 * memory is out: the browser then withholds it. Afterwards response_add_header must not be called.
 */
void cors_finish(struct exchange *exchange);
