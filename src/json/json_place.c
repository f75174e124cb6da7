#include "json/json_place.h"

#include <string.h>

#include "util/text.h"

/* Clients choose the names, and a response can report a hundred places. */
enum { MAX_NAME = 200 };

const struct json_place json_root = {.name = "$"};

const struct json_place *json_place_copy(const struct json_place *place, struct arena *arena) {
    struct json_place *copy = arena_alloc(arena, sizeof(*copy));
    if (!copy)
        return NULL;
    *copy = (struct json_place){.index = place->index};
    if (place->parent && !(copy->parent = json_place_copy(place->parent, arena)))
        return NULL;
    if (place->name &&
        !(copy->name = arena_copy(arena, place->name, text_cut(place->name, MAX_NAME))))
        return NULL;
    return copy;
}

const char *json_place_path(const struct json_place *place, struct arena *arena) {
    if (!place->parent)
        return place->name;
    const char *parent = json_place_path(place->parent, arena);
    if (!parent)
        return NULL;
    return place->name ? arena_format(arena, "%s.%s", parent, place->name)
                       : arena_format(arena, "%s[%zu]", parent, place->index);
}

/* Escapes the special characters of JSON Pointers. Returns NULL when memory is out. */
static const char *escape(const char *name, struct arena *arena) {
    char *escaped = arena_alloc(arena, strlen(name) * 2 + 1);
    char *out = escaped;
    for (; out && *name; name++) {
        if (*name == '~' || *name == '/')
            out = stpcpy(out, *name == '~' ? "~0" : "~1");
        else
            *out++ = *name;
    }
    return escaped;
}

const char *json_place_pointer(const struct json_place *place, struct arena *arena) {
    if (!place->parent)
        return "";
    const char *parent = json_place_pointer(place->parent, arena);
    const char *name = place->name ? escape(place->name, arena) : "";
    if (!parent || !name)
        return NULL;
    return place->name ? arena_format(arena, "%s/%s", parent, name)
                       : arena_format(arena, "%s/%zu", parent, place->index);
}
