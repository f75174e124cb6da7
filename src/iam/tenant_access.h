/* Which users have access to a tenant. */
#pragma once

#include "iam/user_listing.h"

/* Each view has the user's groups in the tenant. Returns 0, IAM_INVALID_SORT, or IAM_INVALID_FILTER
 * and a sentence in *reterr_problem. */
int iam_list_access(struct iam *iam, int64_t tenant_pk, const struct listing_request *request,
                    struct arena *arena, struct user_page *ret_page, const char **reterr_problem);

enum { ACCESS_AUTOCOMPLETE_SIZE = 50 };

/* A search for the autocompletion of users. */
struct access_search {
    const struct string_list *ids; /* these users come first */
    bool searches;                 /* whether users follow that match q, and `username` if it is not
                                    * NULL */
    const char *q;
    const char *username; /* a whole username, in any ASCII case */
};

/* Lists up to ACCESS_AUTOCOMPLETE_SIZE users with access, without duplicates, with views as
 * above and without the total. Returns 0, or IAM_INVALID_FILTER and a sentence in *reterr_problem.
 */
int iam_autocomplete_access(struct iam *iam, int64_t tenant_pk, const struct access_search *search,
                            struct arena *arena, struct user_page *ret_page,
                            const char **reterr_problem);

/* Returns 0, IAM_UNKNOWN_USER when the user has no access, or IAM_FORBIDDEN when the principal is
 * neither a super-admin nor the user. */
int iam_get_access(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                   const char *user_id, struct arena *arena, struct user_view *ret_view);

/* Grants access by e-mail address. Returns 0, IAM_UNKNOWN_TENANT, IAM_UNKNOWN_USER or
 * IAM_HAS_ACCESS. */
int iam_grant_access_by_email(struct iam *iam, int64_t tenant_pk, const char *email);

/* Grants access by id, even to a user who has it. Returns 0, IAM_UNKNOWN_TENANT or
 * IAM_UNKNOWN_USER. */
int iam_grant_access(struct iam *iam, int64_t tenant_pk, const char *user_id);

/* Ends the user's access and memberships in the tenant. Returns 0, or IAM_UNKNOWN_USER when the
 * user has no access. */
int iam_revoke_access(struct iam *iam, int64_t tenant_pk, const char *user_id);
