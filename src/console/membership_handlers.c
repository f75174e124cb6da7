/* The memberships of the users that the console shows. */
#include "admin_input.h"
#include "api/answer.h"
#include "iam/membership_view.h"
#include "util/cleanup.h"

static void add_groups(struct json_builder *builder, struct json_parent object,
                       const struct user_group *groups, size_t count) {
    struct json_parent array = json_add_array(builder, object, "groups");
    for (size_t i = 0; i < count; i++) {
        struct json_parent group = json_add_object(builder, array, NULL);
        json_add_text(builder, group, "id", groups[i].id);
        json_add_text(builder, group, "name", groups[i].name);
        json_add_text(builder, group, "membership", membership_kind_name(groups[i].kind));
        json_add_bool(builder, group, "external", groups[i].external);
    }
}

/* Adds a user, unless somebody has deleted it. Returns 0, IAM_UNKNOWN_TENANT or <0. */
static int add_user(struct exchange *exchange, struct json_builder *builder,
                    struct json_parent users, const char *tenant, const char *id) {
    struct user_group *groups;
    size_t count;
    int r =
        iam_list_memberships(exchange->iam, tenant, id, &exchange->request.arena, &groups, &count);
    if (r != 0)
        return r == IAM_UNKNOWN_USER ? 0 : r;
    struct json_parent user = json_add_object(builder, users, NULL);
    json_add_text(builder, user, "id", id);
    add_groups(builder, user, groups, count);
    return 0;
}

int handle_list_memberships(struct exchange *exchange, const void *input) {
    const struct list_memberships_input *in = input;
    CLEANUP(json_builder_deinit) struct json_builder builder = answer_builder(exchange);
    struct json_parent users = json_add_array(&builder, json_begin_object(&builder), "users");
    int r = 0;
    for (size_t i = 0; r == 0 && i < in->query.users.count; i++)
        r = add_user(exchange, &builder, users, in->query.tenant, in->query.users.items[i]);
    if (r == IAM_UNKNOWN_TENANT)
        return exchange_fail(exchange, ERROR_NOT_FOUND, "there is no such tenant");
    return r == 0 ? answer_built(exchange, 200, &builder) : r;
}
