/* Input: a request target. It is parsed, routed, and answered with an error that quotes it. */
#include <stdlib.h>
#include <string.h>

#include "exchange/response.h"
#include "exchange/router.h"
#include "fuzz.h"
#include "json/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *target = strndup((const char *)data, size);
    struct request request;
    struct response response = {0};
    struct routing match;
    unsigned allowed;
    cJSON *tree = NULL;
    struct json_error error;
    if (!target || request_init(&request, target) < 0)
        abort();
    request_set_method(&request, "PUT");
    for (size_t i = 0; i < contract_n_versions; i++) {
        const struct version *version = &contract_versions[i];
        const struct error_report report = {
            .code = ERROR_UNKNOWN_ROUTE, .request = &request, .version = version};
        if (!request.bad_path && router_find(&version->routes, &request, &match, &allowed) == 0 &&
            !match.parameters[1][0])
            abort();
        response_set_error(&response, &report);
        if (json_parse(response.body, response.body_size, &tree, &error) != 0)
            abort(); /* our answers must be JSON that we accept */
        cJSON_Delete(tree);
        tree = NULL;
        response_deinit(&response);
    }
    request_deinit(&request);
    free(target);
    return 0;
}
