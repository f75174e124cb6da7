/* Hosts and ports, as a Host header and the origin of a web page have them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Borrowed parts of a text; none of them ends with a NUL. */
struct authority {
    const char *host;
    size_t host_length;
    const char *port; /* without the scheme's default, which has length 0 */
    size_t port_length;
};

/* Reads a host with or without a port from a text of this length. */
struct authority authority_read(const char *text, size_t length, const char *default_port);

/* Whether both hosts are equal. Case does not matter. */
bool authority_has_same_host(const struct authority *a, const struct authority *b);
bool authority_has_same_port(const struct authority *a, const struct authority *b);

/* Returns the port that a URL without one means: "443" for https, "80" otherwise. */
const char *authority_default_port(const char *url);

/* Whether a text of this length is an origin that a browser can send: scheme://host or
 * scheme://host:port, and not `null`. */
bool authority_is_origin(const char *text, size_t length);

/* Whether two texts are origins with the same scheme, host and port. The first has this length, and
 * either is an origin or has no scheme. */
bool authority_is_same_origin(const char *origin, size_t length, const char *other);
