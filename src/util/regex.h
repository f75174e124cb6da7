/* Regular expressions by PCRE2, in UTF-8 mode, with limits so that no pattern can hang the
 * server. */
#pragma once

#include <stddef.h>

#include "util/arena.h"
#include "util/budget.h"

enum { REGEX_ERROR_SIZE = 160, REGEX_MAX_SIZE = 8192, REGEX_VERSION_SIZE = 64 };

enum regex_mode {
    REGEX_SEARCH = 0,
    REGEX_WHOLE = 1, /* must match the whole text */
    REGEX_CASELESS = 2,
    REGEX_DOTALL = 4, /* a dot matches line ends too */
    REGEX_JAVA = 8,   /* the pattern is one of Java's; see util/regex_java.h */
};

struct regex;

/* Compiles a pattern of at most REGEX_MAX_SIZE bytes into the arena; `mode` is a combination of
 * flags. Returns 0, >0 and a sentence in `reterr_error` when the pattern is invalid, or -ENOMEM.
 * Threads can share the regex, since it never changes. */
int regex_compile(const char *pattern, unsigned mode, struct arena *arena,
                  const struct regex **ret_regex, char reterr_error[REGEX_ERROR_SIZE]);

/* Returns 0 when the text matches, or -ENOMEM. Returns >0 when it does not match, is not valid
 * UTF-8, or needs more than the budget or PCRE2's limits allow; the budget is then exhausted. */
int regex_match(const struct regex *regex, const char *text, size_t size, struct budget *budget);

/* What a group has matched; NULL when the group took no part. */
struct regex_group {
    const char *text; /* borrowed from the text that was searched; no zero follows */
    size_t size;
};

/* Finds the first match. Returns as regex_match, with the whole match and then each group of the
 * pattern in the arena (NULL: they are not wanted). */
int regex_find(const struct regex *regex, const char *text, size_t size, struct budget *budget,
               struct arena *arena, const struct regex_group **ret_groups, size_t *ret_count);

/* Searches the text for the pattern. Returns 0 when it occurs, >0 when it does not or when the
 * search hit the limits, -EINVAL when the pattern is invalid, or -ENOMEM. */
int regex_search(const char *pattern, const char *text);

/* The version of the PCRE2 library in use. */
void regex_library_version(char out[REGEX_VERSION_SIZE]);
