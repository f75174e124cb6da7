#include "delivery_hook.h"

#include <stdio.h>
#include <string.h>

static void deliver_as_asked(struct exchange *exchange) {
    struct response_delivery *delivery = &exchange->response.delivery;
    const char *wish = strstr(exchange->request.target, "delivery=");
    long long delay_ms, spread_ms;
    int fault, chunks;
    if (!wish ||
        sscanf(wish, "delivery=%lld,%d,%d,%lld", &delay_ms, &fault, &chunks, &spread_ms) != 4)
        return;
    delivery->delay_ms = delay_ms;
    delivery->breakage = (enum breakage)fault;
    delivery->dribble_chunks = chunks;
    delivery->dribble_ms = spread_ms;
}

int __wrap_dispatch_head(struct exchange *exchange) {
    int r = __real_dispatch_head(exchange);
    if (r == EXCHANGE_ANSWERED)
        deliver_as_asked(exchange);
    return r;
}

int __wrap_dispatch_body(struct exchange *exchange) {
    int r = __real_dispatch_body(exchange);
    if (r == EXCHANGE_ANSWERED)
        deliver_as_asked(exchange);
    return r;
}
