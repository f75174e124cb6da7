/* Matchers for a single value: {"equalTo": "x"} and the other operators. */
#pragma once

#include "json/json_members.h"
#include "match/subject.h"
#include "util/budget.h"

/* One attempt to match a request, with the memory and the budget for it. */
struct matching {
    struct match_subject *subject;
    struct budget budget;
    struct arena arena;
    struct json_tree *trees;
};

/* The matching must not be moved afterwards. */
void matching_init(struct matching *matching, struct match_subject *subject);
void matching_deinit(struct matching *matching);

/* Parses the value as JSON. The result for the body is cached in the subject. Returns 0, >0 when
 * the value is not valid JSON or the budget is exhausted, or -ENOMEM. */
int matching_read_json(struct matching *matching, struct match_value *value,
                       const cJSON **ret_json);

struct matcher;

/* Parses an object with one operator and its options. Skips a member called `ignored`, which may be
 * NULL. The matcher lies in the reader's arena, borrows strings from the JSON, and never changes
 * afterwards. Returns 0, >0 and violations, or -ENOMEM. */
int matcher_parse(struct json_reader *reader, const struct json_place *place, const cJSON *json,
                  const char *ignored, const struct matcher **ret_matcher);

/* Returns 0 when the value matches, >0 when it does not or the budget is exhausted, or <0. NULL
 * means that the value is absent: it matches "absent", "anything" and what is negative, such as
 * "doesNotMatch" and "not". */
int matcher_match(const struct matcher *matcher, struct matching *matching,
                  struct match_value *value);

/* Whether the matcher is {"absent": true}. */
bool matcher_wants_absence(const struct matcher *matcher);

/* How far a value is from matching: more than 0, at most 1. Call this only for a value that does
 * not match. */
double matcher_distance(const struct matcher *matcher, const struct match_value *value);

/* A matcher for a field that may have several values. It has one operator, which any of the values
 * may match, or {"hasExactly": […]} or {"includes": […]}. */
struct values_matcher {
    enum { MATCH_ANY, MATCH_EXACTLY, MATCH_INCLUDES } mode;
    const struct matcher **items;
    size_t count;
};

/* As matcher_parse. */
int values_matcher_parse(struct json_reader *reader, const struct json_place *place,
                         const cJSON *json, struct values_matcher *ret_matcher);

/* As matcher_match. A field without values counts as absent. */
int values_matcher_match(const struct values_matcher *matcher, struct matching *matching,
                         struct match_value *values, size_t count);
