/* Matchers of a single value: {"equalTo": "x"} and all the other operators. */
#pragma once

#include <cjson/cJSON.h>

#include "match/subject.h"
#include "util/arena.h"
#include "util/budget.h"

enum { PATTERN_POINTER_SIZE = 256, PATTERN_DETAIL_SIZE = 320 };

/* Why a pattern is refused. */
struct pattern_error {
    char pointer[PATTERN_POINTER_SIZE]; /* JSON pointer (RFC 6901), cut off where it is too long */
    char detail[PATTERN_DETAIL_SIZE];   /* what is wrong there, such as "must be a string" */
};

/* What the matchers of one pattern are parsed into. The texts of the JSON are borrowed. */
struct matcher_parser {
    struct arena *arena;
    struct json_tree *trees; /* for the owner of the arena to free */
    struct pattern_error *error;
    int depth;
};

/* Extends the error's pointer by a member's name, or by an index when `name` is NULL, and tells
 * where to cut it again (matcher_leave) once the member is known to be right. */
size_t matcher_enter(struct matcher_parser *parser, const char *name, size_t index);
void matcher_leave(struct matcher_parser *parser, size_t mark);

/* Writes the error's detail; always >0. */
int matcher_refuse(struct matcher_parser *parser, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

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
 * skipped. 0; >0 and the parser's error; -ENOMEM. The matcher is never changed afterwards. */
int matcher_parse(struct matcher_parser *parser, const cJSON *json, const char *ignored,
                  const struct matcher **ret_matcher);

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
int values_matcher_parse(struct matcher_parser *parser, const cJSON *json,
                         struct values_matcher *ret_matcher);

/* As matcher_match; no value at all is an absent one. */
int values_matcher_match(const struct values_matcher *matcher, struct matching *matching,
                         struct match_value *values, size_t count);
