/* Tenants. */
#pragma once

#include "store/store.h"

struct tenant {
    const char *id;
    const char *name;
    const char *details; /* the other fields, as a JSON object; or NULL */
};

int store_tenant_insert(struct store *store, const char *id, const char *name, int64_t *ret_pk);
int store_tenant_find(struct store *store, const char *id, int64_t *ret_pk);
int store_tenant_find_by_pk(struct store *store, int64_t pk, struct arena *arena,
                            struct tenant *ret_tenant);

/* Returns 0 when the tenant exists, or STORE_NOT_FOUND. */
int store_tenant_check(struct store *store, int64_t pk);

/* Updates everything but the id. */
int store_tenant_update(struct store *store, int64_t pk, const struct tenant *tenant);

/* Also deletes its access, groups, memberships and integrations, with their service accounts. */
int store_tenant_delete(struct store *store, int64_t pk);

/* Visits the tenants by ascending key and passes the first `n_columns` of these columns. */
enum { TENANT_COLUMN_ID, TENANT_COLUMN_NAME, TENANT_N_COLUMNS };
int store_tenant_scan(struct store *store, size_t n_columns, store_visit visit, void *cls);
