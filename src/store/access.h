/* Which users have access to which tenants. */
#pragma once

#include "store/tenant.h"

/* Access that was granted itself stays; other came with a group and goes with the last one. */
int store_access_insert(struct store *store, int64_t user_pk, int64_t tenant_pk, bool granted);
int store_access_grant(struct store *store, int64_t user_pk, int64_t tenant_pk);

/* Takes the memberships in the tenant along. */
int store_access_delete(struct store *store, int64_t user_pk, int64_t tenant_pk);

/* Removes access that was not granted itself, when the user has no group in the tenant. */
int store_access_delete_unused(struct store *store, int64_t user_pk, int64_t tenant_pk);

/* For all tenants at once: makes what is granted count as come with a group; and removes as
 * store_access_delete_unused does. */
int store_access_ungrant_all(struct store *store, int64_t user_pk);
int store_access_delete_all_unused(struct store *store, int64_t user_pk);

/* 0 when the user has access, STORE_NOT_FOUND when not. */
int store_access_find(struct store *store, int64_t user_pk, int64_t tenant_pk);

/* Columns for store_visit: the tenants, by ascending key, whose access does not follow from a
 * membership of the user. */
enum { ACCESS_COLUMN_TENANT, ACCESS_COLUMN_GRANTED, ACCESS_OWN_N_COLUMNS }; /* "true", "false" */
int store_access_scan_own(struct store *store, int64_t user_pk, store_visit visit, void *cls);

/* The tenants that the user has access to, the oldest first, without details, in the arena. */
int store_access_list(struct store *store, int64_t user_pk, struct arena *arena,
                      struct tenant **ret_tenants, size_t *ret_count);
