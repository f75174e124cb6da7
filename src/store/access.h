/* Which users have access to which tenants. */
#pragma once

#include "store/tenant.h"

/* `granted` access stays until somebody revokes it. Other access came with a group, and ends with
 * the user's last group in the tenant. */
int store_access_insert(struct store *store, int64_t user_pk, int64_t tenant_pk, bool granted);
int store_access_grant(struct store *store, int64_t user_pk, int64_t tenant_pk);

/* Also deletes the user's memberships in the tenant. */
int store_access_delete(struct store *store, int64_t user_pk, int64_t tenant_pk);

/* Removes access that was not granted, when the user has no group in the tenant. */
int store_access_delete_unused(struct store *store, int64_t user_pk, int64_t tenant_pk);

/* The same for all tenants of a user. store_access_ungrant_all makes granted access count as access
 * that came with a group. store_access_delete_all_unused removes what store_access_delete_unused
 * would. */
int store_access_ungrant_all(struct store *store, int64_t user_pk);
int store_access_delete_all_unused(struct store *store, int64_t user_pk);

/* Return 0 when the user has access to the tenant, or to any, else STORE_NOT_FOUND. */
int store_access_find(struct store *store, int64_t user_pk, int64_t tenant_pk);
int store_access_find_any(struct store *store, int64_t user_pk);

/* Visits the tenants, by ascending key, to which the user has access that no membership explains.
 * The columns for store_visit: */
enum { ACCESS_COLUMN_TENANT, ACCESS_COLUMN_GRANTED, ACCESS_OWN_N_COLUMNS }; /* "true" or "false" */
int store_access_scan_own(struct store *store, int64_t user_pk, store_visit visit, void *cls);

/* Lists the tenants that the user has access to, oldest first and without details, in the arena. */
int store_access_list(struct store *store, int64_t user_pk, struct arena *arena,
                      struct tenant **ret_tenants, size_t *ret_count);

/* Visits up to `max` of the tenant's users, by ascending key, from those after a key on. There are
 * no columns. */
int store_access_scan_users(struct store *store, int64_t tenant_pk, int64_t after, size_t max,
                            store_visit visit, void *cls);
