/* Request patterns as in WireMock's admin API: the requests that a stub answers, or that a client
 * looks for in the journal. */
#pragma once

#include "match/matcher.h"
#include "match/subject.h"
#include "util/url_template.h"

enum { PATTERN_DIFFERS = 1 };

struct pattern;

/* Parses and copies the JSON object of a request pattern. Returns 0 and the pattern (owned by the
 * caller, pattern_free), >0 and violations when it is invalid or needs what kestub does not
 * support, or -ENOMEM. Threads can share a pattern, since it never changes. */
int pattern_parse(const cJSON *json, const struct json_place *place, struct violations *violations,
                  struct pattern **ret_pattern);
void pattern_free(struct pattern *pattern);

/* Estimates the memory that the pattern takes, in bytes. */
size_t pattern_memory(const struct pattern *pattern);

/* Returns the template of the path, or NULL when the pattern has none. */
const struct url_template *pattern_url_template(const struct pattern *pattern);

/* What the paths that a pattern can match have in common: they are, or begin with, this text. */
struct pattern_path {
    const char *text; /* borrowed from the pattern; need not end with a zero */
    size_t length;    /* 0: nothing is known */
    bool is_whole;
};
struct pattern_path pattern_path(const struct pattern *pattern);

/* Returns 0 when the request matches, PATTERN_DIFFERS when it does not or when matching took too
 * much work, or <0. */
int pattern_match(const struct pattern *pattern, struct match_subject *subject);

/* A part of the request that does not match the pattern. */
struct match_difference {
    const char *part;     /* "method", "url", "header", "body", … */
    const char *name;     /* of the header, parameter or cookie; or NULL */
    const char *expected; /* a string, or a matcher as JSON */
    const char *actual;   /* NULL: absent; may be invalid UTF-8, and need not end with a zero */
    size_t actual_size;
};

struct match_report {
    double distance;                      /* 0: it matches; 1: nothing is similar */
    struct match_difference *differences; /* in the subject's arena; the values are borrowed from
                                           * the subject */
    size_t count;
};

/* Compares every part of the request and reports how far it is from matching: the mean distance of
 * the parts, in which the URL counts 10 times and the method 3 times as much as the others. Parts
 * that the pattern does not mention have distance 0. Returns 0 or -ENOMEM. */
int pattern_compare(const struct pattern *pattern, struct match_subject *subject,
                    struct match_report *ret_report);
