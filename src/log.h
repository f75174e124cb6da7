/* The log on stderr: one line for each request and each failure, never a credential. Lines are
 * dropped while nobody reads a full pipe. */
#pragma once

#include <stdint.h>

#include "config.h"

struct log_request {
    const char *method;
    const char *path; /* as received, without the query */
    size_t path_length;
    int status; /* 0: none of ours; the client went away, or libmicrohttpd refused the rest */
    int64_t microseconds;
    const char *principal; /* or NULL */
    const char *breakage;  /* how the response was broken on purpose, or NULL */
    const char *origin;    /* where in the source a failure of ours arose; "": there is none */
};

/* Bytes that could forge a line are escaped. Each line is one write. */
void log_write_request(enum log_format format, const struct log_request *entry);
void log_write_failure(enum log_format format, const char *message, const char *origin);
