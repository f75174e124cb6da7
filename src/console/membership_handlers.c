/* The memberships of the users that the console shows. */
#include <errno.h>

#include "admin_input.h"
#include "api/answer.h"
#include "iam/membership_view.h"
#include "util/cleanup.h"
#include "util/fatal.h"

static void add_groups(struct json_builder *builder, cJSON *object, const struct user_group *groups,
                       size_t count) {
    cJSON *array = json_add_array(builder, object, "groups");
    for (size_t i = 0; i < count; i++) {
        cJSON *group = json_add_object(builder, array, NULL);
        json_add_text(builder, group, "id", groups[i].id);
        json_add_text(builder, group, "name", groups[i].name);
        json_add_text(builder, group, "membership", membership_kind_name(groups[i].kind));
        json_add_bool(builder, group, "external", groups[i].external);
    }
}

/* Adds a user, unless somebody has deleted it. Returns 0, IAM_UNKNOWN_TENANT or <0. */
static int add_user(struct exchange *exchange, struct json_builder *builder, cJSON *users,
                    const char *tenant, const char *id) {
    struct user_group *groups;
    size_t count;
    int r =
        iam_list_memberships(exchange->iam, tenant, id, &exchange->request.arena, &groups, &count);
    if (r != 0)
        return r == IAM_UNKNOWN_USER ? 0 : r;
    cJSON *user = json_add_object(builder, users, NULL);
    json_add_text(builder, user, "id", id);
    add_groups(builder, user, groups, count);
    return builder->failed ? FATAL(ENOMEM) : 0;
}

int handle_list_memberships(struct exchange *exchange, const void *input) {
    const struct list_memberships_input *in = input;
    CLEANUP(cleanup_json) cJSON *root = cJSON_CreateObject();
    struct json_builder builder = {.failed = !root, .memory = exchange_memory(exchange)};
    cJSON *users = json_add_array(&builder, root, "users");
    int r = builder.failed ? FATAL(ENOMEM) : 0;
    for (size_t i = 0; r == 0 && i < in->query.users.count; i++)
        r = add_user(exchange, &builder, users, in->query.tenant, in->query.users.items[i]);
    if (r == IAM_UNKNOWN_TENANT)
        return exchange_fail(exchange, ERROR_NOT_FOUND, "there is no such tenant");
    return r == 0 ? response_set_json(&exchange->response, 200, root) : r;
}
