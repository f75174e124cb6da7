/* Regular expressions: PCRE2 with UTF-8, with limits, so that no pattern hangs the server. */
#pragma once

/* Whether the pattern occurs in the text. 0 when it does, >0 when not or when the search was given
 * up at the limits, -EINVAL when the pattern is broken, -ENOMEM. */
int regex_search(const char *pattern, const char *text);
