/* A group's members, from the side of the group. */
#pragma once

#include "iam/users.h"

/* Whether the principal may list and change the members of the group. 0; IAM_UNKNOWN_GROUP;
 * IAM_FORBIDDEN for a principal that neither owns it nor is a super-admin. */
int iam_check_manager(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                      const char *group_id);

/* Lists the members of a group; every view has the groups of the group's tenant. As
 * iam_check_manager and iam_list_users. */
int iam_list_members(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                     const char *group_id, const struct listing_request *request,
                     struct arena *arena, struct user_page *ret_page, const char **reterr_problem);

/* Changes of one membership. Each gives the user as it is afterwards, with its groups in the
 * tenant. IAM_UNKNOWN_GROUP, IAM_UNKNOWN_USER, IAM_FORBIDDEN as above, IAM_ALREADY_MEMBER or
 * IAM_NOT_MEMBER. To add grants access to the tenant where there is none; to remove ends access
 * that no group and no grant holds any more. */
int iam_add_member(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                   const char *group_id, const char *user_id, struct arena *arena,
                   struct user_view *ret_view);
int iam_remove_member(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                      const char *group_id, const char *user_id, struct arena *arena,
                      struct user_view *ret_view);
int iam_set_member_kind(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                        const char *group_id, const char *user_id, enum membership_kind kind,
                        struct arena *arena, struct user_view *ret_view);
