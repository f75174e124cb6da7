/* What is left of a fixture without the parts that its schema refuses. */
#pragma once

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "json/violations.h"

/* Copies the fixture without unknown members, and with null in place of the elements of lists in
 * which something else is wrong, so that all others keep their index. 0 and the copy (owned by the
 * caller, cJSON_Delete); >0 when too much is wrong to leave anything out; -ENOMEM. */
int fixture_prune(const cJSON *tree, const struct violations *violations, cJSON **ret_copy);

/* Whether a mistake may be all that hides this tenant of the fixture, or this group of it (NULL:
 * the tenant will do), so that who refers to it may be right. */
bool fixture_prune_may_hide(const cJSON *tree, const char *tenant, const char *group);
