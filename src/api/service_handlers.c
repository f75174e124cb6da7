/* Operations of kestub itself. */
#include "contract_input.h"
#include "exchange/exchange.h"

int handle_get_health(struct exchange *exchange, const void *input) {
    static const char up[] = "{\"status\":\"UP\"}";
    (void)input;
    response_set_static(&exchange->response, 200, "application/json", up, sizeof(up) - 1);
    return 0;
}

int handle_get_contract(struct exchange *exchange, const void *input) {
    (void)input;
    const struct version *version = exchange_version(exchange);
    response_set_static(&exchange->response, 200, "application/yaml", version->openapi,
                        version->openapi_size);
    return 0;
}
