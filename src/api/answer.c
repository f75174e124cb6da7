#include "api/answer.h"

#include <errno.h>
#include <string.h>

#include "util/cleanup.h"

int answer_refusal(struct exchange *exchange, int outcome, const char *id) {
    struct arena *arena = &exchange->request.arena;
    static const struct {
        int outcome;
        enum error_code code;
        const char *format; /* with one %s, the id */
    } refusals[] = {
        {IAM_UNKNOWN_USER, ERROR_NOT_FOUND, "User does not exist for id '%s'"},
        {IAM_UNKNOWN_GROUP, ERROR_NOT_FOUND, "Group does not exist for id '%s'"},
        {IAM_UNKNOWN_TENANT, ERROR_NOT_FOUND, "Tenant does not exist for id '%s'"},
        {IAM_TENANT_EXISTS, ERROR_CONFLICT, "another tenant has the id '%s'"},
        {IAM_EMAIL_TAKEN, ERROR_CONFLICT, "another user has the e-mail '%s'"},
        {IAM_HAS_ACCESS, ERROR_CONFLICT, "the user '%s' has access to the tenant already"},
        {IAM_NAME_TAKEN, ERROR_CONFLICT, "another group of the tenant has the name '%s'"},
        {IAM_ALREADY_MEMBER, ERROR_CONFLICT, "the user '%s' is a member of the group already"},
        {IAM_NOT_MEMBER, ERROR_CONFLICT, "the user '%s' is no member of the group"},
    };
    if (outcome == IAM_FORBIDDEN || outcome == IAM_INVALID_SORT) {
        bool forbidden = outcome == IAM_FORBIDDEN;
        exchange_fail(exchange, forbidden ? ERROR_FORBIDDEN : ERROR_ILLEGAL_ARGUMENT,
                      forbidden ? NULL : "Invalid sort parameter");
        return 0;
    }
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        if (refusals[i].outcome != outcome)
            continue;
        const char *start = refusals[i].format;
        const char *hole = strstr(start, "%s");
        exchange_fail(exchange, refusals[i].code,
                      arena_format(arena, "%.*s%s%s", (int)(hole - start), start, id, hole + 2));
        return 0;
    }
    return outcome < 0 ? outcome : -EINVAL;
}

static int answer_tree(struct exchange *exchange, int status, cJSON *tree, answer_render render,
                       const void *value) {
    CLEANUP(cleanup_json) cJSON *root = tree;
    struct json_builder builder = {.failed = !root};
    render(&builder, root, value);
    return builder.failed ? -ENOMEM : response_set_json(&exchange->response, status, root);
}

int answer_object(struct exchange *exchange, int status, answer_render render, const void *value) {
    return answer_tree(exchange, status, cJSON_CreateObject(), render, value);
}

int answer_array(struct exchange *exchange, int status, answer_render render, const void *value) {
    return answer_tree(exchange, status, cJSON_CreateArray(), render, value);
}

void answer_add_user(struct json_builder *builder, cJSON *object, const struct user_view *view) {
    json_add_text(builder, object, "id", view->user.id);
    json_add_text(builder, object, "username", view->user.username);
    json_add_text(builder, object, "displayName", view->display_name);
}

void answer_render_group(struct json_builder *builder, cJSON *root, const void *value) {
    const struct group *group = value;
    json_add_text(builder, root, "id", group->id);
    json_add_text(builder, root, "name", group->name);
    json_add_text(builder, root, "description", group->description);
}
