/* Tests of request patterns that stand in tables. There ' stands for JSON's quotation mark, and `
 * for an apostrophe. */
#pragma once

#include <stdio.h>
#include <string.h>

#include <check.h>

#include "json/json.h"
#include "match/pattern.h"
#include "match_request.h"
#include "refusal.h"

static inline char *pattern_unquote(const char *text) {
    char *copy = strdup(text);
    ck_assert_ptr_nonnull(copy);
    for (char *at = copy; *at; at++)
        *at = *at == '\'' ? '"' : *at == '`' ? '\'' : *at;
    return copy;
}

static inline int pattern_parse_quoted(const char *quoted, struct pattern **ret_pattern,
                                       struct refusal *refusal) {
    char *text = pattern_unquote(quoted);
    cJSON *tree = NULL;
    struct json_error json_error = {0};
    int r = json_parse(text, strlen(text), &tree, &json_error);
    ck_assert_msg(r == 0, "%s: %s at column %zu", text, json_error.reason, json_error.column);
    r = pattern_parse(tree, &json_root, &refusal->violations, ret_pattern);
    cJSON_Delete(tree);
    free(text);
    return r;
}

static inline struct pattern *pattern_parse_valid(const char *quoted) {
    struct pattern *pattern = NULL;
    CLEANUP(refusal_deinit) struct refusal refusal;
    refusal_init(&refusal);
    int r = pattern_parse_quoted(quoted, &pattern, &refusal);
    ck_assert_msg(r == 0, "%s: %s %s", quoted, refusal_pointer(&refusal),
                  refusal_message(&refusal));
    return pattern;
}

/* Matches twice, since the second time uses what the first has parsed. */
static inline void pattern_check(const char *quoted, const char *request, bool matches) {
    struct pattern *pattern = pattern_parse_valid(quoted);
    struct arena arena;
    struct match_subject subject;
    struct match_report report = {0};
    arena_init(&arena);
    ck_assert(match_request_read(request, strlen(request), &arena, &subject));
    subject.scheme = "http";
    subject.host = "localhost";
    subject.port = 8080;
    subject.client_ip = "127.0.0.1";
    for (int i = 0; i < 2; i++)
        ck_assert_msg(pattern_match(pattern, &subject) == (matches ? 0 : PATTERN_DIFFERS),
                      "%s on %s", quoted, request);
    ck_assert_int_eq(pattern_compare(pattern, &subject, &report), 0);
    ck_assert_msg((report.distance <= 0) == matches, "%s on %s: %f", quoted, request,
                  report.distance);
    ck_assert(report.distance <= 1);
    ck_assert_int_eq(report.count == 0, matches);
    match_subject_deinit(&subject);
    arena_deinit(&arena);
    pattern_free(pattern);
}

/* The same for an operator on a body. */
static inline void pattern_check_body(const char *matcher, const char *body, bool matches) {
    char *pattern = NULL;
    char *request = NULL;
    ck_assert_int_gt(asprintf(&pattern, "{'bodyPatterns':[%s]}", matcher), 0);
    ck_assert_int_gt(asprintf(&request, "PUT /\n\n%s", body), 0);
    pattern_check(pattern, request, matches);
    free(pattern);
    free(request);
}

static inline void pattern_check_refused(const char *quoted, const char *pointer,
                                         const char *detail) {
    struct pattern *pattern = NULL;
    CLEANUP(refusal_deinit) struct refusal refusal;
    refusal_init(&refusal);
    ck_assert_msg(pattern_parse_quoted(quoted, &pattern, &refusal) > 0, "%s", quoted);
    ck_assert_ptr_null(pattern);
    ck_assert_str_eq(refusal_pointer(&refusal), pointer);
    ck_assert_str_eq(refusal_message(&refusal), detail);
}
