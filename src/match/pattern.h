/* Request patterns as WireMock's admin API has them: what a stub answers, and what a client asks
 * the journal for. */
#pragma once

#include "match/matcher.h"
#include "match/subject.h"

enum { PATTERN_DIFFERS = 1 };

struct pattern;

/* Parses the object of a request pattern, which is copied. 0 and the pattern (owned by the caller,
 * pattern_free); >0 and violations when it is wrong or asks for what is not supported; -ENOMEM. A
 * pattern is never changed, so threads may share it. */
int pattern_parse(const cJSON *json, const struct json_place *place, struct violations *violations,
                  struct pattern **ret_pattern);
void pattern_free(struct pattern *pattern);

/* About how many bytes of memory it takes. */
size_t pattern_memory(const struct pattern *pattern);

/* 0 when the request matches; PATTERN_DIFFERS when not, or when so much work went into it that it
 * was given up; <0. */
int pattern_match(const struct pattern *pattern, struct match_subject *subject);

/* A part of the request that is not as the pattern wants it. */
struct match_difference {
    const char *part;     /* "method", "url", "header", "body", … */
    const char *name;     /* of the header, parameter or cookie; NULL */
    const char *expected; /* a text, or the JSON of a matcher */
    const char *actual;   /* NULL: it is absent; not always UTF-8, nor with a zero behind */
    size_t actual_size;
};

struct match_report {
    double distance;                      /* 0: it matches; 1: nothing is alike */
    struct match_difference *differences; /* in the subject's arena, the values borrowed from it */
    size_t count;
};

/* As pattern_match, but looks at every part and tells how far the request is from a match: the
 * mean of the parts' distances, in which the URL weighs 10 times and the method 3 times as much as
 * others. Parts that the pattern does not mention are alike. 0 or -ENOMEM. */
int pattern_compare(const struct pattern *pattern, struct match_subject *subject,
                    struct match_report *ret_report);
