/* How different two texts are. */
#pragma once

#include <stddef.h>

/* The share of bytes to change (Levenshtein) to make one the other, 0 to 1; of long texts only the
 * first 256 bytes are looked at. Equal texts only have 0. */
double edit_distance(const char *a, size_t a_size, const char *b, size_t b_size);
