/* One request, from the callbacks of libmicrohttpd to its answer. */
#pragma once

#include <stdatomic.h>

#include <microhttpd.h>

#include "config.h"
#include "http/delivery.h"
#include "http/drain.h"
#include "http/jobs.h"
#include "http/streams.h"
#include "http/waits.h"
#include "sandbox/sandboxes.h"
#include "util/cancellation.h"

/* What all calls of a server share. */
struct call_context {
    const struct config *config;
    struct sandboxes *sandboxes;
    struct metrics *metrics; /* (owned by the server) */
    struct delivery *delivery;
    struct jobs *jobs;
    struct waits *waits;
    struct streams *streams;
    struct drain *drain;
    atomic_bool stopping;             /* refuse new calls */
    struct cancellation cancellation; /* give up the calls in flight */
};

/* The callbacks of libmicrohttpd; `cls` is the struct call_context. */
void *call_begin(void *cls, const char *target, struct MHD_Connection *connection);
size_t call_keep_escapes(void *cls, struct MHD_Connection *connection, char *text);
enum MHD_Result call_continue(void *cls, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload_data,
                              size_t *upload_data_size, void **con_cls);
void call_end(void *cls, struct MHD_Connection *connection, void **con_cls,
              enum MHD_RequestTerminationCode code);

/* Returns the descriptor of a connection. */
static inline int call_socket(struct MHD_Connection *connection) {
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}
