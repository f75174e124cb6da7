/* API tokens, and the sessions of those who log in. */
#pragma once

#include "iam/iam.h"
#include "store/token.h"

enum { TOKEN_SECRET_SIZE = 65, SESSION_MAX_AGE_MS = 3600 * 1000 };

struct new_token {
    const char *name;
    const char *description; /* or NULL */
    int64_t max_age;         /* ms; INT64_MAX: it never expires */
    bool extended;
};

/* All take `now` in epoch ms and give IAM_UNKNOWN_USER. A secret is TOKEN_PREFIX_LENGTH upper case
 * letters or digits and base62 after that; only the caller ever has it. */

int iam_create_token(struct iam *iam, const char *user_id, const struct new_token *new_token,
                     int64_t now, struct arena *arena, struct token *ret_token,
                     char ret_secret[TOKEN_SECRET_SIZE]);
int iam_list_tokens(struct iam *iam, const char *user_id, struct arena *arena,
                    struct token **ret_tokens, size_t *ret_count);

/* Also IAM_UNKNOWN_TOKEN. The token fails at the next request. */
int iam_delete_token(struct iam *iam, const char *user_id, const char *token_id);

/* Opens a session for who has this password, or IAM_UNAUTHENTICATED; or for any user. It ends an
 * hour after its last use. */
int iam_log_in(struct iam *iam, const char *username, const char *password, int64_t now,
               struct arena *arena, char ret_secret[TOKEN_SECRET_SIZE]);
int iam_impersonate(struct iam *iam, const char *user_id, int64_t now,
                    char ret_secret[TOKEN_SECRET_SIZE]);

/* Ends one session, if it is one, or all of a user. */
int iam_log_out(struct iam *iam, const char *secret, int64_t now);
int iam_end_sessions(struct iam *iam, const char *user_id);
