/* How passwords and API tokens are stored and verified. */
#pragma once

#include <stddef.h>

#include "iam/iam.h"
#include "store/token.h"
#include "store/user.h"

enum credential_scheme { CREDENTIAL_BASIC, CREDENTIAL_BEARER, CREDENTIAL_SESSION };

struct credentials {
    enum credential_scheme scheme;
    const char *username;  /* for Basic only */
    const char *secret;    /* the password or the token */
    const char *presented; /* all of it, as the client sent it; the same text never stands for
                            * another scheme */
};

enum { PASSWORD_HASH_SIZE = 128 };

/* Hashes with Argon2id and a random salt. Returns 0 or -ENOMEM. */
int password_hash(enum password_cost cost, const char *password, char out[PASSWORD_HASH_SIZE]);

/* Checks a password against a hash, which is NULL for a user without a password. `costliest` is the
 * costliest hash of the state, or NULL when all have the low cost. A check takes as long as one of
 * `costliest`, whatever the user's hash is. Returns 0, IAM_UNAUTHENTICATED, or -ENOMEM. */
int password_verify(const char *hash, const char *costliest, const char *password);

/* Whether the string has the format of password_hash. */
bool password_hash_is_valid(const char *hash);

/* Whether kestub would spend so much on a password. A hash with a higher cost matches none. */
enum { PASSWORD_MOST_MEMORY = 64 /* MiB */, PASSWORD_MOST_PASSES = 16 };
bool password_hash_is_affordable(const char *hash);

/* Whether the text can be a bearer token: the token68 syntax of RFC 7235. */
bool token_is_valid(const char *text);

/* Sets prefix, salt and hash from a plain-text token of at least TOKEN_PREFIX_LENGTH bytes. */
void token_set_secret(struct token *token, const char *secret);

/* token_set_hash and token_format_hash convert from and to text, with salt and hash in Base64.
 * token_set_hash returns false when a text is invalid. */
enum { TOKEN_SALT_TEXT_SIZE = 25, TOKEN_HASH_TEXT_SIZE = 45 };
bool token_set_hash(struct token *token, const char *prefix, const char *salt, const char *hash);
void token_format_hash(const struct token *token, char salt[TOKEN_SALT_TEXT_SIZE],
                       char hash[TOKEN_HASH_TEXT_SIZE]);

/* Finds the user with this name and password; its strings lie in the arena. Returns 0,
 * IAM_UNAUTHENTICATED, or <0. The lock is free while the password is hashed, so the user may have
 * changed by the time this returns. */
int iam_verify_password(struct iam *iam, const char *username, const char *password,
                        struct arena *arena, struct user *ret_user);

/* How a session is presented, in the arena. Returns NULL when memory is out. */
const char *credentials_present_session(struct arena *arena, const char *secret);

/* Finds a token by its plain text. Call this inside a transaction. Returns 0, IAM_UNAUTHENTICATED
 * when there is no such token or it has expired at `now` (epoch ms), or <0. */
int iam_find_token(struct iam *iam, enum token_kind kind, const char *secret, int64_t now,
                   struct token *ret_token);

/* Finds the principal of recently verified credentials by their exact text. Returns 0,
 * IAM_UNAUTHENTICATED when they are not remembered, or -ENOMEM. */
int iam_recall(struct iam *iam, const char *presented, int64_t now, struct arena *arena,
               struct principal *ret_principal);

/* Verifies credentials. Returns 0 and the principal with its name in the arena, IAM_UNAUTHENTICATED
 * (also for an expired token), or <0. Verified credentials are remembered: only the first use of a
 * password costs a hash. The use of a token is recorded once a second, if the disk is not full.
 * `now` is in epoch ms. */
int iam_authenticate(struct iam *iam, const struct credentials *credentials, int64_t now,
                     struct arena *arena, struct principal *ret_principal);
