/* Groups as an identity provider sees and writes them. */
#pragma once

#include "iam/iam.h"
#include "store/group.h"
#include "store/provisioning.h"

struct provisioned_group {
    struct group group;
    struct provisioned provisioned;
    const struct member *members;
    size_t n_members;
};

/* What an identity provider says of a group. */
struct group_provision {
    const char *name;
    const char *attributes;     /* what else it says, as a JSON object */
    struct string_list members; /* the ids of all members; duplicates count once */
};

/* Makes a group whose memberships are externally managed. Returns 0; IAM_UNKNOWN_TENANT;
 * IAM_NAME_TAKEN; or IAM_UNKNOWN_USER and the id in *reterr_id. `now` is in epoch ms. */
int iam_provision_group(struct iam *iam, int64_t tenant_pk, const struct group_provision *provision,
                        int64_t now, struct arena *arena, struct provisioned_group *ret_group,
                        const char **reterr_id);

/* Returns 0 or IAM_UNKNOWN_GROUP. */
int iam_get_provisioned_group(struct iam *iam, int64_t tenant_pk, const char *id,
                              struct arena *arena, struct provisioned_group *ret_group);

/* Decides in the transaction what to write. Returns 0, IAM_REFUSED or <0. */
typedef int (*group_decide)(void *cls, const struct provisioned_group *group,
                            struct group_provision *ret_provision);

/* Changes a group, whose memberships then are all externally managed. They keep their kind. Returns
 * as iam_provision_group, or IAM_UNKNOWN_GROUP, or IAM_REFUSED as `decide` did. */
int iam_reprovision_group(struct iam *iam, int64_t tenant_pk, const char *id, group_decide decide,
                          void *cls, int64_t now, struct arena *arena,
                          struct provisioned_group *ret_group, const char **reterr_id);

/* Visits groups by ascending key. `wants` says whether `visit` gets to see the group, which lives
 * as long as the call. Results other than 0 end this and are passed on. */
struct group_visitor {
    bool (*wants)(void *cls, const char *name);
    int (*visit)(void *cls, const struct provisioned_group *group);
    void *cls;
    bool with_members; /* reading them takes a look at all memberships */
};
int iam_visit_provisioned_groups(struct iam *iam, int64_t tenant_pk,
                                 const struct group_visitor *visitor);
