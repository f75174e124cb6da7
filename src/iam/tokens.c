#include "iam/tokens.h"

#include <errno.h>
#include <string.h>

#include <sodium.h>

#include "iam/credential_cache.h"
#include "iam/credentials.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/friendly_id.h"

void iam_make_secret(char *out, size_t size) {
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    for (size_t i = 0; i < size - 1; i++)
        out[i] = digits[randombytes_uniform(i < TOKEN_PREFIX_LENGTH ? 36 : 62)];
    out[size - 1] = '\0';
}

static int64_t expiry(int64_t now, int64_t max_age) {
    return max_age == INT64_MAX ? INT64_MAX : now + max_age;
}

int iam_add_token(struct iam *iam, int64_t user_pk, const struct new_token *new_token, int64_t now,
                  const char *secret, struct arena *arena, struct token *ret_token) {
    char id[FRIENDLY_ID_SIZE];
    friendly_id_make(id);
    struct token token = {
        .id = arena_copy(arena, id, sizeof(id) - 1),
        .user_pk = user_pk,
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
    int r = store_token_insert(iam->store, &token, &token.pk);
    if (r == 0)
        *ret_token = token;
    return r;
}

int iam_create_token(struct iam *iam, enum iam_kind kind, const char *user_id,
                     const struct new_token *new_token, int64_t now, struct arena *arena,
                     struct token *ret_token, char ret_secret[TOKEN_SECRET_SIZE]) {
    char secret[TOKEN_SECRET_SIZE];
    iam_make_secret(secret, sizeof(secret));
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int64_t user_pk;
    int r = iam_find_user(iam, kind, user_id, &user_pk);
    if (r == 0)
        r = store_start_writing(&transaction);
    if (r == 0)
        r = iam_add_token(iam, user_pk, new_token, now, secret, arena, ret_token);
    if (r == 0)
        r = iam_commit(iam, &transaction);
    if (r == 0)
        memcpy(ret_secret, secret, sizeof(secret));
    return r;
}

int iam_list_tokens(struct iam *iam, enum iam_kind kind, const char *user_id, struct arena *arena,
                    struct token **ret_tokens, size_t *ret_count) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int64_t user_pk;
    int r = iam_find_user(iam, kind, user_id, &user_pk);
    return r == 0 ? store_token_list(iam->store, user_pk, arena, ret_tokens, ret_count) : r;
}

int iam_delete_token(struct iam *iam, enum iam_kind kind, const char *user_id,
                     const char *token_id) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int64_t user_pk;
    int r = iam_find_user(iam, kind, user_id, &user_pk);
    if (r == 0)
        r = store_start_writing(&transaction);
    if (r == 0) {
        r = store_token_delete(iam->store, user_pk, token_id);
        if (r == STORE_NOT_FOUND)
            return IAM_UNKNOWN_TOKEN;
    }
    if (r == 0)
        r = iam_commit(iam, &transaction);
    if (r == 0)
        credential_cache_forget(iam->cache, user_pk);
    return r;
}

/* A session that the disk does not take lives as long as the process remembers it. */
struct remembered {
    unsigned char digest[CREDENTIAL_DIGEST_SIZE];
    uint64_t generation;
    struct principal principal;
};

static int prepare_to_remember(struct iam *iam, const struct user *user, const char *secret,
                               struct arena *arena, struct remembered *ret_remembered) {
    struct principal unknown;
    const char *presented = credentials_present_session(arena, secret);
    if (!presented)
        return FATAL(ENOMEM);
    credential_cache_digest(iam->cache, presented, ret_remembered->digest);
    credential_cache_get(iam->cache, ret_remembered->digest, 0, arena, &unknown,
                         &ret_remembered->generation);
    ret_remembered->principal = (struct principal){.user_pk = user->pk,
                                                   .username = user->username,
                                                   .super_admin = user->super_admin,
                                                   .by_session = true};
    return 0;
}

/* Opens a session inside a transaction, which it commits. */
static int open_session(struct iam *iam, struct transaction *transaction, const struct user *user,
                        int64_t now, struct arena *arena, char ret_secret[TOKEN_SECRET_SIZE]) {
    char id[FRIENDLY_ID_SIZE];
    char secret[TOKEN_SECRET_SIZE];
    struct remembered remembered = {.generation = 0};
    int64_t pk;
    friendly_id_make(id);
    iam_make_secret(secret, sizeof(secret));
    struct token session = {
        .id = id,
        .user_pk = user->pk,
        .kind = TOKEN_SESSION,
        .name = "session",
        .extended = true,
        .max_age = SESSION_MAX_AGE_MS,
        .issued_at = now,
        .expires_at = expiry(now, SESSION_MAX_AGE_MS),
        .last_used_at = INT64_MIN,
    };
    token_set_secret(&session, secret);
    int r = prepare_to_remember(iam, user, secret, arena, &remembered);
    if (r == 0)
        r = store_start_writing(transaction);
    if (r == 0)
        r = store_session_delete_all(iam->store, user->pk, now);
    if (r == 0)
        r = store_token_insert(iam->store, &session, &pk);
    if (r == 0)
        r = iam_commit(iam, transaction);
    if (fatal_errno(r) == ENOSPC || fatal_errno(r) == EIO) {
        credential_cache_put(iam->cache, remembered.digest, remembered.generation,
                             &remembered.principal, session.expires_at);
        r = 0;
    }
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
    return open_session(iam, &transaction, &user, now, arena, ret_secret);
}

int iam_impersonate(struct iam *iam, const char *user_id, int64_t now,
                    char ret_secret[TOKEN_SECRET_SIZE]) {
    CLEANUP(arena_deinit) struct arena arena;
    arena_init(&arena);
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    struct user user;
    int64_t user_pk;
    int r = iam_find_user(iam, IAM_USER, user_id, &user_pk);
    if (r == 0)
        r = store_user_find_by_pk(iam->store, user_pk, &arena, &user);
    return r == 0 ? open_session(iam, &transaction, &user, now, &arena, ret_secret) : r;
}

/* Ends a session that is only remembered. */
static int forget_session(struct iam *iam, const char *secret, int64_t now) {
    CLEANUP(arena_deinit) struct arena arena;
    arena_init(&arena);
    struct principal principal;
    const char *presented = credentials_present_session(&arena, secret);
    int r = presented ? iam_recall(iam, presented, now, &arena, &principal) : FATAL(ENOMEM);
    if (r == 0)
        credential_cache_forget(iam->cache, principal.user_pk);
    return r < 0 ? r : 0;
}

int iam_log_out(struct iam *iam, const char *secret, int64_t now) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    struct token session;
    int r = iam_find_token(iam, TOKEN_SESSION, secret, now, &session);
    if (r == IAM_UNAUTHENTICATED)
        return forget_session(iam, secret, now);
    if (r == 0)
        r = store_start_writing(&transaction);
    if (r == 0)
        r = store_session_delete(iam->store, session.pk);
    if (r == 0)
        r = iam_commit(iam, &transaction);
    if (r == 0)
        credential_cache_forget(iam->cache, session.user_pk);
    return r;
}

/* Deletes what belongs to a user's credentials, by `delete(store, user_pk, limit)`. */
static int delete_all(struct iam *iam, enum iam_kind kind, const char *user_id,
                      int (*delete)(struct store *store, int64_t user_pk, int64_t limit),
                      int64_t limit) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    int64_t user_pk;
    int r = iam_find_user(iam, kind, user_id, &user_pk);
    if (r == 0)
        r = store_start_writing(&transaction);
    if (r == 0)
        r = delete (iam->store, user_pk, limit);
    if (r == 0)
        r = iam_commit(iam, &transaction);
    if (r == 0)
        credential_cache_forget(iam->cache, user_pk);
    return r;
}

int iam_end_sessions(struct iam *iam, const char *user_id) {
    return delete_all(iam, IAM_USER, user_id, store_session_delete_all, INT64_MAX);
}

int iam_lose_tokens(struct iam *iam, const char *user_id, int64_t after_pk) {
    return delete_all(iam, IAM_ANYBODY, user_id, store_token_delete_after, after_pk);
}

int iam_find_last_token(struct iam *iam, int64_t *ret_pk) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    return store_token_find_last(iam->store, ret_pk);
}
