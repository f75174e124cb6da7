/* The request that patterns are held against: a live one or one of the journal. What it consists of
 * is borrowed; what has to be parsed is parsed when the first pattern asks for it. Only one thread
 * uses a subject at a time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json/json_trees.h"
#include "util/name_value.h"

/* A text that operators look at; the body or the value of a field. */
struct match_value {
    const char *text; /* not always with a zero behind */
    size_t size;
    bool is_no_body;   /* an empty text that {"absent": true} matches too */
    const cJSON *json; /* what the text is as JSON, once that is known */
    enum { MATCH_JSON_UNKNOWN, MATCH_JSON_VALID, MATCH_JSON_INVALID } json_state;
};

enum match_group {
    MATCH_HEADERS,
    MATCH_QUERY,
    MATCH_COOKIES,
    MATCH_FORM, /* empty unless the Content-Type says that the body is a form */
    MATCH_N_GROUPS,
};

struct match_subject {
    /* For the caller to set; NULL and 0 where it is not known. */
    const char *method;
    const char *target; /* path and query as received */
    const char *scheme;
    const char *host;
    const char *client_ip;
    int port;
    struct name_value_list headers;
    const char *body;
    size_t body_size;
    int64_t now; /* epoch ms, for before, after and equalToDateTime */
    struct arena *arena;

    /* Zero at first. */
    struct match_value body_value;
    struct name_value_list groups[MATCH_N_GROUPS];
    bool has_group[MATCH_N_GROUPS];
    struct json_tree *trees;
    size_t work; /* steps that matches have cost so far, see util/budget.h */
};

/* Sets scheme, host and port from a target that is a whole URL, or else from the Host header. 0 or
 * -ENOMEM. */
int match_subject_set_place(struct match_subject *subject, const char *target);

void match_subject_deinit(struct match_subject *subject);

/* The fields of a group, decoded; what cannot be decoded is as received. 0 or -ENOMEM. */
int match_subject_fields(struct match_subject *subject, enum match_group group,
                         struct name_value_list *ret_fields);
