#include "scim/scim_patch.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "scim/scim_filter.h"
#include "util/cleanup.h"
#include "util/fatal.h"

enum { MAX_STEPS = 20 * 1000 * 1000 }; /* about a second */

enum verb { ADD, REPLACE, REMOVE };

/* One operation on its way. */
struct patch {
    const struct scim_resource_type *type;
    struct arena *arena;
    struct budget budget;
    enum verb verb;
    struct scim_path path;
    const struct scim_filter *filter; /* that selects values of the attribute; NULL: all */
    const cJSON *value;               /* or NULL */
    const char *problem;
};

static int refuse(struct patch *patch, enum scim_outcome outcome, const char *problem) {
    patch->problem = problem;
    return outcome;
}

/* Reads a path such as emails[type eq "work"].value. */
static int parse_path(struct patch *patch, const char *text) {
    const char *open = strchr(text, '[');
    const char *close = open ? strrchr(open, ']') : NULL;
    size_t length = open ? (size_t)(open - text) : strlen(text);
    struct scim_path *path = &patch->path;
    patch->filter = NULL;
    if (!scim_path_parse(patch->type, text, length, path) || (open && !close))
        return refuse(patch, SCIM_INVALID_PATH, "the resource has no attribute of this path");
    if (!open)
        return 0;
    if (!path->attribute || path->sub || !(path->attribute->flags & SCIM_MULTI) ||
        !path->attribute->subs)
        return refuse(patch, SCIM_INVALID_PATH, "only several complex values take a filter");
    int r = scim_filter_parse(patch->type, path->attribute, open + 1, (size_t)(close - open - 1),
                              patch->arena, &patch->filter, &patch->problem);
    if (r != 0)
        return r < 0 ? r : SCIM_INVALID_FILTER;
    if (close[1] == '\0')
        return 0;
    path->sub = scim_attribute_find(path->attribute->subs, close + 2, strlen(close + 2));
    return close[1] == '.' && path->sub
               ? 0
               : refuse(patch, SCIM_INVALID_PATH, "the attribute has no such sub-attribute");
}

static int check_mutability(struct patch *patch) {
    const struct scim_attribute *attribute = patch->path.attribute;
    const struct scim_attribute *sub = patch->path.sub;
    if ((attribute->flags & SCIM_READ_ONLY) ||
        (sub && (sub->flags & (SCIM_READ_ONLY | SCIM_IMMUTABLE))))
        return refuse(patch, SCIM_MUTABILITY, "the attribute cannot be changed");
    if (patch->verb == REMOVE && (attribute->flags & SCIM_REQUIRED))
        return refuse(patch, SCIM_MUTABILITY, "the attribute is required");
    return 0;
}

/* Takes over the value, also when it fails. */
static int put(cJSON *object, const char *name, cJSON *value) {
    cJSON_DeleteItemFromObjectCaseSensitive(object, name);
    if (!value || cJSON_AddItemToObject(object, name, value))
        return 0;
    cJSON_Delete(value);
    return FATAL(ENOMEM);
}

/* Moves all members of `from` into `object`, where they replace those of the same name. */
static void merge(cJSON *object, cJSON *from) {
    while (from && from->child) {
        cJSON *member = cJSON_DetachItemViaPointer(from, from->child);
        cJSON_DeleteItemFromObjectCaseSensitive(object, member->string);
        cJSON_AddItemToArray(object, member); /* it has its name already */
    }
}

static bool is_listed(struct patch *patch, const cJSON *values, const cJSON *wanted) {
    const cJSON *value;
    cJSON_ArrayForEach (value, values)
        if (!budget_spend(&patch->budget, 8) || cJSON_Compare(value, wanted, true))
            return true;
    return false;
}

static bool is_primary(const cJSON *value) {
    return cJSON_IsTrue(scim_member(value, "primary"));
}

/* When a new value is the primary one, the others are so no longer. */
static void demote_others(cJSON *values, const cJSON *primary) {
    cJSON *value;
    cJSON_ArrayForEach (value, values) {
        cJSON *flag = value != primary ? scim_member(value, "primary") : NULL;
        if (flag && cJSON_IsTrue(flag))
            flag->type = cJSON_False;
    }
}

/* Adds each value that is not there yet. Takes over `more`. */
static void add_values(struct patch *patch, cJSON *values, cJSON *more) {
    bool are_ids = patch->path.attribute->flags & SCIM_IDS;
    cJSON *last = NULL;
    while (more && more->child) {
        cJSON *value = cJSON_DetachItemViaPointer(more, more->child);
        if (are_ids || !is_listed(patch, values, value)) {
            cJSON_AddItemToArray(values, value);
            last = is_primary(value) ? value : last;
        } else {
            cJSON_Delete(value);
        }
    }
    cJSON_Delete(more);
    if (last)
        demote_others(values, last);
}

static cJSON *array_in(cJSON *object, const char *name) {
    cJSON *array = scim_member(object, name);
    return array ? array : cJSON_AddArrayToObject(object, name);
}

static cJSON *object_in(cJSON *object, const char *name) {
    cJSON *inner = scim_member(object, name);
    return inner ? inner : cJSON_AddObjectToObject(object, name);
}

static void remove_if_empty(cJSON *object, const char *name) {
    const cJSON *member = scim_member(object, name);
    if ((cJSON_IsObject(member) || cJSON_IsArray(member)) && !member->child)
        cJSON_DeleteItemFromObjectCaseSensitive(object, name);
}

static int clean_value(struct patch *patch, const struct scim_attribute *attribute,
                       cJSON **ret_clean) {
    return scim_value_clean(attribute, patch->value, patch->arena, ret_clean, &patch->problem);
}

static int set_sub(struct patch *patch, cJSON *value) {
    cJSON *clean = NULL;
    int r = patch->verb == REMOVE ? 0 : clean_value(patch, patch->path.sub, &clean);
    return r == 0 ? put(value, patch->path.sub->name, clean) : r;
}

/* Changes one of several values. One that is to be removed is left empty. */
static int change_one(struct patch *patch, cJSON *value) {
    if (patch->path.sub)
        return set_sub(patch, value);
    CLEANUP(cleanup_json) cJSON *clean = NULL;
    int r = patch->verb == REMOVE ? 0 : clean_value(patch, patch->path.attribute, &clean);
    if (r != 0)
        return r;
    if (clean && clean->child->next)
        return refuse(patch, SCIM_INVALID_VALUE, "the path selects one value, not several");
    while (patch->verb != ADD && value->child)
        cJSON_Delete(cJSON_DetachItemViaPointer(value, value->child));
    merge(value, clean ? clean->child : NULL);
    return 0;
}

/* When nothing was selected, adding makes a value that the filter would select. */
static int change_none(struct patch *patch, cJSON *values) {
    if (patch->verb == REMOVE)
        return 0;
    if (patch->verb == REPLACE && patch->filter)
        return refuse(patch, SCIM_NO_TARGET, "the filter of the path selects no value");
    CLEANUP(cleanup_json) cJSON *value = cJSON_CreateObject();
    if (!value || (patch->filter && !scim_filter_fill(patch->filter, value)))
        return FATAL(ENOMEM);
    int r = change_one(patch, value);
    if (r != 0 || !value->child)
        return r;
    if (is_primary(value))
        demote_others(values, value);
    cJSON_AddItemToArray(values, TAKE(value));
    return 0;
}

static int change_selected(struct patch *patch, cJSON *values) {
    cJSON *last = NULL;
    cJSON *next;
    size_t count = 0;
    int r = 0;
    for (cJSON *value = values->child; r == 0 && value; value = next) {
        next = value->next;
        if (!budget_spend(&patch->budget, 1))
            return 0;
        if (patch->filter && !scim_filter_matches(patch->filter, value, &patch->budget))
            continue;
        r = change_one(patch, value);
        count++;
        if (r == 0 && patch->verb != REMOVE && is_primary(value))
            last = value;
        if (r == 0 && !value->child)
            cJSON_Delete(cJSON_DetachItemViaPointer(values, value));
    }
    if (last)
        demote_others(values, last);
    return r == 0 && count == 0 ? change_none(patch, values) : r;
}

static bool is_same_value(const cJSON *a, const cJSON *b) {
    const char *left = cJSON_GetStringValue(scim_member(a, "value"));
    const char *right = cJSON_GetStringValue(scim_member(b, "value"));
    return left && right ? strcmp(left, right) == 0 : cJSON_Compare(a, b, true);
}

/* Some clients name the values to remove in the value of the operation. */
static int remove_values(struct patch *patch, cJSON *values) {
    CLEANUP(cleanup_json) cJSON *unwanted = NULL;
    int r = clean_value(patch, patch->path.attribute, &unwanted);
    cJSON *next;
    for (cJSON *value = values->child; r == 0 && value; value = next) {
        next = value->next;
        bool is_found = false;
        const cJSON *element;
        cJSON_ArrayForEach (element, unwanted)
            is_found |= budget_spend(&patch->budget, 1) && is_same_value(value, element);
        if (is_found)
            cJSON_Delete(cJSON_DetachItemViaPointer(values, value));
    }
    return r;
}

/* Changes all values of an attribute. */
static int change_several(struct patch *patch, cJSON *object) {
    const struct scim_attribute *attribute = patch->path.attribute;
    cJSON *clean = NULL;
    cJSON *values = array_in(object, attribute->name);
    if (!values)
        return FATAL(ENOMEM);
    if (patch->filter || patch->path.sub)
        return change_selected(patch, values);
    if (patch->verb == REMOVE && patch->value && !cJSON_IsNull(patch->value))
        return remove_values(patch, values);
    int r = patch->verb == REMOVE ? 0 : clean_value(patch, attribute, &clean);
    if (r != 0)
        return r;
    if (patch->verb != ADD)
        return put(object, attribute->name, clean);
    add_values(patch, values, clean);
    return 0;
}

static int change_single(struct patch *patch, cJSON *object) {
    const struct scim_attribute *attribute = patch->path.attribute;
    if (patch->path.sub) {
        cJSON *value = object_in(object, attribute->name);
        return value ? set_sub(patch, value) : FATAL(ENOMEM);
    }
    CLEANUP(cleanup_json) cJSON *clean = NULL;
    int r = patch->verb == REMOVE ? 0 : clean_value(patch, attribute, &clean);
    if (r != 0 || !clean || !attribute->subs)
        return r == 0 ? put(object, attribute->name, TAKE(clean)) : r;
    cJSON *value = object_in(object, attribute->name);
    if (!value)
        return FATAL(ENOMEM);
    merge(value, clean);
    return 0;
}

static int change_attribute(struct patch *patch, cJSON *resource) {
    const struct scim_schema *extension = patch->path.extension;
    const struct scim_attribute *attribute = patch->path.attribute;
    cJSON *object = extension ? object_in(resource, extension->id) : resource;
    if (!object)
        return FATAL(ENOMEM);
    int r = attribute->flags & SCIM_MULTI ? change_several(patch, object)
                                          : change_single(patch, object);
    remove_if_empty(object, attribute->name);
    if (extension)
        remove_if_empty(resource, extension->id);
    return r;
}

/* Changes each attribute that the value has as a member. What only the server sets and what the
 * extension does not have is ignored, as in a whole resource. */
static int change_extension(struct patch *patch, cJSON *resource) {
    const struct scim_schema *extension = patch->path.extension;
    if (patch->verb == REMOVE) {
        cJSON_DeleteItemFromObjectCaseSensitive(resource, extension->id);
        return 0;
    }
    if (!cJSON_IsObject(patch->value))
        return refuse(patch, SCIM_INVALID_VALUE, "the value of an extension must be an object");
    const cJSON *member;
    int r = 0;
    cJSON_ArrayForEach (member, patch->value) {
        struct patch one = *patch;
        one.value = member;
        one.path.attribute =
            scim_attribute_find(&extension->attributes, member->string, strlen(member->string));
        if (r == 0 && one.path.attribute)
            r = change_attribute(&one, resource);
        patch->budget = one.budget;
        patch->problem = one.problem;
    }
    return r;
}

static int change(struct patch *patch, cJSON *resource) {
    if (!patch->path.attribute)
        return change_extension(patch, resource);
    int r = check_mutability(patch);
    return r == 0 ? change_attribute(patch, resource) : r;
}

/* Without a path the value is a part of a resource. Its names may be paths, too. */
static int change_members(struct patch *patch, cJSON *resource) {
    if (patch->verb == REMOVE)
        return refuse(patch, SCIM_NO_TARGET, "a removal needs a path");
    if (!cJSON_IsObject(patch->value))
        return refuse(patch, SCIM_INVALID_VALUE, "without a path the value must be an object");
    const cJSON *member;
    int r = 0;
    cJSON_ArrayForEach (member, patch->value) {
        struct patch one = *patch;
        one.value = member;
        int known = r == 0 ? parse_path(&one, member->string) : 1;
        bool is_set_by_server =
            known == 0 && one.path.attribute && (one.path.attribute->flags & SCIM_READ_ONLY);
        if (known < 0)
            r = known;
        else if (known == 0 && !is_set_by_server)
            r = change(&one, resource);
        patch->budget = one.budget;
        if (r != 0 && one.problem)
            patch->problem = one.problem;
    }
    return r;
}

static int read_verb(struct patch *patch, const cJSON *operation) {
    static const char *const verbs[] = {"add", "replace", "remove"};
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(operation, "op"));
    for (int i = 0; text && i < 3; i++) {
        if (strcasecmp(text, verbs[i]) == 0) {
            patch->verb = (enum verb)i;
            return 0;
        }
    }
    return refuse(patch, SCIM_INVALID_SYNTAX, "an operation is add, replace or remove");
}

static int run(struct patch *patch, const cJSON *operation, cJSON *resource) {
    const cJSON *path = cJSON_GetObjectItem(operation, "path");
    int r = read_verb(patch, operation);
    if (r != 0)
        return r;
    patch->value = cJSON_GetObjectItem(operation, "value");
    if (patch->verb != REMOVE && !patch->value)
        return refuse(patch, SCIM_INVALID_VALUE, "the operation needs a value");
    if (!path || cJSON_IsNull(path))
        return change_members(patch, resource);
    if (!cJSON_IsString(path))
        return refuse(patch, SCIM_INVALID_PATH, "a path must be a string");
    r = parse_path(patch, path->valuestring);
    return r == 0 ? change(patch, resource) : r;
}

int scim_patch_apply(const struct scim_resource_type *type, const cJSON *request, cJSON *resource,
                     struct arena *arena, const char **reterr_problem) {
    struct patch patch = {.type = type, .arena = arena, .budget.left = MAX_STEPS};
    const cJSON *operations = cJSON_GetObjectItem(request, "Operations");
    const cJSON *operation;
    int r = 0;
    if (!cJSON_IsArray(operations) || !operations->child)
        r = refuse(&patch, SCIM_INVALID_SYNTAX, "Operations must be an array with an operation");
    cJSON_ArrayForEach (operation, operations) {
        if (r == 0)
            r = run(&patch, operation, resource);
        if (r == 0 && patch.budget.exhausted)
            r = refuse(&patch, SCIM_TOO_MANY, "the operations would take too long");
    }
    if (r > 0)
        *reterr_problem = patch.problem;
    return r;
}
