/* Tokens: of the API, and sessions, which come in a cookie. The token itself is never stored: only
 * its first characters and a salted hash. */
#pragma once

#include "store/store.h"

enum { TOKEN_PREFIX_LENGTH = 6, TOKEN_SALT_SIZE = 16, TOKEN_HASH_SIZE = 32 };

enum token_kind { TOKEN_API, TOKEN_SESSION };

struct token {
    int64_t pk; /* 0 while the token is not stored */
    const char *id;
    int64_t user_pk;
    enum token_kind kind;
    const char *name;
    const char *description; /* or NULL */
    char prefix[TOKEN_PREFIX_LENGTH + 1];
    unsigned char salt[TOKEN_SALT_SIZE];
    unsigned char hash[TOKEN_HASH_SIZE];
    bool extended;        /* each use makes it last for max_age again */
    int64_t max_age;      /* ms; INT64_MAX: for ever */
    int64_t issued_at;    /* epoch ms, as all that follow */
    int64_t expires_at;   /* INT64_MAX: never */
    int64_t last_used_at; /* INT64_MIN: not yet */
};

int store_token_insert(struct store *store, const struct token *token, int64_t *ret_pk);

/* The token of this kind and prefix that `matches` says yes to. What it is shown, and *ret_token,
 * have neither id, name nor description. */
int store_token_find_by_prefix(struct store *store, enum token_kind kind, const char *prefix,
                               bool (*matches)(const struct token *token, const void *cls),
                               const void *cls, struct token *ret_token);

/* Notes a use. */
int store_token_touch(struct store *store, int64_t pk, int64_t last_used_at, int64_t expires_at);

/* The user's API tokens, the oldest first, in the arena. */
int store_token_list(struct store *store, int64_t user_pk, struct arena *arena,
                     struct token **ret_tokens, size_t *ret_count);

/* Deletes one of the user's API tokens: 0, or STORE_NOT_FOUND. */
int store_token_delete(struct store *store, int64_t user_pk, const char *id);

/* Ends a session; or all of a user that expire at `until` or earlier. */
int store_session_delete(struct store *store, int64_t pk);
int store_session_delete_all(struct store *store, int64_t user_pk, int64_t until);
