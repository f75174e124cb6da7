#include "iam/group_members.h"

#include "iam/rights_cache.h"
#include "store/access.h"
#include "store/group.h"
#include "util/cleanup.h"

/* A change to one membership. */
struct change {
    struct iam *iam;
    int64_t tenant_pk;
    int64_t group_pk;
    int64_t user_pk;
    bool is_member;
};

/* Finds the group if the principal may manage its members. */
static int find_managed(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                        const char *group_id, int64_t *ret_group_pk) {
    enum membership_kind kind = MEMBERSHIP_MEMBER;
    int64_t group_pk;
    int r = store_group_find(iam->store, tenant_pk, group_id, &group_pk);
    if (r == 0 && !principal->permitted) {
        r = store_membership_find(iam->store, principal->user_pk, tenant_pk, group_pk, &kind);
        if (r < 0)
            return r;
        if (r != 0 || kind != MEMBERSHIP_OWNER)
            return IAM_FORBIDDEN;
    }
    if (r == STORE_NOT_FOUND) /* do not tell owners of other groups whether it exists */
        return principal->permitted ? IAM_UNKNOWN_GROUP : IAM_FORBIDDEN;
    if (r == 0)
        *ret_group_pk = group_pk;
    return r;
}

int iam_check_manager(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                      const char *group_id) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int64_t group_pk;
    return find_managed(iam, principal, tenant_pk, group_id, &group_pk);
}

static int take_members(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                        const char *group_id, struct key_list **ret_members) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int64_t group_pk;
    int r = find_managed(iam, principal, tenant_pk, group_id, &group_pk);
    return r == 0 ? store_group_take_members(iam->store, group_pk, ret_members) : r;
}

int iam_list_members(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                     const char *group_id, const struct listing_request *request,
                     struct arena *arena, struct user_page *ret_page, const char **reterr_problem) {
    CLEANUP(key_list_release) struct key_list *members = NULL;
    struct listing listing;
    struct listing_result result;
    int r = take_members(iam, principal, tenant_pk, group_id, &members);
    if (r == 0)
        r = user_listing_init(iam, &listing, request, USER_N_COLUMNS, arena, reterr_problem);
    if (r == 0)
        r = user_listing_run(iam, IAM_ANYBODY, members, &listing, &result);
    return r == 0 ? user_listing_view(iam, &result, tenant_pk, arena, ret_page) : r;
}

static int add(struct change *change) {
    struct store *store = change->iam->store;
    const struct membership_list joined = {&(struct membership){.group_pk = change->group_pk}, 1};
    if (change->is_member)
        return IAM_ALREADY_MEMBER;
    int r = store_access_insert(store, change->user_pk, change->tenant_pk, false);
    return r >= 0 ? store_membership_append(store, change->user_pk, change->tenant_pk, &joined) : r;
}

static int remove_member(struct change *change) {
    if (!change->is_member)
        return IAM_NOT_MEMBER;
    const struct membership_list left = {&(struct membership){.group_pk = change->group_pk}, 1};
    int r = store_membership_leave(change->iam->store, change->user_pk, change->tenant_pk, &left);
    return r == 0 && change->iam->version->leaving_takes_access
               ? store_access_delete_unused(change->iam->store, change->user_pk, change->tenant_pk)
               : r;
}

static int set_kind(struct change *change, enum membership_kind kind) {
    if (!change->is_member)
        return IAM_NOT_MEMBER;
    return store_membership_set_kind(change->iam->store, change->user_pk, change->tenant_pk,
                                     change->group_pk, kind);
}

static int set_owner(struct change *change) {
    return set_kind(change, MEMBERSHIP_OWNER);
}

static int set_ordinary(struct change *change) {
    return set_kind(change, MEMBERSHIP_MEMBER);
}

/* Where joining a group gives no access to the tenant, only users with access have memberships to
 * change. A user who is to be added may be named by username in some versions. */
static int find_user(struct iam *iam, int64_t tenant_pk, const char *id_or_name, bool is_added,
                     struct arena *arena, int64_t *ret_pk) {
    struct user user;
    int r = store_user_find(iam->store, id_or_name, ret_pk);
    if (r == STORE_NOT_FOUND && is_added && iam->version->finds_members_by_name) {
        r = store_user_find_by_username(iam->store, id_or_name, arena, &user);
        if (r == 0)
            *ret_pk = user.pk;
    }
    if (r == 0 && !iam->version->adding_grants_access)
        r = store_access_find(iam->store, *ret_pk, tenant_pk);
    return r == STORE_NOT_FOUND ? IAM_UNKNOWN_USER : r;
}

static int change_membership(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                             const char *group_id, const char *user_id,
                             int (*apply)(struct change *change), struct arena *arena,
                             struct user_view *ret_view) {
    struct change change = {.iam = iam, .tenant_pk = tenant_pk};
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int r = find_managed(iam, principal, tenant_pk, group_id, &change.group_pk);
    if (r == 0)
        r = find_user(iam, tenant_pk, user_id, apply == add, arena, &change.user_pk);
    if (r != 0)
        return r;
    enum membership_kind kind;
    r = store_membership_find(iam->store, change.user_pk, tenant_pk, change.group_pk, &kind);
    if (r < 0)
        return r;
    change.is_member = r == 0;
    r = store_start_writing(&transaction);
    if (r == 0)
        r = apply(&change);
    if (r == 0)
        r = iam_view_user(iam, change.user_pk, tenant_pk, arena, ret_view);
    if (r == 0)
        r = iam_commit(iam, &transaction);
    if (r == 0)
        rights_cache_forget(iam->rights, change.user_pk);
    return r;
}

int iam_add_member(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                   const char *group_id, const char *user_id, struct arena *arena,
                   struct user_view *ret_view) {
    return change_membership(iam, principal, tenant_pk, group_id, user_id, add, arena, ret_view);
}

int iam_remove_member(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                      const char *group_id, const char *user_id, struct arena *arena,
                      struct user_view *ret_view) {
    return change_membership(iam, principal, tenant_pk, group_id, user_id, remove_member, arena,
                             ret_view);
}

int iam_set_member_kind(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                        const char *group_id, const char *user_id, enum membership_kind kind,
                        struct arena *arena, struct user_view *ret_view) {
    return change_membership(iam, principal, tenant_pk, group_id, user_id,
                             kind == MEMBERSHIP_OWNER ? set_owner : set_ordinary, arena, ret_view);
}
