/* Groups of SCIM. */
#include <errno.h>
#include <string.h>

#include "api/answer.h"
#include "api/scim_change.h"
#include "api/scim_listing.h"
#include "contract_input.h"
#include "iam/groups.h"
#include "iam/provisioned_groups.h"
#include "util/cleanup.h"
#include "util/fatal.h"

static void add_members(struct scim_tree *tree, const struct provisioned_group *group,
                        const char *base) {
    if (group->n_members == 0)
        return;
    cJSON *members = scim_tree_add(tree, tree->root, "members", cJSON_CreateArray());
    for (size_t i = 0; i < group->n_members; i++) {
        const struct member *member = &group->members[i];
        cJSON *object = scim_tree_add(tree, members, NULL, cJSON_CreateObject());
        scim_tree_set_text(tree, object, "value", member->id);
        scim_add_location(tree, object, "$ref", &scim_user_type, base, member->id);
        scim_tree_set_text(tree, object, "type", scim_user_type.name);
        scim_tree_set_text(tree, object, "display", member->display);
    }
}

/* Returns the tree, which needs scim_tree_deinit. */
static struct scim_tree build_group(const struct exchange *exchange,
                                    const struct provisioned_group *group, const char *base) {
    const struct provisioned *provisioned = &group->provisioned;
    struct scim_tree tree = scim_begin_tree(exchange, provisioned->attributes);
    scim_tree_set_text(&tree, tree.root, "displayName", group->group.name);
    add_members(&tree, group, base);
    scim_add_origin(&tree, &(struct scim_origin){.type = &scim_group_type,
                                                 .base = base,
                                                 .id = group->group.id,
                                                 .created_at = provisioned->created_at,
                                                 .modified_at = provisioned->modified_at});
    return tree;
}

/* Reads the ids of the members, copied into the arena. */
static int read_members(struct scim_change *change, struct string_list *ret_members) {
    struct arena *arena = &change->exchange->request.arena;
    const cJSON *list = scim_member(change->wanted, "members");
    struct string_list members = {.present = true};
    const cJSON *member;
    members.items = arena_alloc(arena, (size_t)cJSON_GetArraySize(list) * sizeof(*members.items));
    if (!members.items)
        return FATAL(ENOMEM);
    cJSON_ArrayForEach (member, list) {
        const char *id = cJSON_GetStringValue(scim_member(member, "value"));
        if (!id) {
            change->problem = "a member needs a value";
            return SCIM_INVALID_VALUE;
        }
        const char *copy = arena_copy(arena, id, strlen(id));
        if (!copy)
            return FATAL(ENOMEM);
        members.items[members.count++] = copy;
    }
    *ret_members = members;
    return 0;
}

/* Says what to write. The name and the members are not among the attributes. Returns 0, an outcome
 * of scim_resource.h or <0. */
static int provision(struct scim_change *change, struct group_provision *ret_provision) {
    struct arena *arena = &change->exchange->request.arena;
    const char *name = cJSON_GetStringValue(scim_member(change->wanted, "displayName"));
    struct group_provision wanted = {.name = arena_copy(arena, name, strlen(name))};
    int r = wanted.name ? read_members(change, &wanted.members) : FATAL(ENOMEM);
    if (r != 0)
        return r;
    cJSON_DeleteItemFromObjectCaseSensitive(change->wanted, "displayName");
    cJSON_DeleteItemFromObjectCaseSensitive(change->wanted, "members");
    wanted.attributes = scim_print(change->exchange, change->wanted);
    if (!wanted.attributes)
        return FATAL(ENOMEM);
    *ret_provision = wanted;
    return 0;
}

static int replace(void *cls, const struct provisioned_group *group,
                   struct group_provision *ret_provision) {
    (void)group;
    *ret_provision = *(const struct group_provision *)cls;
    return 0;
}

static int patch(void *cls, const struct provisioned_group *group,
                 struct group_provision *ret_provision) {
    struct scim_change *change = cls;
    CLEANUP(scim_tree_deinit)
    struct scim_tree old = build_group(change->exchange, group, change->base);
    if (old.failed)
        return FATAL(ENOMEM);
    int r = scim_change_patch(change, old.root);
    if (r == 0)
        r = provision(change, ret_provision);
    change->outcome = r;
    return r <= 0 ? r : IAM_REFUSED;
}

static int refuse(struct exchange *exchange, int r, const struct scim_change *change,
                  const char *id, const char *member) {
    if (r == IAM_REFUSED)
        return scim_refuse(exchange, change->outcome, change->problem);
    if (r == IAM_UNKNOWN_USER)
        return scim_refuse(
            exchange, SCIM_INVALID_VALUE,
            arena_format(&exchange->request.arena, "User does not exist for id '%s'", member));
    if (r == IAM_NAME_TAKEN) {
        exchange_fail(exchange, ERROR_EXISTS, "another group of the tenant has this displayName");
        return 0;
    }
    return answer_refusal(exchange, r, id);
}

static int answer_group(struct exchange *exchange, int status,
                        const struct provisioned_group *group, const char *base,
                        const struct string_list *attributes, const struct string_list *excluded) {
    CLEANUP(scim_tree_deinit) struct scim_tree tree = build_group(exchange, group, base);
    return scim_answer_resource(exchange, status, &tree, &scim_group_type, attributes, excluded);
}

static bool wants(void *cls, const char *name) {
    return scim_listing_wants(cls, name);
}

struct look {
    struct scim_listing listing; /* the first member, so that wants() finds it */
    const char *base;
};

static int look_at(void *cls, const struct provisioned_group *group) {
    struct look *look = cls;
    CLEANUP(scim_tree_deinit)
    struct scim_tree tree = build_group(look->listing.exchange, group, look->base);
    return scim_listing_take(&look->listing, group->group.name, &tree);
}

static bool needs_members(const struct scim_listing *listing) {
    static const char name[] = "members";
    const struct scim_query *query = listing->query;
    const struct scim_attribute *sorted = listing->sort.attribute;
    return (listing->filter && scim_filter_names(listing->filter, name)) ||
           (sorted && strcmp(sorted->name, name) == 0) ||
           scim_resource_shows(listing->type, name, &query->attributes, &query->excluded);
}

static int list_groups(struct exchange *exchange, const char *base,
                       const struct scim_query *query) {
    struct look look = {.base = base};
    int r = scim_listing_init(&look.listing, exchange, &scim_group_type, "displayName", query);
    if (r == 0) {
        const struct group_visitor visitor = {wants, look_at, &look, needs_members(&look.listing)};
        do
            r = iam_visit_provisioned_groups(exchange->iam, exchange->tenant_pk, &visitor);
        while (r == 0 && scim_listing_goes_on(&look.listing));
        r = scim_listing_answer(&look.listing, r);
    }
    scim_listing_deinit(&look.listing);
    return r < 0 ? r : 0;
}

int handle_query_groups(struct exchange *exchange, const void *input) {
    const struct query_groups_input *in = input;
    const struct scim_query query = SCIM_QUERY(in->query);
    const char *base;
    int r = scim_enter(exchange, in->integration, &base);
    return r == 0 ? list_groups(exchange, base, &query) : r < 0 ? r : 0;
}

int handle_find_groups(struct exchange *exchange, const void *input) {
    const struct find_groups_input *in = input;
    struct scim_query query;
    const char *base;
    int r = scim_enter(exchange, in->integration, &base);
    if (r == 0)
        r = scim_query_read(exchange, &query);
    return r == 0 ? list_groups(exchange, base, &query) : r < 0 ? r : 0;
}

/* Reads the group of the body. Returns 0, EXCHANGE_ANSWERED or <0. */
static int read_body(struct scim_change *change, struct group_provision *ret_provision) {
    int r = scim_change_clean(change, change->exchange->body);
    if (r == 0)
        r = provision(change, ret_provision);
    if (r <= 0)
        return r;
    scim_refuse(change->exchange, r, change->problem);
    return EXCHANGE_ANSWERED;
}

int handle_create_scimresource_by_id_groups(struct exchange *exchange, const void *input) {
    const struct create_scimresource_by_id_groups_input *in = input;
    CLEANUP(scim_change_deinit)
    struct scim_change change = {.exchange = exchange, .type = &scim_group_type};
    struct group_provision wanted;
    struct provisioned_group group;
    const char *member = NULL;
    int r = scim_enter(exchange, in->integration, &change.base);
    if (r == 0)
        r = read_body(&change, &wanted);
    if (r != 0)
        return r < 0 ? r : 0;
    r = iam_provision_group(exchange->iam, exchange->tenant_pk, &wanted,
                            clock_now(&exchange->sandbox->clock), &exchange->request.arena, &group,
                            &member);
    return r == 0 ? answer_group(exchange, 201, &group, change.base, &in->query.attributes,
                                 &in->query.excluded_attributes)
                  : refuse(exchange, r, &change, in->tenant, member);
}

int handle_get_scimresource_by_id_groups(struct exchange *exchange, const void *input) {
    const struct get_scimresource_by_id_groups_input *in = input;
    struct provisioned_group group;
    const char *base;
    int r = scim_enter(exchange, in->integration, &base);
    if (r != 0)
        return r < 0 ? r : 0;
    r = iam_get_provisioned_group(exchange->iam, exchange->tenant_pk, in->id,
                                  &exchange->request.arena, &group);
    return r == 0 ? answer_group(exchange, 200, &group, base, &in->query.attributes,
                                 &in->query.excluded_attributes)
                  : answer_refusal(exchange, r, in->id);
}

int handle_update_groups(struct exchange *exchange, const void *input) {
    const struct update_groups_input *in = input;
    CLEANUP(scim_change_deinit)
    struct scim_change change = {.exchange = exchange, .type = &scim_group_type};
    struct group_provision wanted;
    struct provisioned_group group;
    const char *member = NULL;
    int r = scim_enter(exchange, in->integration, &change.base);
    if (r == 0)
        r = read_body(&change, &wanted);
    if (r != 0)
        return r < 0 ? r : 0;
    r = iam_reprovision_group(exchange->iam, exchange->tenant_pk, in->id, replace, &wanted,
                              clock_now(&exchange->sandbox->clock), &exchange->request.arena,
                              &group, &member);
    return r == 0 ? answer_group(exchange, 200, &group, change.base, &in->query.attributes,
                                 &in->query.excluded_attributes)
                  : refuse(exchange, r, &change, in->id, member);
}

int handle_patch_groups(struct exchange *exchange, const void *input) {
    const struct patch_groups_input *in = input;
    CLEANUP(scim_change_deinit)
    struct scim_change change = {.exchange = exchange, .type = &scim_group_type};
    struct provisioned_group group;
    const char *member = NULL;
    int r = scim_enter(exchange, in->integration, &change.base);
    if (r != 0)
        return r < 0 ? r : 0;
    r = iam_reprovision_group(exchange->iam, exchange->tenant_pk, in->id, patch, &change,
                              clock_now(&exchange->sandbox->clock), &exchange->request.arena,
                              &group, &member);
    if (r != 0)
        return refuse(exchange, r, &change, in->id, member);
    response_set_empty(&exchange->response, 204);
    return 0;
}

int handle_delete_groups(struct exchange *exchange, const void *input) {
    const struct delete_groups_input *in = input;
    const char *base;
    int r = scim_enter(exchange, in->integration, &base);
    if (r != 0)
        return r < 0 ? r : 0;
    r = iam_delete_group(exchange->iam, exchange->tenant_pk, in->id);
    return answer_done(exchange, r, 204, in->id);
}
