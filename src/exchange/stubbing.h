/* Lets stub mappings answer before the emulator does. */
#pragma once

#include "exchange/exchange.h"

/* Answers with a stub of the sandbox, if one matches. A stub that passes the request on only sets
 * how the response is delivered. Returns 0, EXCHANGE_ANSWERED or <0. */
int stubbing_answer(struct exchange *exchange);
