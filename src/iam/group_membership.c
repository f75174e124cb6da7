#include "iam/group_membership.h"

#include <errno.h>
#include <stdlib.h>

#include "iam/rights_cache.h"
#include "store/access.h"
#include "store/group.h"
#include "store/membership.h"
#include "store/user.h"
#include "util/cleanup.h"
#include "util/fatal.h"

/* Memberships are compared by group. */
static int compare_groups(const void *a, const void *b) {
    int64_t left = ((const struct membership *)a)->group_pk;
    int64_t right = ((const struct membership *)b)->group_pk;
    return (left > right) - (left < right);
}

/* Of duplicates the one that the request has first comes first. */
static int compare_wanted(const void *a, const void *b) {
    int64_t left = ((const struct membership *)a)->position;
    int64_t right = ((const struct membership *)b)->position;
    int order = compare_groups(a, b);
    return order != 0 ? order : (left > right) - (left < right);
}

/* Looks up the groups. Returns the memberships that the user is to have, by ascending group, with
 * their place in the list as the position. */
static int find_groups(struct iam *iam, int64_t tenant_pk, const struct string_list *ids,
                       struct arena *arena, struct membership *ret_wanted,
                       struct string_list *reterr_unknown) {
    struct string_list unknown = {0};
    for (size_t i = 0; i < ids->count; i++) {
        ret_wanted[i] = (struct membership){.position = (int64_t)i};
        int r = store_group_find(iam->store, tenant_pk, ids->items[i], &ret_wanted[i].group_pk);
        if (r < 0)
            return r;
        if (r == 0)
            continue;
        if (!unknown.items)
            unknown.items = arena_alloc(arena, ids->count * sizeof(*unknown.items));
        if (!unknown.items)
            return FATAL(ENOMEM);
        unknown.items[unknown.count++] = ids->items[i];
    }
    if (unknown.count > 0) {
        *reterr_unknown = unknown;
        return IAM_UNKNOWN_GROUP;
    }
    qsort(ret_wanted, ids->count, sizeof(*ret_wanted), compare_wanted);
    return 0;
}

struct membership_list {
    struct membership *items;
    size_t count;
};

/* The memberships to remove, to add, and to give another position. */
struct difference {
    struct membership_list removed, added, moved;
};

static void append(struct membership_list *list, const struct membership *membership) {
    list->items[list->count++] = *membership;
}

static void keep(struct difference *difference, const struct membership *current,
                 const struct membership *wanted) {
    if (current->position != wanted->position)
        append(&difference->moved, wanted);
}

/* Merges two lists with ascending groups; duplicate wanted groups count once. */
static int find_difference(const struct membership *current, size_t n_current,
                           const struct membership *wanted, size_t n_wanted, struct arena *arena,
                           struct difference *ret_difference) {
    struct difference difference = {
        .removed.items = arena_alloc(arena, n_current * sizeof(*current)),
        .added.items = arena_alloc(arena, n_wanted * sizeof(*wanted)),
        .moved.items = arena_alloc(arena, n_current * sizeof(*current)),
    };
    if (!difference.removed.items || !difference.added.items || !difference.moved.items)
        return FATAL(ENOMEM);
    size_t i = 0;
    size_t j = 0;
    while (i < n_current || j < n_wanted) {
        bool is_duplicate = j > 0 && j < n_wanted && wanted[j].group_pk == wanted[j - 1].group_pk;
        if (is_duplicate) {
            j++;
        } else if (i < n_current && j < n_wanted && current[i].group_pk == wanted[j].group_pk) {
            keep(&difference, &current[i++], &wanted[j++]);
        } else if (j == n_wanted || (i < n_current && current[i].group_pk < wanted[j].group_pk)) {
            if (!current[i].external)
                append(&difference.removed, &current[i]);
            i++;
        } else {
            append(&difference.added, &wanted[j++]);
        }
    }
    *ret_difference = difference;
    return 0;
}

static bool owns_all(const struct membership *own, size_t n_own,
                     const struct membership_list *changed) {
    for (size_t i = 0; i < changed->count; i++) {
        const struct membership *found =
            n_own > 0 ? bsearch(&changed->items[i], own, n_own, sizeof(*own), compare_groups)
                      : NULL;
        if (!found || found->kind != MEMBERSHIP_OWNER)
            return false;
    }
    return true;
}

static int check_owner(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                       const struct difference *difference, struct arena *arena) {
    if (principal->permitted)
        return 0;
    struct membership *own;
    size_t n_own;
    int r = store_membership_list(iam->store, principal->user_pk, tenant_pk, arena, &own, &n_own);
    if (r < 0)
        return r;
    return owns_all(own, n_own, &difference->removed) && owns_all(own, n_own, &difference->added)
               ? 0
               : IAM_NOT_OWNER;
}

static int apply(struct transaction *transaction, int64_t user_pk, int64_t tenant_pk,
                 const struct difference *difference) {
    const struct membership_list *removed = &difference->removed;
    const struct membership_list *added = &difference->added;
    const struct membership_list *moved = &difference->moved;
    if (removed->count + added->count + moved->count == 0)
        return 0;
    int r = store_start_writing(transaction);
    struct store *store = transaction->store;
    for (size_t i = 0; r == 0 && i < removed->count; i++)
        r = store_membership_delete(store, user_pk, tenant_pk, removed->items[i].group_pk);
    for (size_t i = 0; r == 0 && i < moved->count; i++)
        r = store_membership_move(store, user_pk, tenant_pk, &moved->items[i]);
    for (size_t i = 0; r == 0 && i < added->count; i++)
        r = store_membership_insert(store, user_pk, tenant_pk, &added->items[i]);
    return r;
}

/* Finds what has to change. */
static int plan(struct iam *iam, int64_t user_pk, int64_t tenant_pk, const struct string_list *ids,
                struct arena *arena, struct difference *ret_difference,
                struct string_list *reterr_unknown) {
    struct membership *wanted = arena_alloc(arena, ids->count * sizeof(*wanted));
    if (!wanted)
        return FATAL(ENOMEM);
    struct membership *current;
    size_t n_current;
    int r = find_groups(iam, tenant_pk, ids, arena, wanted, reterr_unknown);
    if (r == 0)
        r = store_membership_list(iam->store, user_pk, tenant_pk, arena, &current, &n_current);
    return r == 0 ? find_difference(current, n_current, wanted, ids->count, arena, ret_difference)
                  : r;
}

int iam_replace_groups(struct iam *iam, struct transaction *transaction, int64_t user_pk,
                       int64_t tenant_pk, const struct string_list *ids, struct arena *arena,
                       struct string_list *reterr_unknown) {
    struct difference difference;
    int r = plan(iam, user_pk, tenant_pk, ids, arena, &difference, reterr_unknown);
    if (r == 0 && difference.added.count > 0)
        r = store_access_insert(iam->store, user_pk, tenant_pk, false);
    if (r == 0 || r == STORE_EXISTS)
        r = apply(transaction, user_pk, tenant_pk, &difference);
    return r;
}

int iam_set_user_groups(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                        const char *user_id, const struct string_list *group_ids,
                        struct arena *arena, struct string_list *reterr_unknown) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    struct difference difference;
    int64_t user_pk;
    int r = store_user_find_in_tenant(iam->store, user_id, tenant_pk, &user_pk);
    if (r == STORE_NOT_FOUND)
        return IAM_UNKNOWN_USER;
    if (r == 0)
        r = plan(iam, user_pk, tenant_pk, group_ids, arena, &difference, reterr_unknown);
    if (r == 0)
        r = check_owner(iam, principal, tenant_pk, &difference, arena);
    if (r == 0)
        r = apply(&transaction, user_pk, tenant_pk, &difference);
    if (r == 0)
        r = iam_commit(iam, &transaction);
    if (r == 0)
        rights_cache_forget(iam->rights, user_pk);
    return r;
}
