#include "exchange/multipart.h"

#include <errno.h>
#include <string.h>

#include "util/base64.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/part_reader.h"

/* Returns the media type of a part if it is one, without its parameters. */
static const char *media_type_of(const struct part *part, struct arena *arena) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789!#$&^_.+-";
    struct span header = part_find_header(part, "Content-Type");
    const char *text = arena_copy(arena, header.start, header.size);
    if (!text)
        return NULL;
    size_t first = strspn(text, letters);
    size_t second = text[first] == '/' ? strspn(text + first + 1, letters) : 0;
    return first > 0 && second > 0 ? arena_copy(arena, text, first + 1 + second)
                                   : "application/octet-stream";
}

static bool is_property(const struct schema *schema, const char *name) {
    for (size_t i = 0; i < schema->n_fields; i++)
        if (strcmp(schema->fields[i].name, name) == 0)
            return true;
    return false;
}

/* Adds one part, unless it is no property. */
static int add_part(const struct schema *schema, const struct part *part, struct arena *arena,
                    cJSON *tree) {
    const char *name;
    int r =
        part_find_parameter(part_find_header(part, "Content-Disposition"), "name", arena, &name);
    if (r != 0)
        return r;
    if (!is_property(schema, name))
        return 0;
    if (cJSON_GetObjectItemCaseSensitive(tree, name))
        return PART_BROKEN;
    const char *type = media_type_of(part, arena);
    const char *encoded = base64_encode(part->content.start, part->content.size, arena);
    const char *url =
        type && encoded ? arena_format(arena, "data:%s;base64,%s", type, encoded) : NULL;
    return url && cJSON_AddStringToObject(tree, name, url) ? 0 : FATAL(ENOMEM);
}

int multipart_read(const struct schema *schema, const char *content_type, const char *bytes,
                   size_t size, struct arena *arena, cJSON **ret_tree) {
    struct part_reader reader;
    struct part part;
    int r = part_reader_init(&reader, content_type, (struct span){bytes, size}, arena);
    if (r != 0)
        return r;
    CLEANUP(cleanup_json) cJSON *tree = cJSON_CreateObject();
    if (!tree)
        return FATAL(ENOMEM);
    while (r == 0) {
        r = part_reader_next(&reader, &part);
        if (r == 0)
            r = add_part(schema, &part, arena, tree);
    }
    if (r != PART_END)
        return r;
    *ret_tree = TAKE(tree);
    return 0;
}
