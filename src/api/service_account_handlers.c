/* Service accounts, of the instance and below a tenant. */
#include "iam/service_accounts.h"

#include <errno.h>

#include "api/answer.h"
#include "contract_input.h"
#include "util/fatal.h"

static void render_account(struct json_builder *builder, struct json_parent root,
                           const void *value) {
    const struct user_view *view = value;
    json_add_text(builder, root, "id", view->user.id);
    json_add_text(builder, root, "name", view->user.name);
    json_add_text(builder, root, "description", view->user.description);
    answer_add_tenants(builder, root, view);
    answer_add_privilege(builder, root, view);
}

static void render_page(struct json_builder *builder, struct json_parent root, const void *value) {
    const struct user_page *page = value;
    struct json_parent results = json_add_array(builder, root, "results");
    for (size_t i = 0; i < page->count; i++)
        render_account(builder, json_add_object(builder, results, NULL), &page->users[i]);
    json_add_integer(builder, root, "total", page->total);
}

static void render_for_tenant(struct json_builder *builder, struct json_parent root,
                              const void *value) {
    const struct user_view *view = value;
    json_add_text(builder, root, "id", view->user.id);
    json_add_text(builder, root, "name", view->user.name);
    json_add_text(builder, root, "description", view->user.description);
    struct json_parent groups = json_add_array(builder, root, "groups");
    for (size_t i = 0; i < view->n_groups; i++)
        json_add_text(builder, json_add_object(builder, groups, NULL), "id", view->groups[i].id);
    answer_add_privilege(builder, root, view);
}

int handle_list_service_accounts(struct exchange *exchange, const void *input) {
    const struct list_service_accounts_input *in = input;
    const struct listing_request request = LISTING_REQUEST(in->query);
    struct user_page page;
    const char *problem = NULL;
    if (answer_leaves_thread(exchange, ROWS_USERS, &request))
        return EXCHANGE_SLOW;
    int r =
        iam_list_accounts(exchange->iam, 0, &request, &exchange->request.arena, &page, &problem);
    return r == 0 ? answer_object(exchange, 200, render_page, &page)
                  : answer_refusal(exchange, r, problem);
}

int handle_create_service_account(struct exchange *exchange, const void *input) {
    const struct create_service_account_input *in = input;
    const struct account_details details = {
        .name = in->body.name,
        .description = in->body.description,
        .super_admin = answer_privilege(in->body.instance_owner, in->body.super_admin).value,
        .tenants = in->body.tenants,
    };
    struct user_view view;
    const char *unknown = NULL;
    int r = iam_create_account(exchange->iam, &exchange->principal, 0, &details,
                               &exchange->request.arena, &view, &unknown);
    return r == 0 ? answer_object(exchange, 200, render_account, &view)
                  : answer_refusal(exchange, r, unknown);
}

int handle_get_service_account(struct exchange *exchange, const void *input) {
    const struct get_service_account_input *in = input;
    struct user_view view;
    int r = iam_get_account(exchange->iam, 0, in->id, &exchange->request.arena, &view);
    return r == 0 ? answer_object(exchange, 200, render_account, &view)
                  : answer_refusal(exchange, r, in->id);
}

int handle_patch_service_account_details(struct exchange *exchange, const void *input) {
    const struct patch_service_account_details_input *in = input;
    struct user_view view;
    int r = iam_patch_account(exchange->iam, in->id, in->body.name, in->body.description,
                              &exchange->request.arena, &view);
    return r == 0 ? answer_object(exchange, 200, render_account, &view)
                  : answer_refusal(exchange, r, in->id);
}

static int set_privilege(struct exchange *exchange, const char *id, bool value) {
    int r = iam_set_user_flag(exchange->iam, IAM_SERVICE_ACCOUNT, id, USER_SUPER_ADMIN, value,
                              &exchange->request.arena);
    return answer_done(exchange, r, 200, id);
}

int handle_patch_service_account_super_admin(struct exchange *exchange, const void *input) {
    const struct patch_service_account_super_admin_input *in = input;
    struct optional_bool value = answer_privilege(in->body.instance_owner, in->body.super_admin);
    return value.present ? set_privilege(exchange, in->id, value.value)
                         : exchange_refuse_member(exchange, "instanceOwner", "is required");
}

int handle_patch_service_account_instance_owner(struct exchange *exchange, const void *input) {
    const struct patch_service_account_instance_owner_input *in = input;
    return set_privilege(exchange, in->id, in->body.instance_owner.value);
}

int handle_delete_service_account(struct exchange *exchange, const void *input) {
    const struct delete_service_account_input *in = input;
    return answer_done(exchange, iam_delete_user(exchange->iam, IAM_SERVICE_ACCOUNT, in->id), 204,
                       in->id);
}

int handle_list_service_accounts_for_tenant(struct exchange *exchange, const void *input) {
    const struct list_service_accounts_for_tenant_input *in = input;
    const struct listing_request request = LISTING_REQUEST(in->query);
    struct user_page page;
    const char *problem = NULL;
    if (answer_leaves_thread(exchange, ROWS_USERS, &request))
        return EXCHANGE_SLOW;
    int r = iam_list_accounts(exchange->iam, exchange->tenant_pk, &request,
                              &exchange->request.arena, &page, &problem);
    return r == 0 ? answer_object(exchange, 200, answer_render_access, &page)
                  : answer_refusal(exchange, r, problem);
}

/* Reads the ids of [{"id": "..."}], which may be NULL or null. */
static int read_groups(const cJSON *groups, struct arena *arena, struct string_list *ret_groups) {
    struct string_list ids = {
        .items = arena_alloc(arena, (size_t)cJSON_GetArraySize(groups) * sizeof(*ids.items))};
    const cJSON *group;
    if (!ids.items)
        return FATAL(ENOMEM);
    cJSON_ArrayForEach (group, groups) {
        const cJSON *id = cJSON_GetObjectItemCaseSensitive(group, "id");
        ids.items[ids.count++] = cJSON_GetStringValue(id);
    }
    *ret_groups = ids;
    return 0;
}

static int read_details(struct exchange *exchange, const struct service_account_request_body *body,
                        struct account_details *ret_details) {
    *ret_details = (struct account_details){
        .name = body->name,
        .description = body->description,
        .super_admin = answer_privilege(body->instance_owner, body->super_admin).value,
    };
    return read_groups(body->groups, &exchange->request.arena, &ret_details->groups);
}

int handle_create_service_account_for_tenant(struct exchange *exchange, const void *input) {
    const struct create_service_account_for_tenant_input *in = input;
    struct account_details details;
    struct user_view view;
    const char *unknown = in->tenant;
    int r = read_details(exchange, &in->body, &details);
    if (r == 0)
        r = iam_create_account(exchange->iam, &exchange->principal, exchange->tenant_pk, &details,
                               &exchange->request.arena, &view, &unknown);
    return r == 0 ? answer_object(exchange, 200, render_for_tenant, &view)
                  : answer_refusal(exchange, r, unknown);
}

int handle_get_service_account_for_tenant(struct exchange *exchange, const void *input) {
    const struct get_service_account_for_tenant_input *in = input;
    struct user_view view;
    int r = iam_get_account(exchange->iam, exchange->tenant_pk, in->id, &exchange->request.arena,
                            &view);
    return r == 0 ? answer_object(exchange, 200, render_for_tenant, &view)
                  : answer_refusal(exchange, r, in->id);
}

int handle_update_service_account(struct exchange *exchange, const void *input) {
    const struct update_service_account_input *in = input;
    struct account_details details;
    struct user_view view;
    const char *unknown = in->tenant;
    int r = read_details(exchange, &in->body, &details);
    if (r == 0)
        r = iam_update_account(exchange->iam, &exchange->principal, exchange->tenant_pk, in->id,
                               &details, &exchange->request.arena, &view, &unknown);
    return r == 0 ? answer_object(exchange, 200, render_for_tenant, &view)
                  : answer_refusal(exchange, r, r == IAM_UNKNOWN_ACCOUNT ? in->id : unknown);
}

int handle_delete_service_account_for_tenant(struct exchange *exchange, const void *input) {
    const struct delete_service_account_for_tenant_input *in = input;
    int r =
        iam_check_account(exchange->iam, &exchange->principal, exchange->tenant_pk, in->id, true);
    if (r == 0)
        r = iam_delete_user(exchange->iam, IAM_SERVICE_ACCOUNT, in->id);
    return answer_done(exchange, r, 200, in->id);
}
