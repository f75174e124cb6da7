#include "iam/credentials.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "iam/credential_cache.h"
#include "store/user.h"
#include "util/cleanup.h"
#include "util/fatal.h"

/* OWASP's minimum for Argon2id: 7 MiB and 5 passes. */
enum { PASSWORD_PASSES = 5, PASSWORD_MEMORY = 7 * 1024 * 1024 };

/* How long a token is remembered, during which its use is not recorded again. */
enum { TOKEN_MEMORY_MS = 1000 };

_Static_assert(PASSWORD_HASH_SIZE >= crypto_pwhash_STRBYTES, "libsodium's hash fits");

int password_hash(const char *password, char out[PASSWORD_HASH_SIZE]) {
    return crypto_pwhash_str(out, password, strlen(password), PASSWORD_PASSES, PASSWORD_MEMORY) == 0
               ? 0
               : FATAL(ENOMEM);
}

/* Verifying without a hash takes as long as with a wrong password, so that timing does not reveal
 * which users exist or have a password. */
int password_verify(const char *hash, const char *password) {
    static const char nobody[PASSWORD_HASH_SIZE] =
        "$argon2id$v=19$m=7168,t=5,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    bool right = crypto_pwhash_str_verify(hash ? hash : nobody, password, strlen(password)) == 0;
    if (hash && right)
        return 0;
    /* libsodium reports a wrong password and a lack of memory in the same way. */
    void *probe = malloc(PASSWORD_MEMORY);
    if (!probe)
        return FATAL(ENOMEM);
    free(probe);
    return IAM_UNAUTHENTICATED;
}

bool password_hash_is_valid(const char *hash) {
    return strlen(hash) < crypto_pwhash_STRBYTES &&
           crypto_pwhash_str_needs_rehash(hash, PASSWORD_PASSES, PASSWORD_MEMORY) >= 0;
}

bool token_is_valid(const char *text) {
    size_t length = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                 "-._~+/");
    return length > 0 && text[length + strspn(text + length, "=")] == '\0';
}

static void hash_token(const char *secret, const unsigned char salt[TOKEN_SALT_SIZE],
                       unsigned char out[TOKEN_HASH_SIZE]) {
    crypto_generichash(out, TOKEN_HASH_SIZE, (const unsigned char *)secret, strlen(secret), salt,
                       TOKEN_SALT_SIZE);
}

void token_set_secret(struct token *token, const char *secret) {
    memcpy(token->prefix, secret, TOKEN_PREFIX_LENGTH);
    token->prefix[TOKEN_PREFIX_LENGTH] = '\0';
    randombytes_buf(token->salt, sizeof(token->salt));
    hash_token(secret, token->salt, token->hash);
}

static bool read_base64(const char *text, unsigned char *out, size_t size) {
    size_t length;
    return sodium_base642bin(out, size, text, strlen(text), NULL, &length, NULL,
                             sodium_base64_VARIANT_ORIGINAL) == 0 &&
           length == size;
}

bool token_set_hash(struct token *token, const char *prefix, const char *salt, const char *hash) {
    if (strlen(prefix) != TOKEN_PREFIX_LENGTH || !token_is_valid(prefix) ||
        !read_base64(salt, token->salt, sizeof(token->salt)) ||
        !read_base64(hash, token->hash, sizeof(token->hash)))
        return false;
    strcpy(token->prefix, prefix);
    return true;
}

void token_format_hash(const struct token *token, char salt[TOKEN_SALT_TEXT_SIZE],
                       char hash[TOKEN_HASH_TEXT_SIZE]) {
    sodium_bin2base64(salt, TOKEN_SALT_TEXT_SIZE, token->salt, sizeof(token->salt),
                      sodium_base64_VARIANT_ORIGINAL);
    sodium_bin2base64(hash, TOKEN_HASH_TEXT_SIZE, token->hash, sizeof(token->hash),
                      sodium_base64_VARIANT_ORIGINAL);
}

/* The result of a lookup, with all that is needed after the lock is released. */
struct candidate {
    struct user user;
    int64_t expires_at; /* in epoch ms */
};

static int find_by_username(struct iam *iam, const char *username, struct arena *arena,
                            struct user *ret_user) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    return store_user_find_by_username(iam->store, username, arena, ret_user);
}

int iam_verify_password(struct iam *iam, const char *username, const char *password,
                        struct arena *arena, struct user *ret_user) {
    struct user user;
    int r = find_by_username(iam, username, arena, &user);
    if (r >= 0)
        r = password_verify(r == 0 ? user.password_hash : NULL, password);
    if (r == 0)
        *ret_user = user;
    return r;
}

static bool is_secret_of(const struct token *token, const void *secret) {
    unsigned char hash[TOKEN_HASH_SIZE];
    hash_token(secret, token->salt, hash);
    return sodium_memcmp(hash, token->hash, sizeof(hash)) == 0;
}

int iam_find_token(struct iam *iam, enum token_kind kind, const char *secret, int64_t now,
                   struct token *ret_token) {
    char prefix[TOKEN_PREFIX_LENGTH + 1] = {0};
    if (strlen(secret) < TOKEN_PREFIX_LENGTH)
        return IAM_UNAUTHENTICATED;
    memcpy(prefix, secret, TOKEN_PREFIX_LENGTH);
    struct token token;
    int r = store_token_find_by_prefix(iam->store, kind, prefix, is_secret_of, secret, &token);
    if (r == STORE_NOT_FOUND || (r == 0 && token.expires_at <= now))
        return IAM_UNAUTHENTICATED;
    if (r == 0)
        *ret_token = token;
    return r;
}

static int verify_token(struct iam *iam, const struct credentials *credentials, int64_t now,
                        struct arena *arena, struct candidate *ret_candidate) {
    bool is_session = credentials->scheme == CREDENTIAL_SESSION;
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    struct token token;
    int r = iam_find_token(iam, is_session ? TOKEN_SESSION : TOKEN_API, credentials->secret, now,
                           &token);
    if (r == 0)
        r = store_user_find_by_pk(iam->store, token.user_pk, arena, &ret_candidate->user);
    if (r != 0)
        return r;
    if (token.extended && token.max_age != INT64_MAX)
        token.expires_at = now + token.max_age;
    int64_t noted_until = now + TOKEN_MEMORY_MS;
    ret_candidate->expires_at = token.expires_at < noted_until ? token.expires_at : noted_until;
    r = store_start_writing(&transaction);
    if (r == 0)
        r = store_token_touch(iam->store, token.pk, now, token.expires_at);
    return r == 0 ? store_commit(&transaction) : r;
}

int iam_recall(struct iam *iam, const char *presented, int64_t now, struct arena *arena,
               struct principal *ret_principal) {
    unsigned char digest[CREDENTIAL_DIGEST_SIZE];
    uint64_t generation;
    credential_cache_digest(iam->cache, presented, digest);
    int r = credential_cache_get(iam->cache, digest, now, arena, ret_principal, &generation);
    return r == STORE_NOT_FOUND ? IAM_UNAUTHENTICATED : r;
}

int iam_authenticate(struct iam *iam, const struct credentials *credentials, int64_t now,
                     struct arena *arena, struct principal *ret_principal) {
    unsigned char digest[CREDENTIAL_DIGEST_SIZE];
    uint64_t generation;
    credential_cache_digest(iam->cache, credentials->presented, digest);
    int r = credential_cache_get(iam->cache, digest, now, arena, ret_principal, &generation);
    if (r != STORE_NOT_FOUND)
        return r;
    struct candidate candidate = {.expires_at = INT64_MAX};
    r = credentials->scheme == CREDENTIAL_BASIC
            ? iam_verify_password(iam, credentials->username, credentials->secret, arena,
                                  &candidate.user)
            : verify_token(iam, credentials, now, arena, &candidate);
    if (r != 0)
        return r;
    *ret_principal = (struct principal){
        .user_pk = candidate.user.pk,
        .username = candidate.user.username,
        .super_admin = candidate.user.super_admin,
        .by_session = credentials->scheme == CREDENTIAL_SESSION,
    };
    credential_cache_put(iam->cache, digest, generation, ret_principal, candidate.expires_at);
    return 0;
}
