/* Finds the files of stub mappings. */
#pragma once

#include <stddef.h>

/* Paths relative to the directory. */
struct mapping_listing {
    char **names; /* (owned) */
    size_t count;
};

/* Lists the *.json files of a directory and of the directories below it, in the order of their
 * paths, in which they are loaded. Leaves out directories that are hidden or symbolic links, so the
 * walk ends and stays below the directory. Returns 0, or a negative errno and an empty list. */
int mapping_listing_make(const char *directory, struct mapping_listing *ret_listing);
void mapping_listing_deinit(struct mapping_listing *listing);
