#include "iam/passwords.h"

#include <string.h>

#include "iam/credentials.h"
#include "iam/users.h"
#include "util/cleanup.h"

/* Stores a hash, NULL for no password; with `demands_old`, only for a user who has a password. */
static int store_hash(struct iam *iam, const char *user_id, const char *hash, bool demands_old) {
    CLEANUP(arena_deinit) struct arena arena;
    arena_init(&arena);
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    struct user user;
    int64_t pk;
    int r = iam_find_user(iam, user_id, &pk);
    if (r == 0)
        r = store_user_find_by_pk(iam->store, pk, &arena, &user);
    if (r != 0)
        return r;
    if (demands_old && !user.password_hash)
        return IAM_UNKNOWN_AUTH;
    user.password_hash = hash;
    r = store_start_writing(&transaction);
    if (r == 0)
        r = store_user_update(iam->store, &user);
    if (r == 0)
        r = store_session_delete_all(iam->store, pk, INT64_MAX);
    if (r == 0)
        r = store_commit(&transaction);
    if (r == 0)
        credential_cache_forget(iam->cache, pk);
    return r;
}

int iam_set_password(struct iam *iam, const char *user_id, const char *password) {
    char hash[PASSWORD_HASH_SIZE];
    int r = password_hash(password, hash);
    return r == 0 ? store_hash(iam, user_id, hash, false) : r;
}

static int find_hash(struct iam *iam, const char *user_id, struct arena *arena,
                     const char **ret_hash) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    struct user user;
    int64_t pk;
    int r = iam_find_user(iam, user_id, &pk);
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
        r = password_verify(hash, old_password);
    if (r == IAM_UNAUTHENTICATED)
        return IAM_WRONG_PASSWORD;
    return r == 0 ? iam_set_password(iam, user_id, new_password) : r;
}

int iam_delete_auth(struct iam *iam, const char *user_id, const char *auth) {
    bool is_password = strcmp(auth, "BasicAuth") == 0;
    int64_t pk;
    if (is_password)
        return store_hash(iam, user_id, NULL, true);
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int r = iam_find_user(iam, user_id, &pk);
    return r == 0 ? IAM_UNKNOWN_AUTH : r;
}
