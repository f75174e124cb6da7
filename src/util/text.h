/* Text as it comes from outside. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <strings.h>

/* Well-formed UTF-8 by RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF. */
bool text_is_utf8(const char *text, size_t length);

/* The length of a text, or, where it is longer, of the start of `max` bytes or a little less that
 * does not end within a character. */
size_t text_cut(const char *text, size_t max);

/* strcasecmp(a, b) == 0, but quick to say no: most names of headers differ in their first letter.
 */
static inline bool text_is_same_name(const char *a, const char *b) {
    return ((a[0] ^ b[0]) & ~0x20) == 0 && strcasecmp(a, b) == 0;
}

/* Nothing but white space, as the pattern \S of JSON Schema (ECMA 262) understands it. */
bool text_is_blank(const char *text);

/* Writes the text with U+FFFD in place of every byte that is a NUL or no UTF-8; `out` has room for
 * 3 * length + 1. */
void text_repair(const char *text, size_t length, char *out);

/* Undoes percent encoding (RFC 3986) of `length` bytes into `out`, which has room for
 * length + 1; `out` may be `text`. 0; >0 when an escape is broken, or when the result holds a
 * NUL or is not UTF-8. */
int text_percent_decode(const char *text, size_t length, char *out);

/* The same for application/x-www-form-urlencoded: a plus is a space. */
int text_form_decode(const char *text, size_t length, char *out);
