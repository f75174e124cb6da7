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

/* Of duplicates the one that the request has first comes first. */
static int compare_wanted(const void *a, const void *b) {
    int64_t left = ((const struct membership *)a)->position;
    int64_t right = ((const struct membership *)b)->position;
    int order = membership_compare(a, b);
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

/* What a user's memberships in a tenant are and become, and what that adds and removes. */
struct difference {
    struct membership_list current, wanted, removed, added;
    bool changes;
};

static void append(struct membership_list *list, const struct membership *membership) {
    list->items[list->count++] = *membership;
}

/* A membership that stays gets the position that the request gives it, or keeps its own. */
static void keep(struct difference *difference, const struct membership *current,
                 int64_t position) {
    append(&difference->wanted, current);
    difference->wanted.items[difference->wanted.count - 1].position = position;
    difference->changes |= current->position != position;
}

static void drop(struct difference *difference, const struct membership *current) {
    if (current->external) {
        keep(difference, current, current->position);
    } else {
        append(&difference->removed, current);
        difference->changes = true;
    }
}

static void add(struct difference *difference, const struct membership *wanted) {
    append(&difference->wanted, wanted);
    append(&difference->added, wanted);
    difference->changes = true;
}

/* Merges two lists with ascending groups; duplicate wanted groups count once. */
static int find_difference(const struct membership_list *current, const struct membership *wanted,
                           size_t n_wanted, struct arena *arena,
                           struct difference *ret_difference) {
    size_t n_current = current->count;
    struct membership *room =
        arena_alloc(arena, 2 * (n_current + n_wanted) * sizeof(*current->items));
    if (!room)
        return FATAL(ENOMEM);
    *ret_difference = (struct difference){
        .current = *current,
        .wanted.items = room,
        .removed.items = room + n_current + n_wanted,
        .added.items = room + 2 * n_current + n_wanted,
    };
    size_t i = 0;
    size_t j = 0;
    while (i < n_current || j < n_wanted) {
        bool is_duplicate = j > 0 && j < n_wanted && wanted[j].group_pk == wanted[j - 1].group_pk;
        int order = i == n_current  ? 1
                    : j == n_wanted ? -1
                                    : membership_compare(&current->items[i], &wanted[j]);
        if (is_duplicate)
            j++;
        else if (order == 0)
            keep(ret_difference, &current->items[i++], wanted[j++].position);
        else if (order < 0)
            drop(ret_difference, &current->items[i++]);
        else
            add(ret_difference, &wanted[j++]);
    }
    return 0;
}

static bool owns_all(const struct membership_list *own, const struct membership_list *changed) {
    for (size_t i = 0; i < changed->count; i++) {
        const struct membership *found = membership_list_find(own, changed->items[i].group_pk);
        if (!found || found->kind != MEMBERSHIP_OWNER)
            return false;
    }
    return true;
}

static int check_owner(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                       const struct difference *difference, struct arena *arena) {
    if (principal->permitted)
        return 0;
    struct membership_list own = {0};
    int r = store_membership_list(iam->store, principal->user_pk, tenant_pk, arena, &own);
    if (r < 0)
        return r;
    return owns_all(&own, &difference->removed) && owns_all(&own, &difference->added)
               ? 0
               : IAM_NOT_OWNER;
}

static int apply(struct transaction *transaction, int64_t user_pk, int64_t tenant_pk,
                 const struct difference *difference) {
    if (!difference->changes)
        return 0;
    int r = store_start_writing(transaction);
    return r == 0 ? store_membership_replace(transaction->store, user_pk, tenant_pk,
                                             &difference->current, &difference->wanted)
                  : r;
}

/* Finds what has to change in the memberships. */
static int plan(struct iam *iam, int64_t tenant_pk, const struct membership_list *current,
                const struct string_list *ids, struct arena *arena,
                struct difference *ret_difference, struct string_list *reterr_unknown) {
    struct membership *wanted = arena_alloc(arena, ids->count * sizeof(*wanted));
    if (!wanted)
        return FATAL(ENOMEM);
    int r = find_groups(iam, tenant_pk, ids, arena, wanted, reterr_unknown);
    return r == 0 ? find_difference(current, wanted, ids->count, arena, ret_difference) : r;
}

int iam_replace_groups(struct iam *iam, struct transaction *transaction, int64_t user_pk,
                       int64_t tenant_pk, const struct string_list *ids, struct arena *arena,
                       struct string_list *reterr_unknown) {
    struct difference difference;
    struct membership_list current = {0};
    int r = store_membership_list(iam->store, user_pk, tenant_pk, arena, &current);
    if (r >= 0)
        r = plan(iam, tenant_pk, &current, ids, arena, &difference, reterr_unknown);
    if (r != 0)
        return r;
    if (difference.added.count > 0)
        r = store_access_insert(iam->store, user_pk, tenant_pk, false);
    return r >= 0 ? apply(transaction, user_pk, tenant_pk, &difference) : r;
}

int iam_set_user_groups(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                        const char *user_id, const struct string_list *group_ids,
                        struct arena *arena, struct string_list *reterr_unknown) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    struct difference difference;
    struct membership_list current;
    int64_t user_pk;
    int r = store_user_find(iam->store, user_id, &user_pk);
    if (r == 0)
        r = store_membership_list(iam->store, user_pk, tenant_pk, arena, &current);
    if (r == STORE_NOT_FOUND)
        return IAM_UNKNOWN_USER;
    if (r == 0)
        r = plan(iam, tenant_pk, &current, group_ids, arena, &difference, reterr_unknown);
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
