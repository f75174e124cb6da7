/* API tokens. The token itself is never stored: only its first characters and a salted hash. */
#pragma once

#include "store/store.h"

enum { TOKEN_PREFIX_LENGTH = 6, TOKEN_SALT_SIZE = 16, TOKEN_HASH_SIZE = 32 };

struct token {
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

/* The token with this prefix that `matches` says yes to. What it is shown, and *ret_token, have
 * neither id, name nor description. */
int store_token_find_by_prefix(struct store *store, const char *prefix,
                               bool (*matches)(const struct token *token, const void *cls),
                               const void *cls, struct token *ret_token);
