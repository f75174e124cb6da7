#include "api/answer.h"

#include <errno.h>
#include <string.h>

#include "iam/password_policy.h"
#include "util/cleanup.h"
#include "util/fatal.h"

int answer_refusal(struct exchange *exchange, int outcome, const char *id) {
    struct arena *arena = &exchange->request.arena;
    static const struct {
        int outcome;
        enum error_code code;
        const char *format; /* may contain one %s, for the id */
    } refusals[] = {
        {IAM_FORBIDDEN, ERROR_FORBIDDEN, NULL},
        {IAM_NOT_OWNER, ERROR_FORBIDDEN, "you do not own every group that would change"},
        {IAM_INVALID_SORT, ERROR_ILLEGAL_ARGUMENT, "Invalid sort parameter"},
        {IAM_WRONG_PASSWORD, ERROR_WRONG_PASSWORD, "The old password is incorrect."},
        {IAM_UNKNOWN_USER, ERROR_NOT_FOUND, "User does not exist for id '%s'"},
        {IAM_UNKNOWN_ACCOUNT, ERROR_NOT_FOUND, "Service account does not exist for id '%s'"},
        {IAM_UNKNOWN_GROUP, ERROR_NOT_FOUND, "Group does not exist for id '%s'"},
        {IAM_UNKNOWN_TENANT, ERROR_NOT_FOUND, "Tenant does not exist for id '%s'"},
        {IAM_TENANT_EXISTS, ERROR_EXISTS, "another tenant has the id '%s'"},
        {IAM_EMAIL_TAKEN, ERROR_EXISTS, "another user has the e-mail address '%s'"},
        {IAM_HAS_ACCESS, ERROR_EXISTS, "the user '%s' already has access to the tenant"},
        {IAM_UNKNOWN_ROLE, ERROR_NOT_FOUND, "Role does not exist for id '%s'"},
        {IAM_UNKNOWN_BINDING, ERROR_NOT_FOUND, "Binding does not exist for id '%s'"},
        {IAM_IS_BOUND, ERROR_EXISTS, "'%s' has such a binding already"},
        {IAM_IS_MANAGED, ERROR_FORBIDDEN, "the managed role '%s' cannot be changed"},
        {IAM_EXCEEDS_RIGHTS, ERROR_FORBIDDEN, "the role permits more than you may do"},
        {IAM_UNKNOWN_INTEGRATION, ERROR_NOT_FOUND, "Integration does not exist for id '%s'"},
        {IAM_UNKNOWN_INVITATION, ERROR_NOT_FOUND, "Invitation does not exist for id '%s'"},
        {IAM_IS_INVITED, ERROR_EXISTS, "'%s' has a pending invitation already"},
        {IAM_UNKNOWN_RESET, ERROR_NOT_FOUND, "the token is unknown, used or expired"},
        {IAM_UNKNOWN_TOKEN, ERROR_NOT_FOUND, "Token does not exist for id '%s'"},
        {IAM_UNKNOWN_AUTH, ERROR_NOT_FOUND, "Authentication method does not exist for id '%s'"},
        {IAM_NAME_TAKEN, ERROR_EXISTS, "another group of the tenant has the name '%s'"},
        {IAM_ALREADY_MEMBER, ERROR_EXISTS, "the user '%s' is already a member of the group"},
        {IAM_INVALID_FILTER, ERROR_INVALID_FILTERS, "%s"},
        {IAM_NOT_MEMBER, ERROR_CONFLICT, "the user '%s' is not a member of the group"},
    };
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        if (refusals[i].outcome != outcome)
            continue;
        const char *start = refusals[i].format;
        const char *hole = start ? strstr(start, "%s") : NULL;
        exchange_fail(
            exchange, refusals[i].code,
            hole ? arena_format(arena, "%.*s%s%s", (int)(hole - start), start, id, hole + 2)
                 : start);
        return 0;
    }
    return outcome < 0 ? outcome : FATAL(EINVAL);
}

int answer_object(struct exchange *exchange, int status, answer_render render, const void *value) {
    CLEANUP(json_builder_deinit) struct json_builder builder = answer_builder(exchange);
    render(&builder, json_begin_object(&builder), value);
    return answer_built(exchange, status, &builder);
}

int answer_array(struct exchange *exchange, int status, answer_render render, const void *value) {
    CLEANUP(json_builder_deinit) struct json_builder builder = answer_builder(exchange);
    render(&builder, json_begin_array(&builder), value);
    return answer_built(exchange, status, &builder);
}

int answer_weak_password(struct exchange *exchange, const char *name, const char *password,
                         bool *ret_weak) {
    struct violations violations = {.arena = &exchange->request.arena};
    const struct json_place root = exchange_body_place(exchange);
    const struct json_place member = json_place_member(&root, name);
    const char *specials = exchange_version(exchange)->password_specials;
    bool is_text = exchange->routing.operation->body->type == SCHEMA_STRING;
    for (size_t rule = 0; password && rule < PASSWORD_POLICY_RULES; rule++) {
        const char *demand = password_policy_check(rule, password, specials);
        if (demand && rule == PASSWORD_POLICY_SPECIALS)
            demand = arena_format(violations.arena, "%s %s", demand, specials);
        int r = demand ? violations_add(&violations, is_text ? &root : &member, demand) : 0;
        if (r < 0)
            return r;
    }
    *ret_weak = violations.count > 0;
    if (*ret_weak)
        exchange_refuse_body(exchange, ERROR_WEAK_PASSWORD, &violations);
    return 0;
}

int answer_find_self(struct exchange *exchange, const char **ret_id) {
    *ret_id = exchange->principal.username;
    return iam_find_self(exchange->iam, &exchange->principal, &exchange->request.arena, ret_id);
}

int answer_success(const struct exchange *exchange) {
    return exchange->routing.operation->statuses[0]; /* they are in ascending order */
}

int answer_done(struct exchange *exchange, int outcome, int status, const char *id) {
    if (outcome != 0)
        return answer_refusal(exchange, outcome, id);
    response_set_empty(&exchange->response, status);
    return 0;
}

void answer_add_auths(struct json_builder *builder, struct json_parent object,
                      const struct user *user, const char *id_name) {
    struct json_parent auths = json_add_array(builder, object, "auths");
    if (!user->password_hash)
        return;
    struct json_parent auth = json_add_object(builder, auths, NULL);
    if (id_name)
        json_add_text(builder, auth, id_name, "BasicAuth");
    json_add_text(builder, auth, "name", "BasicAuth");
    json_add_text(builder, auth, "type", "BASIC_AUTH");
}

void answer_add_privilege(struct json_builder *builder, struct json_parent object,
                          const struct user_view *view) {
    json_add_bool(builder, object, view->version->privilege, view->user.super_admin);
}

struct optional_bool answer_privilege(struct optional_bool instance_owner,
                                      struct optional_bool super_admin) {
    return instance_owner.present ? instance_owner : super_admin;
}

void answer_add_tenants(struct json_builder *builder, struct json_parent object,
                        const struct user_view *view) {
    struct json_parent tenants = json_add_array(builder, object, "tenants");
    for (size_t i = 0; i < view->n_tenants; i++) {
        struct json_parent tenant = json_add_object(builder, tenants, NULL);
        json_add_text(builder, tenant, "id", view->tenants[i].id);
        json_add_text(builder, tenant, "name", view->tenants[i].name);
    }
}

void answer_add_user(struct json_builder *builder, struct json_parent object,
                     const struct user_view *view) {
    json_add_text(builder, object, "id", view->user.id);
    json_add_text(builder, object, "username", view->user.username);
    json_add_text(builder, object, "displayName", view->display_name);
}

static void add_nothing(struct json_builder *builder, struct json_parent root, const void *value) {
    (void)builder;
    (void)root;
    (void)value;
}

int answer_empty_object(struct exchange *exchange) {
    return answer_object(exchange, 200, add_nothing, NULL);
}

void answer_add_role(struct json_builder *builder, struct json_parent object,
                     const struct version *version, const struct role *role) {
    struct rights rights;
    iam_rights_of_role(version, role, &rights);
    json_add_text(builder, object, "id", role->id);
    json_add_text(builder, object, "name", role->name);
    json_add_bool(builder, object, "isDefault", role->is_default);
    json_add_bool(builder, object, "isManaged", role->template != NULL);
    if (version->counts_permissions)
        json_add_integer(builder, object, "permissionCount", (int64_t)rights_count(&rights));
}

void answer_render_group(struct json_builder *builder, struct json_parent root, const void *value) {
    const struct group *group = value;
    json_add_text(builder, root, "id", group->id);
    json_add_text(builder, root, "name", group->name);
    json_add_text(builder, root, "description", group->description);
}

void answer_add_groups(struct json_builder *builder, struct json_parent object,
                       const struct user_view *view) {
    struct json_parent groups = json_add_array(builder, object, "groups");
    for (size_t i = 0; i < view->n_groups; i++) {
        struct json_parent group = json_add_object(builder, groups, NULL);
        json_add_text(builder, group, "id", view->groups[i].id);
        json_add_text(builder, group, "name", view->groups[i].name);
        json_add_bool(builder, group, "external", view->groups[i].external);
    }
}

void answer_render_access_list(struct json_builder *builder, struct json_parent root,
                               const void *value) {
    const struct user_page *page = value;
    for (size_t i = 0; i < page->count; i++) {
        struct json_parent entry = json_add_object(builder, root, NULL);
        answer_add_user(builder, entry, &page->users[i]);
        json_add_text(builder, entry, "description", page->users[i].user.description);
        answer_add_groups(builder, entry, &page->users[i]);
        answer_add_auths(builder, entry, &page->users[i].user, NULL);
    }
}

void answer_render_access(struct json_builder *builder, struct json_parent root,
                          const void *value) {
    const struct user_page *page = value;
    answer_render_access_list(builder, json_add_array(builder, root, "results"), page);
    json_add_integer(builder, root, "total", page->total);
}

void answer_render_tenant(struct json_builder *builder, struct json_parent root,
                          const void *value) {
    const struct tenant *tenant = value;
    json_add_text(builder, root, "id", tenant->id);
    json_add_text(builder, root, "name", tenant->name);
    json_add_members_of(builder, root, tenant->details);
    json_add_bool(builder, root, "deleted", false);
}

bool answer_leaves_thread(struct exchange *exchange, enum row_kind kind,
                          const struct listing_request *request) {
    return !exchange->may_block && block_listing_is_long(exchange->iam->store, kind, request);
}
