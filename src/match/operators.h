/* The operators of matchers, for matcher.c and the files that implement operators. */
#pragma once

#include "json/json_path.h"
#include "json/json_placeholder.h"
#include "json/json_schema.h"
#include "match/matcher.h"
#include "util/regex.h"

/* A fixed instant, or one relative to the time of the request. */
struct match_instant {
    bool is_relative;
    int64_t instant; /* in epoch ms */
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
    struct match_instant instant;
    const struct regex *regex;
    const cJSON *json;
    const struct json_placeholders *placeholders;
    const struct json_path *path;
    const struct json_schema *schema;
    const struct matcher **children;
    size_t n_children;
};

/* What an operator makes of a value that is not there, which is NULL. */
enum match_absent {
    ABSENT_DIFFERS,
    ABSENT_MATCHES,
    ABSENT_PASSED_ON, /* `match` decides */
};

struct match_operator {
    const char *name;
    /* A json_read that stores the argument in a struct matcher, whose options have been read
     * already. */
    json_read *parse;
    /* Returns as matcher_match. */
    int (*match)(const struct matcher *matcher, struct matching *matching,
                 struct match_value *value);
    const struct json_member *options;
    size_t n_options;
    bool is_graded; /* whether a value that is closer to the argument's text scores better */
    enum match_absent absent;
};

json_read operator_parse_text;
json_read operator_parse_regex;
json_read operator_parse_base64;
json_read operator_parse_number;
json_read operator_parse_instant;
json_read operator_parse_json;
json_read operator_parse_path;
json_read operator_parse_schema;
/* Only checks the name of a version: all keywords mean the same in every version. */
json_read operator_check_schema_version;

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
