/* Users as an identity provider sees and writes them: those with access to a tenant, without
 * service accounts. */
#pragma once

#include "iam/users.h"
#include "store/provisioning.h"

struct provisioned_user {
    struct user_view view; /* with the groups of the tenant */
    struct provisioned provisioned;
};

/* What an identity provider says of a user. */
struct user_provision {
    const char *username;
    const char *email;
    const char *first_name; /* or NULL */
    const char *last_name;  /* or NULL */
    bool active;            /* others are restricted */
    const char *attributes; /* what else it says, as a JSON object */
};

/* Makes a user, or gives one with this username access to the tenant. Returns 0;
 * IAM_UNKNOWN_TENANT; IAM_HAS_ACCESS when there is such a user in the tenant; or IAM_EMAIL_TAKEN.
 * `now` is in epoch ms. */
int iam_provision_user(struct iam *iam, int64_t tenant_pk, const struct user_provision *provision,
                       int64_t now, struct arena *arena, struct provisioned_user *ret_user);

/* Return 0 or IAM_UNKNOWN_USER. */
int iam_get_provisioned_user(struct iam *iam, int64_t tenant_pk, const char *id,
                             struct arena *arena, struct provisioned_user *ret_user);

/* Decides in the transaction what to write. Returns 0, IAM_REFUSED or <0. */
typedef int (*user_decide)(void *cls, const struct provisioned_user *user,
                           struct user_provision *ret_provision);

/* Can also return IAM_REFUSED, as `decide` did, and IAM_EMAIL_TAKEN. */
int iam_reprovision_user(struct iam *iam, int64_t tenant_pk, const char *id, user_decide decide,
                         void *cls, int64_t now, struct arena *arena,
                         struct provisioned_user *ret_user);

/* Takes away the access to the tenant. */
int iam_deprovision_user(struct iam *iam, int64_t tenant_pk, const char *id);

/* Visits users by ascending key. `wants` sees only the columns of store/user.h, and says whether
 * `visit` gets to see the user, which lives as long as the call. Neither has the store's lock.
 * Results other than 0 end this and are passed on. */
struct user_visitor {
    bool (*wants)(void *cls, const char *username);
    int (*visit)(void *cls, const struct provisioned_user *user);
    void *cls;
};
int iam_visit_provisioned_users(struct iam *iam, int64_t tenant_pk,
                                const struct user_visitor *visitor);
