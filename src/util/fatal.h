/* Fatal results, and where they come from.
 *
 * A negative result is an errno and, above its lowest byte, the number of the place in the source
 * that it arose at. So it is passed on untouched, and needs neither memory nor a place of its own
 * on the way. Comments write -ENOMEM for a fatal result whose errno is ENOMEM. */
#pragma once

#include <stdint.h>

struct fatal_origin {
    const char *file;
    int line;
};

/* The linker gathers the origins of all files in a section, and names its start. */
#define FATAL_SECTION "fatal_origins"
extern const struct fatal_origin fatal_origins[] __asm__("__start_" FATAL_SECTION);

/* The fatal result for an errno, from 1 to 255, that arises here. */
#define FATAL(error)                                                                               \
    __extension__({                                                                                \
        static const struct fatal_origin fatal_here                                                \
            __attribute__((section(FATAL_SECTION))) = {__FILE__, __LINE__};                        \
        fatal_make(&fatal_here, (error));                                                          \
    })

/* For FATAL. That the result is negative is for compilers to know. */
static inline int fatal_make(const struct fatal_origin *origin, int error) {
    uintptr_t offset = (uintptr_t)origin - (uintptr_t)fatal_origins;
    int result = -((int)(offset / sizeof(*origin) + 1) << 8 | error);
    if (result >= 0)
        __builtin_unreachable();
    return result;
}

/* The errno of a fatal result, positive; 0 for any other result. */
int fatal_errno(int result);

/* Where a fatal result comes from; NULL for a negative errno that FATAL has not made. */
const struct fatal_origin *fatal_origin(int result);

enum { FATAL_ORIGIN_SIZE = 128 };

/* Writes the origin as "src/util/arena.c:12", however the program was built; "" without one. */
void fatal_format_origin(int result, char out[FATAL_ORIGIN_SIZE]);
