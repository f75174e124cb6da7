/* Which users belong to which groups. */
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

/* `tenant_pk` must be the tenant of the group. */
int store_membership_insert(struct store *store, int64_t user_pk, int64_t tenant_pk,
                            const struct membership *membership);

/* The same, but the group comes after all others of the user, whatever the position says. */
int store_membership_append(struct store *store, int64_t user_pk, int64_t tenant_pk,
                            const struct membership *membership);
int store_membership_delete(struct store *store, int64_t user_pk, int64_t tenant_pk,
                            int64_t group_pk);

/* Lists the user's memberships in one tenant, by ascending group_pk, in the arena. */
int store_membership_list(struct store *store, int64_t user_pk, int64_t tenant_pk,
                          struct arena *arena, struct membership **ret_memberships,
                          size_t *ret_count);

/* Lists the user's groups in one tenant, or in all tenants when `tenant_pk` is 0, by
 * position; the oldest group comes first of those with the same. */
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

/* Returns 0 when the user is a member of the group, or STORE_NOT_FOUND. */
int store_membership_find(struct store *store, int64_t user_pk, int64_t tenant_pk, int64_t group_pk,
                          enum membership_kind *ret_kind);
int store_membership_set_kind(struct store *store, int64_t user_pk, int64_t tenant_pk,
                              int64_t group_pk, enum membership_kind kind);

/* Gives the membership its position. */
int store_membership_move(struct store *store, int64_t user_pk, int64_t tenant_pk,
                          const struct membership *membership);

/* From now on an identity provider manages the membership. */
int store_membership_set_external(struct store *store, int64_t user_pk, int64_t tenant_pk,
                                  int64_t group_pk);

/* Returns 0 when the user owns a group of the tenant, or STORE_NOT_FOUND. */
int store_membership_find_owned(struct store *store, int64_t user_pk, int64_t tenant_pk);
