/* Users. */
#pragma once

#include "iam/listing.h"
#include "store/membership.h"
#include "store/tenant.h"
#include "store/user.h"

/* A user with what refers to it. Strings and lists lie in the arena. */
struct user_view {
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

/* What a user is made of; the username of a new one is the e-mail. */
struct new_user {
    const char *email;
    const char *first_name;
    const char *last_name;
    const char *password; /* NULL: none */
    bool super_admin;
    bool restricted;
    struct string_list tenants;
    struct string_list groups; /* each also gives access to its tenant */
};

/* Reads one user, inside a transaction. With `tenant_pk` other than 0 only the groups there. */
int iam_view_user(struct iam *iam, int64_t user_pk, int64_t tenant_pk, struct arena *arena,
                  struct user_view *ret_view);

/* For listings of users: the page of a listing, inside a transaction, and its columns, which are
 * USER_N_COLUMNS or ACCESS_N_COLUMNS as the store shows them. */
int iam_view_users(struct iam *iam, const struct listing_result *result, int64_t tenant_pk,
                   struct arena *arena, struct user_page *ret_page);
int iam_init_user_listing(struct listing *listing, const struct listing_request *request,
                          size_t n_columns, struct arena *arena, const char **reterr_problem);

/* Inside a transaction: 0 or IAM_UNKNOWN_USER. */
int iam_find_user(struct iam *iam, const char *id, int64_t *ret_pk);

/* The id of the user that the principal is. A principal that is nobody that is stored stands for
 * the first super-admin. 0 or IAM_UNKNOWN_USER. */
int iam_find_self(struct iam *iam, const struct principal *principal, struct arena *arena,
                  const char **ret_id);

/* 0 or IAM_INVALID_SORT; IAM_INVALID_FILTER and a sentence in *reterr_problem. */
int iam_list_users(struct iam *iam, const struct listing_request *request, struct arena *arena,
                   struct user_page *ret_page, const char **reterr_problem);

/* Makes a user with access to the listed tenants and, through the listed groups, to theirs. 0;
 * IAM_EMAIL_TAKEN; IAM_UNKNOWN_TENANT or IAM_UNKNOWN_GROUP and the id in *reterr_unknown. */
int iam_create_user(struct iam *iam, const struct new_user *new_user, struct arena *arena,
                    struct user_view *ret_view, const char **reterr_unknown);

int iam_count_users(struct iam *iam, int64_t *ret_count);

/* 0 or IAM_UNKNOWN_USER, as all that follow. */
int iam_get_user(struct iam *iam, const char *id, struct arena *arena, struct user_view *ret_view);

/* Changes what is not NULL. Also IAM_EMAIL_TAKEN. A username that was the e-mail stays it. */
int iam_patch_user(struct iam *iam, const char *id, const char *email, const char *first_name,
                   const char *last_name, struct arena *arena, struct user_view *ret_view);

/* Makes the user what `details` say. A password that is NULL and lists that are not present leave
 * what is there; externally managed memberships stay, and kept ones keep their kind. With either
 * list goes access that was neither granted nor is needed for a group. Also what iam_create_user
 * says. */
int iam_update_user(struct iam *iam, const char *id, const struct new_user *details,
                    struct arena *arena, struct user_view *ret_view, const char **reterr_unknown);

enum user_flag { USER_RESTRICTED, USER_SUPER_ADMIN };
int iam_set_user_flag(struct iam *iam, const char *id, enum user_flag flag, bool value,
                      struct arena *arena);
int iam_delete_user(struct iam *iam, const char *id);
