/* Removes from a fixture the parts that its schema refuses. */
#pragma once

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "json/violations.h"

/* Copies the fixture without its unknown members. A list element with another violation becomes
 * null, so that the other elements keep their index. Returns 0 and the copy (owned by the caller,
 * cJSON_Delete); >0 when there are too many violations; or -ENOMEM. */
int fixture_prune(const cJSON *tree, const struct violations *violations, cJSON **ret_copy);

/* Whether a violation may be the only reason why something seems to be missing, such as the group
 * `id` in the list "groups" of the tenant. A reference to it may then be right. When `list` is NULL
 * it is the tenant that is missing; when `tenant` is NULL the list is one of the top level. */
bool fixture_prune_may_hide(const cJSON *tree, const char *tenant, const char *list,
                            const char *id);
