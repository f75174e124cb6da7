/* Lets stub mappings answer before the emulator does. */
#pragma once

#include "exchange/exchange.h"

/* Answers with a stub of the sandbox, if one matches. A stub that passes the request on only sets
 * how the response is delivered. Returns 0, EXCHANGE_ANSWERED or <0. */
int stubbing_answer(struct exchange *exchange);

/* The stub that comes closest to a request, and the first part that is not as the stub wants. */
struct stubbing_miss {
    char stub_id[UUID_SIZE];
    const char *part; /* such as "header", a static string */
    char name[128];   /* of the header, parameter or cookie, cut off if it is long; or "" */
};

/* Compares a request that nothing served with the newest stubs, as far as a small limit on work
 * allows. Values are left out, since they may be secret. Returns false for any other
 * request, and when there is nothing to tell. */
bool stubbing_explain(struct exchange *exchange, struct stubbing_miss *ret_miss);
