/* The commit that the program was built from. */
#pragma once

/* As git abbreviates it, with -dirty when the tree had changes; "none" outside a checkout. */
extern const char commit[];
