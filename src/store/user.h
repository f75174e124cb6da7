/* Users. Ids are case-sensitive; usernames and e-mail addresses ignore ASCII case. */
#pragma once

#include "store/store.h"

struct user {
    int64_t pk; /* 0 until the user is stored */
    const char *id;
    const char *username;
    const char *email;
    const char *first_name;  /* or NULL */
    const char *last_name;   /* or NULL */
    bool is_service_account; /* then username and email are its id, and it has no password */
    const char *name;        /* of a service account, else NULL */
    const char *description; /* of a service account, or NULL */
    bool super_admin;
    bool restricted;
    const char *password_hash; /* Argon2id in libsodium's format; NULL: no password */
};

int store_user_insert(struct store *store, const struct user *user, int64_t *ret_pk);
int store_user_find_by_pk(struct store *store, int64_t pk, struct arena *arena,
                          struct user *ret_user);
int store_user_find_by_username(struct store *store, const char *username, struct arena *arena,
                                struct user *ret_user);

/* Find a user or a service account by id, only one of the two kinds, or a user by e-mail
 * address. */
int store_user_find(struct store *store, const char *id, int64_t *ret_pk);
int store_user_find_of_type(struct store *store, bool service_account, const char *id,
                            int64_t *ret_pk);
int store_user_find_by_email(struct store *store, const char *email, int64_t *ret_pk);

/* Updates everything but pk and id. Returns STORE_EXISTS when the username or the e-mail address is
 * taken. */
int store_user_update(struct store *store, const struct user *user);

/* Also deletes the user's tokens, access and memberships. */
int store_user_delete(struct store *store, int64_t pk);

/* Visits the users by ascending key and passes the first `n_columns` of these columns. */
enum {
    USER_COLUMN_USERNAME,
    USER_COLUMN_EMAIL,
    USER_COLUMN_FIRST_NAME,
    USER_COLUMN_LAST_NAME,
    USER_COLUMN_ID,
    USER_COLUMN_SUPER_ADMIN, /* "true" or "false" */
    USER_N_COLUMNS,
    USER_COLUMN_TYPE = USER_N_COLUMNS, /* only in a range */
    ACCESS_N_COLUMNS
};
int store_user_scan(struct store *store, bool service_accounts, size_t n_columns, store_visit visit,
                    void *cls);

/* Does so for at most `max` users from the key `first` on and before `end`, of both types, with all
 * columns. There is no end when it is INT64_MAX. */
int store_user_scan_range(struct store *store, int64_t first, int64_t end, size_t max,
                          store_visit visit, void *cls);

/* Finds a user who has access to the tenant. */
int store_user_find_in_tenant(struct store *store, const char *id, int64_t tenant_pk,
                              int64_t *ret_pk);

/* Finds the user or service account with the highest key. */
int store_user_find_last(struct store *store, int64_t *ret_pk);

/* Finds the first super-admin. Returns 0 or STORE_NOT_FOUND. */
int store_user_find_super_admin(struct store *store, int64_t *ret_pk);

/* Return 0 when there is any user, service accounts left out, or anything at all, else
 * STORE_NOT_FOUND. */
int store_user_find_any(struct store *store);
int store_find_any(struct store *store);

/* A hash of those that cost most: 0 and the hash in the arena, NULL when each has the low cost. */
int store_user_find_costliest_hash(struct store *store, struct arena *arena, const char **ret_hash);

/* Counts the users, without service accounts. */
int store_user_count(struct store *store, int64_t *ret_count);
