/* Stub mappings in front of the emulator. */
#pragma once

#include "exchange/exchange.h"

/* Lets a stub of the sandbox answer. One that passes the request on only sets how the answer is
 * delivered. 0, EXCHANGE_ANSWERED or <0. */
int stubbing_answer(struct exchange *exchange);
