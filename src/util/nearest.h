/* Finds the name that someone probably meant when they misspelt one. */
#pragma once

/* The text as written, and the best name so far. Start with {.text = …}. */
struct nearest {
    const char *text;
    const char *name; /* borrowed; NULL while no name is similar */
    double distance;
};

/* Keeps the name when `text` is a likely misspelling or the beginning of it, and no earlier name is
 * nearer. Case does not matter, nor do - and _ between words. */
void nearest_offer(struct nearest *nearest, const char *name);

enum { NEAREST_HINT_SIZE = 96 };

/* Writes the end of an error message: "; did you mean --port?" for the prefix "--", or "" when no
 * name is similar. */
void nearest_hint(const struct nearest *nearest, const char *prefix, char out[NEAREST_HINT_SIZE]);
