/* Method and path to operation. */
#pragma once

#include "contract/contract.h"
#include "exchange/request.h"

struct routing {
    const struct operation *operation;
    const char *parameters[REQUEST_MAX_SEGMENTS]; /* of the path, in its order */
};

enum {
    ROUTER_UNKNOWN_PATH = 1,
    ROUTER_UNKNOWN_METHOD = 2,
};

/* 0; ROUTER_UNKNOWN_PATH; or ROUTER_UNKNOWN_METHOD, and then *ret_allowed is a set of bits
 * 1 << enum http_method: the methods that the path has. */
int router_find(const struct route_table *table, const struct request *request,
                struct routing *ret_routing, unsigned *ret_allowed);

enum { ROUTER_ALLOW_SIZE = 64 };

/* The value of an Allow header. HEAD comes with GET, OPTIONS is always there. */
void router_format_allow(unsigned allowed, char out[ROUTER_ALLOW_SIZE]);
