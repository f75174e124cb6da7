/* Accepting invitations. What the user gets comes from the invitation, at the moment when it is
 * accepted. */
#pragma once

#include "iam/iam.h"
#include "store/invitation.h"

/* What a user gets in a tenant, besides access. */
struct gifts {
    const struct invitation_grant *grants;
    size_t n_grants;
    bool super_admin;
};

/* Gives access and gifts; what the user has already stays as it is. Call this inside a transaction
 * that writes, and acceptance_conclude once it is committed. Returns 0 or <0. */
int acceptance_give(struct iam *iam, int64_t user_pk, int64_t tenant_pk, const struct gifts *gifts,
                    struct arena *arena);
void acceptance_conclude(struct iam *iam, int64_t user_pk);

/* Creates a user with this e-mail address. The password hash and the names may be NULL. Call this
 * inside a transaction that writes. Returns 0, IAM_EMAIL_TAKEN or <0. */
int acceptance_add_user(struct iam *iam, const char *email, const char *first_name,
                        const char *last_name, const char *password_hash, int64_t *ret_pk);

/* Accepts an invitation for the user who has its e-mail address. Returns 0, IAM_UNKNOWN_INVITATION
 * unless the invitation is pending at `now` (epoch ms), or IAM_UNKNOWN_USER with the e-mail address
 * in *reterr_email. */
int iam_accept_invitation(struct iam *iam, const char *id, int64_t now, struct arena *arena,
                          const char **reterr_email);

/* Who accepts an invitation as a new user. Each may be NULL. */
struct invited_user {
    const char *first_name;
    const char *last_name;
    const char *password;
};

/* Accepts an invitation for a new user. Returns 0, IAM_UNKNOWN_INVITATION as above, or
 * IAM_EMAIL_TAKEN with the e-mail address in *reterr_email. */
int iam_create_from_invitation(struct iam *iam, const char *id, const struct invited_user *invited,
                               int64_t now, struct arena *arena, const char **reterr_email);
