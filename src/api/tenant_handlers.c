/* Tenants. */
#include "iam/tenants.h"

#include <errno.h>
#include <string.h>

#include "api/answer.h"
#include "contract_input.h"
#include "json/json.h"
#include "json/json_print.h"
#include "util/cleanup.h"
#include "util/fatal.h"

static void render_page(struct json_builder *builder, struct json_parent root, const void *value) {
    const struct tenant_page *page = value;
    struct json_parent results = json_add_array(builder, root, "results");
    for (size_t i = 0; i < page->count; i++)
        answer_render_tenant(builder, json_add_object(builder, results, NULL), &page->tenants[i]);
    json_add_integer(builder, root, "total", page->total);
}

/* Reads a tenant. Its details are the body without the members that are stored separately. All
 * strings lie in the arena. Returns 0 or -ENOMEM. */
static int read_tenant(struct exchange *exchange, const char *id, const char *name,
                       struct tenant *ret_tenant) {
    static const char *const apart[] = {"id", "name", "deleted"};
    struct arena *arena = &exchange->request.arena;
    struct tenant tenant = {
        .id = arena_copy(arena, id, strlen(id)),
        .name = arena_copy(arena, name, strlen(name)),
    };
    int r = tenant.id && tenant.name ? json_tidy(exchange->body) : FATAL(ENOMEM);
    if (r < 0)
        return r;
    for (size_t i = 0; i < sizeof(apart) / sizeof(apart[0]); i++)
        cJSON_DeleteItemFromObjectCaseSensitive(exchange->body, apart[i]);
    CLEANUP(cleanup_free) char *text = json_print(exchange->body);
    tenant.details = text ? arena_copy(arena, text, strlen(text)) : NULL;
    if (!tenant.details)
        return FATAL(ENOMEM);
    *ret_tenant = tenant;
    return 0;
}

int handle_create_2(struct exchange *exchange, const void *input) {
    const struct create_2_input *in = input;
    struct tenant tenant = {0};
    const char *flaw = json_find_flaw(exchange->body);
    if (flaw)
        return exchange_refuse_member(exchange, NULL, flaw);
    int r = read_tenant(exchange, in->body.id, in->body.name, &tenant);
    if (r == 0)
        r = iam_create_tenant(exchange->iam, &tenant);
    return r == 0 ? answer_object(exchange, 200, answer_render_tenant, &tenant)
                  : answer_refusal(exchange, r, tenant.id);
}

int handle_find(struct exchange *exchange, const void *input) {
    const struct find_input *in = input;
    const struct listing_request request = LISTING_REQUEST(in->query);
    struct tenant_page page;
    const char *problem = NULL;
    int r = iam_list_tenants(exchange->iam, &request, &exchange->request.arena, &page, &problem);
    return r == 0 ? answer_object(exchange, 200, render_page, &page)
                  : answer_refusal(exchange, r, problem);
}

int handle_get_3(struct exchange *exchange, const void *input) {
    const struct get_3_input *in = input;
    struct tenant tenant;
    int r = iam_get_tenant(exchange->iam, in->id, &exchange->request.arena, &tenant);
    return r == 0 ? answer_object(exchange, 200, answer_render_tenant, &tenant)
                  : answer_refusal(exchange, r, in->id);
}

int handle_update_2(struct exchange *exchange, const void *input) {
    const struct update_2_input *in = input;
    struct tenant tenant;
    const char *flaw = json_find_flaw(exchange->body);
    if (flaw)
        return exchange_refuse_member(exchange, NULL, flaw);
    if (in->body.id && strcmp(in->body.id, in->id) != 0)
        return exchange_refuse_member(exchange, "id", "must be the id in the path");
    int r = read_tenant(exchange, in->id, in->body.name, &tenant);
    if (r == 0)
        r = iam_update_tenant(exchange->iam, &tenant);
    return r == 0 ? answer_object(exchange, 200, answer_render_tenant, &tenant)
                  : answer_refusal(exchange, r, in->id);
}

int handle_delete_2(struct exchange *exchange, const void *input) {
    const struct delete_2_input *in = input;
    int r = iam_delete_tenant(exchange->iam, in->id);
    if (r == 0)
        response_set_empty(&exchange->response, 204);
    return r == 0 ? 0 : answer_refusal(exchange, r, in->id);
}
