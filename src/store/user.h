/* Users. Ids are exact; usernames and e-mails are compared without ASCII case. */
#pragma once

#include "store/store.h"

struct user {
    int64_t pk; /* 0 while the user is not stored */
    const char *id;
    const char *username;
    const char *email;
    const char *first_name; /* or NULL */
    const char *last_name;  /* or NULL */
    bool super_admin;
    bool restricted;
    const char *password_hash; /* Argon2id, as libsodium writes it; NULL: no password */
};

int store_user_insert(struct store *store, const struct user *user, int64_t *ret_pk);
int store_user_find_by_pk(struct store *store, int64_t pk, struct arena *arena,
                          struct user *ret_user);
int store_user_find_by_username(struct store *store, const char *username, struct arena *arena,
                                struct user *ret_user);

/* The user when it has access to the tenant. */
int store_user_find_in_tenant(struct store *store, const char *id, int64_t tenant_pk,
                              int64_t *ret_pk);

/* Whether there is anything at all, user or tenant: 0, or STORE_NOT_FOUND. */
int store_find_any(struct store *store);
