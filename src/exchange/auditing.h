/* The audit log of what the emulated operations change. */
#pragma once

#include "exchange/exchange.h"

/* Records the request when its operation is audited and has succeeded. */
void auditing_note(struct exchange *exchange);
