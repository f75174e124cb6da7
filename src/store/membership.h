/* Which users belong to which groups. All memberships of a user in a tenant lie in one row. */
#pragma once

#include "store/store.h"

enum membership_kind { MEMBERSHIP_MEMBER, MEMBERSHIP_OWNER };

/* The names are those of the API, OWNER and MEMBER; every other name counts as MEMBER. */
const char *membership_kind_name(enum membership_kind kind);
enum membership_kind membership_kind_of(const char *name);

struct membership {
    int64_t group_pk;
    enum membership_kind kind;
    bool external;    /* managed by an identity provider */
    int64_t position; /* clients see the user's groups in ascending order of it */
};

/* Compares by group, for qsort and bsearch. */
int membership_compare(const void *a, const void *b);

/* A user's memberships in one tenant, by ascending group_pk, each group once. */
struct membership_list {
    struct membership *items;
    size_t count;
};

/* Returns the membership in the group, or NULL. */
struct membership *membership_list_find(const struct membership_list *list, int64_t group_pk);

/* Lists the user's memberships in the tenant, in the arena. Returns 0, STORE_NOT_FOUND when the
 * user has no access to the tenant, or <0. */
int store_membership_list(struct store *store, int64_t user_pk, int64_t tenant_pk,
                          struct arena *arena, struct membership_list *ret_list);

/* Replaces the list `from`, which store_membership_list has returned in this transaction, with
 * `to`, whose groups are of this tenant. The user has access to the tenant. */
int store_membership_replace(struct store *store, int64_t user_pk, int64_t tenant_pk,
                             const struct membership_list *from, const struct membership_list *to);

/* The user gets access to the tenant, which is not granted, together with the memberships. Returns
 * STORE_EXISTS, and changes nothing, when it has access. */
int store_membership_start(struct store *store, int64_t user_pk, int64_t tenant_pk,
                           const struct membership_list *list);

/* The user joins groups of the tenant, which it has access to. Of a group that is named twice the
 * lower position counts. In a group to which the user belongs it gets the position. */
int store_membership_join(struct store *store, int64_t user_pk, int64_t tenant_pk,
                          const struct membership_list *joined);

/* The same, but memberships that the user has stay as they are, and the others come after all
 * groups of the user in all tenants, by their position. */
int store_membership_append(struct store *store, int64_t user_pk, int64_t tenant_pk,
                            const struct membership_list *joined);

/* The user leaves the groups; those to which it does not belong do not matter. The list needs only
 * keys, in any order. */
int store_membership_leave(struct store *store, int64_t user_pk, int64_t tenant_pk,
                           const struct membership_list *left);

/* Lists the user's groups in one tenant, or in all tenants when `tenant_pk` is 0, by
 * position; the oldest group comes first of those with the same. */
struct user_group {
    int64_t pk;
    int64_t tenant_pk;
    const char *id;
    const char *name;
    const char *tenant;
    int64_t position;
    enum membership_kind kind;
    bool external;
};
int store_membership_list_groups(struct store *store, int64_t user_pk, int64_t tenant_pk,
                                 struct arena *arena, struct user_group **ret_groups,
                                 size_t *ret_count);

/* Returns 0 when the user is a member of the group, or STORE_NOT_FOUND. */
int store_membership_find(struct store *store, int64_t user_pk, int64_t tenant_pk, int64_t group_pk,
                          enum membership_kind *ret_kind);

/* Change a membership, if the user has it. store_membership_set_external: from now on an identity
 * provider manages it. */
int store_membership_set_kind(struct store *store, int64_t user_pk, int64_t tenant_pk,
                              int64_t group_pk, enum membership_kind kind);
int store_membership_set_external(struct store *store, int64_t user_pk, int64_t tenant_pk,
                                  int64_t group_pk);

/* Returns 0 when the user owns a group of the tenant, or STORE_NOT_FOUND. */
int store_membership_find_owned(struct store *store, int64_t user_pk, int64_t tenant_pk);
