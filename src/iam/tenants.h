/* Tenants. */
#pragma once

#include "iam/listing.h"
#include "store/tenant.h"

struct tenant_page {
    struct tenant *tenants; /* in the arena */
    size_t count;
    int64_t total;
};

/* Creates a tenant, to which nobody has access yet. Returns 0 or IAM_TENANT_EXISTS. */
int iam_create_tenant(struct iam *iam, const struct tenant *tenant);

/* Returns 0, IAM_INVALID_SORT, or IAM_INVALID_FILTER and a sentence in *reterr_problem. */
int iam_list_tenants(struct iam *iam, const struct listing_request *request, struct arena *arena,
                     struct tenant_page *ret_page, const char **reterr_problem);

/* Returns 0 or IAM_UNKNOWN_TENANT, as do all functions below. */
int iam_get_tenant(struct iam *iam, const char *id, struct arena *arena, struct tenant *ret_tenant);

/* Sets name and details of the tenant with this id. */
int iam_update_tenant(struct iam *iam, const struct tenant *tenant);

/* Changes a tenant's details. `edit` gets the old ones or NULL, and returns 0 and the new ones in
 * the arena, or <0. */
typedef int (*tenant_edit)(void *cls, const char *details, struct arena *arena,
                           const char **ret_details);
int iam_edit_tenant(struct iam *iam, const char *id, tenant_edit edit, void *cls,
                    struct arena *arena, struct tenant *ret_tenant);

/* Also deletes its groups, memberships and access. */
int iam_delete_tenant(struct iam *iam, const char *id);
