/* API tokens. The token itself is never stored: only its first characters and a salted hash. */
#pragma once

#include "store/store.h"

enum { TOKEN_PREFIX_LENGTH = 6, TOKEN_SALT_SIZE = 16, TOKEN_HASH_SIZE = 32 };

struct token {
    int64_t pk; /* 0 while the token is not stored */
    const char *id;
    int64_t user_pk;
    const char *name;
    const char *description; /* or NULL */
    char prefix[TOKEN_PREFIX_LENGTH + 1];
    unsigned char salt[TOKEN_SALT_SIZE];
    unsigned char hash[TOKEN_HASH_SIZE];
    int64_t issued_at;  /* epoch ms */
    int64_t expires_at; /* epoch ms; INT64_MAX: never */
};

int store_token_insert(struct store *store, const struct token *token, int64_t *ret_pk);

/* All tokens with this prefix, in the arena, without id, name and description. */
int store_token_list_by_prefix(struct store *store, const char *prefix, struct arena *arena,
                               struct token **ret_tokens, size_t *ret_count);
