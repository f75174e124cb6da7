/* What clients ask beside IAM. kestub has none of it, so the documents are fixed. */
#include <string.h>

#include "api/answer.h"
#include "contract_input.h"

static int answer_fixed(struct exchange *exchange, const char *json) {
    response_set_static(&exchange->response, 200, "application/json", json, strlen(json));
    return 0;
}

int handle_license_info(struct exchange *exchange, const void *input) {
    (void)input;
    return answer_fixed(exchange, "{\"type\":\"ENTERPRISE\",\"expiry\":\"2099-12-31T23:59:59Z\","
                                  "\"expired\":false,\"standalone\":true,\"workerGroups\":true,"
                                  "\"online\":false}");
}

int handle_get_expression_filters(struct exchange *exchange, const void *input) {
    (void)input;
    return answer_fixed(exchange, "[]");
}

int handle_get_expression_functions(struct exchange *exchange, const void *input) {
    (void)input;
    return answer_fixed(exchange, "[]");
}

static int answer_usage(struct exchange *exchange) {
    return answer_fixed(exchange,
                        "{\"flows\":{\"count\":0,\"namespacesCount\":0},"
                        "\"executions\":{\"dailyExecutionsCount\":[]},\"groups\":{\"count\":0},"
                        "\"users\":{\"count\":0,\"apiKeyCount\":0,\"oidcCount\":0,"
                        "\"basicAuthCount\":0,\"ldapAuthCount\":0,\"passwordlessCount\":0},"
                        "\"roles\":{\"count\":0},\"tenants\":{\"count\":0}}");
}

int handle_tenant_usage(struct exchange *exchange, const void *input) {
    (void)input;
    return answer_usage(exchange);
}

int handle_get_usages(struct exchange *exchange, const void *input) {
    (void)input;
    return answer_usage(exchange);
}

static void render_debug_info(struct json_builder *builder, struct json_parent root,
                              const void *value) {
    const struct version *version = value;
    json_add_text(builder, root, "kestraVersion", version->announces);
    json_add_text(builder, root, "authType", "BASIC_AUTH");
    json_add_text(builder, root, "deploymentType", "STANDALONE");
    json_add_text(builder, root, "queueType", "memory");
    json_add_text(builder, root, "storageType", "local");
    json_add_text(builder, root, "repositoryType", "memory");
    json_add_text(builder, root, "secretType", "none");
}

int handle_support_debug_info(struct exchange *exchange, const void *input) {
    (void)input;
    return answer_object(exchange, 200, render_debug_info, exchange_version(exchange));
}

int handle_worker_selector_tags(struct exchange *exchange, const void *input) {
    (void)input;
    return answer_fixed(exchange, "{\"tags\":[]}");
}

int handle_get_flow_dependencies_from_tenant(struct exchange *exchange, const void *input) {
    (void)input;
    return answer_fixed(exchange, "{\"nodes\":[],\"edges\":[]}");
}

int handle_search(struct exchange *exchange, const void *input) {
    (void)input;
    return answer_fixed(exchange, "[]");
}
