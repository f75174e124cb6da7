/* Pages for people who open kestub in a browser. */
#pragma once

#include "exchange/exchange.h"

/* Answers GET / for clients that ask for HTML, and GET /docs for all but those that ask for
 * something else. Programs that call the API see no difference. Returns 0, EXCHANGE_ANSWERED or
 * -ENOMEM. */
int pages_answer(struct exchange *exchange);
