/* New passwords for users who have forgotten theirs. kestub sends no e-mail, so a test reads the
 * token from the control plane. */
#pragma once

#include "iam/iam.h"
#include "store/reset.h"

#define PASSWORD_RESET_LIFE_MS (INT64_C(3600) * 1000)

/* Makes a token for the user with this name, in place of the former one. Without such a user
 * nothing happens. `now` is in epoch ms, as below. Returns 0 or <0. */
int iam_forget_password(struct iam *iam, const char *username, int64_t now, struct arena *arena);

/* Sets the password of the user who has the token, once, and ends the user's sessions. Returns 0 or
 * IAM_UNKNOWN_RESET, also for a token that has expired. */
int iam_reset_password(struct iam *iam, const char *token, const char *password, int64_t now,
                       struct arena *arena);

/* Visits the valid tokens as store_reset_scan does. */
int iam_list_password_resets(struct iam *iam, int64_t now, store_visit visit, void *cls);
