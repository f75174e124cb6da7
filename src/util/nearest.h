/* The name that someone may have meant when they wrote another. */
#pragma once

/* What was written, and the best name so far. Starts as {.text = …}. */
struct nearest {
    const char *text;
    const char *name; /* borrowed; NULL while no name is near */
    double distance;
};

/* Keeps the name when `text` is a likely misspelling of it, or its start, and no earlier name is
 * nearer. Case makes no difference, nor does it matter whether words are joined by - or _. */
void nearest_offer(struct nearest *nearest, const char *name);

enum { NEAREST_HINT_SIZE = 96 };

/* The end of a complaint: "; did you mean --port?" for the prefix "--", or "" when none is near. */
void nearest_hint(const struct nearest *nearest, const char *prefix, char out[NEAREST_HINT_SIZE]);
