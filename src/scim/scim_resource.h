/* Resources of SCIM as JSON: what clients send, made tidy, and what they get to see. */
#pragma once

#include <cjson/cJSON.h>

#include "contract/contract.h"
#include "scim/scim_schema.h"
#include "util/arena.h"
#include "util/memory_limit.h"

/* What is wrong with a request; the names are those of RFC 7644, section 3.12. */
enum scim_outcome {
    SCIM_INVALID_SYNTAX = 1,
    SCIM_INVALID_FILTER,
    SCIM_INVALID_PATH,
    SCIM_INVALID_VALUE,
    SCIM_NO_TARGET,
    SCIM_MUTABILITY,
    SCIM_TOO_MANY, /* it would take too long */
};

/* Makes a tidy copy of a value of the attribute: names as in the schema, no members that the schema
 * does not have or that only the server sets, several values as an array. Returns 0 and the copy
 * (owned by the caller), NULL when nothing is left; SCIM_INVALID_VALUE and a sentence in
 * *reterr_problem; or -ENOMEM. */
int scim_value_clean(const struct scim_attribute *attribute, const cJSON *value,
                     struct arena *arena, cJSON **ret_value, const char **reterr_problem);

/* The same for a whole resource, which must have what the schema requires. Returns 0,
 * SCIM_INVALID_SYNTAX, SCIM_INVALID_VALUE, or -ENOMEM. */
int scim_resource_clean(const struct scim_resource_type *type, const cJSON *resource,
                        struct arena *arena, cJSON **ret_resource, const char **reterr_problem);

/* Leaves only the requested attributes, or else removes the excluded ones. Names that the type does
 * not have are ignored, and what every answer has stays. */
void scim_resource_project(const struct scim_resource_type *type, cJSON *resource,
                           const struct string_list *attributes,
                           const struct string_list *excluded);

/* Whether anything of the attribute stays. */
bool scim_resource_shows(const struct scim_resource_type *type, const char *name,
                         const struct string_list *attributes, const struct string_list *excluded);

/* Finds the value that stands for all values of an attribute: the primary one, or the first. */
cJSON *scim_value_main(cJSON *values);

/* Returns what to sort the resource by, or NULL when it has no such value. */
const char *scim_resource_sort_key(const cJSON *resource, const struct scim_path *path);

/* Finds a member by its name as it is in the schema. */
cJSON *scim_member(const cJSON *object, const char *name);

/* A resource that is being made. */
struct scim_tree {
    cJSON *root;                 /* (owned) */
    struct memory_limit *memory; /* (borrowed) fails when it leaves no room for work; or NULL */
    bool failed;                 /* memory was out */
    size_t n_values;
};

/* Adds a value, which this takes over, to an object, where it replaces the member of this name, or
 * without a name to an array. When the value or the parent is NULL, the tree has failed. Returns
 * the value, or NULL. */
cJSON *scim_tree_add(struct scim_tree *tree, cJSON *parent, const char *name, cJSON *value);

/* Does so with a text. NULL removes the member. */
void scim_tree_set_text(struct scim_tree *tree, cJSON *parent, const char *name, const char *text);

static inline void scim_tree_deinit(struct scim_tree *tree) {
    cJSON_Delete(tree->root);
}
