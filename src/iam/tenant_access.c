#include "iam/tenant_access.h"

#include "util/cleanup.h"

int iam_list_access(struct iam *iam, int64_t tenant_pk, const struct listing_request *request,
                    struct arena *arena, struct user_page *ret_page, const char **ret_problem) {
    struct listing listing;
    struct listing_result result;
    int r = iam_init_user_listing(&listing, request, ACCESS_N_COLUMNS, arena, ret_problem);
    if (r != 0)
        return r;
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    r = store_user_scan_tenant(iam->store, tenant_pk, listing.n_used, listing_visit, &listing);
    if (r == 0)
        r = listing_finish(&listing, &result);
    return r == 0 ? iam_view_users(iam, &result, tenant_pk, arena, ret_page) : r;
}

int iam_get_access(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                   const char *user_id, struct arena *arena, struct user_view *ret_view) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int64_t pk = 0;
    int r = store_user_find_in_tenant(iam->store, user_id, tenant_pk, &pk);
    if (r < 0)
        return r;
    if (!principal->super_admin && (r != 0 || pk != principal->user_pk))
        return IAM_FORBIDDEN;
    return r == 0 ? iam_view_user(iam, pk, tenant_pk, arena, ret_view) : IAM_UNKNOWN_USER;
}

int iam_grant_access_by_email(struct iam *iam, int64_t tenant_pk, const char *email) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int64_t pk;
    int r = store_user_find_by_email(iam->store, email, &pk);
    if (r == STORE_NOT_FOUND)
        return IAM_UNKNOWN_USER;
    if (r == 0)
        r = store_start_writing(&transaction);
    if (r == 0)
        r = store_access_insert(iam->store, pk, tenant_pk, true);
    if (r == STORE_EXISTS)
        return IAM_HAS_ACCESS;
    return r == 0 ? store_commit(&transaction) : r;
}

int iam_grant_access(struct iam *iam, int64_t tenant_pk, const char *user_id) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int64_t pk;
    int r = store_user_find(iam->store, user_id, &pk);
    if (r == STORE_NOT_FOUND)
        return IAM_UNKNOWN_USER;
    if (r == 0)
        r = store_start_writing(&transaction);
    if (r == 0)
        r = store_access_insert(iam->store, pk, tenant_pk, true);
    if (r == STORE_EXISTS)
        r = store_access_grant(iam->store, pk, tenant_pk);
    return r == 0 ? store_commit(&transaction) : r;
}

int iam_revoke_access(struct iam *iam, int64_t tenant_pk, const char *user_id) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int64_t pk;
    int r = store_user_find_in_tenant(iam->store, user_id, tenant_pk, &pk);
    if (r == STORE_NOT_FOUND)
        return IAM_UNKNOWN_USER;
    if (r == 0)
        r = store_start_writing(&transaction);
    if (r == 0)
        r = store_access_delete(iam->store, pk, tenant_pk);
    return r == 0 ? store_commit(&transaction) : r;
}
