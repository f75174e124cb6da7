/* Stub mappings in front of the emulator. */
#pragma once

#include "exchange/exchange.h"

/* Whether a stub of the sandbox has answered, or memory was out. One that passes the request on has
 * only set how the answer is delivered. */
bool stubbing_answer(struct exchange *exchange);
