#include "session.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "errors.h"

char *session_call(const struct process *server, const struct http_call *call, int status) {
    struct http_answer answer;
    http_send(server, call, &answer);
    ck_assert_msg(answer.status == status, "%s %s with %s: status %d, not %d: %s", call->method,
                  call->target, call->body ? call->body : "no body", answer.status, status,
                  answer.body);
    char *body = strdup(answer.body);
    ck_assert_ptr_nonnull(body);
    http_answer_deinit(&answer);
    return body;
}

void session_expect(const struct process *server, const struct http_call *call, int status) {
    free(session_call(server, call, status));
}

void session_expect_csrf_refusal(const struct process *server, const struct http_call *call) {
    struct http_answer answer;
    http_send(server, call, &answer);
    ck_assert_int_eq(answer.status, 403);
    if (version_under_test()->problem_documents) {
        errors_check(403, NULL, &answer);
    } else {
        ck_assert_uint_eq(answer.body_size, 0);
        ck_assert_ptr_null(http_header(&answer, "Content-Type"));
    }
    http_answer_deinit(&answer);
}

void session_member(const char *body, const char *name, char out[SECRET_SIZE]) {
    cJSON *tree = cJSON_Parse(body);
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(tree, name));
    ck_assert_msg(text && strlen(text) < SECRET_SIZE, "no %s in %s", name, body);
    snprintf(out, SECRET_SIZE, "%s", text);
    cJSON_Delete(tree);
}

void session_cookie(const struct http_answer *answer, const char *name, char out[SECRET_SIZE]) {
    const char *header = http_header(answer, "Set-Cookie");
    size_t length = strlen(name);
    ck_assert_msg(header && strncmp(header, name, length) == 0 && header[length] == '=',
                  "no cookie %s in %s", name, answer->headers);
    snprintf(out, SECRET_SIZE, "%.*s", (int)strcspn(header + length + 1, ";"), header + length + 1);
}

void session_open(const struct process *server, const char *username, const char *password,
                  char out[SECRET_SIZE]) {
    char body[256];
    struct http_answer answer;
    snprintf(body, sizeof(body), "{\"username\":\"%s\",\"password\":\"%s\"}", username, password);
    http_send(server,
              &(struct http_call){.method = "POST", .target = "/api/v1/login", .body = body},
              &answer);
    ck_assert_msg(answer.status == 200, "log-in: %d: %s", answer.status, answer.body);
    session_cookie(&answer, "JWT", out);
    http_answer_deinit(&answer);
}

static int status_of_me(const struct process *server, const char *cookie, const char *bearer) {
    struct http_answer answer;
    http_send(server,
              &(struct http_call){
                  .method = "GET", .target = "/api/v1/me", .bearer = bearer, .header = cookie},
              &answer);
    int status = answer.status;
    http_answer_deinit(&answer);
    return status;
}

int session_status(const struct process *server, const char *jwt) {
    char cookie[SECRET_SIZE + 16];
    snprintf(cookie, sizeof(cookie), "Cookie: JWT=%s", jwt);
    return status_of_me(server, cookie, NULL);
}

int session_bearer_status(const struct process *server, const char *token) {
    return status_of_me(server, NULL, token);
}
