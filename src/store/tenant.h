/* Tenants. */
#pragma once

#include "store/store.h"

struct tenant {
    const char *id;
    const char *name;
    const char *details; /* what else was stored, an object in JSON; or NULL */
};

int store_tenant_insert(struct store *store, const char *id, const char *name, int64_t *ret_pk);
int store_tenant_find(struct store *store, const char *id, int64_t *ret_pk);
int store_tenant_find_by_pk(struct store *store, int64_t pk, struct arena *arena,
                            struct tenant *ret_tenant);

/* 0 when the tenant is there, STORE_NOT_FOUND when it was deleted. */
int store_tenant_check(struct store *store, int64_t pk);

/* Stores all but the id. */
int store_tenant_update(struct store *store, int64_t pk, const struct tenant *tenant);

/* Takes access, groups and memberships along. */
int store_tenant_delete(struct store *store, int64_t pk);

/* Columns for store_visit, of which the first `n_columns` are shown, by ascending key. */
enum { TENANT_COLUMN_ID, TENANT_COLUMN_NAME, TENANT_N_COLUMNS };
int store_tenant_scan(struct store *store, size_t n_columns, store_visit visit, void *cls);
