#include "iam/provisioned_groups.h"

#include <errno.h>
#include <stdlib.h>

#include "iam/rights.h"
#include "iam/rights_cache.h"
#include "store/access.h"
#include "store/membership.h"
#include "store/user.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/friendly_id.h"

static int read_group(struct iam *iam, int64_t pk, struct arena *arena,
                      struct provisioned_group *ret_group) {
    *ret_group = (struct provisioned_group){0};
    int r = store_group_find_by_pk(iam->store, pk, arena, &ret_group->group);
    return r == 0 ? store_provisioned_group(iam->store, pk, arena, &ret_group->provisioned) : r;
}

static int view(struct iam *iam, int64_t tenant_pk, int64_t pk, struct arena *arena,
                struct provisioned_group *ret_group) {
    struct member *members;
    int r = read_group(iam, pk, arena, ret_group);
    if (r == 0)
        r = store_provisioned_members(iam->store, tenant_pk, pk, arena, &members,
                                      &ret_group->n_members);
    if (r == 0)
        ret_group->members = members;
    return r;
}

static int find(struct iam *iam, int64_t tenant_pk, const char *id, struct arena *arena,
                struct provisioned_group *ret_group) {
    int64_t pk;
    int r = store_group_find(iam->store, tenant_pk, id, &pk);
    if (r == 0)
        r = view(iam, tenant_pk, pk, arena, ret_group);
    return r == STORE_NOT_FOUND ? IAM_UNKNOWN_GROUP : r;
}

static int compare_keys(const void *a, const void *b) {
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* Looks up the members, by ascending key. */
static int find_members(struct iam *iam, int64_t tenant_pk, const struct string_list *ids,
                        struct arena *arena, int64_t **ret_keys, const char **reterr_id) {
    int64_t *keys = arena_alloc(arena, ids->count * sizeof(*keys));
    if (!keys)
        return FATAL(ENOMEM);
    for (size_t i = 0; i < ids->count; i++) {
        int r = store_user_find_in_tenant(iam->store, ids->items[i], tenant_pk, &keys[i]);
        if (r == STORE_NOT_FOUND)
            *reterr_id = ids->items[i];
        if (r != 0)
            return r == STORE_NOT_FOUND ? IAM_UNKNOWN_USER : r;
    }
    qsort(keys, ids->count, sizeof(*keys), compare_keys);
    *ret_keys = keys;
    return 0;
}

static int remove_member(struct iam *iam, int64_t tenant_pk, int64_t group_pk, int64_t user_pk) {
    const struct membership_list left = {&(struct membership){.group_pk = group_pk}, 1};
    int r = store_membership_leave(iam->store, user_pk, tenant_pk, &left);
    return r == 0 && iam->version->leaving_takes_access
               ? store_access_delete_unused(iam->store, user_pk, tenant_pk)
               : r;
}

/* Merges what is and what is to be; both ascend. */
static int set_members(struct iam *iam, int64_t tenant_pk, const struct provisioned_group *group,
                       const int64_t *wanted, size_t n_wanted) {
    const struct membership_list joined = {
        &(struct membership){.group_pk = group->group.pk, .external = true}, 1};
    const struct member *members = group->members;
    size_t i = 0;
    size_t j = 0;
    int r = 0;
    while (r == 0 && (i < group->n_members || j < n_wanted)) {
        if (j > 0 && j < n_wanted && wanted[j] == wanted[j - 1]) {
            j++;
        } else if (j == n_wanted || (i < group->n_members && members[i].user_pk < wanted[j])) {
            r = remove_member(iam, tenant_pk, group->group.pk, members[i++].user_pk);
        } else if (i == group->n_members || wanted[j] < members[i].user_pk) {
            r = store_membership_append(iam->store, wanted[j++], tenant_pk, &joined);
        } else {
            if (!members[i].external)
                r = store_membership_set_external(iam->store, wanted[j], tenant_pk,
                                                  group->group.pk);
            i++;
            j++;
        }
    }
    return r;
}

/* Writes what belongs to the group, and reads it again. `group` is what it was. */
static int write_parts(struct iam *iam, int64_t tenant_pk, const struct provisioned_group *group,
                       const struct group_provision *provision, int64_t now, struct arena *arena,
                       struct provisioned_group *ret_group, const char **reterr_id) {
    const struct provisioned provisioned = {provision->attributes, group->provisioned.created_at,
                                            now};
    int64_t *wanted;
    int r = find_members(iam, tenant_pk, &provision->members, arena, &wanted, reterr_id);
    if (r == 0)
        r = set_members(iam, tenant_pk, group, wanted, provision->members.count);
    if (r == 0)
        r = store_provision_group(iam->store, group->group.pk, &provisioned);
    return r == 0 ? view(iam, tenant_pk, group->group.pk, arena, ret_group) : r;
}

static int commit(struct iam *iam, struct transaction *transaction) {
    int r = iam_commit(iam, transaction);
    if (r == 0)
        rights_cache_forget(iam->rights, 0);
    return r;
}

int iam_provision_group(struct iam *iam, int64_t tenant_pk, const struct group_provision *provision,
                        int64_t now, struct arena *arena, struct provisioned_group *ret_group,
                        const char **reterr_id) {
    char id[FRIENDLY_ID_SIZE];
    struct provisioned_group group = {.provisioned.created_at = now};
    friendly_id_make(id);
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int r = iam_check_tenant(iam, tenant_pk);
    if (r == 0)
        r = store_start_writing(&transaction);
    if (r == 0)
        r = store_group_insert(iam->store, tenant_pk, id, provision->name, NULL, &group.group.pk);
    if (r == STORE_EXISTS)
        return IAM_NAME_TAKEN;
    if (r == 0)
        r = write_parts(iam, tenant_pk, &group, provision, now, arena, ret_group, reterr_id);
    return r == 0 ? commit(iam, &transaction) : r;
}

int iam_get_provisioned_group(struct iam *iam, int64_t tenant_pk, const char *id,
                              struct arena *arena, struct provisioned_group *ret_group) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    return find(iam, tenant_pk, id, arena, ret_group);
}

int iam_reprovision_group(struct iam *iam, int64_t tenant_pk, const char *id, group_decide decide,
                          void *cls, int64_t now, struct arena *arena,
                          struct provisioned_group *ret_group, const char **reterr_id) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    struct provisioned_group group;
    struct group_provision provision;
    int r = find(iam, tenant_pk, id, arena, &group);
    if (r == 0)
        r = decide(cls, &group, &provision);
    if (r == 0)
        r = store_start_writing(&transaction);
    if (r != 0)
        return r;
    group.group.name = provision.name;
    r = store_group_update(iam->store, &group.group);
    if (r == STORE_EXISTS)
        return IAM_NAME_TAKEN;
    if (r == 0)
        r = write_parts(iam, tenant_pk, &group, &provision, now, arena, ret_group, reterr_id);
    return r == 0 ? commit(iam, &transaction) : r;
}

struct visit {
    struct iam *iam;
    const struct group_visitor *visitor;
    const struct member *members; /* of all groups, by ascending group */
    size_t n_members;
};

/* Takes the members of a group from the front of the list. */
static void take_members(struct visit *visit, struct provisioned_group *group) {
    while (visit->n_members > 0 && visit->members->group_pk < group->group.pk) {
        visit->members++;
        visit->n_members--;
    }
    group->members = visit->members;
    while (group->n_members < visit->n_members &&
           visit->members[group->n_members].group_pk == group->group.pk)
        group->n_members++;
}

static int visit_group(void *cls, int64_t pk, const char *const *columns) {
    struct visit *visit = cls;
    const struct group_visitor *visitor = visit->visitor;
    if (!visitor->wants(visitor->cls, columns[GROUP_COLUMN_NAME]))
        return 0;
    CLEANUP(arena_deinit) struct arena arena;
    arena_init(&arena);
    struct provisioned_group group;
    int r = read_group(visit->iam, pk, &arena, &group);
    if (r != 0)
        return r;
    take_members(visit, &group);
    return visitor->visit(visitor->cls, &group);
}

int iam_visit_provisioned_groups(struct iam *iam, int64_t tenant_pk,
                                 const struct group_visitor *visitor) {
    CLEANUP(arena_deinit) struct arena arena;
    arena_init(&arena);
    struct visit visit = {.iam = iam, .visitor = visitor};
    struct member *members = NULL;
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int r = visitor->with_members ? store_provisioned_members(iam->store, tenant_pk, 0, &arena,
                                                              &members, &visit.n_members)
                                  : 0;
    visit.members = members;
    return r == 0 ? store_group_scan(iam->store, tenant_pk, GROUP_N_COLUMNS, visit_group, &visit)
                  : r;
}
