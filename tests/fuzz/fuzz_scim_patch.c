/* Input: a line with U or G, then a line with the JSON of a PATCH request, then that of a resource.
 * What comes of it must be as tidy as what kestub stores. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "json/json.h"
#include "scim/scim_patch.h"

static void check_result(const struct scim_resource_type *type, const cJSON *resource,
                         struct arena *arena) {
    const char *problem = NULL;
    cJSON *clean = NULL;
    cJSON *again = NULL;
    int r = scim_resource_clean(type, resource, arena, &clean, &problem);
    if (r < 0 || (r > 0 && !problem))
        abort();
    if (r == 0 && (scim_resource_clean(type, clean, arena, &again, &problem) != 0 ||
                   !cJSON_Compare(clean, again, true)))
        abort();
    cJSON_Delete(clean);
    cJSON_Delete(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *text = (const char *)data;
    const char *end = size > 2 ? memchr(text + 2, '\n', size - 2) : NULL;
    cJSON *request = NULL;
    cJSON *raw = NULL;
    cJSON *resource = NULL;
    struct json_error error;
    const char *problem = NULL;
    struct arena arena;
    if (!end)
        return 0;
    const struct scim_resource_type *type = text[0] == 'G' ? &scim_group_type : &scim_user_type;
    arena_init(&arena);
    if (json_parse(text + 2, (size_t)(end - text - 2), &request, &error) == 0 &&
        json_parse(end + 1, size - (size_t)(end - text) - 1, &raw, &error) == 0 &&
        scim_resource_clean(type, raw, &arena, &resource, &problem) == 0) {
        int r = scim_patch_apply(type, request, resource, &arena, &problem);
        if (r < 0 || (r > 0 && !problem))
            abort();
        check_result(type, resource, &arena);
    }
    arena_deinit(&arena);
    cJSON_Delete(request);
    cJSON_Delete(raw);
    cJSON_Delete(resource);
    return 0;
}
