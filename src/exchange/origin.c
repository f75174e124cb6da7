#include "exchange/origin.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "exchange/cors.h"
#include "util/authority.h"
#include "util/text.h"

enum { NAME_SIZE = 254 }; /* the longest DNS name and a NUL */

enum relation { SAME_ORIGIN, SAME_SITE, CROSS_SITE };

/* Compares the origin of a page with the Host that the page called. */
static enum relation compare_origin(const char *origin, bool is_tls, const char *host) {
    const char *scheme_end = strstr(origin, "://");
    if (!scheme_end || !host)
        return CROSS_SITE; /* "null", for example */
    const struct authority page =
        authority_read(scheme_end + 3, strlen(scheme_end + 3), authority_default_port(origin));
    const struct authority called =
        authority_read(host, strlen(host), authority_default_port(is_tls ? "https:" : "http:"));
    if (!authority_has_same_host(&page, &called))
        return CROSS_SITE;
    return authority_has_same_port(&page, &called) ? SAME_ORIGIN : SAME_SITE;
}

static enum relation read_fetch_site(const char *value) {
    if (strcasecmp(value, "same-origin") == 0 || strcasecmp(value, "none") == 0)
        return SAME_ORIGIN;
    return strcasecmp(value, "same-site") == 0 ? SAME_SITE : CROSS_SITE;
}

static enum relation max(enum relation a, enum relation b) {
    return a > b ? a : b;
}

/* Returns the most distant relation that any of the headers states. The browser sets them all, so a
 * page cannot add one that hides another. */
static enum relation relation_of(const struct request *request) {
    const char *host = request_find_header(request, "Host");
    enum relation relation = SAME_ORIGIN;
    for (size_t i = 0; i < request->headers.count; i++) {
        const struct name_value *header = &request->headers.items[i];
        if (text_is_same_name(header->name, "Sec-Fetch-Site"))
            relation = max(relation, read_fetch_site(header->value));
        else if (text_is_same_name(header->name, "Origin"))
            relation = max(relation, compare_origin(header->value, request->is_tls, host));
    }
    return relation;
}

static bool is_address(const char *name) {
    unsigned char address[sizeof(struct in6_addr)];
    return name[0] == '[' || inet_pton(AF_INET, name, address) == 1;
}

/* Whether the name is reserved, so that public DNS cannot contain it. */
static bool has_private_suffix(const char *name) {
    static const char *const suffixes[] = {".localhost", ".local", ".internal", ".test", ".svc"};
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        size_t suffix_length = strlen(suffixes[i]);
        if (length > suffix_length && strcasecmp(name + length - suffix_length, suffixes[i]) == 0)
            return true;
    }
    return false;
}

/* Whether a list such as "a.example,b.example" contains the name. */
static bool is_listed(const char *list, const char *name) {
    size_t length = strlen(name);
    for (const char *at = list; at && *at; at += strspn(at, ",")) {
        size_t item_length = strcspn(at, ",");
        if (item_length == length && strncasecmp(at, name, length) == 0)
            return true;
        at += item_length;
    }
    return false;
}

/* Whether public DNS can contain the name in a Host header, so that a web page may be using it.
 * Writes the name without port and final dot to `out`. */
static bool is_public_host(const struct config *config, const char *host, char out[NAME_SIZE]) {
    const struct authority authority = authority_read(host, strlen(host), "");
    size_t length = authority.host_length;
    if (length > 0 && host[length - 1] == '.')
        length--;
    if (length >= NAME_SIZE)
        length = NAME_SIZE - 1;
    memcpy(out, host, length);
    out[length] = '\0';
    return strchr(out, '.') && !is_address(out) && !has_private_suffix(out) &&
           strcasecmp(out, config->host) != 0 && !is_listed(config->admin_hosts, out);
}

static bool has_public_host(const struct exchange *exchange, char out[NAME_SIZE]) {
    const struct name_value_list *headers = &exchange->request.headers;
    for (size_t i = 0; i < headers->count; i++)
        if (text_is_same_name(headers->items[i].name, "Host") &&
            is_public_host(exchange->config, headers->items[i].value, out))
            return true;
    return false;
}

static int refuse_host(struct exchange *exchange, const char *name) {
    char shown[3 * NAME_SIZE + 1];
    text_repair(name, strlen(name), shown);
    return exchange_fail(
        exchange, ERROR_FORBIDDEN,
        arena_format(&exchange->request.arena,
                     "'%s' is not a local name, so a web page may be using it; use an address or a "
                     "local name, or start kestub with --admin-hosts or --admin-token",
                     shown));
}

int origin_check(struct exchange *exchange) {
    char name[NAME_SIZE];
    if (!exchange->request.is_admin || cors_allows(exchange))
        return 0;
    if (relation_of(&exchange->request) != SAME_ORIGIN)
        return exchange_fail(exchange, ERROR_FORBIDDEN,
                             "a web page of another site may not use the control plane; send the "
                             "request from a program, without Origin and Sec-Fetch-Site");
    if (!exchange->config->admin_token && !exchange->request.is_health &&
        has_public_host(exchange, name))
        return refuse_host(exchange, name);
    return 0;
}

static bool is_visit(const struct request *request) {
    const char *mode = request_find_header(request, "Sec-Fetch-Mode");
    const char *destination = request_find_header(request, "Sec-Fetch-Dest");
    return mode && destination && strcasecmp(mode, "navigate") == 0 &&
           strcasecmp(destination, "document") == 0 && request->method == HTTP_GET;
}

bool origin_is_foreign(const struct exchange *exchange) {
    char name[NAME_SIZE];
    const struct request *request = &exchange->request;
    if (!request_find_header(request, "Origin") && !request_find_header(request, "Sec-Fetch-Site"))
        return false;
    if (is_visit(request) || cors_allows(exchange))
        return false;
    return relation_of(request) == CROSS_SITE || has_public_host(exchange, name);
}
