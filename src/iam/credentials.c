#include "iam/credentials.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "iam/credential_cache.h"
#include "store/user.h"
#include "util/cleanup.h"
#include "util/fatal.h"

/* The low cost is libsodium's minimum, the high one OWASP's for Argon2id. */
static const struct {
    unsigned long long passes;
    size_t memory; /* bytes */
} costs[] = {
    [PASSWORD_COST_LOW] = {crypto_pwhash_OPSLIMIT_MIN, crypto_pwhash_MEMLIMIT_MIN},
    [PASSWORD_COST_HIGH] = {5, (size_t)7 * 1024 * 1024},
};

/* How long a token is remembered, during which its use is not recorded again. */
enum { TOKEN_MEMORY_MS = 1000 };

_Static_assert(PASSWORD_HASH_SIZE >= crypto_pwhash_STRBYTES, "libsodium's hash fits");

int password_hash(enum password_cost cost, const char *password, char out[PASSWORD_HASH_SIZE]) {
    return crypto_pwhash_str(out, password, strlen(password), costs[cost].passes,
                             costs[cost].memory) == 0
               ? 0
               : FATAL(ENOMEM);
}

/* What a hash says of its own cost; zero when it says nothing. */
static unsigned long read_cost(const char *hash, const char *name) {
    const char *at = strstr(hash, name);
    return at ? strtoul(at + strlen(name), NULL, 10) : 0;
}

static unsigned long memory_of(const char *hash) { /* KiB */
    return read_cost(hash, "$m=");
}

static unsigned long cost_of(const char *hash) {
    return memory_of(hash) * read_cost(hash, ",t=");
}

bool password_hash_is_affordable(const char *hash) {
    return memory_of(hash) <= PASSWORD_MOST_MEMORY * 1024UL &&
           read_cost(hash, ",t=") <= PASSWORD_MOST_PASSES;
}

/* Returns 0, IAM_UNAUTHENTICATED or -ENOMEM. */
static int verify(const char *hash, const char *password) {
    if (!password_hash_is_affordable(hash))
        return IAM_UNAUTHENTICATED;
    if (crypto_pwhash_str_verify(hash, password, strlen(password)) == 0)
        return 0;
    /* libsodium reports a wrong password and a lack of memory in the same way. */
    void *probe = malloc(memory_of(hash) * 1024 + 1);
    if (!probe)
        return FATAL(ENOMEM);
    free(probe);
    return IAM_UNAUTHENTICATED;
}

/* Time shall not tell who has no password, or a cheap one, from who has the costliest. */
int password_verify(const char *hash, const char *costliest, const char *password) {
    static const char nobody[] = "$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
                                 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    const char *own = hash ? hash : nobody;
    int r = verify(own, password);
    if (r >= 0 && costliest && cost_of(own) < cost_of(costliest)) {
        int padding = verify(costliest, password);
        r = padding < 0 ? padding : r;
    }
    return r == 0 && !hash ? IAM_UNAUTHENTICATED : r;
}

bool password_hash_is_valid(const char *hash) {
    return strlen(hash) < crypto_pwhash_STRBYTES &&
           crypto_pwhash_str_needs_rehash(hash, costs[PASSWORD_COST_LOW].passes,
                                          costs[PASSWORD_COST_LOW].memory) >= 0;
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

/* The user, all zero when there is none, and what password_verify needs. */
static int find_by_username(struct iam *iam, const char *username, struct arena *arena,
                            struct user *ret_user, const char **ret_costliest) {
    CLEANUP(store_transaction_end) struct transaction transaction;
    store_begin(iam->store, &transaction);
    struct user user = {0};
    int r = store_user_find_by_username(iam->store, username, arena, &user);
    if (r >= 0)
        r = store_user_find_costliest_hash(iam->store, arena, ret_costliest);
    if (r == 0)
        *ret_user = user;
    return r;
}

int iam_verify_password(struct iam *iam, const char *username, const char *password,
                        struct arena *arena, struct user *ret_user) {
    struct user user;
    const char *costliest;
    int r = find_by_username(iam, username, arena, &user, &costliest);
    if (r == 0)
        r = password_verify(user.password_hash, costliest, password);
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

const char *credentials_present_session(struct arena *arena, const char *secret) {
    /* No Authorization header can have a line break, so none is taken for a session. */
    return arena_format(arena, "\nsession %s", secret);
}

/* Ends the transaction. A note of when a token was last used is not worth an error. */
static int note_use(struct iam *iam, struct transaction *transaction, const struct token *token,
                    int64_t now) {
    int r = store_start_writing(transaction);
    if (r == 0)
        r = store_token_touch(iam->store, token->pk, now, token->expires_at);
    if (r == 0)
        r = iam_commit(iam, transaction);
    return r < 0 && fatal_errno(r) != ENOMEM ? 0 : r;
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
    return note_use(iam, &transaction, &token, now);
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
