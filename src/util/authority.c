#include "util/authority.h"

#include <string.h>
#include <strings.h>

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

struct authority authority_read(const char *text, size_t length, const char *default_port) {
    struct authority authority = {.host = text};
    /* an IPv6 address has colons */
    const char *end = length > 0 && *text == '[' ? memchr(text, ']', length) : NULL;
    const char *colon = memchr(text, ':', length);
    if (end)
        authority.host_length = (size_t)(end + 1 - text);
    else
        authority.host_length = colon ? (size_t)(colon - text) : length;
    size_t rest = length - authority.host_length;
    authority.port = text + authority.host_length;
    if (rest > 0 && *authority.port == ':') {
        authority.port++;
        rest--;
    }
    bool is_default =
        rest == strlen(default_port) && memcmp(authority.port, default_port, rest) == 0;
    authority.port_length = is_default ? 0 : rest;
    return authority;
}

bool authority_has_same_host(const struct authority *a, const struct authority *b) {
    return a->host_length == b->host_length && strncasecmp(a->host, b->host, a->host_length) == 0;
}

bool authority_has_same_port(const struct authority *a, const struct authority *b) {
    return a->port_length == b->port_length && memcmp(a->port, b->port, a->port_length) == 0;
}

const char *authority_default_port(const char *url) {
    return strncasecmp(url, "https:", 6) == 0 ? "443" : "80";
}

/* Returns the length of a scheme with its "://", or 0. */
static size_t measure_scheme(const char *text, size_t length) {
    size_t size = 0;
    while (size < length && text[size] && strchr(LETTERS DIGITS "+-.", text[size]))
        size++;
    bool is_scheme = size > 0 && strchr(LETTERS, text[0]) && length - size > 3 &&
                     memcmp(text + size, "://", 3) == 0;
    return is_scheme ? size + 3 : 0;
}

static bool has_only(const char *text, size_t length, const char *letters) {
    for (size_t i = 0; i < length; i++)
        if (!text[i] || !strchr(letters, text[i]))
            return false;
    return length > 0;
}

static bool is_host(const char *host, size_t length) {
    if (length > 2 && host[0] == '[' && host[length - 1] == ']')
        return has_only(host + 1, length - 2, DIGITS "ABCDEFabcdef:.");
    return has_only(host, length, LETTERS DIGITS "-._");
}

static bool is_port(const char *port, size_t length) {
    long number = 0;
    if (length > 5 || !has_only(port, length, DIGITS) || *port == '0')
        return false;
    for (size_t i = 0; i < length; i++)
        number = 10 * number + port[i] - '0';
    return number <= 65535;
}

bool authority_is_origin(const char *text, size_t length) {
    size_t scheme = measure_scheme(text, length);
    if (scheme == 0)
        return false;
    const struct authority authority = authority_read(text + scheme, length - scheme, "");
    const char *rest = authority.host + authority.host_length;
    bool has_port = rest < text + length;
    return is_host(authority.host, authority.host_length) &&
           (!has_port || (*rest == ':' && is_port(authority.port, authority.port_length)));
}

bool authority_is_same_origin(const char *origin, size_t length, const char *other) {
    size_t scheme = measure_scheme(origin, length);
    size_t other_length = strlen(other);
    if (scheme == 0 || measure_scheme(other, other_length) != scheme ||
        strncasecmp(origin, other, scheme) != 0)
        return false;
    const char *port = strncasecmp(origin, "http", 4) == 0 ? authority_default_port(origin) : "";
    const struct authority a = authority_read(origin + scheme, length - scheme, port);
    const struct authority b = authority_read(other + scheme, other_length - scheme, port);
    return authority_has_same_host(&a, &b) && authority_has_same_port(&a, &b);
}
