/* The calling user. */
#include "api/answer.h"
#include "contract_input.h"
#include "iam/passwords.h"

static void add_owned_groups(struct json_builder *builder, struct json_parent root,
                             const struct user_view *view) {
    struct json_parent groups = json_add_array(builder, root, "ownedGroups");
    for (size_t i = 0; i < view->n_groups; i++) {
        if (view->groups[i].kind != MEMBERSHIP_OWNER)
            continue;
        struct json_parent group = json_add_object(builder, groups, NULL);
        json_add_text(builder, group, "tenantId", view->groups[i].tenant);
        json_add_text(builder, group, "id", view->groups[i].id);
    }
}

static void render_me(struct json_builder *builder, struct json_parent root, const void *value) {
    const struct user_view *view = value;
    json_add_text(builder, root, "id", view->user.id);
    answer_add_privilege(builder, root, view);
    json_add_bool(builder, root, "restricted", view->user.restricted);
    struct json_parent profile = json_add_object(builder, root, "profile");
    json_add_text(builder, profile, "email", view->user.email);
    json_add_text(builder, profile, "firstName", view->user.first_name);
    json_add_text(builder, profile, "lastName", view->user.last_name);
    json_add_text(builder, profile, "username", view->user.username);
    answer_add_auths(builder, root, &view->user, NULL);
    answer_add_tenants(builder, root, view);
    if (view->version->owned_groups)
        add_owned_groups(builder, root, view);
}

int handle_get_current_user(struct exchange *exchange, const void *input) {
    struct user_view view;
    const char *id;
    (void)input;
    int r = answer_find_self(exchange, &id);
    if (r == 0)
        r = iam_get_user(exchange->iam, IAM_ANYBODY, id, &exchange->request.arena, &view);
    return r == 0 ? answer_object(exchange, 200, render_me, &view)
                  : answer_refusal(exchange, r, id);
}

int handle_patch_current_user(struct exchange *exchange, const void *input) {
    const struct patch_current_user_input *in = input;
    struct user_view view;
    const char *id;
    int r = answer_find_self(exchange, &id);
    if (r == 0)
        r = iam_patch_user(exchange->iam, id, in->body.email, in->body.first_name,
                           in->body.last_name, &exchange->request.arena, &view);
    return r == 0 ? answer_object(exchange, 200, render_me, &view)
                  : answer_refusal(exchange, r, r == IAM_EMAIL_TAKEN ? in->body.email : id);
}

int handle_update_current_user_password(struct exchange *exchange, const void *input) {
    const struct update_current_user_password_input *in = input;
    bool weak = false;
    const char *id;
    int r = answer_weak_password(exchange, "newPassword", in->body.new_password, &weak);
    if (r < 0 || weak)
        return r;
    r = answer_find_self(exchange, &id);
    if (r == 0)
        r = iam_change_password(exchange->iam, id, in->body.old_password, in->body.new_password);
    return r == 0 ? answer_empty_object(exchange) : answer_refusal(exchange, r, id);
}
