/* User passwords. Changing a password ends the user's sessions. */
#pragma once

#include "iam/iam.h"

/* All of these can return IAM_UNKNOWN_USER. */
int iam_set_password(struct iam *iam, const char *user_id, const char *password);

/* For users who change their own password. Returns IAM_WRONG_PASSWORD when the old one is wrong. */
int iam_change_password(struct iam *iam, const char *user_id, const char *old_password,
                        const char *new_password);

/* Removes one of the user's ways to authenticate; the only one is "BasicAuth", the password.
 * Returns IAM_UNKNOWN_AUTH when the user does not have it. */
int iam_delete_auth(struct iam *iam, const char *user_id, const char *auth);
