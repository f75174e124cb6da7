#include "exchange/auditing.h"

#include "exchange/input.h"
#include "sandbox/audit_log.h"

/* The subject is the first thing in the path below the tenant and the integration, or else what the
 * answer shows. */
static const char *find_subject(const struct exchange *exchange, const cJSON *answer,
                                const char *username) {
    const struct operation *operation = exchange->routing.operation;
    for (size_t i = 0; i < operation->n_parameters; i++)
        if (operation->parameters[i].role != ROLE_TENANT &&
            operation->parameters[i].role != ROLE_INTEGRATION)
            return exchange->routing.parameters[i];
    const char *id = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(answer, "id"));
    return id ? id : username;
}

static const char *find_tenant(const struct exchange *exchange) {
    const char *const *tenant = input_find(exchange, ROLE_TENANT);
    return tenant ? *tenant : NULL;
}

void auditing_note(struct exchange *exchange) {
    const struct operation *operation = exchange->routing.operation;
    const struct response *response = &exchange->response;
    if (!operation->audit_type || response->status >= 400)
        return;
    bool shows_id = response->body_size > 0 && response->body[0] == '{';
    cJSON *answer = shows_id ? cJSON_ParseWithLength(response->body, response->body_size) : NULL;
    const char *const *given = input_find(exchange, ROLE_USERNAME);
    const char *username = given && *given ? *given : exchange->principal.username;
    const struct audit_entry entry = {
        .time = clock_now(&exchange->sandbox->clock),
        .user_pk = exchange->principal.user_pk,
        .username = username,
        .resource = operation->audit_resource,
        .type = operation->audit_type,
        .tenant = find_tenant(exchange),
        .subject = find_subject(exchange, answer, username),
        .client_ip = exchange->request.client_ip,
    };
    audit_log_add(exchange->sandbox->audit_log, &entry);
    cJSON_Delete(answer);
}
