/* The request that patterns are matched against: a live one, or one from the journal. The subject
 * borrows its parts, and parses them only when a pattern first needs them. Only one thread at a
 * time may use a subject. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json/json_trees.h"
#include "util/name_value.h"

/* A text that operators match: the body or the value of a field. */
struct match_value {
    const char *text; /* need not end with a zero */
    size_t size;
    const cJSON *json; /* the parsed text; see json_state */
    enum { MATCH_JSON_UNKNOWN, MATCH_JSON_VALID, MATCH_JSON_INVALID } json_state;
};

/* A part of a multipart body. */
struct match_part {
    struct name_value_list headers;
    const char *file_name; /* or NULL */
    const char *content;   /* need not end with a zero */
    size_t content_size;
};

struct match_parts {
    struct match_part *items;
    size_t count;
    size_t capacity;
};

enum match_group {
    MATCH_HEADERS,
    MATCH_QUERY,
    MATCH_COOKIES,
    MATCH_FORM, /* empty unless the Content-Type is a form */
    MATCH_N_GROUPS,
};

struct match_subject {
    /* Set by the caller; NULL or 0 when unknown. */
    const char *method;
    const char *target; /* path and query as received */
    const char *scheme;
    const char *host;
    const char *client_ip;
    int port;
    struct name_value_list headers;
    const char *body;
    size_t body_size;
    int64_t now; /* in epoch ms, for before, after and equalToDateTime */
    struct arena *arena;

    /* Zero at first. */
    struct match_value body_value;
    struct name_value_list groups[MATCH_N_GROUPS];
    bool has_group[MATCH_N_GROUPS];
    struct match_parts parts;
    bool has_parts;
    struct json_tree *trees;
    size_t work; /* steps spent by all matches so far, see util/budget.h */
};

/* Sets scheme, host and port from an absolute URL in `target`, or else from `is_tls` and the Host
 * header. Returns 0 or -ENOMEM. */
int match_subject_set_place(struct match_subject *subject, bool is_tls, const char *target);

void match_subject_deinit(struct match_subject *subject);

/* Returns the decoded fields of a group; fields that cannot be decoded stay as received. Returns 0
 * or -ENOMEM. */
int match_subject_fields(struct match_subject *subject, enum match_group group,
                         struct name_value_list *ret_fields);

/* Parses name=value&name=value into the arena. With `decodes`, fields that can be decoded are.
 * Returns 0 or -ENOMEM. */
int match_form_parse(struct arena *arena, const char *text, size_t size, bool decodes,
                     struct name_value_list *ret_fields);

/* Returns the parts of a multipart body: none when it is no such body or is broken. As in WireMock,
 * parts that are not form-data or have no name are left out. Returns 0 or -ENOMEM. */
int match_subject_parts(struct match_subject *subject, const struct match_parts **ret_parts);
