/* Keeps the names of users and groups as JSON, so that telling of their memberships takes no
 * statements. Only for the files of store/; call it within a transaction. */
#pragma once

#include "store/store.h"

struct names;

enum name_kind { NAME_OF_USER, NAME_OF_GROUP };

/* Finds `,"user":{"id":…,"name":…}`, or `,"group":{…},"tenant":…`. The text is valid until the next
 * call, and "" when there is no such row. Returns 0 or <0. */
int names_find(struct store *store, enum name_kind kind, int64_t pk, const char **ret_text);

/* Call this when a row may have another name, or none. Does nothing for NULL. */
void names_clear(struct names *names);
void names_free(struct names *names);
