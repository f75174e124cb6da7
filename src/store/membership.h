/* Which user belongs to which group. */
#pragma once

#include "store/store.h"

enum membership_kind { MEMBERSHIP_MEMBER, MEMBERSHIP_OWNER };

struct membership {
    int64_t group_pk;
    enum membership_kind kind;
    bool external; /* managed by an identity provider */
};

/* `tenant_pk` is the tenant of the groups. */
int store_membership_insert(struct store *store, int64_t user_pk, int64_t tenant_pk,
                            const struct membership *membership);
int store_membership_delete(struct store *store, int64_t user_pk, int64_t tenant_pk,
                            int64_t group_pk);

/* The user's memberships in one tenant, by ascending group_pk, in the arena. */
int store_membership_list(struct store *store, int64_t user_pk, int64_t tenant_pk,
                          struct arena *arena, struct membership **ret_memberships,
                          size_t *ret_count);

/* All of the user's groups, in one tenant or, with 0, in all, in the order that they were made. */
struct user_group {
    int64_t pk;
    int64_t tenant_pk;
    const char *id;
    const char *name;
    const char *tenant;
    enum membership_kind kind;
    bool external;
};
int store_membership_list_groups(struct store *store, int64_t user_pk, int64_t tenant_pk,
                                 struct arena *arena, struct user_group **ret_groups,
                                 size_t *ret_count);

/* 0 when the user is a member of the group, STORE_NOT_FOUND when not. */
int store_membership_find(struct store *store, int64_t user_pk, int64_t tenant_pk, int64_t group_pk,
                          enum membership_kind *ret_kind);
int store_membership_set_kind(struct store *store, int64_t user_pk, int64_t tenant_pk,
                              int64_t group_pk, enum membership_kind kind);

/* Whether the user owns any group of the tenant: 0, or STORE_NOT_FOUND. */
int store_membership_find_owned(struct store *store, int64_t user_pk, int64_t tenant_pk);
