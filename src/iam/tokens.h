/* API tokens and login sessions. */
#pragma once

#include "iam/users.h"
#include "store/token.h"

enum { TOKEN_SECRET_SIZE = 65, SESSION_MAX_AGE_MS = 3600 * 1000 };

struct new_token {
    const char *name;
    const char *description; /* or NULL */
    int64_t max_age;         /* in ms; INT64_MAX: never expires */
    bool extended;
};

/* These take `now` in epoch ms and can return as iam_find_user. A secret starts with
 * TOKEN_PREFIX_LENGTH uppercase letters or digits, followed by base62. Only the caller ever has
 * it. */

int iam_create_token(struct iam *iam, enum iam_kind kind, const char *user_id,
                     const struct new_token *new_token, int64_t now, struct arena *arena,
                     struct token *ret_token, char ret_secret[TOKEN_SECRET_SIZE]);
int iam_list_tokens(struct iam *iam, enum iam_kind kind, const char *user_id, struct arena *arena,
                    struct token **ret_tokens, size_t *ret_count);

/* Makes a random secret with size - 1 characters. */
void iam_make_secret(char *out, size_t size);

/* Adds a token with this secret. Call this inside a transaction that writes. Returns 0 or <0. */
int iam_add_token(struct iam *iam, int64_t user_pk, const struct new_token *new_token, int64_t now,
                  const char *secret, struct arena *arena, struct token *ret_token);

/* Can also return IAM_UNKNOWN_TOKEN. Requests with the token fail from now on. */
int iam_delete_token(struct iam *iam, enum iam_kind kind, const char *user_id,
                     const char *token_id);

/* For the loss of tokens: the key of the newest one, and the end of all API tokens of a user that
 * are newer. */
int iam_find_last_token(struct iam *iam, int64_t *ret_pk);
int iam_lose_tokens(struct iam *iam, const char *user_id, int64_t after_pk);

/* iam_log_in opens a session for the user with this password, or returns IAM_UNAUTHENTICATED.
 * iam_impersonate opens one for any user. A session ends an hour after its last use. */
int iam_log_in(struct iam *iam, const char *username, const char *password, int64_t now,
               struct arena *arena, char ret_secret[TOKEN_SECRET_SIZE]);
int iam_impersonate(struct iam *iam, const char *user_id, int64_t now,
                    char ret_secret[TOKEN_SECRET_SIZE]);

/* End the session with this secret, if there is one, or all sessions of a user. */
int iam_log_out(struct iam *iam, const char *secret, int64_t now);
int iam_end_sessions(struct iam *iam, const char *user_id);
