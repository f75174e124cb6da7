/* Who may enter a tenant, and do what there. */
#pragma once

#include "contract/contract.h"
#include "iam/iam.h"

/* 0 and the tenant's key when the principal may act in the tenant. IAM_UNKNOWN_TENANT is for
 * super-admins only; others get IAM_FORBIDDEN for a tenant that they have no access to, whether
 * it exists or not. */
int iam_enter_tenant(struct iam *iam, const struct principal *principal, const char *tenant,
                     int64_t *ret_tenant_pk);

/* Inside a transaction that writes to the tenant: 0, or IAM_UNKNOWN_TENANT when it was deleted
 * since the request entered it. */
int iam_check_tenant(struct iam *iam, int64_t tenant_pk);

/* 0 when the principal, inside the tenant, has a permission such as GROUP_MEMBERSHIP:UPDATE, or
 * IAM_FORBIDDEN. Owners of a group have those of GROUP_MEMBERSHIP; the operation then limits
 * them to groups that they own. */
int iam_check_permission(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                         enum resource resource);
