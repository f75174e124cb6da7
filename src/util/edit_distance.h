/* How different two texts are. */
#pragma once

#include <stddef.h>

/* Returns the Levenshtein distance as a share of the longer text, from 0 to 1. Only equal texts
 * have 0. Of long texts, only the first 256 bytes count. */
double edit_distance(const char *a, size_t a_size, const char *b, size_t b_size);
