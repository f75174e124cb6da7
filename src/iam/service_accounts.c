#include "iam/service_accounts.h"

#include "iam/group_membership.h"
#include "iam/rights.h"
#include "store/access.h"
#include "util/cleanup.h"
#include "util/friendly_id.h"

static const char *const flags[] = {"true", "false", NULL};

static int replace_groups(struct iam *iam, struct transaction *transaction, int64_t pk,
                          int64_t tenant_pk, const struct string_list *groups, struct arena *arena,
                          const char **reterr_unknown) {
    struct string_list unknown;
    int r = iam_replace_groups(iam, transaction, pk, tenant_pk, groups, arena, &unknown);
    if (r == IAM_UNKNOWN_GROUP)
        *reterr_unknown = unknown.items[0];
    return r;
}

/* Gives a new account what its details refer to. */
static int connect(struct iam *iam, struct transaction *transaction, int64_t pk, int64_t tenant_pk,
                   const struct account_details *details, struct arena *arena,
                   const char **reterr_unknown) {
    if (tenant_pk == 0)
        return iam_grant_tenants(iam, pk, &details->tenants, arena, reterr_unknown);
    int r = store_access_insert(iam->store, pk, tenant_pk, true);
    return r == 0 ? replace_groups(iam, transaction, pk, tenant_pk, &details->groups, arena,
                                   reterr_unknown)
                  : r;
}

int iam_create_account(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                       const struct account_details *details, struct arena *arena,
                       struct user_view *ret_view, const char **reterr_unknown) {
    char id[FRIENDLY_ID_SIZE];
    const struct user user = {
        .id = id,
        .username = id,
        .email = id,
        .is_service_account = true,
        .name = details->name,
        .description = details->description,
        .super_admin = details->super_admin,
    };
    friendly_id_make(id);
    if (details->super_admin && !principal->super_admin)
        return IAM_FORBIDDEN;
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int64_t pk;
    int r = tenant_pk != 0 ? iam_check_tenant(iam, tenant_pk) : 0;
    if (r == 0)
        r = store_start_writing(&transaction);
    if (r == 0)
        r = store_user_insert(iam->store, &user, &pk);
    if (r == 0)
        r = connect(iam, &transaction, pk, tenant_pk, details, arena, reterr_unknown);
    if (r == 0)
        r = iam_view_user(iam, pk, tenant_pk, arena, ret_view);
    return r == 0 ? iam_commit(iam, &transaction) : r;
}

/* Call this inside a transaction. */
static int find_account(struct iam *iam, int64_t tenant_pk, const char *id, int64_t *ret_pk) {
    int64_t pk;
    int r = iam_find_user(iam, IAM_SERVICE_ACCOUNT, id, &pk);
    if (r == 0 && tenant_pk != 0) {
        r = store_access_find(iam->store, pk, tenant_pk);
        if (r == STORE_NOT_FOUND) {
            r = store_access_find_any(iam->store, pk);
            r = r == STORE_NOT_FOUND ? 0 : r == 0 ? IAM_UNKNOWN_ACCOUNT : r;
        }
    }
    if (r == 0)
        *ret_pk = pk;
    return r;
}

int iam_get_account(struct iam *iam, int64_t tenant_pk, const char *id, struct arena *arena,
                    struct user_view *ret_view) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int64_t pk;
    int r = find_account(iam, tenant_pk, id, &pk);
    return r == 0 ? iam_view_user(iam, pk, tenant_pk, arena, ret_view) : r;
}

/* Reads an account that is about to be changed. */
static int read_account(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                        const char *id, struct arena *arena, struct user *ret_user) {
    int64_t pk;
    int r = find_account(iam, tenant_pk, id, &pk);
    if (r == 0)
        r = store_user_find_by_pk(iam->store, pk, arena, ret_user);
    return r == 0 && ret_user->super_admin && !principal->super_admin ? IAM_FORBIDDEN : r;
}

int iam_check_account(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                      const char *id, bool changes) {
    CLEANUP(arena_deinit) struct arena arena;
    arena_init(&arena);
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    struct user user;
    int64_t pk;
    return changes ? read_account(iam, principal, tenant_pk, id, &arena, &user)
                   : find_account(iam, tenant_pk, id, &pk);
}

int iam_patch_account(struct iam *iam, const char *id, const char *name, const char *description,
                      struct arena *arena, struct user_view *ret_view) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    struct user user;
    int64_t pk;
    int r = find_account(iam, 0, id, &pk);
    if (r == 0)
        r = store_user_find_by_pk(iam->store, pk, arena, &user);
    if (r != 0)
        return r;
    user.name = name;
    user.description = description ? description : user.description;
    r = store_start_writing(&transaction);
    if (r == 0)
        r = store_user_update(iam->store, &user);
    if (r == 0)
        r = iam_view_user(iam, pk, 0, arena, ret_view);
    return r == 0 ? iam_commit_user(iam, &transaction, pk) : r;
}

int iam_update_account(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                       const char *id, const struct account_details *details, struct arena *arena,
                       struct user_view *ret_view, const char **reterr_unknown) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    struct user user;
    int r = read_account(iam, principal, tenant_pk, id, arena, &user);
    if (r == 0 && details->super_admin && !principal->super_admin)
        r = IAM_FORBIDDEN;
    if (r == 0)
        r = iam_check_tenant(iam, tenant_pk);
    if (r != 0)
        return r;
    user.name = details->name;
    user.description = details->description;
    user.super_admin = details->super_admin;
    r = store_start_writing(&transaction);
    if (r == 0)
        r = store_user_update(iam->store, &user);
    if (r == 0)
        r = replace_groups(iam, &transaction, user.pk, tenant_pk, &details->groups, arena,
                           reterr_unknown);
    if (r == 0)
        r = iam_view_user(iam, user.pk, tenant_pk, arena, ret_view);
    return r == 0 ? iam_commit_user(iam, &transaction, user.pk) : r;
}

int iam_list_accounts(struct iam *iam, int64_t tenant_pk, const struct listing_request *request,
                      struct arena *arena, struct user_page *ret_page,
                      const char **reterr_problem) {
    const struct listing_column columns[ACCOUNT_N_COLUMNS] = {
        [ACCOUNT_COLUMN_NAME] = {"name", .searched = iam->version->searches_account_names},
        [ACCOUNT_COLUMN_ID] = {"id", .searched = !iam->version->searches_account_names},
        [ACCOUNT_COLUMN_SUPER_ADMIN] = {iam->version->privilege, .any_case = true, .no_sort = true,
                                        .values = flags},
    };
    struct listing listing;
    struct listing_result result;
    int r = listing_init(&listing, request, columns, ACCOUNT_N_COLUMNS, arena, reterr_problem);
    if (r == 0)
        r = tenant_pk == 0
                ? user_listing_run(iam, IAM_SERVICE_ACCOUNT, NULL, &listing, &result)
                : user_listing_run_tenant(iam, IAM_SERVICE_ACCOUNT, tenant_pk, &listing, &result);
    return r == 0 ? user_listing_view(iam, &result, tenant_pk, arena, ret_page) : r;
}
