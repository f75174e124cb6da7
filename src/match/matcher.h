/* Matchers of a single value: {"equalTo": "x"} and all the other operators. */
#pragma once

#include "json/json_members.h"
#include "match/subject.h"
#include "util/budget.h"

/* One attempt to match, and what only that needs. */
struct matching {
    struct match_subject *subject;
    struct budget budget;
    struct arena arena;
    struct json_tree *trees;
};

/* The matching must not be moved afterwards. */
void matching_init(struct matching *matching, struct match_subject *subject);
void matching_deinit(struct matching *matching);

/* The value as JSON; that of the body stays with the subject. 0; >0 when it is none, or when the
 * budget is exhausted; -ENOMEM. */
int matching_read_json(struct matching *matching, struct match_value *value,
                       const cJSON **ret_json);

struct matcher;

/* Parses an object with one operator and its options; a member called `ignored` (may be NULL) is
 * skipped. 0; >0 and violations; -ENOMEM. The matcher, in the reader's arena, is never changed
 * afterwards; the texts of the JSON are borrowed. */
int matcher_parse(struct json_reader *reader, const struct json_place *place, const cJSON *json,
                  const char *ignored, const struct matcher **ret_matcher);

/* 0 when the value matches; >0 when not or when the budget is exhausted; <0. A NULL value is
 * absent: it matches {"absent": true}, alone or within "and" and "or", and nothing else. */
int matcher_match(const struct matcher *matcher, struct matching *matching,
                  struct match_value *value);

/* How far a value that does not match is from one that does: above 0, up to 1. */
double matcher_distance(const struct matcher *matcher, const struct match_value *value);

/* A matcher of a field that may have several values: one operator that any of them matches, or
 * {"hasExactly": […]} or {"includes": […]}. */
struct values_matcher {
    enum { MATCH_ANY, MATCH_EXACTLY, MATCH_INCLUDES } mode;
    const struct matcher **items;
    size_t count;
};

/* As matcher_parse. */
int values_matcher_parse(struct json_reader *reader, const struct json_place *place,
                         const cJSON *json, struct values_matcher *ret_matcher);

/* As matcher_match; no value at all is an absent one. */
int values_matcher_match(const struct values_matcher *matcher, struct matching *matching,
                         struct match_value *values, size_t count);
