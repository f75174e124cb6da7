/* Which groups a user belongs to. */
#pragma once

#include "contract/contract.h"
#include "iam/iam.h"

/* Makes the groups of a user in a tenant exactly `group_ids`; duplicates count once. Memberships
 * that stay keep their kind, new ones are MEMBER, externally managed ones are never touched. One
 * transaction.
 *
 * 0; IAM_UNKNOWN_USER also when the user has no access to the tenant; IAM_UNKNOWN_GROUP and the
 * unknown ids in *reterr_unknown (in the arena, in the order given); IAM_NOT_OWNER when the
 * principal is no super-admin and does not own every group that would be added or removed. Unless
 * it is 0, nothing has changed. */
int iam_set_user_groups(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                        const char *user_id, const struct string_list *group_ids,
                        struct arena *arena, struct string_list *reterr_unknown);
