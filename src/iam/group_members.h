/* The members of a group. */
#pragma once

#include "iam/user_listing.h"

/* Whether the principal may list and change the group's members. Returns 0, IAM_UNKNOWN_GROUP, or
 * IAM_FORBIDDEN when the principal neither owns the group nor is a super-admin. */
int iam_check_manager(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                      const char *group_id);

/* Lists the members of a group; each view has the user's groups in the group's tenant. Returns as
 * iam_check_manager and iam_list_users. */
int iam_list_members(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                     const char *group_id, const struct listing_request *request,
                     struct arena *arena, struct user_page *ret_page, const char **reterr_problem);

/* These change one membership and return the user afterwards, with its groups in the tenant. They
 * can return IAM_UNKNOWN_GROUP, IAM_UNKNOWN_USER, IAM_FORBIDDEN as above, IAM_ALREADY_MEMBER and
 * IAM_NOT_MEMBER. Adding a member also gives access to the tenant. Removing one also ends that
 * access, unless it was granted or another group needs it. */
int iam_add_member(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                   const char *group_id, const char *user_id, struct arena *arena,
                   struct user_view *ret_view);
int iam_remove_member(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                      const char *group_id, const char *user_id, struct arena *arena,
                      struct user_view *ret_view);
int iam_set_member_kind(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                        const char *group_id, const char *user_id, enum membership_kind kind,
                        struct arena *arena, struct user_view *ret_view);
