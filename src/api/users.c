/* Users. */
#include <errno.h>

#include "iam/users.h"

#include "api/answer.h"
#include "contract_input.h"
#include "iam/password_policy.h"

/* What a user and its summary share. */
static void add_summary(struct json_builder *builder, cJSON *object, const struct user_view *view) {
    answer_add_user(builder, object, view);
    cJSON *tenants = json_add_array(builder, object, "tenants");
    for (size_t i = 0; i < view->n_tenants; i++) {
        cJSON *tenant = json_add_object(builder, tenants, NULL);
        json_add_text(builder, tenant, "id", view->tenants[i].id);
        json_add_text(builder, tenant, "name", view->tenants[i].name);
    }
    cJSON *auths = json_add_array(builder, object, "auths");
    if (view->user.password_hash) {
        cJSON *auth = json_add_object(builder, auths, NULL);
        json_add_text(builder, auth, "id", "BasicAuth");
        json_add_text(builder, auth, "name", "BasicAuth");
        json_add_text(builder, auth, "type", "BASIC_AUTH");
    }
    json_add_bool(builder, object, "superAdmin", view->user.super_admin);
}

static void render_user(struct json_builder *builder, cJSON *root, const void *value) {
    const struct user_view *view = value;
    add_summary(builder, root, view);
    json_add_text(builder, root, "firstName", view->user.first_name);
    json_add_text(builder, root, "lastName", view->user.last_name);
    json_add_text(builder, root, "email", view->user.email);
    cJSON *groups = json_add_array(builder, root, "groups");
    for (size_t i = 0; i < view->n_groups; i++) {
        cJSON *group = json_add_object(builder, groups, NULL);
        json_add_text(builder, group, "id", view->groups[i].id);
        json_add_text(builder, group, "tenantId", view->groups[i].tenant);
    }
    json_add_bool(builder, root, "restricted", view->user.restricted);
}

static void render_page(struct json_builder *builder, cJSON *root, const void *value) {
    const struct user_page *page = value;
    cJSON *results = json_add_array(builder, root, "results");
    for (size_t i = 0; i < page->count; i++)
        add_summary(builder, json_add_object(builder, results, NULL), &page->users[i]);
    json_add_integer(builder, root, "total", page->total);
}

int handle_list_users(struct exchange *exchange, const void *input) {
    const struct list_users_input *in = input;
    const struct listing_request request = {
        .page = in->query.page, .size = in->query.size, .q = in->query.q, .sort = in->query.sort};
    struct user_page page;
    int r = iam_list_users(&exchange->sandbox->iam, &request, &exchange->request.arena, &page);
    return r == 0 ? answer_object(exchange, 200, render_page, &page)
                  : answer_refusal(exchange, r, NULL);
}

/* Whether the body's password, if any, is good enough; otherwise the answer says in what it is
 * not. */
static int check_password(struct exchange *exchange, const char *password, bool *ret_good) {
    struct violations violations = {.arena = &exchange->request.arena};
    const char *path =
        arena_format(violations.arena, "%s.password", exchange->match.operation->body_path);
    for (size_t rule = 0; password && rule < PASSWORD_POLICY_RULES; rule++) {
        const char *demand = password_policy_check(rule, password);
        if (demand && violations_add(&violations, path, demand) < 0)
            return -ENOMEM;
    }
    *ret_good = violations.count == 0;
    if (!*ret_good)
        exchange_refuse_body(exchange, &violations);
    return 0;
}

int handle_create_user(struct exchange *exchange, const void *input) {
    const struct create_user_input *in = input;
    const struct new_user new_user = {
        .email = in->body.email,
        .first_name = in->body.first_name,
        .last_name = in->body.last_name,
        .password = in->body.password,
        .super_admin = in->body.super_admin.value,
        .restricted = in->body.restricted.value,
        .tenants = in->body.tenants,
        .groups = in->body.groups,
    };
    struct user_view view;
    const char *unknown = in->body.email;
    bool good = true;
    int r = check_password(exchange, new_user.password, &good);
    if (r < 0 || !good)
        return r;
    r = iam_create_user(&exchange->sandbox->iam, &new_user, &exchange->request.arena, &view,
                        &unknown);
    return r == 0 ? answer_object(exchange, 201, render_user, &view)
                  : answer_refusal(exchange, r, unknown);
}

int handle_update_user(struct exchange *exchange, const void *input) {
    const struct update_user_input *in = input;
    const struct new_user details = {
        .email = in->body.email,
        .first_name = in->body.first_name,
        .last_name = in->body.last_name,
        .password = in->body.password,
        .super_admin = in->body.super_admin.value,
        .restricted = in->body.restricted.value,
        .tenants = in->body.tenants,
        .groups = in->body.groups,
    };
    struct user_view view;
    const char *unknown = in->body.email;
    bool good = true;
    int r = check_password(exchange, details.password, &good);
    if (r < 0 || !good)
        return r;
    r = iam_update_user(&exchange->sandbox->iam, in->id, &details, &exchange->request.arena, &view,
                        &unknown);
    return r == 0 ? answer_object(exchange, 200, render_user, &view)
                  : answer_refusal(exchange, r, r == IAM_UNKNOWN_USER ? in->id : unknown);
}

int handle_get_user(struct exchange *exchange, const void *input) {
    const struct get_user_input *in = input;
    struct user_view view;
    int r = iam_get_user(&exchange->sandbox->iam, in->id, &exchange->request.arena, &view);
    return r == 0 ? answer_object(exchange, 200, render_user, &view)
                  : answer_refusal(exchange, r, in->id);
}

int handle_patch_user(struct exchange *exchange, const void *input) {
    const struct patch_user_input *in = input;
    struct user_view view;
    int r = iam_patch_user(&exchange->sandbox->iam, in->id, in->body.email, in->body.first_name,
                           in->body.last_name, &exchange->request.arena, &view);
    return r == 0 ? answer_object(exchange, 200, render_user, &view)
                  : answer_refusal(exchange, r, r == IAM_EMAIL_TAKEN ? in->body.email : in->id);
}

static int set_flag(struct exchange *exchange, const char *id, enum user_flag flag, bool value) {
    int r = iam_set_user_flag(&exchange->sandbox->iam, id, flag, value, &exchange->request.arena);
    if (r == 0)
        response_set_empty(&exchange->response, 200);
    return r == 0 ? 0 : answer_refusal(exchange, r, id);
}

int handle_patch_user_demo(struct exchange *exchange, const void *input) {
    const struct patch_user_demo_input *in = input;
    return set_flag(exchange, in->id, USER_RESTRICTED, in->body.restricted.value);
}

int handle_patch_user_super_admin(struct exchange *exchange, const void *input) {
    const struct patch_user_super_admin_input *in = input;
    return set_flag(exchange, in->id, USER_SUPER_ADMIN, in->body.super_admin.value);
}

int handle_delete_user(struct exchange *exchange, const void *input) {
    const struct delete_user_input *in = input;
    int r = iam_delete_user(&exchange->sandbox->iam, in->id);
    if (r == 0)
        response_set_empty(&exchange->response, 204);
    return r == 0 ? 0 : answer_refusal(exchange, r, in->id);
}
