/* The operators of matchers, for matcher.c and the files that implement operators. */
#pragma once

#include "json/json_path.h"
#include "json/json_placeholder.h"
#include "json/json_schema.h"
#include "match/matcher.h"
#include "util/date_words.h"
#include "util/java_date_parse.h"
#include "util/regex.h"

/* A fixed date, or one relative to the time of the request, and how to read the other one. */
struct match_date {
    struct java_date date;
    bool is_relative;
    int64_t seconds;
    int64_t months;
    enum date_truncation truncate_expected; /* when it is relative, as in WireMock */
    enum date_truncation truncate_actual;
    bool truncates_last;       /* after the offset was added */
    const char *actual_format; /* NULL: one of the common forms */
    int64_t offset;
    bool has_offset;
    const struct date_unit *offset_unit; /* NULL: none */
};

struct matcher {
    const struct match_operator *op;
    const char *text; /* the argument */
    size_t size;
    bool ignores_case;
    bool ignores_array_order;
    bool ignores_extra_elements;
    struct match_date date;
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
json_read operator_parse_date;
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
/* The options of the three that follow. */
extern const struct json_member operator_date_options[];
enum { OPERATOR_DATE_OPTIONS = 6 };

int operator_before(const struct matcher *matcher, struct matching *matching,
                    struct match_value *value);
int operator_after(const struct matcher *matcher, struct matching *matching,
                   struct match_value *value);
int operator_same_date(const struct matcher *matcher, struct matching *matching,
                       struct match_value *value);
int operator_equal_to_json(const struct matcher *matcher, struct matching *matching,
                           struct match_value *value);
int operator_matches_path(const struct matcher *matcher, struct matching *matching,
                          struct match_value *value);
int operator_matches_schema(const struct matcher *matcher, struct matching *matching,
                            struct match_value *value);
