/* Regular expressions: PCRE2 with UTF-8, with limits, so that no pattern hangs the server. */
#pragma once

#include <stddef.h>

#include "util/arena.h"
#include "util/budget.h"

enum { REGEX_ERROR_SIZE = 160, REGEX_MAX_SIZE = 8192, REGEX_VERSION_SIZE = 64 };

enum regex_mode {
    REGEX_SEARCH = 0,
    REGEX_WHOLE = 1, /* all of the text, not a part of it */
    REGEX_CASELESS = 2,
};

struct regex;

/* Compiles a pattern of at most REGEX_MAX_SIZE bytes into the arena; `mode` is a sum. 0; >0 and a
 * sentence in `reterr_error` when the pattern is broken; -ENOMEM. The regex is never changed, so
 * threads may share it. */
int regex_compile(const char *pattern, unsigned mode, struct arena *arena,
                  const struct regex **ret_regex, char reterr_error[REGEX_ERROR_SIZE]);

/* 0 when the text matches; >0 when not, when it is no UTF-8, or when the budget or PCRE2's limits
 * are exhausted, which exhausts the budget; -ENOMEM. */
int regex_match(const struct regex *regex, const char *text, size_t size, struct budget *budget);

/* Whether the pattern occurs in the text. 0 when it does, >0 when not or when the search was given
 * up at the limits, -EINVAL when the pattern is broken, -ENOMEM. */
int regex_search(const char *pattern, const char *text);

/* Which PCRE2 is loaded. */
void regex_library_version(char out[REGEX_VERSION_SIZE]);
