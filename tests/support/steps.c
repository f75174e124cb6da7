#include "steps.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#define PRIVILEGE "{privilege}"

static struct process server;
static char directory[64];
static char ids[4][64];

const size_t steps_too_large_size = (size_t)1024 * 1024 + 1;

const char *steps_too_large(void) {
    static char body[1024 * 1024 + 2];
    memset(body, ' ', steps_too_large_size);
    return body;
}

void steps_exceed_limit(struct http_call *call, bool takes_dump) {
    call->header = takes_dump ? "Content-Length: 1073741825" : NULL;
    call->body = takes_dump ? "{" : steps_too_large();
    call->body_size = takes_dump ? 1 : steps_too_large_size;
}

void steps_setup(void) {
    char db[96];
    char fixture[512];
    make_directory(directory);
    snprintf(db, sizeof(db), "%s/state.db", directory);
    snprintf(fixture, sizeof(fixture), "%s/edge.json", getenv("KESTUB_FIXTURES"));
    process_start(&server, (const char *const[]){"--db", db, "--fixture", fixture, NULL});
}

void steps_teardown(void) {
    ck_assert_int_eq(process_stop(&server, SIGTERM), 0);
    remove_directory(directory);
}

const struct process *steps_server(void) {
    return &server;
}

/* Replaces placeholders by the kept ids (owned by the caller, free). */
static char *fill_in(const char *text) {
    if (!text)
        return NULL;
    char *out = calloc(1, strlen(text) * 16 + 1 + sizeof(ids));
    ck_assert_ptr_nonnull(out);
    for (char *end = out; *text;) {
        if (text[0] == '{' && text[1] >= '1' && text[1] <= '3' && text[2] == '}') {
            end = stpcpy(end, ids[text[1] - '0']);
            text += 3;
        } else if (strncmp(text, PRIVILEGE, strlen(PRIVILEGE)) == 0) {
            end = stpcpy(end, version_under_test()->privilege);
            text += strlen(PRIVILEGE);
        } else {
            *end++ = *text++;
        }
    }
    return out;
}

static void keep_id(int number, const char *body) {
    cJSON *tree = cJSON_Parse(body);
    const char *id = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(tree, "id"));
    ck_assert_msg(id && *id && strlen(id) < sizeof(ids[0]), "no id in %s", body);
    snprintf(ids[number], sizeof(ids[number]), "%s", id);
    cJSON_Delete(tree);
}

static int count_of(const char *text, const char *body) {
    int count = 0;
    for (const char *at = body; (at = strstr(at, text)); at += strlen(text))
        count++;
    return count;
}

static const char *find(const char *text, const char *body) {
    char *filled = fill_in(text);
    const char *found = strstr(body, filled);
    free(filled);
    return found;
}

/* A problem document hides why a value cannot be read. */
static bool is_hidden(const struct step *step, size_t number, const char *body) {
    char list[128];
    if (!step->unreadable || !version_under_test()->problem_documents)
        return false;
    snprintf(list, sizeof(list), "\"errors\":[{\"path\":\"%s\"}]}", step->unreadable);
    ck_assert_msg(*step->unreadable ? find(list, body) != NULL : !find("\"errors\"", body),
                  "step %zu, %s %s: not only '%s' in %s", number, step->method, step->target,
                  step->unreadable, body);
    return true;
}

static void check_body(const struct step *step, size_t number, const char *body) {
    if (is_hidden(step, number, body))
        return;
    for (size_t i = 0; i < sizeof(step->has) / sizeof(step->has[0]) && step->has[i]; i++)
        ck_assert_msg(find(step->has[i], body), "step %zu, %s %s: no '%s' in %s", number,
                      step->method, step->target, step->has[i], body);
    for (size_t i = 0; i < sizeof(step->lacks) / sizeof(step->lacks[0]) && step->lacks[i]; i++)
        ck_assert_msg(!find(step->lacks[i], body), "step %zu, %s %s: '%s' in %s", number,
                      step->method, step->target, step->lacks[i], body);
    if (step->order[0]) {
        const char *first = find(step->order[0], body);
        const char *second = find(step->order[1], body);
        ck_assert_msg(first && second && first < second, "step %zu, %s %s: not %s, %s: %s", number,
                      step->method, step->target, step->order[0], step->order[1], body);
    }
    if (step->counted)
        ck_assert_msg(count_of(step->counted, body) == step->count,
                      "step %zu, %s %s: not %d of '%s' in %s", number, step->method, step->target,
                      step->count, step->counted, body);
}

static void make_step(const struct step *step, size_t number) {
    struct http_answer answer;
    char *target = fill_in(step->target);
    char *body = fill_in(step->body);
    const char *type = step->unreadable && !step->type ? "invalid-json" : step->type;
    int status = errors_status(step->status, type);
    http_send(&server,
              &(struct http_call){.method = step->method,
                                  .target = target,
                                  .basic = step->basic ? step->basic : ROOT,
                                  .body = body},
              &answer);
    ck_assert_msg(answer.status == status, "step %zu, %s %s: status %d, not %d: %s", number,
                  step->method, target, answer.status, status, answer.body);
    if (step->empty)
        ck_assert_msg(answer.body_size == 0, "step %zu: a body: %s", number, answer.body);
    else if (status < 400)
        ck_assert_str_eq(http_header(&answer, "Content-Type"),
                         errors_are_of_scim(target) ? "application/scim+json" : "application/json");
    else if (!errors_are_of_control_plane(target))
        errors_check(step->status, type, &answer);
    check_body(step, number, answer.body);
    if (step->keep)
        keep_id(step->keep, answer.body);
    free(target);
    free(body);
    http_answer_deinit(&answer);
}

void steps_run(const struct step *steps, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const struct step *step = &steps[i];
        if (version_is_in(step->versions))
            make_step(step, i + 1);
    }
}

static void expect(const struct http_call *call, int status, const char *type, const char *text) {
    struct http_answer answer;
    bool is_admin = errors_are_of_control_plane(call->target);
    int expected = is_admin ? status : errors_status(status, type);
    http_send(&server, call, &answer);
    ck_assert_msg(answer.status == expected && (!text || strstr(answer.body, text)),
                  "%s %s: status %d, not %d, or no '%s': %s", call->method, call->target,
                  answer.status, expected, text ? text : "", answer.body);
    if (!is_admin)
        errors_check(status, type, &answer);
    http_answer_deinit(&answer);
}

const char *steps_kept(int number) {
    return ids[number];
}

void steps_expect(const struct http_call *call, int status, const char *text) {
    expect(call, status, NULL, text);
}

void steps_refuse(const struct http_call *call, int status, const char *type) {
    expect(call, status, type, NULL);
}

void steps_refuse_strangers(const char *method, const char *target, const char *body,
                            const char *stranger) {
    static const char tenant[] = "/api/v1/main/";
    char nowhere[256];
    struct http_call call = {.method = method, .target = target, .body = body};
    ck_assert_int_eq(strncmp(target, tenant, strlen(tenant)), 0);
    snprintf(nowhere, sizeof(nowhere), "/api/v1/nowhere/%s", target + strlen(tenant));
    steps_expect(&call, 401, NULL);
    call.basic = stranger;
    steps_expect(&call, 403, NULL);
    call.basic = ROOT;
    call.target = nowhere;
    steps_expect(&call, 404, "Tenant does not exist for id 'nowhere'");
}

void steps_refuse_bodies(const char *method, const char *target, const char *body) {
    struct http_call call = {.method = method,
                             .target = target,
                             .basic = ROOT,
                             .header = "Content-Type: text/plain",
                             .body = body};
    if (!body)
        return;
    steps_expect(&call, 415, NULL);
    call.header = "Content-Type:";
    if (version_under_test()->needs_content_type)
        steps_expect(&call, 415, NULL);
    call.header = JSON;
    call.body = "{";
    steps_refuse(&call, 422, "invalid-json");
    call.body = *body == '[' ? "{}" : "[]";
    steps_refuse(&call, 422, "invalid-json");
    call.body = NULL;
    steps_refuse(&call, 422, "invalid-request-body");
    call.body = steps_too_large();
    call.body_size = steps_too_large_size;
    steps_expect(&call, 413, NULL);
}
