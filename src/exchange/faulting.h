/* Fault profiles at the places where a request can meet them. Nothing of it is for the control
 * plane, and without profiles all of it is one load. */
#pragma once

#include "exchange/exchange.h"

/* Before anything else is looked at. 0, EXCHANGE_ANSWERED or <0, as the other steps. */
int faulting_meet(struct exchange *exchange);

/* What becomes of the outcome of auth_authenticate, which may be IAM_UNAUTHENTICATED then. */
int faulting_authenticate(struct exchange *exchange, int outcome);

/* Before the handler: changes what it is given, and lets exchange->iam be a copy where it shall not
 * see what there is now, or leave nothing behind. 0, EXCHANGE_ANSWERED or <0; when it is 0,
 * faulting_conclude has to follow. */
int faulting_prepare(struct exchange *exchange);

/* After the handler, which has returned `outcome`. */
void faulting_conclude(struct exchange *exchange, int outcome);

/* When the response is there. */
void faulting_hold_back(struct exchange *exchange);
