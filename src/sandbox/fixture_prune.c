#include "sandbox/fixture_prune.h"

#include <errno.h>
#include <string.h>

#include "contract/validate.h"
#include "util/cleanup.h"
#include "util/fatal.h"

/* Returns the value at the place, or NULL. */
static cJSON *locate(cJSON *root, const struct json_place *place) {
    if (!place->parent)
        return root;
    cJSON *parent = locate(root, place->parent);
    return place->name ? cJSON_GetObjectItemCaseSensitive(parent, place->name)
                       : cJSON_GetArrayItem(parent, (int)place->index);
}

/* Returns the schema of the value at the place, or NULL. */
static const struct schema *schema_of(const struct json_place *place) {
    if (!place->parent)
        return fixture_schema;
    const struct schema *parent = schema_of(place->parent);
    if (!parent || !place->name)
        return parent ? parent->items : NULL;
    const struct field *field = validate_find_field(parent, place->name);
    return field ? field->schema : NULL;
}

/* Removes the value at the place. Returns 0, >0 when it cannot be removed, or -ENOMEM. */
static int leave_out(cJSON *root, const struct json_place *place) {
    if (place->parent && place->name && !schema_of(place)) {
        cJSON_DeleteItemFromObjectCaseSensitive(locate(root, place->parent), place->name);
        return 0;
    }
    while (place->parent && place->name)
        place = place->parent;
    if (!place->parent)
        return 1;
    cJSON *element = locate(root, place);
    cJSON *null = cJSON_CreateNull();
    if (!null)
        return FATAL(ENOMEM);
    if (!element || !cJSON_ReplaceItemViaPointer(locate(root, place->parent), element, null))
        cJSON_Delete(null); /* an earlier call removed its parent */
    return 0;
}

int fixture_prune(const cJSON *tree, const struct violations *violations, cJSON **ret_copy) {
    if (violations->count > VIOLATIONS_KEPT)
        return 1;
    CLEANUP(cleanup_json) cJSON *copy = cJSON_Duplicate(tree, true);
    int r = copy ? 0 : FATAL(ENOMEM);
    for (size_t i = 0; i < violations->count && r == 0; i++)
        r = leave_out(copy, violations->items[i].place);
    if (r == 0)
        *ret_copy = TAKE(copy);
    return r;
}

/* Whether the object has an unknown member, which may be any member of the schema misspelt. */
static bool is_misspelt(const cJSON *json, const struct schema *schema) {
    const cJSON *member;
    if (!cJSON_IsObject(json))
        return true;
    cJSON_ArrayForEach (member, json)
        if (!validate_find_field(schema, member->string))
            return true;
    return false;
}

static const struct schema *items_of(const struct schema *schema, const char *name) {
    return validate_find_field(schema, name)->schema->items;
}

static const char *id_of(const cJSON *object) {
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, "id"));
}

static bool may_hide_in(const cJSON *parent, const struct schema *schema, const char *list,
                        const char *id) {
    const cJSON *entry;
    cJSON_ArrayForEach (entry, cJSON_GetObjectItemCaseSensitive(parent, list)) {
        const char *known = id_of(entry);
        if (known ? strcmp(known, id) == 0 : is_misspelt(entry, items_of(schema, list)))
            return true;
    }
    return is_misspelt(parent, schema);
}

bool fixture_prune_may_hide(const cJSON *tree, const char *tenant, const char *list,
                            const char *id) {
    const struct schema *schema = items_of(fixture_schema, "tenants");
    const cJSON *entry;
    if (!tenant)
        return may_hide_in(tree, fixture_schema, list, id);
    cJSON_ArrayForEach (entry, cJSON_GetObjectItemCaseSensitive(tree, "tenants")) {
        const char *known = id_of(entry);
        if (!known ||
            (strcmp(known, tenant) == 0 && (!list || may_hide_in(entry, schema, list, id))))
            return true;
    }
    return is_misspelt(tree, fixture_schema);
}
