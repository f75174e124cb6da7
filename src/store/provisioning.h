/* What an identity provider has written of users and groups. */
#pragma once

#include "store/store.h"

struct provisioned {
    const char *attributes; /* a JSON object; NULL: nothing was written */
    int64_t created_at;     /* in epoch ms, like the next; INT64_MIN: unknown */
    int64_t modified_at;
};

/* Read what was written; without a row they return 0 and NULL attributes. */
int store_provisioned_user(struct store *store, int64_t user_pk, int64_t tenant_pk,
                           struct arena *arena, struct provisioned *ret_provisioned);
int store_provisioned_group(struct store *store, int64_t group_pk, struct arena *arena,
                            struct provisioned *ret_provisioned);

/* Write it anew. The user needs access to the tenant, and loses this with the access. */
int store_provision_user(struct store *store, int64_t user_pk, int64_t tenant_pk,
                         const struct provisioned *provisioned);
int store_provision_group(struct store *store, int64_t group_pk,
                          const struct provisioned *provisioned);

/* What was written of a user in one tenant. */
struct provision {
    const char *tenant; /* its id */
    struct provisioned provisioned;
};

/* Lists what was written of the user, by ascending tenant, in the arena. */
int store_provisioned_list(struct store *store, int64_t user_pk, struct arena *arena,
                           struct provision **ret_provisions, size_t *ret_count);

/* A member of a group. An identity provider knows of no service accounts. */
struct member {
    int64_t group_pk;
    int64_t user_pk;
    bool external;
    const char *id;
    const char *display; /* first and last name, or else the username */
};

/* Lists the members of a group, or of all groups of a tenant when `group_pk` is 0, by ascending
 * group and user, in the arena. */
int store_provisioned_members(struct store *store, int64_t tenant_pk, int64_t group_pk,
                              struct arena *arena, struct member **ret_members, size_t *ret_count);
