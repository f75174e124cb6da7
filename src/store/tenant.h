/* Tenants, and who has access to them. */
#pragma once

#include "store/store.h"

int store_tenant_insert(struct store *store, const char *id, const char *name, int64_t *ret_pk);
int store_tenant_find(struct store *store, const char *id, int64_t *ret_pk);

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

struct tenant {
    const char *id;
    const char *name;
};

/* The tenants that the user has access to, the oldest first, in the arena. */
int store_access_list(struct store *store, int64_t user_pk, struct arena *arena,
                      struct tenant **ret_tenants, size_t *ret_count);
