/* Who has access to a tenant. */
#pragma once

#include "iam/users.h"

/* Every view has the user's groups in the tenant. 0 or IAM_INVALID_SORT; IAM_INVALID_FILTER and a
 * sentence in *reterr_problem. */
int iam_list_access(struct iam *iam, int64_t tenant_pk, const struct listing_request *request,
                    struct arena *arena, struct user_page *ret_page, const char **reterr_problem);

enum { ACCESS_AUTOCOMPLETE_SIZE = 50 };

/* What to complete. */
struct access_search {
    const struct string_list *ids; /* come first */
    bool searches;                 /* whether matches follow: by q, and by username if not NULL */
    const char *q;
    const char *username; /* all of it, in any ASCII case */
};

/* Users with access, ACCESS_AUTOCOMPLETE_SIZE at most and none twice. Views as above. 0, or
 * IAM_INVALID_FILTER and a sentence in *reterr_problem. */
int iam_autocomplete_access(struct iam *iam, int64_t tenant_pk, const struct access_search *search,
                            struct arena *arena, struct user_page *ret_page,
                            const char **reterr_problem);

/* 0, or IAM_UNKNOWN_USER when the user has no access; IAM_FORBIDDEN for a principal that is neither
 * a super-admin nor the user. */
int iam_get_access(struct iam *iam, const struct principal *principal, int64_t tenant_pk,
                   const char *user_id, struct arena *arena, struct user_view *ret_view);

/* Grants access by e-mail: 0, IAM_UNKNOWN_TENANT, IAM_UNKNOWN_USER or IAM_HAS_ACCESS. */
int iam_grant_access_by_email(struct iam *iam, int64_t tenant_pk, const char *email);

/* Grants access by id, be it there or not: 0, IAM_UNKNOWN_TENANT or IAM_UNKNOWN_USER. */
int iam_grant_access(struct iam *iam, int64_t tenant_pk, const char *user_id);

/* Ends the access and the memberships in the tenant: 0, or IAM_UNKNOWN_USER as in
 * iam_get_access. */
int iam_revoke_access(struct iam *iam, int64_t tenant_pk, const char *user_id);
