/* The log on stderr. Each request and each failure gets one line, without credentials. A line is
 * dropped when the pipe is full and nobody reads it. */
#pragma once

#include <stdint.h>

#include "config.h"

struct log_request {
    const char *method;
    const char *path; /* as received, without the query */
    size_t path_length;
    int status; /* 0: kestub sent none */
    int64_t microseconds;
    const char *principal; /* or NULL */
    const char *breakage;  /* how the response was broken on purpose, or NULL */
    const char *origin;    /* where in the source an internal error arose, or "" */
    const char *closest;   /* the id of the stub that came closest to answering, or NULL */
    const char *part;      /* and the first part of the request that differs from it */
    const char *part_name; /* such as a header's name, or "" */
};

/* Each writes its line with one write(). Bytes of a request that could forge a line are escaped. */
void log_write_request(enum log_format format, const struct log_request *entry);
void log_write_failure(enum log_format format, const char *message, const char *origin);
void log_write_warning(enum log_format format, const char *message);
