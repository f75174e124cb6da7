/* Invitations to a tenant, and what they grant. */
#pragma once

#include "store/store.h"

struct invitation {
    int64_t pk; /* 0 until it is stored */
    int64_t tenant_pk;
    const char *id;
    const char *tenant; /* its id; not for an insert */
    const char *email;
    bool super_admin;
    int64_t sent_at; /* in epoch ms, like the next two */
    int64_t expires_at;
    int64_t accepted_at; /* INT64_MIN: not yet */
};

/* Exactly one of role_pk and group_pk is not 0. */
struct invitation_grant {
    int64_t role_pk;
    int64_t group_pk;
    const char *namespace; /* of a role; NULL: the whole tenant */
};

int store_invitation_insert(struct store *store, const struct invitation *invitation,
                            int64_t *ret_pk);
int store_invitation_insert_grant(struct store *store, int64_t pk,
                                  const struct invitation_grant *grant);

/* Ids are unique in all tenants. */
int store_invitation_find(struct store *store, const char *id, int64_t *ret_pk);
int store_invitation_find_by_pk(struct store *store, int64_t pk, struct arena *arena,
                                struct invitation *ret_invitation);

/* Returns 0 when the address has an invitation to the tenant that is pending at `now` (epoch ms),
 * or STORE_NOT_FOUND. */
int store_invitation_find_pending(struct store *store, int64_t tenant_pk, const char *email,
                                  int64_t now);

/* Lists the grants, in the order of their insertion, in the arena. */
int store_invitation_list_grants(struct store *store, int64_t pk, struct arena *arena,
                                 struct invitation_grant **ret_grants, size_t *ret_count);

int store_invitation_accept(struct store *store, int64_t pk, int64_t accepted_at);
int store_invitation_delete(struct store *store, int64_t pk);

/* Visits a tenant's invitations by ascending key. The status is that at `now` (epoch ms): PENDING,
 * ACCEPTED or EXPIRED. */
enum {
    INVITATION_COLUMN_EMAIL,
    INVITATION_COLUMN_STATUS,
    INVITATION_COLUMN_EXPIRED_AT,  /* in UTC, to the second */
    INVITATION_COLUMN_SUPER_ADMIN, /* "true" or "false" */
    INVITATION_COLUMN_ID,
    INVITATION_N_COLUMNS
};
int store_invitation_scan(struct store *store, int64_t tenant_pk, int64_t now, int64_t after,
                          size_t n_columns, store_visit visit, void *cls);

/* Visits the invitations of an e-mail address to a tenant, or to any tenant when `tenant_pk` is 0,
 * by ascending key and without columns. */
int store_invitation_scan_email(struct store *store, int64_t tenant_pk, const char *email,
                                store_visit visit, void *cls);
