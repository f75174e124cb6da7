#include "util/fatal.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

int fatal_errno(int result) {
    return result < 0 ? -result & 0xff : 0;
}

const struct fatal_origin *fatal_origin(int result) {
    int number = result < 0 ? -result >> 8 : 0;
    return number > 0 ? &fatal_origins[number - 1] : NULL;
}

/* The path that the compiler records depends on the build directory. */
static const char *below_root(const char *file) {
    const char *found = file;
    for (const char *at = file; (at = strstr(at, "src/")); at++)
        found = at;
    return found;
}

void fatal_format_origin(int result, char out[FATAL_ORIGIN_SIZE]) {
    const struct fatal_origin *origin = fatal_origin(result);
    out[0] = '\0';
    if (origin)
        snprintf(out, FATAL_ORIGIN_SIZE, "%s:%d", below_root(origin->file), origin->line);
}
