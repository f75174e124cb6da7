#include "iam/group_membership.h"

#include <errno.h>
#include <stdlib.h>

#include "store/group.h"
#include "store/membership.h"
#include "store/user.h"
#include "util/cleanup.h"
#include "util/fatal.h"

static int compare_pks(const void *a, const void *b) {
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* Looks up the groups and returns their keys in ascending order. */
static int find_groups(struct iam *iam, int64_t tenant_pk, const struct string_list *ids,
                       struct arena *arena, int64_t *ret_pks, struct string_list *reterr_unknown) {
    struct string_list unknown = {0};
    for (size_t i = 0; i < ids->count; i++) {
        int r = store_group_find(iam->store, tenant_pk, ids->items[i], &ret_pks[i]);
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
    qsort(ret_pks, ids->count, sizeof(*ret_pks), compare_pks);
    return 0;
}

/* The memberships to remove and the groups to add. */
struct difference {
    int64_t *removed;
    size_t n_removed;
    int64_t *added;
    size_t n_added;
};

/* Merges two ascending lists; duplicate wanted keys count once. */
static int find_difference(const struct membership *current, size_t n_current,
                           const int64_t *wanted, size_t n_wanted, struct arena *arena,
                           struct difference *ret_difference) {
    struct difference difference = {
        .removed = arena_alloc(arena, n_current * sizeof(int64_t)),
        .added = arena_alloc(arena, n_wanted * sizeof(int64_t)),
    };
    if (!difference.removed || !difference.added)
        return FATAL(ENOMEM);
    size_t i = 0;
    size_t j = 0;
    while (i < n_current || j < n_wanted) {
        bool is_duplicate = j > 0 && j < n_wanted && wanted[j] == wanted[j - 1];
        if (is_duplicate) {
            j++;
        } else if (i < n_current && j < n_wanted && current[i].group_pk == wanted[j]) {
            i++;
            j++;
        } else if (j == n_wanted || (i < n_current && current[i].group_pk < wanted[j])) {
            if (!current[i].external)
                difference.removed[difference.n_removed++] = current[i].group_pk;
            i++;
        } else {
            difference.added[difference.n_added++] = wanted[j++];
        }
    }
    *ret_difference = difference;
    return 0;
}

static int compare_memberships(const void *key, const void *element) {
    return compare_pks(key, &((const struct membership *)element)->group_pk);
}

static bool owns_all(const struct membership *own, size_t n_own, const int64_t *pks, size_t n_pks) {
    for (size_t i = 0; i < n_pks; i++) {
        const struct membership *found =
            n_own > 0 ? bsearch(&pks[i], own, n_own, sizeof(*own), compare_memberships) : NULL;
        if (!found || found->kind != MEMBERSHIP_OWNER)
            return false;
    }
    return true;
}

static int check_owner(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                       const struct difference *difference, struct arena *arena) {
    if (principal->super_admin)
        return 0;
    struct membership *own;
    size_t n_own;
    int r = store_membership_list(iam->store, principal->user_pk, tenant_pk, arena, &own, &n_own);
    if (r < 0)
        return r;
    return owns_all(own, n_own, difference->removed, difference->n_removed) &&
                   owns_all(own, n_own, difference->added, difference->n_added)
               ? 0
               : IAM_NOT_OWNER;
}

static int apply(struct transaction *transaction, int64_t user_pk, int64_t tenant_pk,
                 const struct difference *difference) {
    if (difference->n_removed == 0 && difference->n_added == 0)
        return 0;
    int r = store_start_writing(transaction);
    struct store *store = transaction->store;
    for (size_t i = 0; r == 0 && i < difference->n_removed; i++)
        r = store_membership_delete(store, user_pk, tenant_pk, difference->removed[i]);
    for (size_t i = 0; r == 0 && i < difference->n_added; i++)
        r = store_membership_insert(store, user_pk, tenant_pk,
                                    &(struct membership){.group_pk = difference->added[i]});
    return r;
}

int iam_set_user_groups(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                        const char *user_id, const struct string_list *group_ids,
                        struct arena *arena, struct string_list *reterr_unknown) {
    int64_t *wanted = arena_alloc(arena, group_ids->count * sizeof(*wanted));
    if (!wanted)
        return FATAL(ENOMEM);
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int64_t user_pk;
    int r = store_user_find_in_tenant(iam->store, user_id, tenant_pk, &user_pk);
    if (r == STORE_NOT_FOUND)
        return IAM_UNKNOWN_USER;
    if (r == 0)
        r = find_groups(iam, tenant_pk, group_ids, arena, wanted, reterr_unknown);
    if (r != 0)
        return r;
    struct membership *current;
    size_t n_current;
    struct difference difference;
    r = store_membership_list(iam->store, user_pk, tenant_pk, arena, &current, &n_current);
    if (r == 0)
        r = find_difference(current, n_current, wanted, group_ids->count, arena, &difference);
    if (r == 0)
        r = check_owner(iam, principal, tenant_pk, &difference, arena);
    if (r == 0)
        r = apply(&transaction, user_pk, tenant_pk, &difference);
    return r == 0 ? store_commit(&transaction) : r;
}
