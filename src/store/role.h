/* Roles. Ids are unique within a tenant, names are not. */
#pragma once

#include "store/store.h"

struct role {
    int64_t pk;
    int64_t tenant_pk;
    const char *id;
    const char *name;
    const char *description; /* or NULL */
    bool is_default;
    const char *template;    /* of a managed role; NULL: not managed */
    const char *permissions; /* as in contract/permissions.h; NULL: managed */
};

int store_role_insert(struct store *store, const struct role *role, int64_t *ret_pk);

int store_role_find(struct store *store, int64_t tenant_pk, const char *id, int64_t *ret_pk);
int store_role_find_by_pk(struct store *store, int64_t pk, struct arena *arena,
                          struct role *ret_role);

/* Updates all but id and template. */
int store_role_update(struct store *store, const struct role *role);

/* Makes no other role of the tenant the default. */
int store_role_clear_default(struct store *store, int64_t tenant_pk);

/* Also deletes the role's bindings. */
int store_role_delete(struct store *store, int64_t pk);

/* Visits a tenant's roles by ascending key and passes the first `n_columns` of these columns. */
enum {
    ROLE_COLUMN_NAME,
    ROLE_COLUMN_DESCRIPTION,
    ROLE_COLUMN_ID,
    ROLE_COLUMN_TEMPLATE,
    ROLE_N_COLUMNS
};
int store_role_scan(struct store *store, int64_t tenant_pk, size_t n_columns, store_visit visit,
                    void *cls);
