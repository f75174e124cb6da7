#include "iam/passwords.h"

#include <string.h>

#include "iam/credential_cache.h"
#include "iam/credentials.h"
#include "iam/users.h"
#include "util/cleanup.h"

/* Stands for any hash that the user has. */
static const char any_hash[] = "";

/* Stores a hash; NULL means no password. Returns IAM_WRONG_PASSWORD unless the user's hash is
 * `old_hash` or `old_hash` is NULL. */
static int store_hash(struct iam *iam, const char *user_id, const char *hash,
                      const char *old_hash) {
    CLEANUP(arena_deinit) struct arena arena;
    arena_init(&arena);
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    struct user user;
    int64_t pk;
    int r = iam_find_user(iam, IAM_USER, user_id, &pk);
    if (r == 0)
        r = store_user_find_by_pk(iam->store, pk, &arena, &user);
    if (r != 0)
        return r;
    if (old_hash && (!user.password_hash ||
                     (old_hash != any_hash && strcmp(user.password_hash, old_hash) != 0)))
        return IAM_WRONG_PASSWORD;
    user.password_hash = hash;
    r = store_start_writing(&transaction);
    if (r == 0)
        r = store_user_update(iam->store, &user);
    if (r == 0)
        r = store_session_delete_all(iam->store, pk, INT64_MAX);
    if (r == 0)
        r = iam_commit(iam, &transaction);
    if (r == 0)
        credential_cache_forget(iam->cache, pk);
    return r;
}

static int set_password(struct iam *iam, const char *user_id, const char *password,
                        const char *old_hash) {
    char hash[PASSWORD_HASH_SIZE];
    int r = password_hash(iam->password_cost, password, hash);
    return r == 0 ? store_hash(iam, user_id, hash, old_hash) : r;
}

int iam_set_password(struct iam *iam, const char *user_id, const char *password) {
    return set_password(iam, user_id, password, NULL);
}

static int find_hash(struct iam *iam, const char *user_id, struct arena *arena,
                     const char **ret_hash) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    struct user user;
    int64_t pk;
    int r = iam_find_user(iam, IAM_USER, user_id, &pk);
    if (r == 0)
        r = store_user_find_by_pk(iam->store, pk, arena, &user);
    if (r == 0)
        *ret_hash = user.password_hash;
    return r;
}

int iam_change_password(struct iam *iam, const char *user_id, const char *old_password,
                        const char *new_password) {
    CLEANUP(arena_deinit) struct arena arena;
    arena_init(&arena);
    const char *hash;
    int r = find_hash(iam, user_id, &arena, &hash);
    if (r == 0)
        r = password_verify(hash, NULL, old_password); /* it is the user who waits */
    if (r == IAM_UNAUTHENTICATED)
        return IAM_WRONG_PASSWORD;
    return r == 0 ? set_password(iam, user_id, new_password, hash) : r;
}

int iam_delete_auth(struct iam *iam, const char *user_id, const char *auth) {
    if (strcmp(auth, "BasicAuth") == 0) {
        int r = store_hash(iam, user_id, NULL, any_hash);
        return r == IAM_WRONG_PASSWORD ? IAM_UNKNOWN_AUTH : r;
    }
    int64_t pk;
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int r = iam_find_user(iam, IAM_USER, user_id, &pk);
    return r == 0 ? IAM_UNKNOWN_AUTH : r;
}
