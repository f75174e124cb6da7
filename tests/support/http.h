/* HTTP from the client's side. With KESTUB_EXCHANGES set, each exchange is recorded there for the
 * conformance suite. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "process.h"

#define ROOT "root@root.com:Root!1234"
#define JSON "Content-Type: application/json"
#define EVIL_PAGE "Origin: http://evil.example"

struct http_call {
    const char *method;
    const char *target; /* path and query, as sent */
    const char *basic;  /* user:password, or NULL */
    const char *bearer; /* or NULL */
    const char *header; /* one more, or NULL */
    const char *header2;
    const char *body; /* or NULL; JSON unless a header says otherwise */
    size_t body_size; /* 0: strlen(body) */
    bool chunked;
    bool off_record; /* a stub or a fault may answer, which no contract binds */
};

struct http_answer {
    int status;    /* 0: the connection broke */
    char *headers; /* (owned) all lines */
    char *body;    /* (owned) */
    size_t body_size;
};

void http_send(const struct process *server, const struct http_call *call,
               struct http_answer *ret_answer);
void http_answer_deinit(struct http_answer *answer);

/* Fails unless the status comes, and the text in the body; NULL: any body. */
void http_expect(const struct process *server, const struct http_call *call, int status,
                 const char *text);

/* The header's value, or NULL; static until the next call. */
const char *http_header(const struct http_answer *answer, const char *name);

/* Sends bytes as they are and reads what comes: one whole answer, or all until the server closes.
 * Records nothing. */
void http_raw(const struct process *server, const char *bytes, size_t size, bool one_answer,
              struct http_answer *ret_answer);

/* A connected socket. */
int http_connect(const struct process *server);
