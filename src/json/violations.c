#include "json/violations.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "util/fatal.h"

static int add(struct violations *violations, const struct json_place *place, const char *message,
               bool is_unreadable) {
    struct arena *arena = violations->arena;
    if (violations->count < VIOLATIONS_KEPT) {
        if (!violations->items)
            violations->items = arena_alloc(arena, VIOLATIONS_KEPT * sizeof(*violations->items));
        const struct json_place *copy = json_place_copy(place, arena);
        if (!violations->items || !copy || !message)
            return FATAL(ENOMEM);
        violations->items[violations->count] = (struct violation){copy, message, is_unreadable};
    }
    violations->count++;
    return 0;
}

int violations_add(struct violations *violations, const struct json_place *place,
                   const char *message) {
    return add(violations, place, message, false);
}

int violations_add_unreadable(struct violations *violations, const struct json_place *place,
                              const char *message) {
    return add(violations, place, message, true);
}

bool violations_have_unreadable(const struct violations *violations) {
    for (size_t i = 0; i < violations->count && i < VIOLATIONS_KEPT; i++)
        if (violations->items[i].is_unreadable)
            return true;
    return false;
}

int violations_refuse(struct violations *violations, const struct json_place *place,
                      const char *format, ...) {
    if (violations->count >= VIOLATIONS_KEPT) {
        violations->count++;
        return 1;
    }
    va_list arguments;
    va_start(arguments, format);
    const char *message = arena_format_list(violations->arena, format, arguments);
    va_end(arguments);
    int r = violations_add(violations, place, message);
    return r < 0 ? r : 1;
}

int violations_refuse_unknown(struct violations *violations, const struct json_place *place,
                              const struct nearest *nearest) {
    char hint[NEAREST_HINT_SIZE];
    nearest_hint(nearest, "", hint);
    return violations_refuse(violations, place, "%s%s", *hint ? "unknown" : "is not known", hint);
}

void violations_count_more(const struct violations *violations, char out[VIOLATIONS_MORE_SIZE]) {
    out[0] = '\0';
    if (violations->count > 1)
        snprintf(out, VIOLATIONS_MORE_SIZE, " (%zu more mistake%s; see kestub check)",
                 violations->count - 1, violations->count == 2 ? "" : "s");
}
