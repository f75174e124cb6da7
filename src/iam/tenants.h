/* Tenants. */
#pragma once

#include "iam/listing.h"
#include "store/tenant.h"

struct tenant_page {
    struct tenant *tenants; /* in the arena */
    size_t count;
    int64_t total;
};

/* Nobody gets access to the new tenant. 0 or IAM_TENANT_EXISTS. */
int iam_create_tenant(struct iam *iam, const struct tenant *tenant);

/* 0 or IAM_INVALID_SORT; IAM_INVALID_FILTER and a sentence in *reterr_problem. */
int iam_list_tenants(struct iam *iam, const struct listing_request *request, struct arena *arena,
                     struct tenant_page *ret_page, const char **reterr_problem);

/* 0 or IAM_UNKNOWN_TENANT, as all that follow. */
int iam_get_tenant(struct iam *iam, const char *id, struct arena *arena, struct tenant *ret_tenant);

/* Sets name and details of the tenant with this id. */
int iam_update_tenant(struct iam *iam, const struct tenant *tenant);

/* Takes groups, memberships and access along. */
int iam_delete_tenant(struct iam *iam, const char *id);
