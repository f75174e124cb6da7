/* The only place that builds response bodies. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "contract/validate.h"
#include "exchange/error.h"
#include "exchange/request.h"
#include "stubs/breakage.h"
#include "util/name_value.h"

enum { RESPONSE_OWN_HEADERS = 4 };

/* How it is sent; all zero is at once and whole. Times beyond DELAY_MAX_MS are cut. */
struct response_delivery {
    int64_t delay_ms; /* before anything of it, or the breakage */
    enum breakage breakage;
    int dribble_chunks; /* the body in so many chunks, spread over dribble_ms */
    int64_t dribble_ms;
};

/* All zero is a response that is not there yet. */
struct response {
    int status;
    const char *body;
    size_t body_size;
    bool owns_body;                 /* free() it */
    struct name_value_list headers; /* all of them; strings live as long as the request */
    struct name_value own_headers[RESPONSE_OWN_HEADERS]; /* where those lie that were added */
    struct response_delivery delivery; /* survives every set, and a deinit does away with it */
};

void response_deinit(struct response *response);

/* The status that reaches the client; 0 when the breakage leaves none. */
int response_sent_status(const struct response *response);

/* Adds a header to a response that is there; both strings are borrowed. There are at most
 * RESPONSE_OWN_HEADERS, Content-Type among them, and none beside those that are borrowed. */
void response_add_header(struct response *response, const char *name, const char *value);

/* Lets the response have these headers, and no others. */
void response_borrow_headers(struct response *response, const struct name_value_list *headers);

/* Each way to set a response does away with the one that is there, with its headers. A content type
 * that is not NULL becomes the first header. */
void response_set_empty(struct response *response, int status);

/* `body` lives as long as the request. */
void response_set_static(struct response *response, int status, const char *content_type,
                         const char *body, size_t size);

/* `body` is malloc()ed and becomes the response's. */
void response_set_owned(struct response *response, int status, const char *content_type, char *body,
                        size_t size);

/* Ends a body with a newline, for people who see it in a terminal. When memory is out it stays as
 * it is. */
void response_end_line(struct response *response);

/* 0 or -ENOMEM; then the response is unchanged. */
int response_set_json(struct response *response, int status, const cJSON *tree);

/* Kestra's JSON error: message, _links.self.href and, when there are violations, _embedded. The
 * message is the code's reason, and ": " and the detail unless that is NULL. For a request of the
 * control plane it is WireMock's shape: errors, each with code, title, detail and, for violations,
 * source.pointer. 0; -ENOMEM, and then the response is a fixed 500 of Kestra's shape. */
int response_set_error(struct response *response, const struct request *request,
                       enum error_code code, const char *detail,
                       const struct violations *violations);
