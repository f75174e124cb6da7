#include "util/nearest.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "util/edit_distance.h"

enum { MAX_LENGTH = 64, MIN_START = 3 };

/* A name whose beginning was written is a weaker guess than a whole name with a typo. */
#define MAX_DISTANCE 0.5
#define START_DISTANCE 0.6

/* Returns 0 when the text is too long for a name. */
static size_t normalize(const char *text, char out[MAX_LENGTH]) {
    size_t length = strlen(text);
    if (length > MAX_LENGTH)
        return 0;
    for (size_t i = 0; i < length; i++)
        out[i] = (char)(text[i] == '_' ? '-' : tolower((unsigned char)text[i]));
    return length;
}

/* Allows one typo for every three characters; two swapped characters count as two. */
static bool is_slip(double distance, size_t longer) {
    size_t changes = (size_t)(distance * (double)longer + 0.5);
    return distance <= MAX_DISTANCE && changes <= (longer + 2) / 3;
}

void nearest_offer(struct nearest *nearest, const char *name) {
    char text[MAX_LENGTH];
    char candidate[MAX_LENGTH];
    size_t text_length = normalize(nearest->text, text);
    size_t length = normalize(name, candidate);
    if (text_length == 0 || length == 0)
        return;
    double distance = edit_distance(text, text_length, candidate, length);
    if (!is_slip(distance, text_length > length ? text_length : length)) {
        bool is_start = text_length >= MIN_START && text_length < length &&
                        memcmp(text, candidate, text_length) == 0;
        if (!is_start)
            return;
        distance = START_DISTANCE;
    }
    if (!nearest->name || distance < nearest->distance) {
        nearest->name = name;
        nearest->distance = distance;
    }
}

void nearest_hint(const struct nearest *nearest, const char *prefix, char out[NEAREST_HINT_SIZE]) {
    out[0] = '\0';
    if (nearest->name)
        snprintf(out, NEAREST_HINT_SIZE, "; did you mean %s%s?", prefix, nearest->name);
}
