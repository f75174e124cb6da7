#include "iam/users.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "iam/credential_cache.h"
#include "iam/credentials.h"
#include "iam/rights_cache.h"
#include "store/access.h"
#include "store/group.h"
#include "store/token.h"
#include "store/user_record.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/friendly_id.h"

/* snprintf would take a tenth of the time of reading a user that is kept in memory. */
static const char *display_name(const struct user *user, struct arena *arena) {
    const char *first = user->first_name;
    const char *last = user->last_name;
    if (!first || !last)
        return first ? first : last ? last : user->username;
    char *name = arena_alloc(arena, strlen(first) + strlen(last) + sizeof(" "));
    if (!name)
        return NULL;
    char *end = stpcpy(name, first);
    *end = ' ';
    stpcpy(end + 1, last);
    return name;
}

int iam_view_user(struct iam *iam, int64_t user_pk, int64_t tenant_pk, struct arena *arena,
                  struct user_view *ret_view) {
    struct user_record record;
    int r = user_record_read(iam->store, user_pk, tenant_pk, arena, &record);
    if (r != 0)
        return r == STORE_NOT_FOUND ? IAM_UNKNOWN_USER : r;
    struct user_view view = {
        .version = iam->version,
        .user = record.user,
        .tenants = record.tenants,
        .n_tenants = record.n_tenants,
        .groups = record.groups,
        .n_groups = record.n_groups,
    };
    if (view.user.is_service_account) {
        view.user.username = view.user.name;
        view.user.email = NULL;
    }
    view.display_name = display_name(&view.user, arena);
    if (!view.display_name)
        return FATAL(ENOMEM);
    *ret_view = view;
    return 0;
}

/* An id of a list, and its place there. */
struct listed_id {
    const char *id;
    int64_t position;
};

/* Ids in ascending order. */
struct id_list {
    bool present;
    size_t count;
    struct listed_id *items;
};

static int compare_ids(const void *a, const void *b) {
    return strcmp(((const struct listed_id *)a)->id, ((const struct listed_id *)b)->id);
}

static int compare_listed(const void *a, const void *b) {
    int order = compare_ids(a, b);
    int64_t left = ((const struct listed_id *)a)->position;
    int64_t right = ((const struct listed_id *)b)->position;
    return order != 0 ? order : (left > right) - (left < right);
}

/* Sorts ids and removes duplicates, of which a hostile list may have very many. The first of them
 * counts. */
static int sort_ids(const struct string_list *ids, struct arena *arena, struct id_list *ret_ids) {
    struct id_list sorted = {.present = ids->present};
    struct listed_id *items = arena_alloc(arena, ids->count * sizeof(*items));
    if (!items)
        return FATAL(ENOMEM);
    for (size_t i = 0; i < ids->count; i++)
        items[i] = (struct listed_id){ids->items[i], (int64_t)i};
    qsort(items, ids->count, sizeof(*items), compare_listed);
    for (size_t i = 0; i < ids->count; i++)
        if (i == 0 || compare_ids(&items[i], &items[sorted.count - 1]) != 0)
            items[sorted.count++] = items[i];
    sorted.items = items;
    *ret_ids = sorted;
    return 0;
}

/* What a user's details refer to. */
struct sorted_lists {
    struct id_list tenants;
    struct id_list groups;
};

static int sort_lists(const struct new_user *details, struct arena *arena,
                      struct sorted_lists *ret_lists) {
    int r = sort_ids(&details->tenants, arena, &ret_lists->tenants);
    return r == 0 ? sort_ids(&details->groups, arena, &ret_lists->groups) : r;
}

static int grant_tenants(struct iam *iam, int64_t user_pk, const struct id_list *ids,
                         const char **reterr_unknown) {
    for (size_t i = 0; i < ids->count; i++) {
        int64_t tenant_pk;
        int r = store_tenant_find(iam->store, ids->items[i].id, &tenant_pk);
        if (r == STORE_NOT_FOUND) {
            *reterr_unknown = ids->items[i].id;
            return IAM_UNKNOWN_TENANT;
        }
        if (r == 0)
            r = store_access_insert(iam->store, user_pk, tenant_pk, true);
        if (r == STORE_EXISTS)
            r = store_access_grant(iam->store, user_pk, tenant_pk);
        if (r < 0)
            return r;
    }
    return 0;
}

int iam_grant_tenants(struct iam *iam, int64_t user_pk, const struct string_list *ids,
                      struct arena *arena, const char **reterr_unknown) {
    struct id_list sorted;
    int r = sort_ids(ids, arena, &sorted);
    return r == 0 ? grant_tenants(iam, user_pk, &sorted, reterr_unknown) : r;
}

/* A membership, and the tenant of its group. */
struct placed_membership {
    int64_t tenant_pk;
    struct membership membership;
};

static int compare_tenants(const void *a, const void *b) {
    int64_t left = ((const struct placed_membership *)a)->tenant_pk;
    int64_t right = ((const struct placed_membership *)b)->tenant_pk;
    return (left > right) - (left < right);
}

typedef int (*change_memberships)(struct store *store, int64_t user_pk, int64_t tenant_pk,
                                  const struct membership_list *changed);

/* Changes the memberships of each tenant at once. */
static int change_by_tenant(struct iam *iam, int64_t user_pk, struct placed_membership *changed,
                            size_t count, change_memberships change, struct arena *arena) {
    struct membership_list list = {.items = arena_alloc(arena, count * sizeof(*list.items))};
    if (!list.items)
        return FATAL(ENOMEM);
    int r = 0;
    qsort(changed, count, sizeof(*changed), compare_tenants);
    for (size_t i = 0; r == 0 && i < count; i++) {
        list.items[list.count++] = changed[i].membership;
        if (i + 1 < count && changed[i + 1].tenant_pk == changed[i].tenant_pk)
            continue;
        r = change(iam->store, user_pk, changed[i].tenant_pk, &list);
        list.count = 0;
    }
    return r;
}

/* `own` are the groups that the user belongs to. */
static int join_groups(struct iam *iam, int64_t user_pk, const struct id_list *ids,
                       const struct membership_list *own, struct arena *arena,
                       const char **reterr_unknown) {
    struct placed_membership *joined = arena_alloc(arena, ids->count * sizeof(*joined));
    if (!joined)
        return FATAL(ENOMEM);
    for (size_t i = 0; i < ids->count; i++) {
        joined[i].membership.position = ids->items[i].position;
        int r = store_group_find_for_user(iam->store, ids->items[i].id, user_pk, own,
                                          &joined[i].membership.group_pk, &joined[i].tenant_pk);
        if (r == STORE_NOT_FOUND) {
            *reterr_unknown = ids->items[i].id;
            return IAM_UNKNOWN_GROUP;
        }
        if (r == 0)
            r = store_access_insert(iam->store, user_pk, joined[i].tenant_pk, false);
        if (r < 0)
            return r;
    }
    return change_by_tenant(iam, user_pk, joined, ids->count, store_membership_join, arena);
}

int iam_count_users(struct iam *iam, int64_t *ret_count) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    return store_user_count(iam->store, ret_count);
}

int iam_create_user(struct iam *iam, const struct new_user *new_user, struct arena *arena,
                    struct user_view *ret_view, const char **reterr_unknown) {
    char id[FRIENDLY_ID_SIZE];
    char hash[PASSWORD_HASH_SIZE];
    struct user user = {
        .id = id,
        .username = new_user->email,
        .email = new_user->email,
        .first_name = new_user->first_name,
        .last_name = new_user->last_name,
        .super_admin = new_user->super_admin,
        .restricted = new_user->restricted,
    };
    friendly_id_make(id);
    struct sorted_lists lists;
    int r = sort_lists(new_user, arena, &lists);
    if (r == 0 && new_user->password) {
        r = password_hash(iam->password_cost, new_user->password, hash);
        user.password_hash = hash;
    }
    if (r < 0)
        return r;
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int64_t pk;
    r = store_start_writing(&transaction);
    if (r == 0)
        r = store_user_insert(iam->store, &user, &pk);
    if (r == STORE_EXISTS)
        return IAM_EMAIL_TAKEN;
    if (r == 0)
        r = grant_tenants(iam, pk, &lists.tenants, reterr_unknown);
    if (r == 0)
        r = join_groups(iam, pk, &lists.groups, &(struct membership_list){0}, arena,
                        reterr_unknown);
    if (r == 0)
        r = iam_view_user(iam, pk, 0, arena, ret_view);
    return r == 0 ? iam_commit(iam, &transaction) : r;
}

int iam_find_user(struct iam *iam, enum iam_kind kind, const char *id, int64_t *ret_pk) {
    int r = kind == IAM_ANYBODY
                ? store_user_find(iam->store, id, ret_pk)
                : store_user_find_of_type(iam->store, kind == IAM_SERVICE_ACCOUNT, id, ret_pk);
    if (r != STORE_NOT_FOUND)
        return r;
    return kind == IAM_SERVICE_ACCOUNT ? IAM_UNKNOWN_ACCOUNT : IAM_UNKNOWN_USER;
}

int iam_get_user(struct iam *iam, enum iam_kind kind, const char *id, struct arena *arena,
                 struct user_view *ret_view) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int64_t pk;
    int r = iam_find_user(iam, kind, id, &pk);
    return r == 0 ? iam_view_user(iam, pk, 0, arena, ret_view) : r;
}

int iam_get_user_by_pk(struct iam *iam, int64_t pk, struct arena *arena,
                       struct user_view *ret_view) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    return iam_view_user(iam, pk, 0, arena, ret_view);
}

/* Reads a user that is about to be changed. */
static int read_user(struct iam *iam, enum iam_kind kind, const char *id, struct arena *arena,
                     struct user *ret_user) {
    int64_t pk;
    int r = iam_find_user(iam, kind, id, &pk);
    return r == 0 ? store_user_find_by_pk(iam->store, pk, arena, ret_user) : r;
}

static int write_user(struct transaction *transaction, const struct user *user) {
    int r = store_start_writing(transaction);
    if (r == 0)
        r = store_user_update(transaction->store, user);
    return r == STORE_EXISTS ? IAM_EMAIL_TAKEN : r;
}

int iam_commit_user(struct iam *iam, struct transaction *transaction, int64_t pk) {
    int r = iam_commit(iam, transaction);
    if (r == 0) {
        credential_cache_forget(iam->cache, pk);
        rights_cache_forget(iam->rights, pk);
    }
    return r;
}

static void set_email(struct user *user, const char *email) {
    if (strcmp(user->username, user->email) == 0)
        user->username = email;
    user->email = email;
}

int iam_patch_user(struct iam *iam, const char *id, const char *email, const char *first_name,
                   const char *last_name, struct arena *arena, struct user_view *ret_view) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    struct user user;
    int r = read_user(iam, IAM_USER, id, arena, &user);
    if (r != 0)
        return r;
    if (email)
        set_email(&user, email);
    user.first_name = first_name ? first_name : user.first_name;
    user.last_name = last_name ? last_name : user.last_name;
    r = write_user(&transaction, &user);
    if (r == 0)
        r = iam_view_user(iam, user.pk, 0, arena, ret_view);
    return r == 0 ? iam_commit_user(iam, &transaction, user.pk) : r;
}

/* Leaves the groups that are not in `kept`, and lists all that the user has belonged to. */
static int leave_groups(struct iam *iam, int64_t user_pk, const struct id_list *kept,
                        struct arena *arena, struct membership_list *ret_own) {
    struct user_group *groups;
    size_t n_groups;
    size_t n_left = 0;
    int r = store_membership_list_groups(iam->store, user_pk, 0, arena, &groups, &n_groups);
    if (r != 0)
        return r;
    struct placed_membership *left = arena_alloc(arena, n_groups * sizeof(*left));
    struct membership_list own = {arena_alloc(arena, n_groups * sizeof(*own.items)), n_groups};
    if (!left || !own.items)
        return FATAL(ENOMEM);
    for (size_t i = 0; i < n_groups; i++) {
        const struct listed_id key = {.id = groups[i].id};
        own.items[i].group_pk = groups[i].pk;
        if (!groups[i].external &&
            !bsearch(&key, kept->items, kept->count, sizeof(*kept->items), compare_ids))
            left[n_left++] = (struct placed_membership){groups[i].tenant_pk, own.items[i]};
    }
    qsort(own.items, own.count, sizeof(*own.items), membership_compare);
    *ret_own = own;
    return change_by_tenant(iam, user_pk, left, n_left, store_membership_leave, arena);
}

static int replace_lists(struct iam *iam, int64_t user_pk, const struct sorted_lists *lists,
                         struct arena *arena, const char **reterr_unknown) {
    int r = 0;
    if (lists->tenants.present) {
        r = store_access_ungrant_all(iam->store, user_pk);
        if (r == 0)
            r = grant_tenants(iam, user_pk, &lists->tenants, reterr_unknown);
    }
    if (r == 0 && lists->groups.present) {
        struct membership_list own;
        r = leave_groups(iam, user_pk, &lists->groups, arena, &own);
        if (r == 0)
            r = join_groups(iam, user_pk, &lists->groups, &own, arena, reterr_unknown);
    }
    if (r == 0 && (lists->tenants.present || lists->groups.present))
        r = store_access_delete_all_unused(iam->store, user_pk);
    return r;
}

int iam_update_user(struct iam *iam, const char *id, const struct new_user *details,
                    struct arena *arena, struct user_view *ret_view, const char **reterr_unknown) {
    char hash[PASSWORD_HASH_SIZE];
    struct sorted_lists lists;
    int r = sort_lists(details, arena, &lists);
    if (iam->version->absent_lists_are_cleared)
        lists.tenants.present = lists.groups.present = true;
    if (r == 0 && details->password)
        r = password_hash(iam->password_cost, details->password, hash);
    if (r < 0)
        return r;
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    struct user user;
    r = read_user(iam, IAM_USER, id, arena, &user);
    if (r != 0)
        return r;
    set_email(&user, details->email);
    user.first_name = details->first_name;
    user.last_name = details->last_name;
    user.super_admin = details->super_admin;
    user.restricted = details->restricted;
    if (details->password)
        user.password_hash = hash;
    r = write_user(&transaction, &user);
    if (r == 0 && details->password)
        r = store_session_delete_all(iam->store, user.pk, INT64_MAX);
    if (r == 0)
        r = replace_lists(iam, user.pk, &lists, arena, reterr_unknown);
    if (r == 0)
        r = iam_view_user(iam, user.pk, 0, arena, ret_view);
    return r == 0 ? iam_commit_user(iam, &transaction, user.pk) : r;
}

int iam_set_user_flag(struct iam *iam, enum iam_kind kind, const char *id, enum user_flag flag,
                      bool value, struct arena *arena) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    struct user user;
    int r = read_user(iam, kind, id, arena, &user);
    if (r != 0)
        return r;
    *(flag == USER_RESTRICTED ? &user.restricted : &user.super_admin) = value;
    r = write_user(&transaction, &user);
    return r == 0 ? iam_commit_user(iam, &transaction, user.pk) : r;
}

int iam_delete_user(struct iam *iam, enum iam_kind kind, const char *id) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int64_t pk;
    int r = iam_find_user(iam, kind, id, &pk);
    if (r == 0)
        r = store_start_writing(&transaction);
    if (r == 0)
        r = store_user_delete(iam->store, pk);
    return r == 0 ? iam_commit_user(iam, &transaction, pk) : r;
}

int iam_find_self(struct iam *iam, const struct principal *principal, struct arena *arena,
                  const char **ret_id) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int64_t pk = principal->user_pk;
    struct user user;
    int r = pk == 0 ? store_user_find_super_admin(iam->store, &pk) : 0;
    if (r == 0)
        r = store_user_find_by_pk(iam->store, pk, arena, &user);
    if (r == 0)
        *ret_id = user.id;
    return r == STORE_NOT_FOUND ? IAM_UNKNOWN_USER : r;
}
