/* Lets a request choose the delivery of its response by `?delivery=DELAY_MS,FAULT,CHUNKS,SPREAD_MS`
 * in its target, where the fault is the number of an enum breakage. For programs that link the
 * server with -Wl,--wrap=dispatch_head,--wrap=dispatch_body. */
#pragma once

#include "exchange/dispatch.h"

int __real_dispatch_head(struct exchange *exchange);
void __real_dispatch_body(struct exchange *exchange);
int __wrap_dispatch_head(struct exchange *exchange);
void __wrap_dispatch_body(struct exchange *exchange);
