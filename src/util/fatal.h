/* Fatal results, and where they come from.
 *
 * A negative result holds an errno in its lowest byte, and above it the number of the source line
 * that raised it. Callers pass it on untouched; the origin needs no memory and no extra argument.
 * Comments write -ENOMEM for a fatal result whose errno is ENOMEM. */
#pragma once

#include <stdint.h>

struct fatal_origin {
    const char *file;
    int line;
};

/* The linker collects the origins of all files in one section, and defines a symbol for its
 * start. */
#define FATAL_SECTION "fatal_origins"
extern const struct fatal_origin fatal_origins[] __asm__("__start_" FATAL_SECTION);

/* Makes a fatal result for an errno from 1 to 255, with this line as its origin. */
#define FATAL(error)                                                                               \
    __extension__({                                                                                \
        static const struct fatal_origin fatal_here                                                \
            __attribute__((section(FATAL_SECTION))) = {__FILE__, __LINE__};                        \
        fatal_make(&fatal_here, (error));                                                          \
    })

/* For FATAL. The check tells compilers that the result is negative. */
static inline int fatal_make(const struct fatal_origin *origin, int error) {
    uintptr_t offset = (uintptr_t)origin - (uintptr_t)fatal_origins;
    int result = -((int)(offset / sizeof(*origin) + 1) << 8 | error);
    if (result >= 0)
        __builtin_unreachable();
    return result;
}

/* Returns the errno of a fatal result as a positive number, or 0 for any other result. */
int fatal_errno(int result);

/* Returns the origin of a fatal result, or NULL for a negative errno that FATAL did not make. */
const struct fatal_origin *fatal_origin(int result);

enum { FATAL_ORIGIN_SIZE = 128 };

/* Writes the origin as "src/util/arena.c:12", wherever the program was built. Without an origin it
 * writes "". */
void fatal_format_origin(int result, char out[FATAL_ORIGIN_SIZE]);
