/* API tokens, and the sessions behind session cookies. The store has only the first characters of a
 * token and a salted hash, never the token itself. */
#pragma once

#include "store/store.h"

enum { TOKEN_PREFIX_LENGTH = 6, TOKEN_SALT_SIZE = 16, TOKEN_HASH_SIZE = 32 };

enum token_kind { TOKEN_API, TOKEN_SESSION };

struct token {
    int64_t pk; /* 0 until the token is stored */
    const char *id;
    int64_t user_pk;
    enum token_kind kind;
    const char *name;
    const char *description; /* or NULL */
    char prefix[TOKEN_PREFIX_LENGTH + 1];
    unsigned char salt[TOKEN_SALT_SIZE];
    unsigned char hash[TOKEN_HASH_SIZE];
    bool extended;        /* each use extends it by max_age */
    int64_t max_age;      /* in ms; INT64_MAX: unlimited */
    int64_t issued_at;    /* in epoch ms, like the next two */
    int64_t expires_at;   /* INT64_MAX: never */
    int64_t last_used_at; /* INT64_MIN: not yet */
};

int store_token_insert(struct store *store, const struct token *token, int64_t *ret_pk);

/* Finds the token of this kind and prefix for which `matches` returns true. Neither the tokens
 * passed to `matches` nor *ret_token have an id, name or description. */
int store_token_find_by_prefix(struct store *store, enum token_kind kind, const char *prefix,
                               bool (*matches)(const struct token *token, const void *cls),
                               const void *cls, struct token *ret_token);

/* Records a use. */
int store_token_touch(struct store *store, int64_t pk, int64_t last_used_at, int64_t expires_at);

/* Lists the user's API tokens, oldest first, in the arena. */
int store_token_list(struct store *store, int64_t user_pk, struct arena *arena,
                     struct token **ret_tokens, size_t *ret_count);

/* Deletes one of the user's API tokens. Returns 0 or STORE_NOT_FOUND. */
int store_token_delete(struct store *store, int64_t user_pk, const char *id);

/* Ends one session, or all sessions of a user that expire at `until` (epoch ms) or earlier. */
int store_session_delete(struct store *store, int64_t pk);
/* Finds the key of the newest token, or 0. */
int store_token_find_last(struct store *store, int64_t *ret_pk);

/* Deletes the user's API tokens that are newer than one. */
int store_token_delete_after(struct store *store, int64_t user_pk, int64_t pk);

int store_session_delete_all(struct store *store, int64_t user_pk, int64_t until);
