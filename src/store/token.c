#include "store/token.h"

#include <errno.h>
#include <string.h>

#include "store/statement.h"
#include "util/cleanup.h"

enum { TOKEN_INSERT, TOKEN_COUNT_BY_PREFIX, TOKEN_LIST_BY_PREFIX };

const char *const store_token_sql[] = {
    [TOKEN_INSERT] =
        "INSERT INTO api_tokens (id, user_pk, name, description, prefix, salt, hash, issued_at, "
        "expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    [TOKEN_COUNT_BY_PREFIX] = "SELECT count(*) FROM api_tokens WHERE prefix = ?1",
    [TOKEN_LIST_BY_PREFIX] =
        "SELECT pk, user_pk, salt, hash, issued_at, expires_at FROM api_tokens WHERE prefix = ?1",
    NULL,
};

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

static int count_by_prefix(struct store *store, const char *prefix, size_t *ret_count) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_TOKEN, TOKEN_COUNT_BY_PREFIX);
    bind_text(statement, 1, prefix);
    int r = statement_row(store, statement);
    if (r == 0)
        *ret_count = (size_t)sqlite3_column_int64(statement, 0);
    return r;
}

static int read_blob(sqlite3_stmt *statement, int column, unsigned char *out, size_t size) {
    const void *bytes = sqlite3_column_blob(statement, column);
    if (!bytes || (size_t)sqlite3_column_bytes(statement, column) != size)
        return bytes ? -EIO : -ENOMEM;
    memcpy(out, bytes, size);
    return 0;
}

static int read_token(sqlite3_stmt *statement, struct token *token) {
    token->pk = sqlite3_column_int64(statement, 0);
    token->user_pk = sqlite3_column_int64(statement, 1);
    token->issued_at = sqlite3_column_int64(statement, 4);
    bool expires = sqlite3_column_type(statement, 5) != SQLITE_NULL;
    token->expires_at = expires ? sqlite3_column_int64(statement, 5) : INT64_MAX;
    int r = read_blob(statement, 2, token->salt, sizeof(token->salt));
    return r < 0 ? r : read_blob(statement, 3, token->hash, sizeof(token->hash));
}

int store_token_list_by_prefix(struct store *store, const char *prefix, struct arena *arena,
                               struct token **ret_tokens, size_t *ret_count) {
    size_t count = 0;
    int r = count_by_prefix(store, prefix, &count);
    if (r < 0)
        return r;
    struct token *tokens = arena_alloc(arena, count * sizeof(*tokens));
    if (!tokens)
        return -ENOMEM;
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_TOKEN, TOKEN_LIST_BY_PREFIX);
    bind_text(statement, 1, prefix);
    for (size_t i = 0; i < count; i++) {
        r = statement_row(store, statement);
        if (r == 0)
            r = read_token(statement, &tokens[i]);
        if (r != 0)
            return r < 0 ? r : -EIO;
    }
    *ret_tokens = tokens;
    *ret_count = count;
    return 0;
}
