/* Listings of users. They read the users in memory, without the store's lock. All functions take
 * the lock, unless they say otherwise. */
#pragma once

#include "iam/listing.h"
#include "iam/users.h"
#include "store/key_list.h"

/* `n_columns` is USER_N_COLUMNS or ACCESS_N_COLUMNS. Otherwise as listing_init. Takes no lock. */
int user_listing_init(const struct iam *iam, struct listing *listing,
                      const struct listing_request *request, size_t n_columns, struct arena *arena,
                      const char **reterr_problem);

/* The columns of service accounts. */
enum { ACCOUNT_COLUMN_NAME, ACCOUNT_COLUMN_ID, ACCOUNT_COLUMN_SUPER_ADMIN, ACCOUNT_N_COLUMNS };

/* Shows the listing the users of a kind, only those in the list unless it is NULL, and finishes it.
 * The list is what has the users of a tenant or a group; its users may have been deleted. Only
 * IAM_SERVICE_ACCOUNT has the columns of service accounts. Returns as listing_visit. */
int user_listing_run(struct iam *iam, enum iam_kind kind, const struct key_list *users,
                     struct listing *listing, struct listing_result *ret_result);

/* The same for those with access to a tenant. */
int user_listing_run_tenant(struct iam *iam, enum iam_kind kind, int64_t tenant_pk,
                            struct listing *listing, struct listing_result *ret_result);

/* Passes the same users to `visit`, by ascending keys and with all columns. Stops at the first
 * result other than 0 and returns it. */
int user_listing_scan_tenant(struct iam *iam, enum iam_kind kind, int64_t tenant_pk,
                             store_visit visit, void *cls);

/* Reads the users on the page, without those who were deleted meanwhile. It has the lock for a few
 * users at a time. Returns 0 or <0. */
int user_listing_view(struct iam *iam, const struct listing_result *result, int64_t tenant_pk,
                      struct arena *arena, struct user_page *ret_page);

/* Returns 0, IAM_INVALID_SORT, or IAM_INVALID_FILTER and a sentence in *reterr_problem. */
int iam_list_users(struct iam *iam, const struct listing_request *request, struct arena *arena,
                   struct user_page *ret_page, const char **reterr_problem);
