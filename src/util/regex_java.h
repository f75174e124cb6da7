/* Rewrites the regular expressions of Java, which WireMock's users write, for PCRE2. */
#pragma once

#include "util/buffer.h"

/* Appends to `out`, up to `limit` bytes, the PCRE2 pattern that reads as Java's. What neither would
 * accept is copied, for PCRE2 to refuse. Returns 0, >0 and a sentence in `*reterr_reason` when
 * PCRE2 cannot express it or Java would not accept it, or -ENOMEM. The source of the facts is the
 * documentation of java.util.regex.Pattern; where it is silent, the behaviour of Java 17. */
int regex_from_java(const char *pattern, size_t limit, struct buffer *out,
                    const char **reterr_reason);
