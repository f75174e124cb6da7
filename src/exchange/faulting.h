/* Applies the fault profiles to a request. Requests of the control plane are exempt. Without active
 * profiles each of these functions costs one atomic load. */
#pragma once

#include "exchange/exchange.h"

/* Runs before anything else looks at the request. Returns 0, EXCHANGE_ANSWERED or <0. */
int faulting_meet(struct exchange *exchange);

/* Returns the outcome of auth_authenticate, or IAM_UNAUTHENTICATED when a profile rejects the
 * credentials, or <0. */
int faulting_authenticate(struct exchange *exchange, int outcome);

/* Runs before the handler. It may change the handler's input. It may also set exchange->iam to a
 * copy, when the handler must not see the present state or must not change it. Returns 0,
 * EXCHANGE_ANSWERED or <0. After 0 the caller must call faulting_conclude. */
int faulting_prepare(struct exchange *exchange);

/* Runs after the handler, which has returned `outcome`. */
void faulting_conclude(struct exchange *exchange, int outcome);

/* Adds the delay of the profiles once the response is set. */
void faulting_hold_back(struct exchange *exchange);
