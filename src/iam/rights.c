#include "iam/rights.h"

#include <string.h>

#include "iam/rights_cache.h"
#include "store/access.h"
#include "store/binding.h"
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

static int read_rights(struct iam *iam, int64_t user_pk, int64_t tenant_pk, struct arena *arena,
                       struct rights *ret_rights) {
    struct role_assignment *roles;
    size_t n_roles;
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int r = store_binding_list_roles(iam->store, user_pk, tenant_pk, arena, &roles, &n_roles);
    if (r != 0)
        return r;
    *ret_rights = (struct rights){0};
    for (size_t i = 0; i < n_roles; i++)
        if (!roles[i].namespace)
            permissions_add(iam->version->vocabulary, roles[i].permissions, roles[i].template,
                            ret_rights);
    return 0;
}

int iam_find_rights(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                    struct arena *arena, struct rights *ret_rights) {
    uint64_t generation;
    if (principal->super_admin) {
        memset(ret_rights, 0xff, sizeof(*ret_rights));
        return 0;
    }
    if (rights_cache_get(iam->rights, principal->user_pk, tenant_pk, ret_rights, &generation))
        return 0;
    int r = read_rights(iam, principal->user_pk, tenant_pk, arena, ret_rights);
    if (r == 0)
        rights_cache_put(iam->rights, principal->user_pk, tenant_pk, generation, ret_rights);
    return r;
}

static int check_ownership(struct iam *iam, const struct principal *principal, int64_t tenant_pk) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int r = store_membership_find_owned(iam->store, principal->user_pk, tenant_pk);
    return r == STORE_NOT_FOUND ? IAM_FORBIDDEN : r;
}

int iam_check_permission(struct iam *iam, struct principal *principal, int64_t tenant_pk,
                         const struct permission *permissions, size_t n_permissions,
                         bool group_owners, struct arena *arena) {
    struct rights rights;
    if (principal->super_admin) {
        principal->permitted = true;
        return 0;
    }
    int r = iam_find_rights(iam, principal, tenant_pk, arena, &rights);
    if (r < 0)
        return r;
    principal->permitted = rights_have(&rights, permissions, n_permissions);
    if (principal->permitted)
        return 0;
    return group_owners ? check_ownership(iam, principal, tenant_pk) : IAM_FORBIDDEN;
}
