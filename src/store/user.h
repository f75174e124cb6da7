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

/* By id, or by e-mail. */
int store_user_find(struct store *store, const char *id, int64_t *ret_pk);
int store_user_find_by_email(struct store *store, const char *email, int64_t *ret_pk);

/* Stores all but pk and id; STORE_EXISTS when username or e-mail is taken. */
int store_user_update(struct store *store, const struct user *user);

/* Takes tokens, access and memberships along. */
int store_user_delete(struct store *store, int64_t pk);

/* Columns for store_visit, of which the first `n_columns` are shown, by ascending key. */
enum {
    USER_COLUMN_USERNAME,
    USER_COLUMN_EMAIL,
    USER_COLUMN_FIRST_NAME,
    USER_COLUMN_LAST_NAME,
    USER_COLUMN_ID,
    USER_COLUMN_SUPER_ADMIN, /* "true" or "false" */
    USER_N_COLUMNS,
    USER_COLUMN_TYPE = USER_N_COLUMNS, /* of those with access to a tenant: "STANDARD" */
    ACCESS_N_COLUMNS
};
int store_user_scan(struct store *store, size_t n_columns, store_visit visit, void *cls);
int store_user_scan_group(struct store *store, int64_t group_pk, size_t n_columns,
                          store_visit visit, void *cls);
int store_user_scan_tenant(struct store *store, int64_t tenant_pk, size_t n_columns,
                           store_visit visit, void *cls);

/* The user when it has access to the tenant. */
int store_user_find_in_tenant(struct store *store, const char *id, int64_t tenant_pk,
                              int64_t *ret_pk);

/* The first super-admin: 0, or STORE_NOT_FOUND. */
int store_user_find_super_admin(struct store *store, int64_t *ret_pk);

/* Whether there is any user; or anything at all, user or tenant: 0, or STORE_NOT_FOUND. */
int store_user_find_any(struct store *store);
int store_find_any(struct store *store);

/* A hash of those that cost most: 0 and the hash in the arena, NULL when each has the low cost. */
int store_user_find_costliest_hash(struct store *store, struct arena *arena, const char **ret_hash);

int store_user_count(struct store *store, int64_t *ret_count);
