/* Undoes the content codings of HTTP (RFC 9110, 8.4) that a body has: gzip and deflate. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "util/buffer.h"
#include "util/name_value.h"

struct memory_limit;

struct encoding_limits {
    size_t decoded; /* bytes that all layers together may decode to */
    size_t kept;    /* how many of the last layer are kept */
    bool is_start;  /* the start of a body that decodes to more is enough */
    bool is_cut;    /* the bytes are the start of a body, whose streams may end early */
    struct memory_limit *memory; /* or NULL */
};

struct encoded {
    const char *bytes;
    size_t size;
};

enum { ENCODING_NONE = 1, ENCODING_TOO_LARGE };

/* Undoes the codings that the Content-Encoding headers name, from the last to the first, up to one
 * that kestub does not know or whose stream is broken. As in WireMock, a body that begins as gzip
 * does is decoded once without such a header, too. Returns 0, the bytes (owned by the caller) and
 * the size of the whole; ENCODING_NONE when there is nothing to undo; ENCODING_TOO_LARGE when the
 * body decodes to more than allowed; or <0: -ENOMEM, or -EDQUOT at the memory limit. */
int encoding_undo(const struct name_value_list *headers, struct encoded body,
                  const struct encoding_limits *limits, struct buffer *ret_decoded,
                  size_t *ret_size);
