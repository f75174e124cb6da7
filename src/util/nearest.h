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
