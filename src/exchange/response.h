/* The only place that builds response bodies. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "exchange/error.h"
#include "exchange/feed.h"
#include "exchange/request.h"
#include "stubs/breakage.h"
#include "util/name_value.h"

enum { RESPONSE_OWN_HEADERS = 4 };

/* How a response is sent. All zero means at once and whole. Times above DELAY_MAX_MS are cut. */
struct response_delivery {
    int64_t delay_ms; /* before the first byte, or before the breakage */
    enum breakage breakage;
    int dribble_chunks; /* the body is sent in this many chunks, spread over dribble_ms */
    int64_t dribble_ms;
};

/* All zero means that the response is not set yet. */
struct response {
    int status;
    const char *body;
    size_t body_size;
    bool owns_body;                 /* response_deinit frees it */
    bool has_file;                  /* the body is in `file`, and `body` has only its start */
    int file;                       /* (owned) a descriptor */
    struct name_value_list headers; /* all headers; the strings live as long as the request */
    struct name_value own_headers[RESPONSE_OWN_HEADERS]; /* storage for response_add_header */
    struct feed *feed; /* in the request's arena: it goes on after the body; or NULL */
    struct response_delivery delivery; /* kept by every set, cleared by response_deinit */
};

void response_deinit(struct response *response);

/* Returns the status that reaches the client, or 0 when the breakage lets none through. */
int response_sent_status(const struct response *response);

/* Adds a header to a response that is set. Both strings are borrowed. A response holds at most
 * RESPONSE_OWN_HEADERS of them, Content-Type included, and cannot hold borrowed headers beside
 * them. */
void response_add_header(struct response *response, const char *name, const char *value);

/* Replaces all headers of the response by these, which are borrowed. */
void response_borrow_headers(struct response *response, const struct name_value_list *headers);

/* Each response_set_... function replaces the response and its headers. A content type that is not
 * NULL becomes the first header. */
void response_set_empty(struct response *response, int status);

/* `body` is borrowed, and must live as long as the request. */
void response_set_static(struct response *response, int status, const char *content_type,
                         const char *body, size_t size);

/* `body` comes from malloc(). The response takes it over. */
void response_set_owned(struct response *response, int status, const char *content_type, char *body,
                        size_t size);

/* The body is the first `size` bytes of a file, whose descriptor the response takes over. `start`
 * is borrowed and has at least as much of them as the journal keeps. */
void response_set_file(struct response *response, int status, const char *start, int file,
                       size_t size);

/* Ends the body with a newline, for people who read it in a terminal. Without memory the body stays
 * as it is. */
void response_end_line(struct response *response);

/* The body is what was built, without a copy. Returns as json_end does; then the response is
 * unchanged. */
int response_set_built(struct response *response, int status, const char *content_type,
                       struct json_builder *builder);

/* Sets the error in the shape that the report asks for. Returns 0, or -ENOMEM with a fixed 500. */
int response_set_error(struct response *response, const struct error_report *report);
