/* What a sandbox remembers of an exchange: its journal and its coverage of the contract. */
#pragma once

#include "exchange/exchange.h"

/* How much of a body the journal wants, also of one that is refused; 0: none. */
size_t recorder_body_limit(const struct exchange *exchange);

/* Records the exchange, whose response is there, unless it is one of the control plane or has no
 * sandbox. `body_received` counts all bytes of the body, `process_us` is the time that it took.
 * Never fails: what cannot be recorded is counted as lost. */
void recorder_add(struct exchange *exchange, size_t body_received, int64_t process_us);
