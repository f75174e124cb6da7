/* Strictness about the head of a request. libmicrohttpd lets much pass that another server or a
 * proxy would read differently, up to where the next request starts (RFC 9112, section 11.2). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is seen of a head, part by part. */
struct head {
    const char *flaw; /* what is wrong with it, a sentence for the client; NULL: nothing yet */
    bool in_place;    /* the library leaves the parts where it received them */
    bool is_1_0;
    size_t n_hosts;
    uintptr_t start;
    uintptr_t next; /* where the next part has to start, unless something lies between them */
};

/* What libmicrohttpd gets as MHD_OPTION_STRICT_FOR_CLIENT beside this. */
int head_strictness(void);

/* All strings are libmicrohttpd's own, but for `target`, which is a copy of what it had at `place`
 * when the request line was read. */
void head_begin(struct head *head, const char *method, const char *target, const void *place,
                const char *version);

/* The next header, in the order in which they came. */
void head_add(struct head *head, const char *name, const char *value);

/* `size` is that of the whole head. Afterwards `flaw` is final. */
void head_end(struct head *head, size_t size);
