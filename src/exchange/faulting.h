/* Fault profiles at the places where a request can meet them. Nothing of it is for the control
 * plane, and without profiles all of it is one load. */
#pragma once

#include "exchange/exchange.h"

/* Before anything else is looked at. 0, EXCHANGE_ANSWERED or <0, as the other steps. */
int faulting_meet(struct exchange *exchange);

/* What becomes of the outcome of auth_authenticate, which may be IAM_UNAUTHENTICATED then. */
int faulting_authenticate(struct exchange *exchange, int outcome);

/* Before the handler: bends what it is given and what it works on. 0, EXCHANGE_ANSWERED or <0. */
int faulting_prepare(struct exchange *exchange);

/* After the handler. */
void faulting_conclude(struct exchange *exchange);

/* When the response is there. */
void faulting_hold_back(struct exchange *exchange);
