#include "iam/membership_view.h"

#include "store/tenant.h"
#include "store/user.h"
#include "util/cleanup.h"

int iam_list_memberships(struct iam *iam, const char *tenant, const char *user_id,
                         struct arena *arena, struct user_group **ret_groups, size_t *ret_count) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    int64_t tenant_pk;
    int64_t user_pk;
    store_begin(iam->store, &transaction);
    int r = store_tenant_find(iam->store, tenant, &tenant_pk);
    if (r != 0)
        return r == STORE_NOT_FOUND ? IAM_UNKNOWN_TENANT : r;
    r = store_user_find(iam->store, user_id, &user_pk);
    if (r != 0)
        return r == STORE_NOT_FOUND ? IAM_UNKNOWN_USER : r;
    return store_membership_list_groups(iam->store, user_pk, tenant_pk, arena, ret_groups,
                                        ret_count);
}
