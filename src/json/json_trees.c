#include "json/json_trees.h"

#include <errno.h>

#include "json/json.h"
#include "util/fatal.h"

int json_trees_parse(struct json_tree **trees, struct arena *arena, const char *text, size_t size,
                     const cJSON **ret_json, const char **reterr_reason) {
    struct json_error error;
    struct json_tree *kept = arena_alloc(arena, sizeof(*kept));
    if (!kept)
        return FATAL(ENOMEM);
    int r = json_parse(text, size, &kept->tree, &error);
    if (r != 0) {
        if (r > 0)
            *reterr_reason = error.reason;
        return r;
    }
    kept->next = *trees;
    *trees = kept;
    *ret_json = kept->tree;
    return 0;
}

void json_trees_free(struct json_tree *trees) {
    for (; trees; trees = trees->next)
        cJSON_Delete(trees->tree);
}

size_t json_trees_memory(const struct json_tree *trees) {
    size_t size = 0;
    for (; trees; trees = trees->next)
        size += json_memory(trees->tree);
    return size;
}
