/* Groups. Id and name are unique within their tenant. */
#pragma once

#include "store/store.h"

struct group {
    int64_t pk;
    int64_t tenant_pk;
    const char *id;
    const char *name;
    const char *description; /* or NULL */
};

int store_group_insert(struct store *store, int64_t tenant_pk, const char *id, const char *name,
                       const char *description, int64_t *ret_pk);
int store_group_find(struct store *store, int64_t tenant_pk, const char *id, int64_t *ret_pk);
int store_group_find_by_pk(struct store *store, int64_t pk, struct arena *arena,
                           struct group *ret_group);

/* The group with this id, of whichever tenant. Of several it is one that the user belongs to, or
 * else one of a tenant that the user was granted access to, or else the oldest. */
int store_group_find_for_user(struct store *store, const char *id, int64_t user_pk, int64_t *ret_pk,
                              int64_t *ret_tenant_pk);

/* Stores name and description; STORE_EXISTS when the name is taken. */
int store_group_update(struct store *store, const struct group *group);

/* Takes the memberships along. */
int store_group_delete(struct store *store, int64_t pk);

/* Columns for store_visit, of which the first `n_columns` are shown, by ascending key. */
enum { GROUP_COLUMN_NAME, GROUP_COLUMN_DESCRIPTION, GROUP_COLUMN_ID, GROUP_N_COLUMNS };
int store_group_scan(struct store *store, int64_t tenant_pk, size_t n_columns, store_visit visit,
                     void *cls);
