#include "iam/users.h"

#include <errno.h>
#include <string.h>

#include "iam/credentials.h"
#include "store/group.h"
#include "util/cleanup.h"
#include "util/friendly_id.h"

static const char *const flags[] = {"true", "false", NULL};
static const char *const types[] = {"STANDARD", "SERVICE_ACCOUNT", NULL};

static const struct listing_column columns[ACCESS_N_COLUMNS] = {
    [USER_COLUMN_USERNAME] = {"username", true, .any_case = true},
    [USER_COLUMN_EMAIL] = {"email", true, .any_case = true},
    [USER_COLUMN_FIRST_NAME] = {"firstName", true},
    [USER_COLUMN_LAST_NAME] = {"lastName", true},
    [USER_COLUMN_ID] = {"id", .no_sort = true},
    [USER_COLUMN_SUPER_ADMIN] = {"superAdmin", .any_case = true, .no_sort = true, .values = flags},
    [USER_COLUMN_TYPE] = {"type", .no_sort = true, .values = types},
};

static const char *display_name(const struct user *user, struct arena *arena) {
    if (user->first_name && user->last_name)
        return arena_format(arena, "%s %s", user->first_name, user->last_name);
    return user->first_name ? user->first_name : user->last_name ? user->last_name : user->username;
}

int iam_view_user(struct iam *iam, int64_t user_pk, int64_t tenant_pk, struct arena *arena,
                  struct user_view *ret_view) {
    struct user_view view = {0};
    int r = store_user_find_by_pk(iam->store, user_pk, arena, &view.user);
    if (r == 0)
        r = store_access_list(iam->store, user_pk, arena, &view.tenants, &view.n_tenants);
    if (r == 0)
        r = store_membership_list_groups(iam->store, user_pk, tenant_pk, arena, &view.groups,
                                         &view.n_groups);
    if (r != 0)
        return r == STORE_NOT_FOUND ? IAM_UNKNOWN_USER : r;
    view.display_name = display_name(&view.user, arena);
    if (!view.display_name)
        return -ENOMEM;
    *ret_view = view;
    return 0;
}

int iam_view_users(struct iam *iam, const struct listing_result *result, int64_t tenant_pk,
                   struct arena *arena, struct user_page *ret_page) {
    struct user_view *users = arena_alloc(arena, result->count * sizeof(*users));
    if (!users)
        return -ENOMEM;
    for (size_t i = 0; i < result->count; i++) {
        int r = iam_view_user(iam, result->pks[i], tenant_pk, arena, &users[i]);
        if (r != 0)
            return r;
    }
    *ret_page = (struct user_page){users, result->count, result->total};
    return 0;
}

int iam_init_user_listing(struct listing *listing, const struct listing_request *request,
                          size_t n_columns, struct arena *arena, const char **ret_problem) {
    return listing_init(listing, request, columns, n_columns, arena, ret_problem);
}

int iam_list_users(struct iam *iam, const struct listing_request *request, struct arena *arena,
                   struct user_page *ret_page, const char **ret_problem) {
    struct listing listing;
    struct listing_result result;
    int r = iam_init_user_listing(&listing, request, USER_N_COLUMNS, arena, ret_problem);
    if (r != 0)
        return r;
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    r = store_user_scan(iam->store, listing.n_used, listing_visit, &listing);
    if (r == 0)
        r = listing_finish(&listing, &result);
    return r == 0 ? iam_view_users(iam, &result, 0, arena, ret_page) : r;
}

static int grant_tenants(struct iam *iam, int64_t user_pk, const struct string_list *ids,
                         const char **ret_unknown) {
    for (size_t i = 0; i < ids->count; i++) {
        int64_t tenant_pk;
        int r = store_tenant_find(iam->store, ids->items[i], &tenant_pk);
        if (r == STORE_NOT_FOUND) {
            *ret_unknown = ids->items[i];
            return IAM_UNKNOWN_TENANT;
        }
        if (r == 0)
            r = store_access_insert(iam->store, user_pk, tenant_pk, true);
        if (r < 0)
            return r;
    }
    return 0;
}

/* Ids are unique in practice. Where fixtures have one in several tenants, a tenant that the user
 * was given goes first. */
static int find_group(struct iam *iam, const struct string_list *tenants, const char *id,
                      int64_t *ret_group_pk, int64_t *ret_tenant_pk) {
    for (size_t i = 0; i < tenants->count; i++) {
        int r = store_tenant_find(iam->store, tenants->items[i], ret_tenant_pk);
        if (r == 0)
            r = store_group_find(iam->store, *ret_tenant_pk, id, ret_group_pk);
        if (r != STORE_NOT_FOUND)
            return r;
    }
    return store_group_find_anywhere(iam->store, id, ret_group_pk, ret_tenant_pk);
}

static int join_groups(struct iam *iam, int64_t user_pk, const struct new_user *new_user,
                       const char **ret_unknown) {
    for (size_t i = 0; i < new_user->groups.count; i++) {
        const char *id = new_user->groups.items[i];
        struct membership membership = {.kind = MEMBERSHIP_MEMBER};
        int64_t tenant_pk;
        int r = find_group(iam, &new_user->tenants, id, &membership.group_pk, &tenant_pk);
        if (r == STORE_NOT_FOUND) {
            *ret_unknown = id;
            return IAM_UNKNOWN_GROUP;
        }
        if (r == 0)
            r = store_access_insert(iam->store, user_pk, tenant_pk, false);
        if (r >= 0)
            r = store_membership_insert(iam->store, user_pk, tenant_pk, &membership);
        if (r < 0)
            return r;
    }
    return 0;
}

int iam_create_user(struct iam *iam, const struct new_user *new_user, struct arena *arena,
                    struct user_view *ret_view, const char **ret_unknown) {
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
    if (new_user->password) {
        if (password_hash(new_user->password, hash) < 0)
            return -ENOMEM;
        user.password_hash = hash;
    }
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int64_t pk;
    int r = store_start_writing(&transaction);
    if (r == 0)
        r = store_user_insert(iam->store, &user, &pk);
    if (r == STORE_EXISTS)
        return IAM_EMAIL_TAKEN;
    if (r == 0)
        r = grant_tenants(iam, pk, &new_user->tenants, ret_unknown);
    if (r == 0)
        r = join_groups(iam, pk, new_user, ret_unknown);
    if (r == 0)
        r = iam_view_user(iam, pk, 0, arena, ret_view);
    return r == 0 ? store_commit(&transaction) : r;
}

int iam_find_user(struct iam *iam, const char *id, int64_t *ret_pk) {
    int r = store_user_find(iam->store, id, ret_pk);
    return r == STORE_NOT_FOUND ? IAM_UNKNOWN_USER : r;
}

int iam_get_user(struct iam *iam, const char *id, struct arena *arena, struct user_view *ret_view) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int64_t pk;
    int r = iam_find_user(iam, id, &pk);
    return r == 0 ? iam_view_user(iam, pk, 0, arena, ret_view) : r;
}

int iam_patch_user(struct iam *iam, const char *id, const char *email, const char *first_name,
                   const char *last_name, struct arena *arena, struct user_view *ret_view) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    struct user user;
    int64_t pk;
    int r = iam_find_user(iam, id, &pk);
    if (r == 0)
        r = store_user_find_by_pk(iam->store, pk, arena, &user);
    if (r != 0)
        return r;
    if (email && strcmp(user.username, user.email) == 0)
        user.username = email;
    user.email = email ? email : user.email;
    user.first_name = first_name ? first_name : user.first_name;
    user.last_name = last_name ? last_name : user.last_name;
    r = store_start_writing(&transaction);
    if (r == 0)
        r = store_user_update(iam->store, &user);
    if (r == STORE_EXISTS)
        return IAM_EMAIL_TAKEN;
    if (r == 0)
        r = iam_view_user(iam, pk, 0, arena, ret_view);
    if (r == 0)
        r = store_commit(&transaction);
    if (r == 0)
        credential_cache_forget(iam->cache, pk);
    return r;
}

int iam_delete_user(struct iam *iam, const char *id) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int64_t pk;
    int r = iam_find_user(iam, id, &pk);
    if (r == 0)
        r = store_start_writing(&transaction);
    if (r == 0)
        r = store_user_delete(iam->store, pk);
    if (r == 0)
        r = store_commit(&transaction);
    if (r == 0)
        credential_cache_forget(iam->cache, pk);
    return r;
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
