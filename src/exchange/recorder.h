/* Records exchanges in the journal of their sandbox, and in its coverage of the contract. */
#pragma once

#include "exchange/exchange.h"

/* Returns how many bytes of a body the journal keeps, even of a refused one; 0: none. */
size_t recorder_body_limit(const struct exchange *exchange);

/* Records an exchange whose response is set. Ignores exchanges that belong to the control plane or
 * have no sandbox, and those by which the console reads. `body_received` counts all bytes of the
 * body, and `process_us` is how long the exchange took. Never fails: the journal counts what it
 * could not record as lost. */
void recorder_add(struct exchange *exchange, size_t body_received, int64_t process_us);
