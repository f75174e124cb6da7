/* The groups that a user belongs to. */
#pragma once

#include "contract/contract.h"
#include "iam/iam.h"

/* Replaces a user's groups in a tenant with `group_ids`, where duplicates count once. Remaining
 * memberships keep their kind, and new ones are MEMBER. Externally managed memberships never
 * change. All happens in one transaction.
 *
 * Returns 0; IAM_UNKNOWN_USER, also when the user has no access to the tenant; IAM_UNKNOWN_GROUP
 * and the unknown ids in *reterr_unknown (in the arena, in the order given); or IAM_NOT_OWNER when
 * the principal is not a super-admin and does not own every group to be added or removed. Any
 * result other than 0 means that nothing has changed. */
int iam_set_user_groups(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                        const char *user_id, const struct string_list *group_ids,
                        struct arena *arena, struct string_list *reterr_unknown);

/* The same without the checks of user and principal, inside a transaction that the caller commits.
 * A new membership gives the user access to the tenant. Returns 0 or IAM_UNKNOWN_GROUP. */
int iam_replace_groups(struct iam *iam, struct transaction *transaction, int64_t user_pk,
                       int64_t tenant_pk, const struct string_list *ids, struct arena *arena,
                       struct string_list *reterr_unknown);
