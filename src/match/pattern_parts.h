/* The parts of a request pattern, for pattern.c, which matches, and pattern_parse.c. */
#pragma once

#include "match/pattern.h"
#include "util/regex.h"
#include "util/url_template.h"

enum pattern_url_kind {
    URL_ANY,
    URL_EQUAL,
    URL_REGEX,
    URL_PATH_EQUAL,
    URL_PATH_REGEX,
    URL_PATH_TEMPLATE,
};

/* A field that must be present in its group. */
struct pattern_field {
    const char *name;
    const cJSON *json;
    struct values_matcher matcher;
};

struct pattern_fields {
    struct pattern_field *items;
    size_t count;
};

struct pattern_value {
    const cJSON *json; /* NULL: any value matches */
    const struct matcher *matcher;
};

/* What a part of a multipart body must be, or all parts. */
struct pattern_part {
    const cJSON *json;
    bool takes_all;
    const char *name;      /* as in WireMock, it is not compared */
    const char *file_name; /* NULL: any */
    bool has_headers;
    struct pattern_fields headers;
    bool has_body;
    struct pattern_value *body;
    size_t n_body;
};

struct pattern {
    struct arena arena;
    cJSON *tree;             /* (owned) */
    struct json_tree *trees; /* (owned) */
    const char **methods;
    size_t n_methods;
    bool takes_any_method;
    bool excludes_methods;
    enum pattern_url_kind url_kind;
    const char *url;
    const struct regex *url_regex;
    const struct url_template *url_template;
    const char *authorization; /* the value of a Basic Authorization header; NULL: any */
    const char *scheme;        /* NULL: any */
    int64_t port;              /* 0: any */
    struct pattern_value host;
    struct pattern_value client_ip;
    struct pattern_fields groups[MATCH_N_GROUPS];
    struct pattern_fields path_parameters;
    struct pattern_value *body;
    size_t n_body;
    struct pattern_part *parts;
    size_t n_parts;
};

/* Matches the values that a field has in a list. Returns 0, >0 and the values in the matching's
 * arena when they do not match, or -ENOMEM. */
int pattern_field_match(const struct pattern_field *field, struct matching *matching,
                        const struct name_value_list *list, bool ignores_case,
                        struct match_value **ret_values, size_t *ret_count);

/* Returns 0 when a part of the request, or all parts, are as wanted, >0 when not, or <0. */
int part_matcher_match(const struct pattern_part *wanted, struct matching *matching);
