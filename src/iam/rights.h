/* Which tenants a principal may enter, and what it may do there. */
#pragma once

#include "contract/contract.h"
#include "iam/iam.h"

/* Returns 0 and the tenant's key when the principal may act in the tenant. Only super-admins get
 * IAM_UNKNOWN_TENANT. Others get IAM_FORBIDDEN for a tenant that they have no access to, whether or
 * not it exists. */
int iam_enter_tenant(struct iam *iam, const struct principal *principal, const char *tenant,
                     int64_t *ret_tenant_pk);

/* Call this inside a transaction that writes to the tenant. Returns 0, or IAM_UNKNOWN_TENANT when
 * the tenant was deleted after the request entered it. */
int iam_check_tenant(struct iam *iam, int64_t tenant_pk);

/* Returns 0 when the principal has a permission, such as GROUP_MEMBERSHIP:UPDATE, in the tenant,
 * else IAM_FORBIDDEN. Owners of any group have those of GROUP_MEMBERSHIP; the operation must then
 * check that they own the group in question. */
int iam_check_permission(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                         enum resource resource);
