#include "store/token.h"

#include <errno.h>
#include <string.h>

#include "store/statement.h"
#include "util/cleanup.h"

enum { TOKEN_INSERT, TOKEN_FIND_BY_PREFIX };

static const char *const sql[] = {
    [TOKEN_INSERT] =
        "INSERT INTO api_tokens (id, user_pk, name, description, prefix, salt, hash, issued_at, "
        "expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    [TOKEN_FIND_BY_PREFIX] =
        "SELECT user_pk, salt, hash, issued_at, expires_at FROM api_tokens WHERE prefix = ?1",
};
const struct statement_list store_token_statements = STATEMENT_LIST(sql);

int store_token_insert(struct store *store, const struct token *token, int64_t *ret_pk) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_TOKEN, TOKEN_INSERT);
    bind_text(statement, 1, token->id);
    sqlite3_bind_int64(statement, 2, token->user_pk);
    bind_text(statement, 3, token->name);
    bind_text(statement, 4, token->description);
    bind_text(statement, 5, token->prefix);
    sqlite3_bind_blob(statement, 6, token->salt, sizeof(token->salt), SQLITE_STATIC);
    sqlite3_bind_blob(statement, 7, token->hash, sizeof(token->hash), SQLITE_STATIC);
    sqlite3_bind_int64(statement, 8, token->issued_at);
    if (token->expires_at == INT64_MAX)
        sqlite3_bind_null(statement, 9);
    else
        sqlite3_bind_int64(statement, 9, token->expires_at);
    return statement_insert(store, statement, ret_pk);
}

static int read_blob(sqlite3_stmt *statement, int column, unsigned char *out, size_t size) {
    const void *bytes = sqlite3_column_blob(statement, column);
    if (!bytes || (size_t)sqlite3_column_bytes(statement, column) != size)
        return bytes ? -EIO : -ENOMEM;
    memcpy(out, bytes, size);
    return 0;
}

static int read_token(sqlite3_stmt *statement, struct token *token) {
    token->user_pk = sqlite3_column_int64(statement, 0);
    token->issued_at = sqlite3_column_int64(statement, 3);
    bool expires = sqlite3_column_type(statement, 4) != SQLITE_NULL;
    token->expires_at = expires ? sqlite3_column_int64(statement, 4) : INT64_MAX;
    int r = read_blob(statement, 1, token->salt, sizeof(token->salt));
    return r < 0 ? r : read_blob(statement, 2, token->hash, sizeof(token->hash));
}

int store_token_find_by_prefix(struct store *store, const char *prefix,
                               bool (*matches)(const struct token *token, const void *cls),
                               const void *cls, struct token *ret_token) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_TOKEN, TOKEN_FIND_BY_PREFIX);
    bind_text(statement, 1, prefix);
    struct token token = {0};
    int r;
    while ((r = statement_row(store, statement)) == 0) {
        r = read_token(statement, &token);
        if (r < 0)
            return r;
        if (matches(&token, cls)) {
            *ret_token = token;
            return 0;
        }
    }
    return r;
}
