/* What a role permits: as a client writes it, {"FLOW": ["VIEW", "LIST"]}, as the store keeps it,
 * FLOW=VIEW,LIST;GROUP=VIEW, and as words of rights. */
#pragma once

#include "contract/contract.h"
#include "json/json_build.h"
#include "json/violations.h"

/* A word of actions for each resource of the vocabulary. */
struct rights {
    uint64_t words[PERMISSION_MAX_RESOURCES];
};

/* Turns a client's object into the text (in the arena of the violations), in the same order.
 * Returns 0, >0 with the violations, or <0. Keys that are no resource of the vocabulary, unknown
 * actions and an object without any action are violations. */
int permissions_read(const struct vocabulary *vocabulary, const cJSON *object,
                     const struct json_place *place, struct violations *violations,
                     const char **ret_text);

/* Writes the text for all ordinary actions, those that create, read, update and delete, on these
 * resources (the list ends with NULL). Returns 0 or -ENOMEM. */
int permissions_write(const struct vocabulary *vocabulary, const char *const *resources,
                      struct arena *arena, const char **ret_text);

/* Adds the object for a text, or when that is NULL for a managed role. */
void permissions_show(const struct vocabulary *vocabulary, const char *text, const char *template,
                      struct json_builder *builder, struct json_parent parent, const char *name);

/* Adds the same to a list, as an object for each resource, whose name is its `member`. */
void permissions_list(const struct vocabulary *vocabulary, const char *text, const char *template,
                      struct json_builder *builder, struct json_parent list, const char *member);

/* Adds to the rights what the text, or the managed role, permits. Names that the vocabulary does
 * not have, as in a state from another version, permit nothing. */
void permissions_add(const struct vocabulary *vocabulary, const char *text, const char *template,
                     struct rights *rights);

/* Whether the rights have one of the permissions. */
bool rights_have(const struct rights *rights, const struct permission *permissions, size_t n);

/* Whether `rights` has all of `part`. */
bool rights_cover(const struct rights *rights, const struct rights *part);

/* Counts the resources that have an action. */
size_t rights_count(const struct rights *rights);
