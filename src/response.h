/* The only place that builds response bodies. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "error.h"
#include "request.h"
#include "validate.h"

enum { RESPONSE_MAX_HEADERS = 4 };

struct response_header {
    const char *name;
    const char *value;
};

/* All zero is a response that is not there yet. */
struct response {
    int status;
    const char *content_type; /* static; NULL without a body */
    const char *body;
    size_t body_size;
    bool owns_body;                                       /* free() it */
    struct response_header headers[RESPONSE_MAX_HEADERS]; /* strings live as long as the request */
    size_t n_headers;
};

void response_deinit(struct response *response);

/* At most RESPONSE_MAX_HEADERS; both strings are borrowed. */
void response_add_header(struct response *response, const char *name, const char *value);

void response_set_empty(struct response *response, int status);

/* `body` lives as long as the program. */
void response_set_static(struct response *response, int status, const char *content_type,
                         const char *body, size_t size);

/* `body` is malloc()ed and becomes the response's. */
void response_set_owned(struct response *response, int status, const char *content_type, char *body,
                        size_t size);

/* 0 or -ENOMEM; then the response is unchanged. */
int response_set_json(struct response *response, int status, const cJSON *tree);

/* Kestra's JSON error: message, _links.self.href and, when there are violations, _embedded. The
 * message is the code's reason, and ": " and the detail unless that is NULL. When memory is out
 * it is a fixed 500 of the same shape. */
void response_set_error(struct response *response, const struct request *request,
                        enum error_code code, const char *detail,
                        const struct violations *violations);
