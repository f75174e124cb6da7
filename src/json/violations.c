#include "json/violations.h"

#include <errno.h>
#include <stdarg.h>

#include "util/fatal.h"

int violations_add(struct violations *violations, const struct json_place *place,
                   const char *message) {
    struct arena *arena = violations->arena;
    if (violations->count < VIOLATIONS_KEPT) {
        if (!violations->items)
            violations->items = arena_alloc(arena, VIOLATIONS_KEPT * sizeof(*violations->items));
        const struct json_place *copy = json_place_copy(place, arena);
        if (!violations->items || !copy || !message)
            return FATAL(ENOMEM);
        violations->items[violations->count] = (struct violation){copy, message};
    }
    violations->count++;
    return 0;
}

int violations_refuse(struct violations *violations, const struct json_place *place,
                      const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const char *message = arena_format_list(violations->arena, format, arguments);
    va_end(arguments);
    int r = violations_add(violations, place, message);
    return r < 0 ? r : 1;
}
