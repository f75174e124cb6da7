/* Bindings: who has which role. A binding never changes. */
#pragma once

#include "iam/user_listing.h"
#include "store/binding.h"
#include "store/group.h"
#include "store/role.h"

/* A binding with what it refers to. */
struct binding_view {
    struct binding binding;
    struct role role;
    struct user_view user; /* when binding.user_pk is not 0 */
    struct group group;    /* when binding.group_pk is not 0 */
};

struct binding_page {
    struct binding_view *bindings;
    size_t count;
    int64_t total;
};

struct new_binding {
    bool is_group;
    const char *subject; /* the id of the user or group */
    const char *role;
    const char *namespace; /* NULL: the whole tenant */
};

/* Creates all or none. A user needs no access to the tenant. Returns 0; IAM_UNKNOWN_TENANT;
 * IAM_UNKNOWN_USER, IAM_UNKNOWN_GROUP or IAM_UNKNOWN_ROLE with the id in *reterr_id; or
 * IAM_IS_BOUND, with the subject in *reterr_id, when there is an identical one. */
int iam_create_bindings(struct iam *iam, int64_t tenant_pk, const struct new_binding *new_bindings,
                        size_t count, struct arena *arena, struct binding_page *ret_page,
                        const char **reterr_id);

/* Return 0 or IAM_UNKNOWN_BINDING. */
int iam_get_binding(struct iam *iam, int64_t tenant_pk, const char *id, struct arena *arena,
                    struct binding_view *ret_view);
int iam_delete_binding(struct iam *iam, int64_t tenant_pk, const char *id);

/* Returns as iam_list_users. */
int iam_list_bindings(struct iam *iam, int64_t tenant_pk, const struct listing_request *request,
                      struct arena *arena, struct binding_page *ret_page,
                      const char **reterr_problem);

/* Lists the roles that a user has in a tenant. Returns 0 or <0. */
int iam_list_role_assignments(struct iam *iam, int64_t user_pk, int64_t tenant_pk,
                              struct arena *arena, struct role_assignment **ret_roles,
                              size_t *ret_count);
