/* Shows the memberships of users, with less work than a listing. */
#pragma once

#include "iam/iam.h"
#include "store/membership.h"

/* Lists the groups of a user or service account in a tenant, in the arena. Returns 0,
 * IAM_UNKNOWN_TENANT, IAM_UNKNOWN_USER or <0. */
int iam_list_memberships(struct iam *iam, const char *tenant, const char *user_id,
                         struct arena *arena, struct user_group **ret_groups, size_t *ret_count);
