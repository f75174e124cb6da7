/* Groups. Ids and names are unique within a tenant. */
#pragma once

#include "store/key_list.h"
#include "store/membership.h"

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

/* Finds the group with this id in any tenant. When several tenants have one, it prefers a group
 * that the user belongs to, which are `own`, then one in a tenant to which the user was granted
 * access, then the oldest. */
int store_group_find_for_user(struct store *store, const char *id, int64_t user_pk,
                              const struct membership_list *own, int64_t *ret_pk,
                              int64_t *ret_tenant_pk);

/* Updates name and description. Returns STORE_EXISTS when the name is taken. */
int store_group_update(struct store *store, const struct group *group);

/* Takes the keys of the group's members. Returns 0 and the keys (owned by the caller,
 * key_list_release), or <0. */
int store_group_take_members(struct store *store, int64_t group_pk, struct key_list **ret_members);

/* Also ends the memberships in the group, which belongs to the tenant. */
int store_group_delete(struct store *store, int64_t tenant_pk, int64_t pk);

/* Visits a tenant's groups by ascending key and passes the first `n_columns` of these columns. */
enum {
    GROUP_COLUMN_NAME,
    GROUP_COLUMN_DESCRIPTION,
    GROUP_COLUMN_ID,
    GROUP_N_COLUMNS,
    GROUP_COLUMN_TENANT = GROUP_N_COLUMNS, /* its key; only for groups of all tenants */
    GROUP_ALL_N_COLUMNS
};
int store_group_scan(struct store *store, int64_t tenant_pk, size_t n_columns, store_visit visit,
                     void *cls);

/* Does so for at most `max` groups of all tenants, from the key `first` on and before `end`, with
 * all columns. There is no end when it is INT64_MAX. */
int store_group_scan_range(struct store *store, int64_t first, int64_t end, size_t max,
                           store_visit visit, void *cls);

/* Finds the group with the highest key. */
int store_group_find_last(struct store *store, int64_t *ret_pk);
