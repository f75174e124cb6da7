/* Finds the operation for a method and a path. */
#pragma once

#include "contract/contract.h"
#include "exchange/request.h"

struct routing {
    const struct operation *operation;
    const char *parameters[REQUEST_MAX_SEGMENTS]; /* the path's parameters, in order */
};

enum {
    ROUTER_UNKNOWN_PATH = 1,
    ROUTER_UNKNOWN_METHOD = 2,
};

/* Returns 0; ROUTER_UNKNOWN_PATH; or ROUTER_UNKNOWN_METHOD, with the methods that the path has in
 * *ret_allowed, one bit (1 << enum http_method) for each. */
int router_find(const struct route_table *table, const struct request *request,
                struct routing *ret_routing, unsigned *ret_allowed);

enum { ROUTER_ALLOW_SIZE = 64 };

/* Writes the value of an Allow header. GET implies HEAD, and OPTIONS is always allowed. */
void router_format_allow(unsigned allowed, char out[ROUTER_ALLOW_SIZE]);
