/* A parsed request. It owns all that was read from it; what a function returns from it is
 * borrowed. Filled by the server while the request arrives, never changed afterwards. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "contract/contract.h"
#include "util/arena.h"
#include "util/buffer.h"
#include "util/name_value.h"

enum { REQUEST_MAX_SEGMENTS = 32, REQUEST_IP_SIZE = 46 };

struct request {
    struct arena arena;
    enum http_method method;
    bool is_head;    /* method is HTTP_GET then */
    bool is_options; /* method is HTTP_OTHER then */
    const char *method_name;
    const char *target;                         /* as received, query included */
    size_t path_length;                         /* of the target's start that is the path */
    const char *path;                           /* start of the path within the target */
    bool bad_path;                              /* a broken escape, a NUL or invalid UTF-8 */
    const char *segments[REQUEST_MAX_SEGMENTS]; /* decoded; "/a/b" has two */
    size_t n_segments; /* the first ones, when there are more; no operation has so many */
    const char
        *sandbox; /* of a path /sandbox/NAME/..., whose segments then start after it; or NULL */
    const char *prefix;             /* how such a path starts, "" for all others */
    struct name_value_list headers; /* as received, strings borrowed */
    size_t header_capacity;
    const char *sandbox_header;      /* or NULL */
    bool is_admin;                   /* of the control plane */
    char client_ip[REQUEST_IP_SIZE]; /* "" when it is not known */
    const char *protocol;            /* such as HTTP/1.1 */
    const char *authorization;
    size_t n_authorization; /* how often the header was sent */
    const char *cookie;     /* the header's value */
    const char *csrf_token;
    const char *content_type;
    const char *content_length; /* what it says was checked by the server */
    const char *transfer_encoding;
    bool ambiguous_length; /* several lengths, length and encoding, or not just "chunked" */
    bool expects_continue;
    struct buffer body;
    size_t body_limit; /* bytes that it may have */
    bool body_too_large;
};

/* `target` is copied. 0 or -ENOMEM; the request needs its deinit in both cases. */
int request_init(struct request *request, const char *target);
void request_deinit(struct request *request);

extern const char *const request_method_names[HTTP_N_METHODS];

/* `name` is copied. 0 or -ENOMEM. */
int request_set_method(struct request *request, const char *name);

/* Path and query of the target, without what names the sandbox. */
const char *request_url(const struct request *request);

/* The query of the target, without its question mark. */
const char *request_query(const struct request *request, size_t *ret_length);

/* The first cookie of this name; 0 and its value in the arena, >0 when there is none, -ENOMEM. */
int request_find_cookie(struct request *request, const char *name, const char **ret_value);

/* Name and value are borrowed; they have to live as long as the request. 0 or -ENOMEM. */
int request_add_header(struct request *request, const char *name, const char *value);
