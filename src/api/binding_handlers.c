/* Bindings of roles. */
#include "iam/bindings.h"

#include <errno.h>
#include <string.h>

#include "api/answer.h"
#include "contract_input.h"
#include "util/fatal.h"

static void add_named(struct json_builder *builder, struct json_parent parent, const char *member,
                      const char *id, const char *name) {
    struct json_parent object = json_add_object(builder, parent, member);
    json_add_text(builder, object, "id", id);
    json_add_text(builder, object, "name", name);
}

static void render_binding(struct json_builder *builder, struct json_parent root,
                           const void *value) {
    const struct binding_view *view = value;
    bool is_group = view->binding.group_pk != 0;
    json_add_text(builder, root, "id", view->binding.id);
    json_add_text(builder, root, "type", is_group ? "GROUP" : "USER");
    json_add_text(builder, root, "namespace", view->binding.namespace);
    add_named(builder, root, "role", view->role.id, view->role.name);
    if (is_group) {
        add_named(builder, root, "group", view->group.id, view->group.name);
        return;
    }
    struct json_parent user = json_add_object(builder, root, "user");
    answer_add_user(builder, user, &view->user);
    json_add_text(builder, user, "type",
                  view->user.user.is_service_account ? "SERVICE_ACCOUNT" : "STANDARD");
}

static void render_list(struct json_builder *builder, struct json_parent root, const void *value) {
    const struct binding_page *page = value;
    for (size_t i = 0; i < page->count; i++)
        render_binding(builder, json_add_object(builder, root, NULL), &page->bindings[i]);
}

static void render_page(struct json_builder *builder, struct json_parent root, const void *value) {
    const struct binding_page *page = value;
    render_list(builder, json_add_array(builder, root, "results"), page);
    json_add_integer(builder, root, "total", page->total);
}

static int create(struct exchange *exchange, const struct new_binding *bindings, size_t count,
                  const char *tenant, struct binding_page *page) {
    const char *problem = tenant;
    int r = iam_create_bindings(exchange->iam, exchange->tenant_pk, bindings, count,
                                &exchange->request.arena, page, &problem);
    if (r == 0)
        return 0;
    r = answer_refusal(exchange, r, r == IAM_UNKNOWN_TENANT ? tenant : problem);
    return r < 0 ? r : EXCHANGE_ANSWERED;
}

int handle_create_binding(struct exchange *exchange, const void *input) {
    const struct create_binding_input *in = input;
    const struct new_binding binding = {
        .is_group = strcmp(in->body.type, "GROUP") == 0,
        .subject = in->body.external_id,
        .role = in->body.role_id,
        .namespace = in->body.namespace_id,
    };
    struct binding_page page;
    int r = create(exchange, &binding, 1, in->tenant, &page);
    return r == 0 ? answer_object(exchange, 200, render_binding, &page.bindings[0]) : r < 0 ? r : 0;
}

static const char *text_of(const cJSON *object, const char *name) {
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

int handle_bulk_create_binding(struct exchange *exchange, const void *input) {
    const struct bulk_create_binding_input *in = input;
    size_t count = (size_t)cJSON_GetArraySize(in->body);
    struct new_binding *bindings = arena_alloc(&exchange->request.arena, count * sizeof(*bindings));
    struct binding_page page;
    const cJSON *item;
    size_t i = 0;
    if (!bindings)
        return FATAL(ENOMEM);
    cJSON_ArrayForEach (item, in->body)
        bindings[i++] = (struct new_binding){
            .is_group = strcmp(text_of(item, "type"), "GROUP") == 0,
            .subject = text_of(item, "externalId"),
            .role = text_of(item, "roleId"),
            .namespace = text_of(item, "namespaceId"),
        };
    int r = create(exchange, bindings, count, in->tenant, &page);
    return r == 0 ? answer_array(exchange, 200, render_list, &page) : r < 0 ? r : 0;
}

int handle_search_bindings(struct exchange *exchange, const void *input) {
    const struct search_bindings_input *in = input;
    struct arena *arena = &exchange->request.arena;
    struct listing_request request = LISTING_REQUEST(in->query);
    struct binding_page page;
    const char *problem = NULL;
    int r = listing_request_filter(&request, "type", in->query.type, arena);
    if (r == 0)
        r = listing_request_filter(&request, "id", in->query.id, arena);
    if (r == 0)
        r = listing_request_filter(&request, "namespace", in->query.namespace, arena);
    if (r == 0)
        r = iam_list_bindings(exchange->iam, exchange->tenant_pk, &request, arena, &page, &problem);
    return r == 0 ? answer_object(exchange, 200, render_page, &page)
                  : answer_refusal(exchange, r, problem);
}

int handle_get_binding(struct exchange *exchange, const void *input) {
    const struct get_binding_input *in = input;
    struct binding_view view;
    int r = iam_get_binding(exchange->iam, exchange->tenant_pk, in->id, &exchange->request.arena,
                            &view);
    return r == 0 ? answer_object(exchange, 200, render_binding, &view)
                  : answer_refusal(exchange, r, in->id);
}

int handle_delete_binding(struct exchange *exchange, const void *input) {
    const struct delete_binding_input *in = input;
    return answer_done(exchange, iam_delete_binding(exchange->iam, exchange->tenant_pk, in->id),
                       204, in->id);
}
