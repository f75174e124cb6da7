/* Reads form-encoded parameters: the query of a target, or a form in a body. */
#pragma once

#include "contract/contract.h"
#include "util/arena.h"

/* Reads the parameters that `schema` (an object) names into a JSON object. A string gets the last
 * value that was sent. An integer or boolean gets the last value, too, converted if possible. An
 * array gets all values, each split at its commas. An object gets all values that were sent as
 * `name[...]`, under their full names. An absent integer gets its fallback, and unknown parameters
 * are ignored. Returns 0 and the tree (owned by the caller, cJSON_Delete); >0 when an escape is
 * invalid or the result is not UTF-8; or -ENOMEM. */
int query_read(const struct schema *schema, const char *text, size_t length, struct arena *arena,
               cJSON **ret_tree);
