#include "exchange/request.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "util/fatal.h"
#include "util/text.h"

/* A target may be an absolute URL (RFC 9112, 3.2.2). Its path then starts after the authority. */
static const char *path_start(const char *target) {
    if (strncasecmp(target, "http://", 7) != 0 && strncasecmp(target, "https://", 8) != 0)
        return target;
    const char *authority = strchr(target, ':') + 3;
    const char *path = authority + strcspn(authority, "/?");
    return *path == '/' ? path : "/";
}

/* Splits the path at its slashes before decoding it, so that %2F stays inside a segment. */
static int split_path(struct request *request) {
    if (request->path[0] != '/')
        return 0;
    char *decoded = arena_alloc(&request->arena, request->path_length + 1);
    if (!decoded)
        return FATAL(ENOMEM);
    const char *end = request->path + request->path_length;
    for (const char *at = request->path + 1; at <= end;) {
        size_t length = (size_t)(end - at);
        const char *slash = memchr(at, '/', length);
        if (slash)
            length = (size_t)(slash - at);
        if (text_percent_decode(at, length, decoded) != 0) {
            request->bad_path = true;
            return 0;
        }
        if (request->n_segments == REQUEST_MAX_SEGMENTS)
            return 0;
        request->segments[request->n_segments++] = decoded;
        decoded += strlen(decoded) + 1;
        at += length + 1;
    }
    return 0;
}

/* Removes the prefix /sandbox/NAME from the segments, and notes the name. */
static int take_sandbox(struct request *request) {
    if (request->n_segments < 2 || strcmp(request->segments[0], "sandbox") != 0)
        return 0;
    const char *name = strchr(request->path + 1, '/') + 1;
    size_t length = (size_t)(name - request->path) + strcspn(name, "/?#");
    request->prefix = arena_copy(&request->arena, request->path, length);
    if (!request->prefix)
        return FATAL(ENOMEM);
    request->sandbox = request->segments[1];
    request->n_segments -= 2;
    memmove(request->segments, request->segments + 2,
            request->n_segments * sizeof(request->segments[0]));
    return 0;
}

int request_init(struct request *request, const char *target) {
    *request = (struct request){.method = HTTP_OTHER,
                                .method_name = "-",
                                .target = "",
                                .path = "",
                                .prefix = "",
                                .protocol = ""};
    arena_init(&request->arena);
    const char *copy = arena_copy(&request->arena, target, strlen(target));
    if (!copy)
        return FATAL(ENOMEM);
    request->target = copy;
    request->path = path_start(request->target);
    request->path_length = strcspn(request->path, "?#");
    int r = split_path(request);
    return r == 0 ? take_sandbox(request) : r;
}

void request_deinit(struct request *request) {
    arena_deinit(&request->arena);
    buffer_deinit(&request->body);
}

const char *const request_method_names[HTTP_N_METHODS] = {
    [HTTP_GET] = "GET",       [HTTP_PUT] = "PUT",     [HTTP_POST] = "POST",
    [HTTP_DELETE] = "DELETE", [HTTP_PATCH] = "PATCH",
};

int request_set_method(struct request *request, const char *name) {
    const char *copy = arena_copy(&request->arena, name, strlen(name));
    if (!copy)
        return FATAL(ENOMEM);
    request->method_name = copy;
    request->is_head = strcmp(name, "HEAD") == 0;
    request->is_options = strcmp(name, "OPTIONS") == 0;
    request->method = request->is_head ? HTTP_GET : HTTP_OTHER;
    for (size_t i = 0; i < HTTP_N_METHODS; i++)
        if (strcmp(name, request_method_names[i]) == 0)
            request->method = (enum http_method)i;
    return 0;
}

bool request_is_of_client(const struct request *request) {
    return !request->is_admin && !request->is_console;
}

bool request_is_scim(const struct request *request) {
    static const char *const base[] = {"api", "v1", NULL, "integrations", NULL, "scim", "v2"};
    const size_t count = sizeof(base) / sizeof(base[0]);
    bool matches = request->n_segments >= count && !request->bad_path;
    for (size_t i = 0; matches && i < count; i++)
        matches = !base[i] || strcmp(request->segments[i], base[i]) == 0;
    return matches;
}

const char *request_url(const struct request *request) {
    return request->path + strlen(request->prefix);
}

const char *request_scheme(const struct request *request) {
    return request->is_tls ? "https" : "http";
}

const char *request_query(const struct request *request, size_t *ret_length) {
    const char *start = request->path + request->path_length;
    start += *start == '?';
    *ret_length = strcspn(start, "#");
    return start;
}

bool request_has_body(const struct request *request) {
    const char *length = request->content_length;
    return request->transfer_encoding || (length && length[strspn(length, "0")] != '\0');
}

const char *request_find_header(const struct request *request, const char *name) {
    for (size_t i = 0; i < request->headers.count; i++)
        if (text_is_same_name(request->headers.items[i].name, name))
            return request->headers.items[i].value;
    return NULL;
}

/* Whether the parameters of a media range, which end at a comma, have a weight of 0. */
static bool has_no_weight(const char *parameters) {
    size_t length = strcspn(parameters, ",");
    for (size_t i = 0; i + 2 < length; i++) {
        bool starts = parameters[i] == ';' || parameters[i] == ' ' || parameters[i] == '\t';
        if (starts && strncasecmp(parameters + i + 1, "q=0", 3) == 0 && i + 3 < length)
            return strspn(parameters + i + 3, "0.") == strcspn(parameters + i + 3, ", ;\t");
    }
    return false;
}

bool request_accepts(const struct request *request, const char *type) {
    size_t size = strlen(type);
    for (size_t i = 0; i < request->headers.count; i++) {
        const struct name_value *header = &request->headers.items[i];
        const char *at = text_is_same_name(header->name, "Accept") ? header->value : "";
        for (at += strspn(at, ", \t"); *at; at += strspn(at, ", \t")) {
            size_t length = strcspn(at, ", ;\t");
            if (length == size && strncasecmp(at, type, size) == 0 && !has_no_weight(at + length))
                return true;
            at += strcspn(at, ",");
        }
    }
    return false;
}

int request_find_cookie(struct request *request, const char *name, const char **ret_value) {
    size_t name_length = strlen(name);
    for (const char *at = request->cookie; at && *at; at += strspn(at, "; \t")) {
        size_t length = strcspn(at, ";");
        if (length > name_length && strncmp(at, name, name_length) == 0 && at[name_length] == '=') {
            const char *value = at + name_length + 1;
            size_t size = length - name_length - 1;
            while (size > 0 && (value[size - 1] == ' ' || value[size - 1] == '\t'))
                size--;
            bool quoted = size >= 2 && value[0] == '"' && value[size - 1] == '"';
            const char *copy = arena_copy(&request->arena, value + quoted, size - (quoted ? 2 : 0));
            if (!copy)
                return FATAL(ENOMEM);
            *ret_value = copy;
            return 0;
        }
        at += length;
    }
    return 1;
}

static int keep_header(struct request *request, const char *name, const char *value) {
    struct name_value_list *headers = &request->headers;
    struct name_value *items = arena_grow(&request->arena, headers->items, headers->count,
                                          sizeof(*items), &request->header_capacity);
    if (!items)
        return FATAL(ENOMEM);
    headers->items = items;
    headers->items[headers->count++] = (struct name_value){name, value};
    return 0;
}

int request_add_header(struct request *request, const char *name, const char *value) {
    if (text_is_same_name(name, "Authorization")) {
        request->authorization = value;
        request->n_authorization++;
    } else if (text_is_same_name(name, "Content-Type") && !request->content_type) {
        request->content_type = value;
    } else if (text_is_same_name(name, "Content-Length")) {
        request->ambiguous_length |= request->content_length || request->transfer_encoding;
        request->content_length = value;
    } else if (text_is_same_name(name, "Transfer-Encoding")) {
        request->ambiguous_length |= request->content_length || request->transfer_encoding ||
                                     strcasecmp(value, "chunked") != 0;
        request->transfer_encoding = value;
    } else if (text_is_same_name(name, "Cookie") && !request->cookie) {
        request->cookie = value;
    } else if (text_is_same_name(name, "X-CSRF-TOKEN")) {
        request->csrf_token = value;
    } else if (text_is_same_name(name, "X-Kestub-Sandbox")) {
        request->sandbox_header = value;
    } else if (text_is_same_name(name, "X-Kestub-Console")) {
        request->console_key = value;
    } else if (text_is_same_name(name, "Expect")) {
        request->expects_continue = true;
    }
    return keep_header(request, name, value);
}
