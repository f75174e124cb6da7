/* Security integrations. */
#include "api/answer.h"
#include "api/scim_answer.h"
#include "contract_input.h"
#include "iam/integrations.h"
#include "util/fatal.h"

#include <errno.h>

struct shown {
    const struct integration *integration;
    const char *tenant;
};

struct shown_page {
    const struct integration_page *page;
    const char *tenant;
};

struct shown_new {
    const struct new_integration *created;
    const char *tenant;
    const char *uri;
};

static void render(struct json_builder *builder, struct json_parent root, const void *value) {
    const struct shown *shown = value;
    json_add_text(builder, root, "id", shown->integration->id);
    json_add_text(builder, root, "name", shown->integration->name);
    json_add_text(builder, root, "type", "SCIM");
    json_add_text(builder, root, "description", shown->integration->description);
    json_add_text(builder, root, "tenantId", shown->tenant);
    json_add_bool(builder, root, "enabled", shown->integration->enabled);
    json_add_bool(builder, root, "deleted", false);
}

static void render_new(struct json_builder *builder, struct json_parent root, const void *value) {
    const struct shown_new *shown = value;
    const struct new_integration *created = shown->created;
    render(builder, root, &(struct shown){&created->integration, shown->tenant});
    json_add_text(builder, root, "uri", shown->uri);
    struct json_parent token = json_add_object(builder, root, "apiToken");
    json_add_text(builder, token, "id", created->token.id);
    json_add_text(builder, token, "name", created->token.name);
    json_add_text(builder, token, "fullToken", created->secret);
}

static void render_page(struct json_builder *builder, struct json_parent root, const void *value) {
    const struct shown_page *shown = value;
    struct json_parent results = json_add_array(builder, root, "results");
    for (size_t i = 0; i < shown->page->count; i++)
        render(builder, json_add_object(builder, results, NULL),
               &(struct shown){&shown->page->integrations[i], shown->tenant});
    json_add_integer(builder, root, "total", shown->page->total);
}

int handle_create_security_integration(struct exchange *exchange, const void *input) {
    const struct create_security_integration_input *in = input;
    struct arena *arena = &exchange->request.arena;
    struct new_integration created;
    struct shown_new shown = {.created = &created, .tenant = in->tenant};
    int r = iam_create_integration(exchange->iam, exchange->tenant_pk, in->body.name,
                                   in->body.description, clock_now(&exchange->sandbox->clock),
                                   arena, &created);
    if (r != 0)
        return answer_refusal(exchange, r, in->tenant);
    const char *tenant = scim_url(exchange, 3);
    if (tenant)
        shown.uri =
            arena_format(arena, "%s/integrations/%s/scim/v2", tenant, created.integration.id);
    return shown.uri ? answer_object(exchange, 200, render_new, &shown) : FATAL(ENOMEM);
}

static int list(struct exchange *exchange, const char *tenant,
                const struct listing_request *request) {
    struct integration_page page;
    const char *problem = NULL;
    int r = iam_list_integrations(exchange->iam, exchange->tenant_pk, request,
                                  &exchange->request.arena, &page, &problem);
    return r == 0 ? answer_object(exchange, 200, render_page, &(struct shown_page){&page, tenant})
                  : answer_refusal(exchange, r, problem);
}

int handle_list_security_integrations(struct exchange *exchange, const void *input) {
    const struct list_security_integrations_input *in = input;
    return list(exchange, in->tenant, &(struct listing_request){.page = 1, .size = INT64_MAX});
}

int handle_search_security_integration(struct exchange *exchange, const void *input) {
    const struct search_security_integration_input *in = input;
    const struct listing_request request = {.page = in->query.page,
                                            .size = in->query.size,
                                            .sort = in->query.sort,
                                            .filters = in->query.filters};
    return list(exchange, in->tenant, &request);
}

static int answer_integration(struct exchange *exchange, int r, const char *tenant, const char *id,
                              const struct integration *integration) {
    const struct shown shown = {integration, tenant};
    return r == 0 ? answer_object(exchange, 200, render, &shown) : answer_refusal(exchange, r, id);
}

int handle_get_security_integration(struct exchange *exchange, const void *input) {
    const struct get_security_integration_input *in = input;
    struct integration integration;
    int r = iam_get_integration(exchange->iam, exchange->tenant_pk, in->id,
                                &exchange->request.arena, &integration);
    return answer_integration(exchange, r, in->tenant, in->id, &integration);
}

int handle_delete_security_integration(struct exchange *exchange, const void *input) {
    const struct delete_security_integration_input *in = input;
    int r = iam_delete_integration(exchange->iam, exchange->tenant_pk, in->id,
                                   &exchange->request.arena);
    return answer_done(exchange, r, answer_success(exchange), in->id);
}

static int enable(struct exchange *exchange, const char *tenant, const char *id, bool enabled) {
    struct integration integration;
    int r = iam_enable_integration(exchange->iam, exchange->tenant_pk, id, enabled,
                                   &exchange->request.arena, &integration);
    return answer_integration(exchange, r, tenant, id, &integration);
}

int handle_enable_security_integration(struct exchange *exchange, const void *input) {
    const struct enable_security_integration_input *in = input;
    return enable(exchange, in->tenant, in->id, true);
}

int handle_disable_security_integration(struct exchange *exchange, const void *input) {
    const struct disable_security_integration_input *in = input;
    return enable(exchange, in->tenant, in->id, false);
}
