#include "store/token.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "store/noting.h"
#include "store/statement.h"
#include "util/cleanup.h"
#include "util/fatal.h"

enum {
    TOKEN_INSERT,
    TOKEN_FIND_BY_PREFIX,
    TOKEN_TOUCH,
    TOKEN_LIST,
    TOKEN_DELETE,
    TOKEN_FIND_LAST,
    TOKEN_DELETE_AFTER,
    SESSION_DELETE,
    SESSION_DELETE_ALL,
};

static const char *const sql[] = {
    [TOKEN_INSERT] =
        "INSERT INTO api_tokens (id, user_pk, name, description, prefix, salt, hash, issued_at, "
        "expires_at, kind, extended, max_age, last_used_at) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    [TOKEN_FIND_BY_PREFIX] =
        "SELECT pk, user_pk, extended, max_age, issued_at, expires_at, last_used_at, salt, hash "
        "FROM api_tokens WHERE prefix = ?1 AND kind = ?2",
    [TOKEN_TOUCH] = "UPDATE api_tokens SET last_used_at = ?2, expires_at = ?3 WHERE pk = ?1",
    [TOKEN_LIST] =
        "SELECT pk, user_pk, extended, max_age, issued_at, expires_at, last_used_at, id, name, "
        "description, prefix, salt, hash FROM api_tokens WHERE user_pk = ?1 AND kind = 'API' ORDER "
        "BY pk",
    [TOKEN_DELETE] =
        "DELETE FROM api_tokens WHERE id = ?1 AND user_pk = ?2 AND kind = 'API' RETURNING pk",
    [TOKEN_FIND_LAST] = "SELECT IFNULL(MAX(pk), 0) FROM api_tokens",
    [TOKEN_DELETE_AFTER] = "DELETE FROM api_tokens WHERE user_pk = ?1 AND kind = 'API' AND pk > ?2",
    [SESSION_DELETE] = "DELETE FROM api_tokens WHERE pk = ?1",
    [SESSION_DELETE_ALL] =
        "DELETE FROM api_tokens WHERE user_pk = ?1 AND kind = 'SESSION' AND expires_at <= ?2",
};
const struct statement_list store_token_statements = STATEMENT_LIST(sql);

static const char *kind_name(enum token_kind kind) {
    return kind == TOKEN_SESSION ? "SESSION" : "API";
}

/* Stores null for the value that means "nothing". */
static void bind_time(sqlite3_stmt *statement, int index, int64_t value, int64_t nothing) {
    if (value == nothing)
        sqlite3_bind_null(statement, index);
    else
        sqlite3_bind_int64(statement, index, value);
}

static int64_t column_time(sqlite3_stmt *statement, int column, int64_t nothing) {
    bool is_null = sqlite3_column_type(statement, column) == SQLITE_NULL;
    return is_null ? nothing : sqlite3_column_int64(statement, column);
}

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
    bind_time(statement, 9, token->expires_at, INT64_MAX);
    bind_text(statement, 10, kind_name(token->kind));
    sqlite3_bind_int(statement, 11, token->extended);
    bind_time(statement, 12, token->max_age, INT64_MAX);
    bind_time(statement, 13, token->last_used_at, INT64_MIN);
    int r = statement_insert(store, statement, ret_pk);
    return r == 0
               ? noting_note(store, r, &(struct state_change){.kind = CHANGE_TOKEN, .pk = *ret_pk})
               : r;
}

static int read_blob(sqlite3_stmt *statement, int column, unsigned char *out, size_t size) {
    const void *bytes = sqlite3_column_blob(statement, column);
    if (!bytes || (size_t)sqlite3_column_bytes(statement, column) != size)
        return bytes ? FATAL(EIO) : FATAL(ENOMEM);
    memcpy(out, bytes, size);
    return 0;
}

/* Reads the columns that both queries start with. */
static struct token read_token(sqlite3_stmt *statement) {
    return (struct token){
        .pk = sqlite3_column_int64(statement, 0),
        .user_pk = sqlite3_column_int64(statement, 1),
        .extended = sqlite3_column_int(statement, 2),
        .max_age = column_time(statement, 3, INT64_MAX),
        .issued_at = sqlite3_column_int64(statement, 4),
        .expires_at = column_time(statement, 5, INT64_MAX),
        .last_used_at = column_time(statement, 6, INT64_MIN),
    };
}

int store_token_find_by_prefix(struct store *store, enum token_kind kind, const char *prefix,
                               bool (*matches)(const struct token *token, const void *cls),
                               const void *cls, struct token *ret_token) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_TOKEN, TOKEN_FIND_BY_PREFIX);
    bind_text(statement, 1, prefix);
    bind_text(statement, 2, kind_name(kind));
    int r;
    while ((r = statement_row(store, statement)) == 0) {
        struct token token = read_token(statement);
        token.kind = kind;
        r = read_blob(statement, 7, token.salt, sizeof(token.salt));
        if (r == 0)
            r = read_blob(statement, 8, token.hash, sizeof(token.hash));
        if (r < 0)
            return r;
        if (matches(&token, cls)) {
            *ret_token = token;
            return 0;
        }
    }
    return r;
}

int store_token_touch(struct store *store, int64_t pk, int64_t last_used_at, int64_t expires_at) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_TOKEN, TOKEN_TOUCH);
    sqlite3_bind_int64(statement, 1, pk);
    sqlite3_bind_int64(statement, 2, last_used_at);
    bind_time(statement, 3, expires_at, INT64_MAX);
    return statement_run(store, statement);
}

int store_token_list(struct store *store, int64_t user_pk, struct arena *arena,
                     struct token **ret_tokens, size_t *ret_count) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_TOKEN, TOKEN_LIST);
    sqlite3_bind_int64(statement, 1, user_pk);
    struct token *tokens = NULL;
    size_t count = 0;
    size_t capacity = 0;
    int r;
    while ((r = statement_row(store, statement)) == 0) {
        const char *prefix = "";
        tokens = arena_grow(arena, tokens, count, sizeof(*tokens), &capacity);
        if (!tokens)
            return FATAL(ENOMEM);
        struct token *token = &tokens[count++];
        *token = read_token(statement);
        r = column_texts(
            statement, 7, arena,
            (const char **const[]){&token->id, &token->name, &token->description, &prefix, NULL});
        if (r == 0)
            r = read_blob(statement, 11, token->salt, sizeof(token->salt));
        if (r == 0)
            r = read_blob(statement, 12, token->hash, sizeof(token->hash));
        if (r < 0)
            return r;
        snprintf(token->prefix, sizeof(token->prefix), "%s", prefix);
    }
    if (r < 0)
        return r;
    *ret_tokens = tokens;
    *ret_count = count;
    return 0;
}

int store_token_delete(struct store *store, int64_t user_pk, const char *id) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_TOKEN, TOKEN_DELETE);
    bind_text(statement, 1, id);
    sqlite3_bind_int64(statement, 2, user_pk);
    return noting_note(
        store, statement_row(store, statement),
        &(struct state_change){.kind = CHANGE_TOKENS, .act = CHANGE_REMOVED, .pk = user_pk});
}

int store_session_delete(struct store *store, int64_t pk) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_TOKEN, SESSION_DELETE);
    sqlite3_bind_int64(statement, 1, pk);
    int r = noting_note_removal(store, CHANGE_TOKEN, pk);
    return r == 0 ? statement_run(store, statement) : r;
}

int store_session_delete_all(struct store *store, int64_t user_pk, int64_t until) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_TOKEN, SESSION_DELETE_ALL);
    sqlite3_bind_int64(statement, 1, user_pk);
    sqlite3_bind_int64(statement, 2, until);
    return noting_note(
        store, statement_run(store, statement),
        &(struct state_change){.kind = CHANGE_TOKENS, .act = CHANGE_REMOVED, .pk = user_pk});
}

int store_token_find_last(struct store *store, int64_t *ret_pk) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_TOKEN, TOKEN_FIND_LAST);
    int r = statement_row(store, statement);
    if (r == 0)
        *ret_pk = sqlite3_column_int64(statement, 0);
    return r;
}

int store_token_delete_after(struct store *store, int64_t user_pk, int64_t pk) {
    CLEANUP(statement_reset)
    sqlite3_stmt *statement = statement_get(store, STATEMENTS_TOKEN, TOKEN_DELETE_AFTER);
    sqlite3_bind_int64(statement, 1, user_pk);
    sqlite3_bind_int64(statement, 2, pk);
    return noting_note(
        store, statement_run(store, statement),
        &(struct state_change){.kind = CHANGE_TOKENS, .act = CHANGE_REMOVED, .pk = user_pk});
}
