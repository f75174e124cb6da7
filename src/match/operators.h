/* The operators of matchers, for matcher.c and the files that implement them. */
#pragma once

#include "match/matcher.h"
#include "util/regex.h"
#include "json/json_path.h"
#include "json/json_schema.h"

/* An instant, or one that is reckoned from the time of the request. */
struct match_instant {
    bool is_relative;
    int64_t instant; /* epoch ms */
    int64_t milliseconds;
    int months;
};

struct matcher {
    const struct match_operator *op;
    const char *text; /* the argument */
    size_t size;
    bool ignores_case;
    bool ignores_array_order;
    bool ignores_extra_elements;
    double number;
    struct match_instant instant;
    const struct regex *regex;
    const cJSON *json;
    const struct json_path *path;
    const struct json_schema *schema;
    const struct matcher **children;
    size_t n_children;
};

struct match_operator {
    const char *name;
    /* 0; >0 and the parser's error; -ENOMEM. `object` holds the options beside the argument. */
    int (*parse)(struct matcher_parser *parser, const cJSON *object, const cJSON *argument,
                 struct matcher *matcher);
    /* 0, >0, <0 as matcher_match. */
    int (*match)(const struct matcher *matcher, struct matching *matching,
                 struct match_value *value);
    const char *options[2];
    bool is_graded;    /* the nearer the value is to the argument's text, the better */
    bool takes_absent; /* `match` may get no value (NULL) */
};

int operator_parse_text(struct matcher_parser *parser, const cJSON *object, const cJSON *argument,
                        struct matcher *matcher);
int operator_parse_regex(struct matcher_parser *parser, const cJSON *object, const cJSON *argument,
                         struct matcher *matcher);
int operator_parse_base64(struct matcher_parser *parser, const cJSON *object, const cJSON *argument,
                          struct matcher *matcher);
int operator_parse_number(struct matcher_parser *parser, const cJSON *object, const cJSON *argument,
                          struct matcher *matcher);
int operator_parse_instant(struct matcher_parser *parser, const cJSON *object,
                           const cJSON *argument, struct matcher *matcher);
int operator_parse_json(struct matcher_parser *parser, const cJSON *object, const cJSON *argument,
                        struct matcher *matcher);
int operator_parse_path(struct matcher_parser *parser, const cJSON *object, const cJSON *argument,
                        struct matcher *matcher);
int operator_parse_schema(struct matcher_parser *parser, const cJSON *object, const cJSON *argument,
                          struct matcher *matcher);

int operator_equal_to(const struct matcher *matcher, struct matching *matching,
                      struct match_value *value);
int operator_contains(const struct matcher *matcher, struct matching *matching,
                      struct match_value *value);
int operator_does_not_contain(const struct matcher *matcher, struct matching *matching,
                              struct match_value *value);
int operator_matches(const struct matcher *matcher, struct matching *matching,
                     struct match_value *value);
int operator_does_not_match(const struct matcher *matcher, struct matching *matching,
                            struct match_value *value);
int operator_equal_to_number(const struct matcher *matcher, struct matching *matching,
                             struct match_value *value);
int operator_greater_than(const struct matcher *matcher, struct matching *matching,
                          struct match_value *value);
int operator_greater_or_equal(const struct matcher *matcher, struct matching *matching,
                              struct match_value *value);
int operator_less_than(const struct matcher *matcher, struct matching *matching,
                       struct match_value *value);
int operator_less_or_equal(const struct matcher *matcher, struct matching *matching,
                           struct match_value *value);
int operator_before(const struct matcher *matcher, struct matching *matching,
                    struct match_value *value);
int operator_after(const struct matcher *matcher, struct matching *matching,
                   struct match_value *value);
int operator_same_instant(const struct matcher *matcher, struct matching *matching,
                          struct match_value *value);
int operator_equal_to_json(const struct matcher *matcher, struct matching *matching,
                           struct match_value *value);
int operator_matches_path(const struct matcher *matcher, struct matching *matching,
                          struct match_value *value);
int operator_matches_schema(const struct matcher *matcher, struct matching *matching,
                            struct match_value *value);
