/* Security integrations. Ids are unique within a tenant. */
#pragma once

#include "store/store.h"

struct integration {
    int64_t pk;
    int64_t tenant_pk;
    const char *id;
    const char *name;
    const char *description;
    bool enabled;
    int64_t user_pk; /* the service account; 0: somebody has deleted it */
    int64_t role_pk; /* the role; 0: somebody has deleted it */
};

int store_integration_insert(struct store *store, const struct integration *integration);
int store_integration_find(struct store *store, int64_t tenant_pk, const char *id,
                           struct arena *arena, struct integration *ret_integration);
int store_integration_find_by_pk(struct store *store, int64_t pk, struct arena *arena,
                                 struct integration *ret_integration);
int store_integration_enable(struct store *store, int64_t pk, bool enabled);
int store_integration_delete(struct store *store, int64_t pk);

/* Visits a tenant's integrations by ascending key, with the first `n_columns` of these columns. */
enum {
    INTEGRATION_COLUMN_NAME,
    INTEGRATION_COLUMN_DESCRIPTION,
    INTEGRATION_COLUMN_ID,
    INTEGRATION_COLUMN_TYPE,
    INTEGRATION_COLUMN_ENABLED, /* "true" or "false" */
    INTEGRATION_N_COLUMNS
};
int store_integration_scan(struct store *store, int64_t tenant_pk, size_t n_columns,
                           store_visit visit, void *cls);
