/* Keeps the names of users and groups in the form of store/changes.h, so that telling of their
 * memberships takes no statements. Only for the files of store/; call it within a transaction. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct names;
struct store;

enum name_kind { NAME_OF_USER, NAME_OF_GROUP };

/* The user, or the group and its tenant, as members of a change. */
struct name {
    size_t printed_size; /* as JSON */
    size_t size;
    char text[]; /* not zero-terminated */
};

/* Finds the name, which is valid until the next call for the same kind. It is empty when there is
 * no such row. Returns 0, <0, or >0 when it is too long for a list of changes. */
int names_find(struct store *store, enum name_kind kind, int64_t pk, const struct name **ret_name);

/* Call this when a row may have another name, or none. Does nothing for NULL. */
void names_clear(struct names *names);
void names_free(struct names *names);
