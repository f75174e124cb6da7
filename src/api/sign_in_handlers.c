/* Set-up, login, sessions, and the page with the CSRF token. */
#include "iam/setup.h"

#include <errno.h>

#include "api/answer.h"
#include "contract_input.h"
#include "exchange/auth.h"
#include "iam/tokens.h"
#include "util/fatal.h"

/* The path keeps cookies within the sandbox that the URL's prefix names. */
#define JWT_ATTRIBUTES "; Path=%s/; HttpOnly; SameSite=Lax"

static void render_administrator(struct json_builder *builder, struct json_parent root,
                                 const void *value) {
    const struct user_view *view = value;
    json_add_text(builder, root, "id", view->user.id);
    json_add_text(builder, root, "type", "STANDARD");
    json_add_text(builder, root, "username", view->user.username);
    json_add_text(builder, root, "email", view->user.email);
    answer_add_privilege(builder, root, view);
    json_add_array(builder, root, "groupList");
    json_add_array(builder, root, "providers");
    answer_add_auths(builder, root, &view->user, "uid");
}

static const char *text_of(const cJSON *object, const char *name, const char *fallback) {
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return text ? text : fallback;
}

static int refuse_setup(struct exchange *exchange) {
    exchange_fail(exchange, ERROR_METHOD_NOT_ALLOWED, "the server is already set up");
    response_add_header(&exchange->response, "Allow", "GET, HEAD, OPTIONS");
    return 0;
}

int handle_setup_kestra(struct exchange *exchange, const void *input) {
    const struct setup_kestra_input *in = input;
    const char *tenant = text_of(in->body.tenant, "id", "main");
    struct user_view view;
    bool is_set_up = false;
    bool weak = false;
    int r = iam_is_set_up(exchange->iam, &is_set_up);
    if (is_set_up)
        return refuse_setup(exchange);
    if (r == 0)
        r = answer_weak_password(exchange, "password", in->body.password, &weak);
    if (r < 0 || weak)
        return r;
    r = iam_set_up(exchange->iam, in->body.username, in->body.password, tenant,
                   text_of(in->body.tenant, "name", tenant), &exchange->request.arena, &view);
    if (r == IAM_IS_SET_UP)
        return refuse_setup(exchange);
    return r == 0 ? answer_object(exchange, 200, render_administrator, &view) : r;
}

static int add_session_cookie(struct exchange *exchange, const char *secret) {
    const char *cookie = arena_format(&exchange->request.arena, "JWT=%s" JWT_ATTRIBUTES, secret,
                                      exchange->request.prefix);
    if (!cookie)
        return FATAL(ENOMEM);
    response_add_header(&exchange->response, "Set-Cookie", cookie);
    return 0;
}

/* A redirect, as browsers expect. */
static int answer_redirect(struct exchange *exchange, const char *secret) {
    response_set_empty(&exchange->response, 303);
    const char *location =
        arena_format(&exchange->request.arena, "%s/ui/", exchange->request.prefix);
    if (!location)
        return FATAL(ENOMEM);
    response_add_header(&exchange->response, "Location", location);
    return add_session_cookie(exchange, secret);
}

static int log_in(struct exchange *exchange, const char *username, const char *password,
                  char secret[TOKEN_SECRET_SIZE]) {
    return iam_log_in(exchange->iam, username, password, clock_now(&exchange->sandbox->clock),
                      &exchange->request.arena, secret);
}

static int refuse_log_in(struct exchange *exchange, int r) {
    if (r == IAM_UNAUTHENTICATED)
        exchange_fail(exchange, ERROR_UNAUTHORIZED, "wrong username or password");
    return r < 0 ? r : 0;
}

static int log_browser_in(struct exchange *exchange, const struct login_request_body *body) {
    char secret[TOKEN_SECRET_SIZE];
    int r = log_in(exchange, body->username, body->password, secret);
    return r == 0 ? answer_redirect(exchange, secret) : refuse_log_in(exchange, r);
}

int handle_login_1(struct exchange *exchange, const void *input) {
    return log_browser_in(exchange, &((const struct login_1_input *)input)->body);
}

int handle_log_in_at_page(struct exchange *exchange, const void *input) {
    return log_browser_in(exchange, &((const struct log_in_at_page_input *)input)->body);
}

static void render_logged_in(struct json_builder *builder, struct json_parent root,
                             const void *value) {
    json_add_text(builder, root, "username", value);
}

int handle_login(struct exchange *exchange, const void *input) {
    const struct login_input *in = input;
    char secret[TOKEN_SECRET_SIZE];
    int r = log_in(exchange, in->body.username, in->body.password, secret);
    if (r == 0)
        r = answer_object(exchange, 200, render_logged_in, in->body.username);
    else
        return refuse_log_in(exchange, r);
    return r == 0 ? add_session_cookie(exchange, secret) : r;
}

int handle_logout(struct exchange *exchange, const void *input) {
    const char *secret;
    (void)input;
    int r = request_find_cookie(&exchange->request, "JWT", &secret);
    if (r == 0)
        r = iam_log_out(exchange->iam, secret, clock_now(&exchange->sandbox->clock));
    if (r < 0)
        return r;
    response_set_static(&exchange->response, 200, "application/json", "{}", 2);
    const char *cookie = arena_format(&exchange->request.arena, "JWT=; Max-Age=0" JWT_ATTRIBUTES,
                                      exchange->request.prefix);
    if (!cookie)
        return FATAL(ENOMEM);
    response_add_header(&exchange->response, "Set-Cookie", cookie);
    return 0;
}

int handle_impersonate(struct exchange *exchange, const void *input) {
    const struct impersonate_input *in = input;
    char secret[TOKEN_SECRET_SIZE];
    int r = iam_impersonate(exchange->iam, in->id, clock_now(&exchange->sandbox->clock), secret);
    return r == 0 ? answer_redirect(exchange, secret) : answer_refusal(exchange, r, in->id);
}

int handle_delete_refresh_token(struct exchange *exchange, const void *input) {
    const struct delete_refresh_token_input *in = input;
    return answer_done(exchange, iam_end_sessions(exchange->iam, in->id), 204, in->id);
}

/* A browser keeps its token, so that its open pages stay valid. */
static int answer_page(struct exchange *exchange) {
    struct arena *arena = &exchange->request.arena;
    char made[CSRF_TOKEN_SIZE];
    const char *token;
    char *page;
    int r = request_find_cookie(&exchange->request, "csrfToken", &token);
    if (r < 0)
        return r;
    if (r > 0 || !auth_is_csrf_token(token)) {
        auth_make_csrf_token(made);
        token = made;
    }
    bool shows = exchange_version(exchange)->checks_csrf;
    const char *cookie = arena_format(arena, "csrfToken=%s; Path=%s/; SameSite=Lax", token,
                                      exchange->request.prefix);
    int size = asprintf(&page,
                        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                        "%s%s%s<title>kestub</title>\n"
                        "</head>\n<body>kestub emulates an API; it has no pages.</body>\n</html>\n",
                        shows ? "<meta name=\"csrf-token\" content=\"" : "", shows ? token : "",
                        shows ? "\">\n" : "");
    if (size < 0)
        return FATAL(ENOMEM);
    response_set_owned(&exchange->response, 200, "text/html;charset=UTF-8", page, (size_t)size);
    if (!cookie)
        return FATAL(ENOMEM);
    response_add_header(&exchange->response, "Set-Cookie", cookie);
    return 0;
}

int handle_get_ui(struct exchange *exchange, const void *input) {
    (void)input;
    return answer_page(exchange);
}

int handle_get_login_page(struct exchange *exchange, const void *input) {
    (void)input;
    return answer_page(exchange);
}
