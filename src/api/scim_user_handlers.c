/* Users of SCIM. */
#include <errno.h>
#include <string.h>

#include "api/answer.h"
#include "api/scim_change.h"
#include "api/scim_listing.h"
#include "contract_input.h"
#include "iam/provisioned_users.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/text.h"

static void add_name(struct scim_tree *tree, const struct user *user) {
    cJSON *name = scim_member(tree->root, "name");
    if (!name && (user->first_name || user->last_name))
        name = scim_tree_add(tree, tree->root, "name", cJSON_CreateObject());
    if (!name)
        return;
    scim_tree_set_text(tree, name, "givenName", user->first_name);
    scim_tree_set_text(tree, name, "familyName", user->last_name);
    if (!name->child)
        cJSON_DeleteItemFromObjectCaseSensitive(tree->root, "name");
}

/* The user's address is that of the main e-mail, whoever has changed it. */
static void add_email(struct scim_tree *tree, const struct provisioned_user *user) {
    if (!user->provisioned.attributes) {
        cJSON *emails = scim_tree_add(tree, tree->root, "emails", cJSON_CreateArray());
        cJSON *email = scim_tree_add(tree, emails, NULL, cJSON_CreateObject());
        scim_tree_set_text(tree, email, "value", user->view.user.email);
        scim_tree_add(tree, email, "primary", cJSON_CreateTrue());
        return;
    }
    cJSON *email = scim_value_main(scim_member(tree->root, "emails"));
    if (scim_member(email, "value"))
        scim_tree_set_text(tree, email, "value", user->view.user.email);
}

static void add_groups(struct scim_tree *tree, const struct provisioned_user *user,
                       const char *base) {
    if (user->view.n_groups == 0)
        return;
    cJSON *groups = scim_tree_add(tree, tree->root, "groups", cJSON_CreateArray());
    for (size_t i = 0; i < user->view.n_groups; i++) {
        const struct user_group *group = &user->view.groups[i];
        cJSON *object = scim_tree_add(tree, groups, NULL, cJSON_CreateObject());
        scim_tree_set_text(tree, object, "value", group->id);
        scim_add_location(tree, object, "$ref", &scim_group_type, base, group->id);
        scim_tree_set_text(tree, object, "display", group->name);
        scim_tree_set_text(tree, object, "type", "direct");
    }
}

/* Returns the tree, which needs scim_tree_deinit. */
static struct scim_tree build_user(const struct exchange *exchange,
                                   const struct provisioned_user *user, const char *base) {
    const struct provisioned *provisioned = &user->provisioned;
    struct scim_tree tree = scim_begin_tree(exchange, provisioned->attributes);
    scim_tree_set_text(&tree, tree.root, "userName", user->view.user.username);
    add_name(&tree, &user->view.user);
    scim_tree_add(&tree, tree.root, "active", cJSON_CreateBool(!user->view.user.restricted));
    add_email(&tree, user);
    add_groups(&tree, user, base);
    scim_add_origin(&tree, &(struct scim_origin){.type = &scim_user_type,
                                                 .base = base,
                                                 .id = user->view.user.id,
                                                 .created_at = provisioned->created_at,
                                                 .modified_at = provisioned->modified_at});
    return tree;
}

/* Says what to write; the texts live as long as `wanted`. */
static int provision(struct scim_change *change, struct user_provision *ret_provision) {
    const cJSON *tree = change->wanted;
    const cJSON *name = scim_member(tree, "name");
    const cJSON *email = scim_value_main(scim_member(tree, "emails"));
    const char *address = cJSON_GetStringValue(scim_member(email, "value"));
    struct user_provision wanted = {
        .username = cJSON_GetStringValue(scim_member(tree, "userName")),
        .first_name = cJSON_GetStringValue(scim_member(name, "givenName")),
        .last_name = cJSON_GetStringValue(scim_member(name, "familyName")),
        .active = !cJSON_IsFalse(scim_member(tree, "active")),
        .attributes = scim_print(change->exchange, tree),
    };
    wanted.email = address && !text_is_blank(address) ? address : wanted.username;
    if (!wanted.attributes)
        return FATAL(ENOMEM);
    *ret_provision = wanted;
    return 0;
}

static int replace(void *cls, const struct provisioned_user *user,
                   struct user_provision *ret_provision) {
    (void)user;
    return provision(cls, ret_provision);
}

static int patch(void *cls, const struct provisioned_user *user,
                 struct user_provision *ret_provision) {
    struct scim_change *change = cls;
    CLEANUP(scim_tree_deinit)
    struct scim_tree old = build_user(change->exchange, user, change->base);
    if (old.failed)
        return FATAL(ENOMEM);
    int r = scim_change_patch(change, old.root);
    if (r == 0)
        return provision(change, ret_provision);
    change->outcome = r;
    return r < 0 ? r : IAM_REFUSED;
}

static int refuse(struct exchange *exchange, int r, const struct scim_change *change,
                  const char *id) {
    if (r == IAM_REFUSED)
        return scim_refuse(exchange, change->outcome, change->problem);
    if (r == IAM_EMAIL_TAKEN || r == IAM_HAS_ACCESS) {
        exchange_fail(exchange, ERROR_EXISTS, "another user has this userName or e-mail address");
        return 0;
    }
    return answer_refusal(exchange, r, id);
}

static int answer_user(struct exchange *exchange, int status, const struct provisioned_user *user,
                       const char *base, const struct string_list *attributes,
                       const struct string_list *excluded) {
    CLEANUP(scim_tree_deinit) struct scim_tree tree = build_user(exchange, user, base);
    return scim_answer_resource(exchange, status, &tree, &scim_user_type, attributes, excluded);
}

static bool wants(void *cls, const char *username) {
    return scim_listing_wants(cls, username);
}

struct look {
    struct scim_listing listing; /* the first member, so that wants() finds it */
    const char *base;
};

static int look_at(void *cls, const struct provisioned_user *user) {
    struct look *look = cls;
    CLEANUP(scim_tree_deinit)
    struct scim_tree tree = build_user(look->listing.exchange, user, look->base);
    return scim_listing_take(&look->listing, user->view.user.username, &tree);
}

static int list_users(struct exchange *exchange, const char *base, const struct scim_query *query) {
    struct look look = {.base = base};
    const struct user_visitor visitor = {wants, look_at, &look};
    int r = scim_listing_init(&look.listing, exchange, &scim_user_type, "userName", query);
    if (r == 0) {
        do
            r = iam_visit_provisioned_users(exchange->iam, exchange->tenant_pk, &visitor);
        while (r == 0 && scim_listing_goes_on(&look.listing));
        r = scim_listing_answer(&look.listing, r);
    }
    scim_listing_deinit(&look.listing);
    return r < 0 ? r : 0;
}

int handle_query_users(struct exchange *exchange, const void *input) {
    const struct query_users_input *in = input;
    const struct scim_query query = SCIM_QUERY(in->query);
    const char *base;
    int r = scim_enter(exchange, in->integration, &base);
    return r == 0 ? list_users(exchange, base, &query) : r < 0 ? r : 0;
}

int handle_find_users(struct exchange *exchange, const void *input) {
    const struct find_users_input *in = input;
    struct scim_query query;
    const char *base;
    int r = scim_enter(exchange, in->integration, &base);
    if (r == 0)
        r = scim_query_read(exchange, &query);
    return r == 0 ? list_users(exchange, base, &query) : r < 0 ? r : 0;
}

int handle_create_scimresource_by_id_users(struct exchange *exchange, const void *input) {
    const struct create_scimresource_by_id_users_input *in = input;
    CLEANUP(scim_change_deinit)
    struct scim_change change = {.exchange = exchange, .type = &scim_user_type};
    struct user_provision wanted;
    struct provisioned_user user;
    int r = scim_enter(exchange, in->integration, &change.base);
    if (r != 0)
        return r < 0 ? r : 0;
    r = scim_change_clean(&change, exchange->body);
    if (r == 0)
        r = provision(&change, &wanted);
    if (r != 0)
        return r < 0 ? r : scim_refuse(exchange, r, change.problem);
    r = iam_provision_user(exchange->iam, exchange->tenant_pk, &wanted,
                           clock_now(&exchange->sandbox->clock), &exchange->request.arena, &user);
    return r == 0 ? answer_user(exchange, 201, &user, change.base, &in->query.attributes,
                                &in->query.excluded_attributes)
                  : refuse(exchange, r, &change, in->tenant);
}

int handle_get_scimresource_by_id_users(struct exchange *exchange, const void *input) {
    const struct get_scimresource_by_id_users_input *in = input;
    struct provisioned_user user;
    const char *base;
    int r = scim_enter(exchange, in->integration, &base);
    if (r != 0)
        return r < 0 ? r : 0;
    r = iam_get_provisioned_user(exchange->iam, exchange->tenant_pk, in->id,
                                 &exchange->request.arena, &user);
    return r == 0 ? answer_user(exchange, 200, &user, base, &in->query.attributes,
                                &in->query.excluded_attributes)
                  : answer_refusal(exchange, r, in->id);
}

int handle_update_users(struct exchange *exchange, const void *input) {
    const struct update_users_input *in = input;
    CLEANUP(scim_change_deinit)
    struct scim_change change = {.exchange = exchange, .type = &scim_user_type};
    struct provisioned_user user;
    int r = scim_enter(exchange, in->integration, &change.base);
    if (r != 0)
        return r < 0 ? r : 0;
    r = scim_change_clean(&change, exchange->body);
    if (r != 0)
        return r < 0 ? r : scim_refuse(exchange, r, change.problem);
    r = iam_reprovision_user(exchange->iam, exchange->tenant_pk, in->id, replace, &change,
                             clock_now(&exchange->sandbox->clock), &exchange->request.arena, &user);
    return r == 0 ? answer_user(exchange, 200, &user, change.base, &in->query.attributes,
                                &in->query.excluded_attributes)
                  : refuse(exchange, r, &change, in->id);
}

int handle_patch_users(struct exchange *exchange, const void *input) {
    const struct patch_users_input *in = input;
    CLEANUP(scim_change_deinit)
    struct scim_change change = {.exchange = exchange, .type = &scim_user_type};
    struct provisioned_user user;
    int r = scim_enter(exchange, in->integration, &change.base);
    if (r != 0)
        return r < 0 ? r : 0;
    r = iam_reprovision_user(exchange->iam, exchange->tenant_pk, in->id, patch, &change,
                             clock_now(&exchange->sandbox->clock), &exchange->request.arena, &user);
    if (r != 0)
        return refuse(exchange, r, &change, in->id);
    response_set_empty(&exchange->response, 204);
    return 0;
}

int handle_delete_users(struct exchange *exchange, const void *input) {
    const struct delete_users_input *in = input;
    const char *base;
    int r = scim_enter(exchange, in->integration, &base);
    if (r != 0)
        return r < 0 ? r : 0;
    r = iam_deprovision_user(exchange->iam, exchange->tenant_pk, in->id);
    return answer_done(exchange, r, 204, in->id);
}
