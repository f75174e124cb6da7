/* An HTTP client. If KESTUB_EXCHANGES is set, it records each exchange there for the conformance
 * suite. */
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
    const char *header; /* another header, or NULL */
    const char *header2;
    const char *body; /* or NULL; JSON unless a header says otherwise */
    size_t body_size; /* 0: strlen(body) */
    bool chunked;
    const char *version; /* that the sandbox emulates; NULL: the version under test */
    bool off_record; /* do not record: a stub or a fault may answer, which follows no contract */
};

struct http_answer {
    int status;    /* 0: the connection failed */
    char *headers; /* (owned) all header lines */
    char *body;    /* (owned) */
    size_t body_size;
};

/* Fails the test when the answer to a call on the record lacks the form of errors_check_form. */
void http_send(const struct process *server, const struct http_call *call,
               struct http_answer *ret_answer);
void http_answer_deinit(struct http_answer *answer);

/* Fails the test unless the answer has this status, and the text in its body. NULL: any body. */
void http_expect(const struct process *server, const struct http_call *call, int status,
                 const char *text);

/* Returns the header's value, or NULL. Valid until the next call in this thread. */
const char *http_header(const struct http_answer *answer, const char *name);

/* Sends raw bytes. Reads one complete answer, or everything until the server closes the connection.
 * Does not record. */
void http_raw(const struct process *server, const char *bytes, size_t size, bool one_answer,
              struct http_answer *ret_answer);

/* Returns a connected socket. */
int http_connect(const struct process *server);
