/* The passwords of users. Whoever changes one ends the sessions that it opened. */
#pragma once

#include "iam/iam.h"

/* All give IAM_UNKNOWN_USER. */
int iam_set_password(struct iam *iam, const char *user_id, const char *password);

/* For users themselves: also IAM_WRONG_PASSWORD, when the old one is not right. */
int iam_change_password(struct iam *iam, const char *user_id, const char *old_password,
                        const char *new_password);

/* Takes a way to authenticate from the user; the only one is "BasicAuth", the password. Also
 * IAM_UNKNOWN_AUTH, when the user has no such. */
int iam_delete_auth(struct iam *iam, const char *user_id, const char *auth);
