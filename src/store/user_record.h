/* A user and what refers to it, as answers show it. */
#pragma once

#include "store/membership.h"
#include "store/tenant.h"
#include "store/user.h"

struct user_record {
    struct user user;
    struct tenant *tenants; /* that the user has access to, oldest first and without details */
    size_t n_tenants;
    struct user_group *groups; /* as store_membership_list_groups lists them */
    size_t n_groups;
};

/* Reads a user into the arena; if `tenant_pk` is not 0, with the groups of that tenant only. What
 * was read is kept in memory (store/row_cache.h) and takes no statement the next time. Returns
 * 0, STORE_NOT_FOUND or <0. */
int user_record_read(struct store *store, int64_t user_pk, int64_t tenant_pk, struct arena *arena,
                     struct user_record *ret_record);
