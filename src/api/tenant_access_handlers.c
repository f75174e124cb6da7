/* Access to a tenant. */
#include "iam/tenant_access.h"

#include "api/answer.h"
#include "contract/permissions.h"
#include "contract_input.h"
#include "iam/bindings.h"

struct access {
    const char *tenant;
    struct user_view view;
    struct role_assignment *roles;
    size_t n_roles;
};

/* Adds the permissions of a role, as a list of resources with their actions. */
static void add_permissions(struct json_builder *builder, struct json_parent parent,
                            const struct version *version, const struct role_assignment *role) {
    const char *resource = version->lists_resources ? "permission" : "resource";
    struct json_parent list = json_add_array(builder, parent, "permissions");
    permissions_list(version->vocabulary, role->permissions, role->template, builder, list,
                     resource);
}

static void add_roles(struct json_builder *builder, struct json_parent root,
                      const struct access *access) {
    struct json_parent list = json_add_array(builder, root, "roles");
    for (size_t i = 0; i < access->n_roles; i++) {
        const struct role_assignment *role = &access->roles[i];
        struct json_parent object = json_add_object(builder, list, NULL);
        json_add_text(builder, object, "id", role->role_id);
        json_add_text(builder, object, "name", role->role_name);
        json_add_text(builder, object, "namespace", role->namespace);
        json_add_text(builder, object, "origin", role->group_id ? "GROUP" : "BINDING");
        json_add_text(builder, object, "sourceId",
                      role->group_id ? role->group_id : role->binding_id);
        add_permissions(builder, object, access->view.version, role);
    }
}

static void render_access(struct json_builder *builder, struct json_parent root,
                          const void *value) {
    const struct access *access = value;
    json_add_text(builder, root, "tenantId", access->tenant);
    json_add_text(builder, root, "userId", access->view.user.id);
    json_add_text(builder, root, "username", access->view.user.username);
    json_add_text(builder, root, "displayName", access->view.display_name);
    answer_add_groups(builder, root, &access->view);
    add_roles(builder, root, access);
    answer_add_privilege(builder, root, &access->view);
}

int handle_list_tenant_access(struct exchange *exchange, const void *input) {
    const struct list_tenant_access_input *in = input;
    struct listing_request request = LISTING_REQUEST(in->query);
    struct arena *arena = &exchange->request.arena;
    struct user_page page;
    const char *problem = NULL;
    int r = listing_request_filter(&request, "type", in->query.type, arena);
    if (r == 0 && listing_request_searches(&request) &&
        answer_leaves_thread(exchange, ROWS_USERS, &request))
        return EXCHANGE_SLOW;
    if (r == 0)
        r = iam_list_access(exchange->iam, exchange->tenant_pk, &request, arena, &page, &problem);
    return r == 0 ? answer_object(exchange, 200, answer_render_access, &page)
                  : answer_refusal(exchange, r, problem);
}

int handle_autocomplete_users(struct exchange *exchange, const void *input) {
    const struct autocomplete_users_input *in = input;
    bool names_some = in->body.q || in->body.username || in->body.ids.count == 0;
    const struct access_search search = {
        .ids = &in->body.ids,
        .searches = names_some && !in->body.existing_only.value,
        .q = in->body.q,
        .username = in->body.username,
    };
    const struct listing_request request = {.q = in->body.q ? in->body.q : in->body.username};
    struct user_page page;
    const char *problem = NULL;
    if (search.searches && answer_leaves_thread(exchange, ROWS_USERS, &request))
        return EXCHANGE_SLOW;
    int r = iam_autocomplete_access(exchange->iam, exchange->tenant_pk, &search,
                                    &exchange->request.arena, &page, &problem);
    return r == 0 ? answer_array(exchange, 200, answer_render_access_list, &page)
                  : answer_refusal(exchange, r, problem);
}

int handle_create_tenant_access(struct exchange *exchange, const void *input) {
    const struct create_tenant_access_input *in = input;
    int r = iam_grant_access_by_email(exchange->iam, exchange->tenant_pk, in->body.email);
    return answer_done(exchange, r, 204, r == IAM_UNKNOWN_TENANT ? in->tenant : in->body.email);
}

int handle_get_tenant_access(struct exchange *exchange, const void *input) {
    const struct get_tenant_access_input *in = input;
    struct access access = {.tenant = in->tenant};
    int r = iam_get_access(exchange->iam, &exchange->principal, exchange->tenant_pk, in->user_id,
                           &exchange->request.arena, &access.view);
    if (r == 0)
        r = iam_list_role_assignments(exchange->iam, access.view.user.pk, exchange->tenant_pk,
                                      &exchange->request.arena, &access.roles, &access.n_roles);
    return r == 0 ? answer_object(exchange, 200, render_access, &access)
                  : answer_refusal(exchange, r, in->user_id);
}

int handle_create_tenant_access_1(struct exchange *exchange, const void *input) {
    const struct create_tenant_access_1_input *in = input;
    int r = iam_grant_access(exchange->iam, exchange->tenant_pk, in->user_id);
    return answer_done(exchange, r, 201, r == IAM_UNKNOWN_TENANT ? in->tenant : in->user_id);
}

int handle_delete_tenant_access(struct exchange *exchange, const void *input) {
    const struct delete_tenant_access_input *in = input;
    int r = iam_revoke_access(exchange->iam, exchange->tenant_pk, in->user_id);
    return answer_done(exchange, r, 204, in->user_id);
}
