/* Searching and ordering text while ignoring ASCII case. */
#pragma once

#include <stddef.h>

/* Finds the first occurrence of a word of `length` bytes, at least 1, within `size` bytes. The text
 * may contain NULs, the word none. Returns NULL when there is none. */
const char *text_search(const char *text, size_t size, const char *word, size_t length);

/* Orders texts: NULL first, then by their bytes with ASCII letters in lower case. Texts that differ
 * in case only are ordered by their bytes. */
int text_compare(const char *a, const char *b);
