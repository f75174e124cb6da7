/* Invitations to a tenant, as its administrators see them. iam/acceptance.h accepts them. */
#pragma once

#include "contract/contract.h"
#include "iam/listing.h"
#include "store/group.h"
#include "store/invitation.h"
#include "store/role.h"

#define INVITATION_LIFE_MS (INT64_C(7) * 24 * 3600 * 1000)

struct invited_role {
    const char *id;
    struct string_list namespaces; /* none: the whole tenant */
};

struct new_invitation {
    const char *email;
    bool creates_user; /* when there is none with this e-mail address */
    bool super_admin;
    const struct invited_role *roles;
    size_t n_roles;
    struct string_list groups;
};

/* A grant with what it refers to. */
struct grant_view {
    struct invitation_grant grant;
    struct role role;   /* when grant.role_pk is not 0 */
    struct group group; /* when grant.group_pk is not 0 */
};

struct invitation_view {
    struct invitation invitation;
    struct grant_view *grants;
    size_t n_grants;
};

struct invitation_page {
    struct invitation_view *invitations;
    size_t count;
    int64_t total;
};

/* Returns PENDING, ACCEPTED or EXPIRED. */
const char *invitation_status(const struct invitation *invitation, int64_t now);

/* Invites somebody. If there is a user with the e-mail address, or new_invitation->creates_user is
 * true, the user gets everything at once, and *ret_granted is true. Otherwise *ret_view is the
 * invitation. `now` is in epoch ms, as below.
 *
 * Returns 0; IAM_UNKNOWN_TENANT; IAM_UNKNOWN_ROLE or IAM_UNKNOWN_GROUP with the id in *reterr_id;
 * IAM_IS_INVITED when the address has a pending invitation to the tenant; IAM_HAS_ACCESS;
 * IAM_EMAIL_TAKEN when the address is another user's name; or IAM_FORBIDDEN when one who is not a
 * super-admin invites one. */
int iam_invite(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
               const struct new_invitation *new_invitation, int64_t now, struct arena *arena,
               bool *ret_granted, struct invitation_view *ret_view, const char **reterr_id);

/* Return 0 or IAM_UNKNOWN_INVITATION. */
int iam_get_invitation(struct iam *iam, int64_t tenant_pk, const char *id, struct arena *arena,
                       struct invitation_view *ret_view);
int iam_delete_invitation(struct iam *iam, int64_t tenant_pk, const char *id, struct arena *arena);

/* Returns as iam_list_users. */
int iam_list_invitations(struct iam *iam, int64_t tenant_pk, const struct listing_request *request,
                         int64_t now, struct arena *arena, struct invitation_page *ret_page,
                         const char **reterr_problem);

/* Lists the invitations of an e-mail address, oldest first. Returns 0 or <0. */
int iam_list_invitations_by_email(struct iam *iam, int64_t tenant_pk, const char *email,
                                  struct arena *arena, struct invitation_page *ret_page);

/* Lists a user's invitations to any tenant. Returns 0 or IAM_UNKNOWN_USER. */
int iam_list_invitations_of_user(struct iam *iam, const char *user_id, struct arena *arena,
                                 struct invitation_page *ret_page);
