#include "iam/password_resets.h"

#include "iam/credential_cache.h"
#include "iam/credentials.h"
#include "store/token.h"
#include "store/user.h"
#include "util/cleanup.h"
#include "util/friendly_id.h"

int iam_forget_password(struct iam *iam, const char *username, int64_t now, struct arena *arena) {
    char token[FRIENDLY_ID_SIZE];
    friendly_id_make(token);
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    struct user user;
    int r = store_user_find_by_username(iam->store, username, arena, &user);
    if (r != 0 || user.is_service_account)
        return r < 0 ? r : 0;
    r = store_start_writing(&transaction);
    if (r == 0)
        r = store_reset_put(iam->store, user.pk, token, now + PASSWORD_RESET_LIFE_MS);
    return r == 0 ? iam_commit(iam, &transaction) : r;
}

/* Checks before a password is hashed, which takes its time. */
static int check_token(struct iam *iam, const char *token, int64_t now) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int64_t user_pk;
    int r = store_reset_find(iam->store, token, now, &user_pk);
    return r == STORE_NOT_FOUND ? IAM_UNKNOWN_RESET : r;
}

/* Call this inside a transaction that writes. */
static int set_hash(struct iam *iam, int64_t user_pk, const char *hash, struct arena *arena) {
    struct user user;
    int r = store_user_find_by_pk(iam->store, user_pk, arena, &user);
    user.password_hash = hash;
    if (r == 0)
        r = store_user_update(iam->store, &user);
    if (r == 0)
        r = store_session_delete_all(iam->store, user_pk, INT64_MAX);
    return r == 0 ? store_reset_delete(iam->store, user_pk) : r;
}

int iam_reset_password(struct iam *iam, const char *token, const char *password, int64_t now,
                       struct arena *arena) {
    char hash[PASSWORD_HASH_SIZE];
    int64_t user_pk;
    int r = check_token(iam, token, now);
    if (r == 0)
        r = password_hash(iam->password_cost, password, hash);
    if (r != 0)
        return r;
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    r = store_reset_find(iam->store, token, now, &user_pk);
    if (r == STORE_NOT_FOUND)
        return IAM_UNKNOWN_RESET;
    if (r == 0)
        r = store_start_writing(&transaction);
    if (r == 0)
        r = set_hash(iam, user_pk, hash, arena);
    if (r == 0)
        r = iam_commit(iam, &transaction);
    if (r == 0)
        credential_cache_forget(iam->cache, user_pk);
    return r;
}

int iam_list_password_resets(struct iam *iam, int64_t now, store_visit visit, void *cls) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    return store_reset_scan(iam->store, now, visit, cls);
}
