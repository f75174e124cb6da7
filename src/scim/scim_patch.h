/* PATCH of SCIM (RFC 7644, section 3.5.2). */
#pragma once

#include "scim/scim_resource.h"

/* Applies the operations of a request to a resource, all or some of them when it fails. The
 * resource must be tidy (scim_resource.h), and may lack what is required afterwards. Besides the
 * RFC this takes what widespread clients send: operations in any case, booleans as strings, paths
 * as the names of members, and the values to remove as the value of a removal. Returns 0; an
 * outcome of scim_resource.h and a sentence in *reterr_problem; or -ENOMEM. */
int scim_patch_apply(const struct scim_resource_type *type, const cJSON *request, cJSON *resource,
                     struct arena *arena, const char **reterr_problem);
