#include "iam/rights.h"

#include "store/access.h"
#include "store/membership.h"
#include "store/tenant.h"
#include "util/cleanup.h"

int iam_enter_tenant(struct iam *iam, const struct principal *principal, const char *tenant,
                     int64_t *ret_tenant_pk) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int64_t tenant_pk;
    int r = store_tenant_find(iam->store, tenant, &tenant_pk);
    if (r == STORE_NOT_FOUND)
        return principal->super_admin ? IAM_UNKNOWN_TENANT : IAM_FORBIDDEN;
    if (r == 0 && !principal->super_admin) {
        r = store_access_find(iam->store, principal->user_pk, tenant_pk);
        if (r == STORE_NOT_FOUND)
            return IAM_FORBIDDEN;
    }
    if (r == 0)
        *ret_tenant_pk = tenant_pk;
    return r;
}

int iam_check_tenant(struct iam *iam, int64_t tenant_pk) {
    int r = store_tenant_check(iam->store, tenant_pk);
    return r == STORE_NOT_FOUND ? IAM_UNKNOWN_TENANT : r;
}

int iam_check_permission(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                         enum resource resource) {
    if (principal->super_admin)
        return 0;
    if (resource != RESOURCE_GROUP_MEMBERSHIP)
        return IAM_FORBIDDEN;
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int r = store_membership_find_owned(iam->store, principal->user_pk, tenant_pk);
    return r == STORE_NOT_FOUND ? IAM_FORBIDDEN : r;
}
