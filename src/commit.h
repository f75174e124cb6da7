/* The commit that the program was built from. */
#pragma once

/* The abbreviated hash, with -dirty when the tree had changes; "none" outside a git checkout. */
extern const char commit[];
