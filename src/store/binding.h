/* Bindings of roles to users and groups. */
#pragma once

#include "store/store.h"

/* Exactly one of user_pk and group_pk is not 0. */
struct binding {
    int64_t pk;
    int64_t tenant_pk;
    int64_t role_pk;
    int64_t user_pk;
    int64_t group_pk;
    const char *id;
    const char *namespace; /* NULL: the whole tenant */
};

/* Returns STORE_EXISTS when there is one of the same role, subject and namespace, or of the same
 * id. */
int store_binding_insert(struct store *store, const struct binding *binding, int64_t *ret_pk);
int store_binding_find(struct store *store, int64_t tenant_pk, const char *id, int64_t *ret_pk);
int store_binding_find_by_pk(struct store *store, int64_t pk, struct arena *arena,
                             struct binding *ret_binding);
int store_binding_delete(struct store *store, int64_t pk);

/* Deletes the bindings of a user in a tenant. */
int store_binding_delete_of_user(struct store *store, int64_t user_pk, int64_t tenant_pk);

/* Visits a tenant's bindings by ascending key. The external id is that of the user or group. */
enum {
    BINDING_COLUMN_TYPE,
    BINDING_COLUMN_NAMESPACE,
    BINDING_COLUMN_ID,
    BINDING_COLUMN_EXTERNAL_ID,
    BINDING_COLUMN_ROLE_ID,
    BINDING_LISTED_N_COLUMNS,
    BINDING_COLUMN_SUBJECT = BINDING_LISTED_N_COLUMNS, /* "user", "serviceAccount" or "group" */
    BINDING_N_COLUMNS
};
int store_binding_scan(struct store *store, int64_t tenant_pk, int64_t after, size_t n_columns,
                       store_visit visit, void *cls);

/* A role that a user has in a tenant. */
struct role_assignment {
    const char *role_id;
    const char *role_name;
    const char *template;
    const char *permissions;
    const char *namespace; /* NULL: the whole tenant */
    const char *binding_id;
    const char *group_id; /* NULL: the user's own binding */
};

/* Lists the roles that are bound to the user or to one of the user's groups in the tenant. */
int store_binding_list_roles(struct store *store, int64_t user_pk, int64_t tenant_pk,
                             struct arena *arena, struct role_assignment **ret_roles,
                             size_t *ret_count);
