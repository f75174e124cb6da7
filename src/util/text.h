/* Checks and conversions of text from outside. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <strings.h>

/* Checks for well-formed UTF-8 as in RFC 3629: no overlong forms, no surrogates, nothing above
 * U+10FFFF. */
bool text_is_utf8(const char *text, size_t length);

/* Returns the length to which a text can be cut so that it has at most `max` bytes and does not end
 * within a character. */
size_t text_cut(const char *text, size_t max);

/* The same as strcasecmp(a, b) == 0, but faster: most header names differ in their first letter. */
static inline bool text_is_same_name(const char *a, const char *b) {
    return ((a[0] ^ b[0]) & ~0x20) == 0 && strcasecmp(a, b) == 0;
}

/* Whether the text is a token of HTTP (RFC 9110), as methods and names of headers are. */
bool text_is_token(const char *text);

/* Whether libmicrohttpd can send the value of a header. It refuses a tab, and empty ones unless
 * they are sent as a blank, which means the same. */
bool text_is_header_value(const char *text);

/* Whether the text has only white space, as \S of JSON Schema (ECMA 262) defines it. */
bool text_is_blank(const char *text);

/* Copies the text and replaces every NUL and every byte that is not UTF-8 with U+FFFD. `out` has
 * room for 3 * length + 1 bytes. */
void text_repair(const char *text, size_t length, char *out);

/* Decodes percent-encoding (RFC 3986) of `length` bytes into `out`, which has room for length + 1
 * bytes and may be `text`. Returns 0, or >0 when an escape is malformed, or when the result holds a
 * NUL or is not UTF-8. */
int text_percent_decode(const char *text, size_t length, char *out);

/* The same for application/x-www-form-urlencoded, where a plus is a space. */
int text_form_decode(const char *text, size_t length, char *out);
