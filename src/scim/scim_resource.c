#include "scim/scim_resource.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/text.h"

cJSON *scim_member(const cJSON *object, const char *name) {
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static int refuse(struct arena *arena, const struct scim_attribute *attribute, const char *problem,
                  const char **reterr_problem) {
    *reterr_problem = arena_format(arena, "%s %s", attribute->name, problem);
    return *reterr_problem ? SCIM_INVALID_VALUE : FATAL(ENOMEM);
}

/* Takes over the value, also when it fails. A later value replaces an earlier one of the name. */
static int put(cJSON *object, const char *name, cJSON *value) {
    cJSON_DeleteItemFromObjectCaseSensitive(object, name);
    if (cJSON_AddItemToObject(object, name, value))
        return 0;
    cJSON_Delete(value);
    return FATAL(ENOMEM);
}

static int append(cJSON *values, cJSON *value) {
    if (!value || cJSON_AddItemToArray(values, value))
        return 0;
    cJSON_Delete(value);
    return FATAL(ENOMEM);
}

cJSON *scim_tree_add(struct scim_tree *tree, cJSON *parent, const char *name, cJSON *value) {
    enum { FEW = 1024 };
    if (++tree->n_values % FEW == 0)
        tree->failed |= !memory_limit_allows(tree->memory, MEMORY_TO_WORK, 0);
    tree->failed |= !value || !parent;
    if (tree->failed) {
        cJSON_Delete(value);
        return NULL;
    }
    tree->failed = (name ? put(parent, name, value) : append(parent, value)) != 0;
    return tree->failed ? NULL : value;
}

void scim_tree_set_text(struct scim_tree *tree, cJSON *parent, const char *name, const char *text) {
    if (text)
        scim_tree_add(tree, parent, name, cJSON_CreateString(text));
    else
        cJSON_DeleteItemFromObjectCaseSensitive(parent, name);
}

static int clean_simple(const struct scim_attribute *attribute, const cJSON *value,
                        struct arena *arena, cJSON **ret_value, const char **reterr_problem) {
    const char *text = cJSON_GetStringValue(value);
    bool is_true = cJSON_IsTrue(value) || (text && strcasecmp(text, "true") == 0);
    bool is_false = cJSON_IsFalse(value) || (text && strcasecmp(text, "false") == 0);
    bool is_boolean = attribute->type == SCIM_BOOLEAN;
    if (is_boolean && !is_true && !is_false)
        return refuse(arena, attribute, "must be true or false", reterr_problem);
    if (!is_boolean && !text)
        return refuse(arena, attribute, "must be a string", reterr_problem);
    *ret_value = is_boolean ? cJSON_CreateBool(is_true) : cJSON_CreateString(text);
    return *ret_value ? 0 : FATAL(ENOMEM);
}

static int clean_one(const struct scim_attribute *attribute, const cJSON *value,
                     struct arena *arena, cJSON **ret_value, const char **reterr_problem) {
    if (!attribute->subs)
        return clean_simple(attribute, value, arena, ret_value, reterr_problem);
    if (!cJSON_IsObject(value))
        return refuse(arena, attribute, "must be an object", reterr_problem);
    CLEANUP(cleanup_json) cJSON *copy = cJSON_CreateObject();
    const cJSON *member;
    int r = 0;
    if (!copy)
        return FATAL(ENOMEM);
    cJSON_ArrayForEach (member, value) {
        const struct scim_attribute *sub =
            r == 0 ? scim_attribute_find(attribute->subs, member->string, strlen(member->string))
                   : NULL;
        cJSON *clean = NULL;
        if (!sub || (sub->flags & SCIM_READ_ONLY) || cJSON_IsNull(member))
            continue;
        r = clean_simple(sub, member, arena, &clean, reterr_problem);
        if (r == 0)
            r = put(copy, sub->name, clean);
    }
    if (r == 0 && copy->child)
        *ret_value = TAKE(copy);
    return r;
}

static bool is_primary(const cJSON *value) {
    return cJSON_IsTrue(scim_member(value, "primary"));
}

int scim_value_clean(const struct scim_attribute *attribute, const cJSON *value,
                     struct arena *arena, cJSON **ret_value, const char **reterr_problem) {
    *ret_value = NULL;
    if (cJSON_IsNull(value))
        return 0;
    if (!(attribute->flags & SCIM_MULTI))
        return clean_one(attribute, value, arena, ret_value, reterr_problem);
    CLEANUP(cleanup_json) cJSON *values = cJSON_CreateArray();
    const cJSON *one = cJSON_IsArray(value) ? value->child : value;
    size_t n_primary = 0;
    int r = 0;
    if (!values)
        return FATAL(ENOMEM);
    for (; r == 0 && one; one = cJSON_IsArray(value) ? one->next : NULL) {
        cJSON *clean = NULL;
        r = clean_one(attribute, one, arena, &clean, reterr_problem);
        n_primary += r == 0 && is_primary(clean);
        if (r == 0)
            r = append(values, clean);
    }
    if (r == 0 && n_primary > 1)
        return refuse(arena, attribute, "has more than one primary value", reterr_problem);
    if (r == 0 && values->child)
        *ret_value = TAKE(values);
    return r;
}

/* Cleans the member when `attributes` or, in the resource itself, `type` has it. */
static int clean_member(const struct scim_resource_type *type, const struct scim_schema *extension,
                        const cJSON *member, struct arena *arena, cJSON *copy,
                        const char **reterr_problem) {
    size_t length = strlen(member->string);
    const struct scim_attribute *attribute =
        extension ? scim_attribute_find(&extension->attributes, member->string, length)
                  : scim_type_find(type, member->string, length);
    cJSON *clean;
    if (!attribute || (attribute->flags & SCIM_READ_ONLY))
        return 0;
    int r = scim_value_clean(attribute, member, arena, &clean, reterr_problem);
    if (r != 0)
        return r;
    if (clean)
        return put(copy, attribute->name, clean);
    cJSON_DeleteItemFromObjectCaseSensitive(copy, attribute->name);
    return 0;
}

static int clean_members(const struct scim_resource_type *type, const struct scim_schema *extension,
                         const cJSON *object, struct arena *arena, cJSON *copy,
                         const char **reterr_problem) {
    const cJSON *member;
    int r = 0;
    cJSON_ArrayForEach (member, object)
        if (r == 0)
            r = clean_member(type, extension, member, arena, copy, reterr_problem);
    return r;
}

static int clean_extension(const struct scim_resource_type *type, const cJSON *resource,
                           struct arena *arena, cJSON *copy, const char **reterr_problem) {
    /* The names of schemas ignore case. */
    const cJSON *object =
        type->extension ? cJSON_GetObjectItem(resource, type->extension->id) : NULL;
    if (!object || cJSON_IsNull(object))
        return 0;
    if (!cJSON_IsObject(object)) {
        *reterr_problem = "an extension must be an object";
        return SCIM_INVALID_VALUE;
    }
    CLEANUP(cleanup_json) cJSON *clean = cJSON_CreateObject();
    int r = clean ? clean_members(type, type->extension, object, arena, clean, reterr_problem)
                  : FATAL(ENOMEM);
    return r == 0 && clean->child ? put(copy, type->extension->id, TAKE(clean)) : r;
}

static int check_required(const struct scim_resource_type *type, const cJSON *resource,
                          struct arena *arena, const char **reterr_problem) {
    const struct scim_attributes *attributes = &type->core->attributes;
    for (size_t i = 0; i < attributes->count; i++) {
        const struct scim_attribute *attribute = &attributes->items[i];
        const char *text = cJSON_GetStringValue(scim_member(resource, attribute->name));
        if ((attribute->flags & SCIM_REQUIRED) && (!text || text_is_blank(text)))
            return refuse(arena, attribute, "is required", reterr_problem);
    }
    return 0;
}

int scim_resource_clean(const struct scim_resource_type *type, const cJSON *resource,
                        struct arena *arena, cJSON **ret_resource, const char **reterr_problem) {
    if (!cJSON_IsObject(resource)) {
        *reterr_problem = "a resource must be an object";
        return SCIM_INVALID_SYNTAX;
    }
    CLEANUP(cleanup_json) cJSON *copy = cJSON_CreateObject();
    int r = copy ? clean_members(type, NULL, resource, arena, copy, reterr_problem) : FATAL(ENOMEM);
    if (r == 0)
        r = clean_extension(type, resource, arena, copy, reterr_problem);
    if (r == 0)
        r = check_required(type, copy, arena, reterr_problem);
    if (r == 0)
        *ret_resource = TAKE(copy);
    return r;
}

/* What a list of names says of an attribute. */
enum mention { UNNAMED, PARTLY, WHOLLY };

static enum mention find_mention(const struct scim_resource_type *type,
                                 const struct string_list *names, const struct scim_path *path) {
    enum mention mention = UNNAMED;
    for (size_t i = 0; i < names->count; i++) {
        struct scim_path named;
        if (!scim_path_parse(type, names->items[i], strlen(names->items[i]), &named) ||
            named.extension != path->extension)
            continue;
        if (!named.attribute ||
            (named.attribute == path->attribute && (!named.sub || named.sub == path->sub)))
            return WHOLLY;
        if (!path->sub && (named.attribute == path->attribute || !path->attribute))
            mention = PARTLY;
    }
    return mention;
}

struct projection {
    const struct scim_resource_type *type;
    const struct string_list *names;
    bool excludes;
};

/* Whether to keep what the path names. */
static enum mention keeps(const struct projection *projection, const struct scim_path *path) {
    enum mention mention = find_mention(projection->type, projection->names, path);
    if (path->attribute && (path->attribute->flags & SCIM_ALWAYS))
        return WHOLLY;
    return projection->excludes ? (enum mention)(WHOLLY - mention) : mention;
}

static void project_value(const struct projection *projection, struct scim_path path,
                          cJSON *value) {
    if (cJSON_IsArray(value)) {
        cJSON *element;
        cJSON_ArrayForEach (element, value) {
            project_value(projection, path, element);
        }
        return;
    }
    cJSON *next;
    for (cJSON *member = value->child; member; member = next) {
        next = member->next;
        path.sub =
            scim_attribute_find(path.attribute->subs, member->string, strlen(member->string));
        if (!path.sub || keeps(projection, &path) != WHOLLY)
            cJSON_Delete(cJSON_DetachItemViaPointer(value, member));
    }
}

static void project_members(const struct projection *projection,
                            const struct scim_schema *extension, cJSON *object) {
    cJSON *next;
    for (cJSON *member = object->child; member; member = next) {
        size_t length = strlen(member->string);
        struct scim_path path = {.extension = extension};
        next = member->next;
        path.attribute = extension
                             ? scim_attribute_find(&extension->attributes, member->string, length)
                             : scim_type_find(projection->type, member->string, length);
        if (!path.attribute)
            path.extension = projection->type->extension;
        enum mention kept = keeps(projection, &path);
        if (kept == PARTLY && path.attribute && path.attribute->subs)
            project_value(projection, path, member);
        else if (kept == PARTLY && !path.attribute)
            project_members(projection, path.extension, member);
        if (kept == UNNAMED || (kept == PARTLY && !member->child))
            cJSON_Delete(cJSON_DetachItemViaPointer(object, member));
    }
}

static struct projection project_by(const struct scim_resource_type *type,
                                    const struct string_list *attributes,
                                    const struct string_list *excluded) {
    return (struct projection){
        .type = type,
        .names = attributes->count > 0 ? attributes : excluded,
        .excludes = attributes->count == 0,
    };
}

void scim_resource_project(const struct scim_resource_type *type, cJSON *resource,
                           const struct string_list *attributes,
                           const struct string_list *excluded) {
    const struct projection projection = project_by(type, attributes, excluded);
    if (projection.names->count > 0)
        project_members(&projection, NULL, resource);
}

bool scim_resource_shows(const struct scim_resource_type *type, const char *name,
                         const struct string_list *attributes, const struct string_list *excluded) {
    const struct projection projection = project_by(type, attributes, excluded);
    const struct scim_path path = {.attribute = scim_type_find(type, name, strlen(name))};
    return projection.names->count == 0 || keeps(&projection, &path) != UNNAMED;
}

cJSON *scim_value_main(cJSON *values) {
    cJSON *element;
    cJSON_ArrayForEach (element, values)
        if (is_primary(element))
            return element;
    return values ? values->child : NULL;
}

const char *scim_resource_sort_key(const cJSON *resource, const struct scim_path *path) {
    const cJSON *value = resource;
    if (path->extension)
        value = scim_member(value, path->extension->id);
    cJSON *found = scim_member(value, path->attribute->name);
    if (cJSON_IsArray(found))
        found = scim_value_main(found);
    if (path->attribute->subs)
        found = scim_member(found, path->sub ? path->sub->name : "value");
    return cJSON_IsBool(found) ? (cJSON_IsTrue(found) ? "true" : "false")
                               : cJSON_GetStringValue(found);
}
