#include "util/edit_distance.h"

#include <string.h>

enum { SEEN = 256 };

static unsigned least(unsigned a, unsigned b, unsigned c) {
    unsigned lower = a < b ? a : b;
    return lower < c ? lower : c;
}

double edit_distance(const char *a, size_t a_size, const char *b, size_t b_size) {
    unsigned row[SEEN + 1]; /* of the matrix: one column for each byte of b, and one before them */
    if (a_size == b_size && (a_size == 0 || memcmp(a, b, a_size) == 0))
        return 0;
    size_t height = a_size < SEEN ? a_size : SEEN;
    size_t width = b_size < SEEN ? b_size : SEEN;
    for (unsigned x = 0; x <= width; x++)
        row[x] = x;
    for (size_t y = 0; y < height; y++) {
        unsigned diagonal = row[0];
        row[0]++;
        for (size_t x = 0; x < width; x++) {
            unsigned above = row[x + 1];
            row[x + 1] = least(above + 1, row[x] + 1, diagonal + (a[y] != b[x]));
            diagonal = above;
        }
    }
    size_t longer = height > width ? height : width;
    return row[width] > 0 ? (double)row[width] / (double)longer : 1.0 / SEEN;
}
