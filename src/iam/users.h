/* Users. */
#pragma once

#include "iam/iam.h"
#include "store/membership.h"
#include "store/tenant.h"
#include "store/user.h"

/* A user and what refers to it. Strings and lists lie in the arena. */
struct user_view {
    const struct version *version; /* of the server that shows the user */
    struct user user;
    const char *display_name; /* first and last name, or else the username */
    struct tenant *tenants;
    size_t n_tenants;
    struct user_group *groups;
    size_t n_groups;
};

struct user_page {
    struct user_view *users;
    size_t count;
    int64_t total;
};

/* The properties of a user. A new user gets the e-mail address as its username. */
struct new_user {
    const char *email;
    const char *first_name;
    const char *last_name;
    const char *password; /* NULL: none */
    bool super_admin;
    bool restricted;
    struct string_list tenants;
    struct string_list groups; /* each one also gives access to its tenant */
};

/* Reads one user. Call this inside a transaction. If `tenant_pk` is not 0, the view has only the
 * groups of that tenant. */
int iam_view_user(struct iam *iam, int64_t user_pk, int64_t tenant_pk, struct arena *arena,
                  struct user_view *ret_view);

/* Whom an id may name. Users and service accounts share their ids. */
enum iam_kind { IAM_ANYBODY, IAM_USER, IAM_SERVICE_ACCOUNT };

/* Call this inside a transaction. Returns 0, IAM_UNKNOWN_USER, or for IAM_SERVICE_ACCOUNT
 * IAM_UNKNOWN_ACCOUNT. */
int iam_find_user(struct iam *iam, enum iam_kind kind, const char *id, int64_t *ret_pk);

/* Call these inside a transaction that writes. iam_grant_tenants gives a user access to tenants;
 * it returns 0, or IAM_UNKNOWN_TENANT with the id in *reterr_unknown. iam_commit_user commits a
 * change of a user, and forgets what kestub remembered of the user. */
int iam_grant_tenants(struct iam *iam, int64_t user_pk, const struct string_list *ids,
                      struct arena *arena, const char **reterr_unknown);
int iam_commit_user(struct iam *iam, struct transaction *transaction, int64_t pk);

/* Returns the principal's user id. A principal that is not a stored user stands for the first
 * super-admin. Returns 0 or IAM_UNKNOWN_USER. */
int iam_find_self(struct iam *iam, const struct principal *principal, struct arena *arena,
                  const char **ret_id);

/* Creates a user with access to the listed tenants and to the tenants of the listed groups. Returns
 * 0, IAM_EMAIL_TAKEN, or IAM_UNKNOWN_TENANT or IAM_UNKNOWN_GROUP with the id in *reterr_unknown. */
int iam_create_user(struct iam *iam, const struct new_user *new_user, struct arena *arena,
                    struct user_view *ret_view, const char **reterr_unknown);

int iam_count_users(struct iam *iam, int64_t *ret_count);

/* Returns as iam_find_user, as do all functions below. */
int iam_get_user_by_pk(struct iam *iam, int64_t pk, struct arena *arena,
                       struct user_view *ret_view);
int iam_get_user(struct iam *iam, enum iam_kind kind, const char *id, struct arena *arena,
                 struct user_view *ret_view);

/* Changes the properties that are not NULL. Can also return IAM_EMAIL_TAKEN. If the username was
 * the e-mail address, it changes too. */
int iam_patch_user(struct iam *iam, const char *id, const char *email, const char *first_name,
                   const char *last_name, struct arena *arena, struct user_view *ret_view);

/* Replaces the user's properties with `details`. A NULL password and lists that are not present
 * change nothing. Externally managed memberships stay, and kept memberships keep their kind. A list
 * that is present also ends access that was neither granted nor is needed by a group. Can also
 * return the errors of iam_create_user. */
int iam_update_user(struct iam *iam, const char *id, const struct new_user *details,
                    struct arena *arena, struct user_view *ret_view, const char **reterr_unknown);

enum user_flag { USER_RESTRICTED, USER_SUPER_ADMIN };
int iam_set_user_flag(struct iam *iam, enum iam_kind kind, const char *id, enum user_flag flag,
                      bool value, struct arena *arena);
int iam_delete_user(struct iam *iam, enum iam_kind kind, const char *id);
