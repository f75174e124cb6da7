/* Parameters in form encoding: the query of a target, or a form in a body. */
#pragma once

#include "contract/contract.h"
#include "util/arena.h"

/* Reads the parameters that `schema` (an object) names into an object as its fields say: the last
 * text of a string, a number or boolean when the text is one, all texts of an array, each cut at
 * its commas, and of an object all that are sent as `name[...]`, under their whole names. Integers
 * that are absent get their fallback; other parameters are ignored. 0 and the tree (owned by the
 * caller, cJSON_Delete); >0 when an escape is broken or the result is no UTF-8; -ENOMEM. */
int query_read(const struct schema *schema, const char *text, size_t length, struct arena *arena,
               cJSON **ret_tree);
