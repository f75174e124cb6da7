/* What to do when a file may not be opened. In a container this is mostly a mounted directory that
 * belongs to somebody else. */
#pragma once

enum { PERMISSION_HINT_SIZE = 160 };

/* Writes the end of an error message: which user the process runs as, and how to let it in. Writes
 * "" when the errno `failure` has another reason, or when the process runs as root. */
void permission_hint(int failure, char out[PERMISSION_HINT_SIZE]);
