/* Passwords and API tokens: how they are kept, and whether they are right. */
#pragma once

#include <stddef.h>

#include "iam/iam.h"
#include "store/token.h"
#include "store/user.h"

enum credential_scheme { CREDENTIAL_BASIC, CREDENTIAL_BEARER, CREDENTIAL_SESSION };

struct credentials {
    enum credential_scheme scheme;
    const char *username;  /* Basic */
    const char *secret;    /* the password or the token */
    const char *presented; /* all of it, as the client wrote it; no other scheme writes so */
};

enum { PASSWORD_HASH_SIZE = 128 };

/* Argon2id with a random salt. 0 or -ENOMEM. */
int password_hash(enum password_cost cost, const char *password, char out[PASSWORD_HASH_SIZE]);

/* Whether the password belongs to the hash, NULL when there is none: 0, IAM_UNAUTHENTICATED, or
 * -ENOMEM. `costliest` is a hash that costs at least as much, NULL when each has the low cost. It
 * takes the time of that one, whatever the hash is, and without one too. */
int password_verify(const char *hash, const char *costliest, const char *password);

/* Whether a string is one that password_hash may have made. */
bool password_hash_is_valid(const char *hash);

/* Whether it can be sent as a bearer token: token68 of RFC 7235. */
bool token_is_valid(const char *text);

/* Fills prefix, salt and hash for a token in clear of TOKEN_PREFIX_LENGTH bytes or more. */
void token_set_secret(struct token *token, const char *secret);

/* The same as text: salt and hash in Base64. Whether what is set is one that can be. */
enum { TOKEN_SALT_TEXT_SIZE = 25, TOKEN_HASH_TEXT_SIZE = 45 };
bool token_set_hash(struct token *token, const char *prefix, const char *salt, const char *hash);
void token_format_hash(const struct token *token, char salt[TOKEN_SALT_TEXT_SIZE],
                       char hash[TOKEN_HASH_TEXT_SIZE]);

/* The user with this name and password, its strings in the arena: 0, IAM_UNAUTHENTICATED, or <0. As
 * the lock is not held while the password is hashed, it may have changed since. */
int iam_verify_password(struct iam *iam, const char *username, const char *password,
                        struct arena *arena, struct user *ret_user);

/* How a session is presented, in the arena; NULL when memory is out. */
const char *credentials_present_session(struct arena *arena, const char *secret);

/* The token in clear, found inside a transaction: 0, IAM_UNAUTHENTICATED when there is none or it
 * has expired. */
int iam_find_token(struct iam *iam, enum token_kind kind, const char *secret, int64_t now,
                   struct token *ret_token);

/* The principal of credentials that were verified before, known by how the client wrote them: 0,
 * IAM_UNAUTHENTICATED when they are not remembered, or -ENOMEM. */
int iam_recall(struct iam *iam, const char *presented, int64_t now, struct arena *arena,
               struct principal *ret_principal);

/* Who these credentials belong to: 0 and the principal, with its name in the arena; or
 * IAM_UNAUTHENTICATED, also for an expired token. What was verified is remembered, so only the
 * first use of a password costs the hash; the use of a token is noted once a second, as far as the
 * disk can. `now` in epoch ms. */
int iam_authenticate(struct iam *iam, const struct credentials *credentials, int64_t now,
                     struct arena *arena, struct principal *ret_principal);
