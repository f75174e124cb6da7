/* Checks the head of a request strictly. libmicrohttpd accepts heads that another server or a proxy
 * would read differently. They may even disagree on where the next request starts (RFC 9112,
 * section 11.2). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The state of the check, which sees the head part by part. */
struct head {
    const char *flaw; /* a message for the client; NULL: nothing wrong so far */
    bool in_place;    /* the library parses the head in its receive buffer */
    bool is_1_0;
    size_t n_hosts;
    uintptr_t start;
    uintptr_t next; /* the address where the next part has to start */
};

/* Returns the value of MHD_OPTION_STRICT_FOR_CLIENT that goes with these checks. */
int head_strictness(void);

/* Starts with the request line. All strings must be the pointers that libmicrohttpd passes, since
 * their addresses are compared. Only `target` is a copy: of what was at `place` when libmicrohttpd
 * had read the request line. */
void head_begin(struct head *head, const char *method, const char *target, const void *place,
                const char *version);

/* Checks the next header. Call this in the order in which the headers arrived. */
void head_add(struct head *head, const char *name, const char *value);

/* `size` is the size of the whole head in bytes. After this call `flaw` is final. */
void head_end(struct head *head, size_t size);
