/* Sets up an empty server: creates its first administrator. */
#pragma once

#include "iam/users.h"

/* Creates the first user, a super-admin with access to the tenant, and the tenant if it does not
 * exist. Returns 0, or IAM_IS_SET_UP when there is any user. */
int iam_set_up(struct iam *iam, const char *username, const char *password, const char *tenant_id,
               const char *tenant_name, struct arena *arena, struct user_view *ret_view);

/* Whether there is any user. Returns 0 or <0. */
int iam_is_set_up(struct iam *iam, bool *ret_is_set_up);
