/* API tokens, of any user or service account and of the calling user. */
#include "iam/tokens.h"

#include "api/answer.h"
#include "contract_input.h"
#include "iam/service_accounts.h"
#include "util/timestamp.h"

struct token_list {
    const struct token *tokens;
    size_t count;
    int64_t now;
};

static void render_list(struct json_builder *builder, struct json_parent root, const void *value) {
    const struct token_list *list = value;
    json_add_integer(builder, root, "total", (int64_t)list->count);
    struct json_parent results = json_add_array(builder, root, "results");
    for (size_t i = 0; i < list->count; i++) {
        const struct token *token = &list->tokens[i];
        struct json_parent object = json_add_object(builder, results, NULL);
        json_add_text(builder, object, "id", token->id);
        json_add_text(builder, object, "name", token->name);
        json_add_text(builder, object, "description", token->description);
        json_add_text(builder, object, "prefix", token->prefix);
        json_add_instant(builder, object, "iat", token->issued_at);
        if (token->expires_at != INT64_MAX)
            json_add_instant(builder, object, "exp", token->expires_at);
        if (token->last_used_at != INT64_MIN)
            json_add_instant(builder, object, "lastUsed", token->last_used_at);
        json_add_bool(builder, object, "extended", token->extended);
        json_add_bool(builder, object, "expired", token->expires_at <= list->now);
    }
}

struct created {
    struct token token;
    char secret[TOKEN_SECRET_SIZE];
};

static void render_created(struct json_builder *builder, struct json_parent root,
                           const void *value) {
    const struct created *created = value;
    json_add_text(builder, root, "id", created->token.id);
    json_add_text(builder, root, "name", created->token.name);
    json_add_text(builder, root, "fullToken", created->secret);
}

static int list_tokens(struct exchange *exchange, enum iam_kind kind, const char *user_id) {
    struct token_list list = {.now = clock_now(&exchange->sandbox->clock)};
    struct token *tokens;
    int r = iam_list_tokens(exchange->iam, kind, user_id, &exchange->request.arena, &tokens,
                            &list.count);
    if (r != 0)
        return answer_refusal(exchange, r, user_id);
    list.tokens = tokens;
    return answer_object(exchange, 200, render_list, &list);
}

static int create_token(struct exchange *exchange, enum iam_kind kind, const char *user_id,
                        const struct create_api_token_request_body *body) {
    struct created created;
    struct new_token new_token = {.name = body->name,
                                  .description = body->description,
                                  .extended = body->extended.value,
                                  .max_age = INT64_MAX};
    if (body->max_age) /* the contract guarantees a duration */
        duration_parse(body->max_age, &new_token.max_age);
    int r = iam_create_token(exchange->iam, kind, user_id, &new_token,
                             clock_now(&exchange->sandbox->clock), &exchange->request.arena,
                             &created.token, created.secret);
    return r == 0 ? answer_object(exchange, answer_success(exchange), render_created, &created)
                  : answer_refusal(exchange, r, user_id);
}

static int delete_token(struct exchange *exchange, enum iam_kind kind, const char *user_id,
                        const char *token_id, int status) {
    int r = iam_delete_token(exchange->iam, kind, user_id, token_id);
    return answer_done(exchange, r, status, r == IAM_UNKNOWN_TOKEN ? token_id : user_id);
}

int handle_list_api_tokens_for_user(struct exchange *exchange, const void *input) {
    const struct list_api_tokens_for_user_input *in = input;
    return list_tokens(exchange, IAM_USER, in->id);
}

int handle_create_api_tokens_for_user(struct exchange *exchange, const void *input) {
    const struct create_api_tokens_for_user_input *in = input;
    return create_token(exchange, IAM_USER, in->id, &in->body);
}

int handle_delete_api_token_for_user(struct exchange *exchange, const void *input) {
    const struct delete_api_token_for_user_input *in = input;
    return delete_token(exchange, IAM_USER, in->id, in->token_id, 204);
}

int handle_list_api_tokens_for_current_user(struct exchange *exchange, const void *input) {
    const char *id;
    (void)input;
    int r = answer_find_self(exchange, &id);
    return r == 0 ? list_tokens(exchange, IAM_ANYBODY, id) : answer_refusal(exchange, r, id);
}

int handle_create_api_token_for_current_user(struct exchange *exchange, const void *input) {
    const struct create_api_token_for_current_user_input *in = input;
    const char *id;
    int r = answer_find_self(exchange, &id);
    return r == 0 ? create_token(exchange, IAM_ANYBODY, id, &in->body)
                  : answer_refusal(exchange, r, id);
}

int handle_delete_api_token_for_current_user(struct exchange *exchange, const void *input) {
    const struct delete_api_token_for_current_user_input *in = input;
    const char *id;
    int r = answer_find_self(exchange, &id);
    return r == 0 ? delete_token(exchange, IAM_ANYBODY, id, in->token_id, 200)
                  : answer_refusal(exchange, r, id);
}

int handle_list_api_tokens_for_service_account(struct exchange *exchange, const void *input) {
    const struct list_api_tokens_for_service_account_input *in = input;
    return list_tokens(exchange, IAM_SERVICE_ACCOUNT, in->id);
}

int handle_create_api_tokens_for_service_account(struct exchange *exchange, const void *input) {
    const struct create_api_tokens_for_service_account_input *in = input;
    return create_token(exchange, IAM_SERVICE_ACCOUNT, in->id, &in->body);
}

int handle_delete_api_token_for_service_account(struct exchange *exchange, const void *input) {
    const struct delete_api_token_for_service_account_input *in = input;
    return delete_token(exchange, IAM_SERVICE_ACCOUNT, in->id, in->token_id, 200);
}

static int check_account(struct exchange *exchange, const char *id, bool changes) {
    return iam_check_account(exchange->iam, &exchange->principal, exchange->tenant_pk, id, changes);
}

int handle_list_api_tokens_for_service_account_with_tenant(struct exchange *exchange,
                                                           const void *input) {
    const struct list_api_tokens_for_service_account_with_tenant_input *in = input;
    int r = check_account(exchange, in->id, false);
    return r == 0 ? list_tokens(exchange, IAM_SERVICE_ACCOUNT, in->id)
                  : answer_refusal(exchange, r, in->id);
}

int handle_create_api_tokens_for_service_account_with_tenant(struct exchange *exchange,
                                                             const void *input) {
    const struct create_api_tokens_for_service_account_with_tenant_input *in = input;
    int r = check_account(exchange, in->id, true);
    return r == 0 ? create_token(exchange, IAM_SERVICE_ACCOUNT, in->id, &in->body)
                  : answer_refusal(exchange, r, in->id);
}

int handle_delete_api_token_for_service_account_with_tenant(struct exchange *exchange,
                                                            const void *input) {
    const struct delete_api_token_for_service_account_with_tenant_input *in = input;
    int r = check_account(exchange, in->id, true);
    return r == 0 ? delete_token(exchange, IAM_SERVICE_ACCOUNT, in->id, in->token_id, 200)
                  : answer_refusal(exchange, r, in->id);
}
