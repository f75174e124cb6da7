#include "exchange/router.h"

#include <string.h>

static bool segments_match(const struct route *route, const struct request *request) {
    for (size_t i = route->n_segments; i-- > 0;) { /* since most begin alike */
        const char *literal = route->segments[i];
        const char *segment = request->segments[i];
        /* A path parameter must not be empty. */
        if (literal ? literal[0] != segment[0] || strcmp(literal, segment) != 0
                    : segment[0] == '\0')
            return false;
    }
    return true;
}

static void take_parameters(const struct route *route, const struct request *request,
                            const char **parameters) {
    for (size_t i = 0; i < route->n_segments; i++)
        if (!route->segments[i])
            *parameters++ = request->segments[i];
}

int router_find(const struct route_table *table, const struct request *request,
                struct routing *ret_routing, unsigned *ret_allowed) {
    unsigned allowed = 0;
    size_t n_segments = request->n_segments;
    size_t next = n_segments <= ROUTE_MAX_SEGMENTS ? table->first[n_segments] : 0;
    while (next > 0) {
        const struct route *route = &table->routes[next - 1];
        next = route->next;
        if (!segments_match(route, request))
            continue;
        if (request->method < HTTP_N_METHODS && route->operations[request->method]) {
            ret_routing->operation = route->operations[request->method];
            take_parameters(route, request, ret_routing->parameters);
            return 0;
        }
        for (unsigned method = 0; method < HTTP_N_METHODS; method++)
            if (route->operations[method])
                allowed |= 1U << method;
    }
    if (allowed == 0)
        return ROUTER_UNKNOWN_PATH;
    *ret_allowed = allowed;
    return ROUTER_UNKNOWN_METHOD;
}

void router_format_allow(unsigned allowed, char out[ROUTER_ALLOW_SIZE]) {
    static const char *const names[] = {
        [HTTP_GET] = "GET, HEAD, ", [HTTP_PUT] = "PUT, ",     [HTTP_POST] = "POST, ",
        [HTTP_DELETE] = "DELETE, ", [HTTP_PATCH] = "PATCH, ",
    };
    out[0] = '\0';
    for (unsigned method = 0; method < HTTP_N_METHODS; method++)
        if (allowed & 1U << method)
            strcat(out, names[method]);
    strcat(out, "OPTIONS");
}
