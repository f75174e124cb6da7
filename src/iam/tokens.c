#include "iam/tokens.h"

#include <errno.h>
#include <string.h>

#include <sodium.h>

#include "iam/credential_cache.h"
#include "iam/credentials.h"
#include "iam/users.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/friendly_id.h"

static void make_secret(char out[TOKEN_SECRET_SIZE]) {
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    for (size_t i = 0; i < TOKEN_SECRET_SIZE - 1; i++)
        out[i] = digits[randombytes_uniform(i < TOKEN_PREFIX_LENGTH ? 36 : 62)];
    out[TOKEN_SECRET_SIZE - 1] = '\0';
}

static int64_t expiry(int64_t now, int64_t max_age) {
    return max_age == INT64_MAX ? INT64_MAX : now + max_age;
}

int iam_create_token(struct iam *iam, const char *user_id, const struct new_token *new_token,
                     int64_t now, struct arena *arena, struct token *ret_token,
                     char ret_secret[TOKEN_SECRET_SIZE]) {
    char id[FRIENDLY_ID_SIZE];
    char secret[TOKEN_SECRET_SIZE];
    friendly_id_make(id);
    make_secret(secret);
    struct token token = {
        .id = arena_copy(arena, id, sizeof(id) - 1),
        .name = new_token->name,
        .description = new_token->description,
        .extended = new_token->extended,
        .max_age = new_token->max_age,
        .issued_at = now,
        .expires_at = expiry(now, new_token->max_age),
        .last_used_at = INT64_MIN,
    };
    if (!token.id)
        return FATAL(ENOMEM);
    token_set_secret(&token, secret);
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int r = iam_find_user(iam, user_id, &token.user_pk);
    if (r == 0)
        r = store_start_writing(&transaction);
    if (r == 0)
        r = store_token_insert(iam->store, &token, &token.pk);
    if (r == 0)
        r = store_commit(&transaction);
    if (r == 0) {
        *ret_token = token;
        memcpy(ret_secret, secret, sizeof(secret));
    }
    return r;
}

int iam_list_tokens(struct iam *iam, const char *user_id, struct arena *arena,
                    struct token **ret_tokens, size_t *ret_count) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int64_t user_pk;
    int r = iam_find_user(iam, user_id, &user_pk);
    return r == 0 ? store_token_list(iam->store, user_pk, arena, ret_tokens, ret_count) : r;
}

int iam_delete_token(struct iam *iam, const char *user_id, const char *token_id) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int64_t user_pk;
    int r = iam_find_user(iam, user_id, &user_pk);
    if (r == 0)
        r = store_start_writing(&transaction);
    if (r == 0) {
        r = store_token_delete(iam->store, user_pk, token_id);
        if (r == STORE_NOT_FOUND)
            return IAM_UNKNOWN_TOKEN;
    }
    if (r == 0)
        r = store_commit(&transaction);
    if (r == 0)
        credential_cache_forget(iam->cache, user_pk);
    return r;
}

/* Opens a session inside a transaction and commits it. */
static int open_session(struct iam *iam, struct transaction *transaction, int64_t user_pk,
                        int64_t now, char ret_secret[TOKEN_SECRET_SIZE]) {
    char id[FRIENDLY_ID_SIZE];
    char secret[TOKEN_SECRET_SIZE];
    int64_t pk;
    friendly_id_make(id);
    make_secret(secret);
    struct token session = {
        .id = id,
        .user_pk = user_pk,
        .kind = TOKEN_SESSION,
        .name = "session",
        .extended = true,
        .max_age = SESSION_MAX_AGE_MS,
        .issued_at = now,
        .expires_at = expiry(now, SESSION_MAX_AGE_MS),
        .last_used_at = INT64_MIN,
    };
    token_set_secret(&session, secret);
    int r = store_start_writing(transaction);
    if (r == 0)
        r = store_session_delete_all(iam->store, user_pk, now);
    if (r == 0)
        r = store_token_insert(iam->store, &session, &pk);
    if (r == 0)
        r = store_commit(transaction);
    if (r == 0)
        memcpy(ret_secret, secret, sizeof(secret));
    return r;
}

int iam_log_in(struct iam *iam, const char *username, const char *password, int64_t now,
               struct arena *arena, char ret_secret[TOKEN_SECRET_SIZE]) {
    struct user verified;
    struct user user = {0};
    int r = iam_verify_password(iam, username, password, arena, &verified);
    if (r != 0)
        return r;
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    r = store_user_find_by_pk(iam->store, verified.pk, arena, &user);
    if (r < 0)
        return r;
    /* Changing the password ends all sessions. If that happened meanwhile, do not open another
     * one. */
    if (!user.password_hash || strcmp(user.password_hash, verified.password_hash) != 0)
        return IAM_UNAUTHENTICATED;
    return open_session(iam, &transaction, user.pk, now, ret_secret);
}

int iam_impersonate(struct iam *iam, const char *user_id, int64_t now,
                    char ret_secret[TOKEN_SECRET_SIZE]) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int64_t user_pk;
    int r = iam_find_user(iam, user_id, &user_pk);
    return r == 0 ? open_session(iam, &transaction, user_pk, now, ret_secret) : r;
}

int iam_log_out(struct iam *iam, const char *secret, int64_t now) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    struct token session;
    int r = iam_find_token(iam, TOKEN_SESSION, secret, now, &session);
    if (r == IAM_UNAUTHENTICATED)
        return 0;
    if (r == 0)
        r = store_start_writing(&transaction);
    if (r == 0)
        r = store_session_delete(iam->store, session.pk);
    if (r == 0)
        r = store_commit(&transaction);
    if (r == 0)
        credential_cache_forget(iam->cache, session.user_pk);
    return r;
}

int iam_end_sessions(struct iam *iam, const char *user_id) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int64_t user_pk;
    int r = iam_find_user(iam, user_id, &user_pk);
    if (r == 0)
        r = store_start_writing(&transaction);
    if (r == 0)
        r = store_session_delete_all(iam->store, user_pk, INT64_MAX);
    if (r == 0)
        r = store_commit(&transaction);
    if (r == 0)
        credential_cache_forget(iam->cache, user_pk);
    return r;
}
