/* Roles of a tenant. */
#pragma once

#include "contract/permissions.h"
#include "iam/listing.h"
#include "store/role.h"

struct role_page {
    struct role *roles;
    size_t count;
    int64_t total;
};

/* The properties of a role, with permissions as text. */
struct role_details {
    const char *name;
    const char *description; /* or NULL */
    const char *permissions;
    bool is_default;
};

/* Returns what a role permits in a version. */
void iam_rights_of_role(const struct version *version, const struct role *role,
                        struct rights *ret_rights);

/* Creates a role; names need not be unique. A default role takes the place of the tenant's former
 * one. Returns 0, IAM_UNKNOWN_TENANT, or IAM_EXCEEDS_RIGHTS when the role would permit more than
 * the principal may do. */
int iam_create_role(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                    const struct role_details *details, struct arena *arena, struct role *ret_role);

/* Return 0 or IAM_UNKNOWN_ROLE. iam_update_role can also return IAM_EXCEEDS_RIGHTS, and both it and
 * iam_delete_role IAM_IS_MANAGED. */
int iam_get_role(struct iam *iam, int64_t tenant_pk, const char *id, struct arena *arena,
                 struct role *ret_role);
int iam_update_role(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                    const char *id, const struct role_details *details, struct arena *arena,
                    struct role *ret_role);
int iam_delete_role(struct iam *iam, int64_t tenant_pk, const char *id, struct arena *arena);

/* Returns as iam_list_users. */
int iam_list_roles(struct iam *iam, int64_t tenant_pk, const struct listing_request *request,
                   struct arena *arena, struct role_page *ret_page, const char **reterr_problem);

/* Finds the roles with these ids, in this order; leaves out ids that no role has, and duplicates.
 */
int iam_find_roles(struct iam *iam, int64_t tenant_pk, const struct string_list *ids,
                   struct arena *arena, struct role_page *ret_page);
