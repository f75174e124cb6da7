/* Users. */

#include "iam/user_listing.h"

#include "api/answer.h"
#include "contract_input.h"
#include "iam/passwords.h"

/* Adds the members that a user and its summary have in common. */
static void add_summary(struct json_builder *builder, struct json_parent object,
                        const struct user_view *view) {
    answer_add_user(builder, object, view);
    answer_add_tenants(builder, object, view);
    answer_add_auths(builder, object, &view->user, "id");
    answer_add_privilege(builder, object, view);
}

static void render_user(struct json_builder *builder, struct json_parent root, const void *value) {
    const struct user_view *view = value;
    add_summary(builder, root, view);
    json_add_text(builder, root, "firstName", view->user.first_name);
    json_add_text(builder, root, "lastName", view->user.last_name);
    json_add_text(builder, root, "email", view->user.email);
    struct json_parent groups = json_add_array(builder, root, "groups");
    for (size_t i = 0; i < view->n_groups; i++) {
        struct json_parent group = json_add_object(builder, groups, NULL);
        json_add_text(builder, group, "id", view->groups[i].id);
        json_add_text(builder, group, "tenantId", view->groups[i].tenant);
    }
    json_add_bool(builder, root, "restricted", view->user.restricted);
}

static void render_page(struct json_builder *builder, struct json_parent root, const void *value) {
    const struct user_page *page = value;
    struct json_parent results = json_add_array(builder, root, "results");
    for (size_t i = 0; i < page->count; i++)
        add_summary(builder, json_add_object(builder, results, NULL), &page->users[i]);
    json_add_integer(builder, root, "total", page->total);
}

int handle_list_users(struct exchange *exchange, const void *input) {
    const struct list_users_input *in = input;
    const struct listing_request request = LISTING_REQUEST(in->query);
    struct user_page page;
    const char *problem = NULL;
    if (answer_leaves_thread(exchange, ROWS_USERS, &request))
        return EXCHANGE_SLOW;
    int r = iam_list_users(exchange->iam, &request, &exchange->request.arena, &page, &problem);
    return r == 0 ? answer_object(exchange, 200, render_page, &page)
                  : answer_refusal(exchange, r, problem);
}

static struct new_user details_of(const struct create_user_request_body *body) {
    return (struct new_user){
        .email = body->email,
        .first_name = body->first_name,
        .last_name = body->last_name,
        .password = body->password,
        .super_admin = answer_privilege(body->instance_owner, body->super_admin).value,
        .restricted = body->restricted.value,
        .tenants = body->tenants,
        .groups = body->groups,
    };
}

int handle_create_user(struct exchange *exchange, const void *input) {
    const struct create_user_input *in = input;
    const struct new_user new_user = details_of(&in->body);
    struct user_view view;
    const char *unknown = in->body.email;
    bool weak = false;
    int r = answer_weak_password(exchange, "password", new_user.password, &weak);
    if (r < 0 || weak)
        return r;
    r = iam_create_user(exchange->iam, &new_user, &exchange->request.arena, &view, &unknown);
    return r == 0 ? answer_object(exchange, 201, render_user, &view)
                  : answer_refusal(exchange, r, unknown);
}

int handle_update_user(struct exchange *exchange, const void *input) {
    const struct update_user_input *in = input;
    const struct new_user details = details_of(&in->body);
    struct user_view view;
    const char *unknown = in->body.email;
    bool weak = false;
    int r = answer_weak_password(exchange, "password", details.password, &weak);
    if (r < 0 || weak)
        return r;
    r = iam_update_user(exchange->iam, in->id, &details, &exchange->request.arena, &view, &unknown);
    return r == 0 ? answer_object(exchange, 200, render_user, &view)
                  : answer_refusal(exchange, r, r == IAM_UNKNOWN_USER ? in->id : unknown);
}

int handle_get_user(struct exchange *exchange, const void *input) {
    const struct get_user_input *in = input;
    struct user_view view;
    int r = iam_get_user(exchange->iam, IAM_USER, in->id, &exchange->request.arena, &view);
    return r == 0 ? answer_object(exchange, 200, render_user, &view)
                  : answer_refusal(exchange, r, in->id);
}

/* Answers with the user after a successful change. */
static int answer_changed(struct exchange *exchange, int r, const char *id, const char *problem) {
    struct user_view view;
    if (r == 0)
        r = iam_get_user(exchange->iam, IAM_USER, id, &exchange->request.arena, &view);
    return r == 0 ? answer_object(exchange, 200, render_user, &view)
                  : answer_refusal(exchange, r, problem);
}

int handle_patch_user(struct exchange *exchange, const void *input) {
    const struct patch_user_input *in = input;
    struct user_view view;
    int r = iam_patch_user(exchange->iam, in->id, in->body.email, in->body.first_name,
                           in->body.last_name, &exchange->request.arena, &view);
    return r == 0 ? answer_object(exchange, 200, render_user, &view)
                  : answer_refusal(exchange, r, r == IAM_EMAIL_TAKEN ? in->body.email : in->id);
}

static int set_flag(struct exchange *exchange, const char *id, enum user_flag flag, bool value) {
    int r = iam_set_user_flag(exchange->iam, IAM_USER, id, flag, value, &exchange->request.arena);
    return answer_done(exchange, r, 200, id);
}

int handle_patch_user_demo(struct exchange *exchange, const void *input) {
    const struct patch_user_demo_input *in = input;
    return set_flag(exchange, in->id, USER_RESTRICTED, in->body.restricted.value);
}

int handle_patch_user_super_admin(struct exchange *exchange, const void *input) {
    const struct patch_user_super_admin_input *in = input;
    struct optional_bool value = answer_privilege(in->body.instance_owner, in->body.super_admin);
    return value.present ? set_flag(exchange, in->id, USER_SUPER_ADMIN, value.value)
                         : exchange_refuse_member(exchange, "instanceOwner", "is required");
}

int handle_patch_user_instance_owner(struct exchange *exchange, const void *input) {
    const struct patch_user_instance_owner_input *in = input;
    return set_flag(exchange, in->id, USER_SUPER_ADMIN, in->body.instance_owner.value);
}

int handle_delete_user(struct exchange *exchange, const void *input) {
    const struct delete_user_input *in = input;
    int r = iam_delete_user(exchange->iam, IAM_USER, in->id);
    return answer_done(exchange, r, 204, in->id);
}

int handle_patch_user_password(struct exchange *exchange, const void *input) {
    const struct patch_user_password_input *in = input;
    bool weak = false;
    int r = answer_weak_password(exchange, "password", in->body.password, &weak);
    if (r < 0 || weak)
        return r;
    r = iam_set_password(exchange->iam, in->id, in->body.password);
    return answer_changed(exchange, r, in->id, in->id);
}

int handle_delete_user_auth_method(struct exchange *exchange, const void *input) {
    const struct delete_user_auth_method_input *in = input;
    int r = iam_delete_auth(exchange->iam, in->id, in->auth);
    return answer_changed(exchange, r, in->id, r == IAM_UNKNOWN_AUTH ? in->auth : in->id);
}
