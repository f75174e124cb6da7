/* Which tenants a principal may enter, and what it may do there. */
#pragma once

#include "contract/permissions.h"
#include "iam/iam.h"

/* Returns 0 and the tenant's key when the principal may act in the tenant. Only super-admins get
 * IAM_UNKNOWN_TENANT. Others get IAM_FORBIDDEN for a tenant that they have no access to, whether or
 * not it exists. */
int iam_enter_tenant(struct iam *iam, const struct principal *principal, const char *tenant,
                     int64_t *ret_tenant_pk);

/* Call this inside a transaction that writes to the tenant. Returns 0, or IAM_UNKNOWN_TENANT when
 * the tenant was deleted after the request entered it. */
int iam_check_tenant(struct iam *iam, int64_t tenant_pk);

/* Finds what the principal may do in the tenant: what the roles permit that are bound to it or to
 * one of its groups there. A binding with a namespace does not count, since no operation of IAM is
 * in one. Super-admins may do everything. Returns 0 or <0. */
int iam_find_rights(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                    struct arena *arena, struct rights *ret_rights);

/* Returns 0 when the principal's rights have one of the permissions, which sets
 * principal->permitted, or when `group_owners` is true and it owns a group of the tenant; the
 * operation must then check that it owns the group in question. Otherwise IAM_FORBIDDEN. */
int iam_check_permission(struct iam *iam, struct principal *principal, int64_t tenant_pk,
                         const struct permission *permissions, size_t n_permissions,
                         bool group_owners, struct arena *arena);
