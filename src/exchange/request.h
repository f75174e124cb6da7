/* A parsed request. It owns everything that was read from it, and its functions return borrowed
 * pointers. The server fills it while the request arrives. Only its body changes afterwards, once,
 * when it is decoded. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "contract/contract.h"
#include "util/arena.h"
#include "util/buffer.h"
#include "util/name_value.h"

enum { REQUEST_MAX_SEGMENTS = 32, REQUEST_IP_SIZE = 46 };

struct request {
    struct arena arena;
    enum http_method method;
    bool is_head;    /* then `method` is HTTP_GET */
    bool is_options; /* then `method` is HTTP_OTHER */
    bool is_tls;
    bool bad_path;   /* an invalid escape, a NUL or invalid UTF-8 */
    bool is_admin;   /* for the control plane */
    bool is_page;    /* of the console: needs no token, and no sandbox */
    bool is_console; /* with the key of the console, which is not of the control plane then */
    bool is_health;  /* GET /__admin/health */
    bool is_quiet;   /* that or GET /__admin/metrics: once granted, it leaves no trace */
    const char *method_name;
    const char *target;                         /* as received, query included */
    size_t path_length;                         /* of `path`, without the query */
    const char *path;                           /* where the path starts in the target */
    const char *segments[REQUEST_MAX_SEGMENTS]; /* decoded; "/a/b" has two */
    size_t n_segments;   /* more segments are dropped; no operation has so many */
    const char *sandbox; /* NAME of a path /sandbox/NAME/..., or NULL; not among the segments */
    const char *prefix;  /* /sandbox/NAME as received, or "" */
    struct name_value_list headers; /* as received; the strings are borrowed */
    size_t header_capacity;
    const char *sandbox_header;      /* or NULL */
    const char *console_key;         /* the value of X-Kestub-Console, or NULL */
    char client_ip[REQUEST_IP_SIZE]; /* "" when unknown */
    const char *protocol;            /* such as HTTP/1.1 */
    const char *authorization;
    size_t n_authorization; /* how often the header was sent */
    const char *cookie;     /* the header's value */
    const char *csrf_token;
    const char *content_type;
    const char *content_length; /* the server has checked the value */
    const char *transfer_encoding;
    bool ambiguous_length; /* two lengths, a length and an encoding, or not just "chunked" */
    bool expects_continue;
    struct buffer body;
    size_t body_limit;       /* bytes that it may have */
    uint64_t body_announced; /* by Content-Length */
    bool body_too_large;
    bool body_decoded;             /* its codings are undone, as far as they can be */
    bool body_decodes_to_too_much; /* then it is too large and stays as it came */
};

/* Copies `target`. Returns 0 or -ENOMEM. The request needs request_deinit in both cases. */
int request_init(struct request *request, const char *target);
void request_deinit(struct request *request);

extern const char *const request_method_names[HTTP_N_METHODS];

/* Copies `name`. Returns 0 or -ENOMEM. */
int request_set_method(struct request *request, const char *name);

/* Whether stubs and faults are meant for the request: those of the control plane and of the console
 * do not meet them. */
bool request_is_of_client(const struct request *request);

/* Whether the path is below the base of SCIM in a security integration. */
bool request_is_scim(const struct request *request);

/* Returns the path and query of the target, without /sandbox/NAME. */
const char *request_url(const struct request *request);

/* Returns "http" or "https". */
const char *request_scheme(const struct request *request);

/* Returns the query of the target, without its question mark. */
const char *request_query(const struct request *request, size_t *ret_length);

/* Whether the head announces a body that is not empty. */
bool request_has_body(const struct request *request);

/* Returns the value of the first header of this name, or NULL. */
const char *request_find_header(const struct request *request, const char *name);

/* Whether a header Accept names this media type or range, such as `text/html`, and not with q=0.
 * Ranges that contain the type do not count. */
bool request_accepts(const struct request *request, const char *type);

/* Finds the first cookie of this name. Returns 0 and its value in the arena, >0 when there is none,
 * or -ENOMEM. */
int request_find_cookie(struct request *request, const char *name, const char **ret_value);

/* Name and value are borrowed, and must live as long as the request. Returns 0 or -ENOMEM. */
int request_add_header(struct request *request, const char *name, const char *value);
