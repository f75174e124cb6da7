/* Service accounts: users of programs, without e-mail and password. */
#pragma once

#include "iam/user_listing.h"

/* The properties of a service account. Names need not be unique. */
struct account_details {
    const char *name;
    const char *description; /* or NULL */
    bool super_admin;
    struct string_list tenants; /* only for the instance */
    struct string_list groups;  /* only for a tenant, whose groups they are */
};

/* In these, `tenant_pk` is the tenant below which the account is meant, and 0 means the instance.
 * A tenant knows the accounts that have access to it, and those that have access to no tenant; the
 * instance knows all. Below a tenant only a super-admin may give an account the privilege, or
 * change one that has it. The view of an account has its groups in the tenant. */

/* Creates an account, which gets access to the tenant. Returns 0; IAM_FORBIDDEN; or
 * IAM_UNKNOWN_TENANT or IAM_UNKNOWN_GROUP with the id in *reterr_unknown, which is left as it is
 * when the tenant of `tenant_pk` is gone. */
int iam_create_account(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                       const struct account_details *details, struct arena *arena,
                       struct user_view *ret_view, const char **reterr_unknown);

/* Return 0 or IAM_UNKNOWN_ACCOUNT. iam_check_account is for what is done to the account
 * elsewhere: it can also return IAM_FORBIDDEN when this `changes` the account. */
int iam_get_account(struct iam *iam, int64_t tenant_pk, const char *id, struct arena *arena,
                    struct user_view *ret_view);
int iam_check_account(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                      const char *id, bool changes);

/* Changes the name, and the description unless it is NULL. Returns 0 or IAM_UNKNOWN_ACCOUNT. */
int iam_patch_account(struct iam *iam, const char *id, const char *name, const char *description,
                      struct arena *arena, struct user_view *ret_view);

/* Replaces an account's properties, and its groups in the tenant. Returns as iam_create_account, or
 * IAM_UNKNOWN_ACCOUNT. */
int iam_update_account(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                       const char *id, const struct account_details *details, struct arena *arena,
                       struct user_view *ret_view, const char **reterr_unknown);

/* Lists the accounts with access to the tenant, or all of the instance. Returns as
 * iam_list_users. */
int iam_list_accounts(struct iam *iam, int64_t tenant_pk, const struct listing_request *request,
                      struct arena *arena, struct user_page *ret_page, const char **reterr_problem);
