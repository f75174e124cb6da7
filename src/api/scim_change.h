/* A change that a request to SCIM asks for, of a user or a group. */
#pragma once

#include "exchange/exchange.h"
#include "scim/scim_resource.h"

/* Starts with the first two; scim_enter sets the base. */
struct scim_change {
    struct exchange *exchange;
    const struct scim_resource_type *type;
    const char *base;
    cJSON *wanted; /* (owned) the resource as it is to be */
    int outcome;   /* why it is refused, of scim_resource.h */
    const char *problem;
};

void scim_change_deinit(struct scim_change *change);

/* Cleans a tree as scim_resource_clean does; the result is what is wanted. */
int scim_change_clean(struct scim_change *change, const cJSON *tree);

/* Applies the request's PATCH to the resource as it is; the result is what is wanted. Returns 0, an
 * outcome of scim_resource.h or <0. */
int scim_change_patch(struct scim_change *change, const cJSON *old);
