/* Reads the parts of a multipart body (RFC 2046), one after another. libmicrohttpd's post processor
 * does not serve: it needs a connection, which a body from the journal has not, and it drops the
 * headers of a part except three. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "util/arena.h"

/* A piece of the body; not terminated. */
struct span {
    const char *start;
    size_t size;
};

struct part {
    struct span headers; /* lines with line ends between them */
    struct span content;
};

struct part_reader {
    struct span rest;
    const char *delimiter; /* with the line end before it */
    size_t length;
    const char *at; /* the next delimiter in the rest; NULL: there is none */
    size_t skip;    /* its length */
};

enum { PART_END = 1, PART_BROKEN };

/* Prepares for the parts of a body. Returns 0, PART_BROKEN when the type has no valid boundary, or
 * -ENOMEM. `content_type` may be NULL. */
int part_reader_init(struct part_reader *reader, const char *content_type, struct span body,
                     struct arena *arena);

/* Returns 0 and the next part, PART_END after the closing delimiter, or PART_BROKEN. */
int part_reader_next(struct part_reader *reader, struct part *ret_part);

/* Cuts the next line off headers. Returns false when there is none. */
bool part_cut_line(struct span *headers, struct span *ret_line);

/* Removes blanks from the start. */
struct span part_skip_blanks(struct span span);

/* Finds a header of the part. Returns an empty value when there is none. */
struct span part_find_header(const struct part *part, const char *name);

/* Finds a parameter in the value of a header, such as `name` in `form-data; name="logo"`. Returns 0
 * and a copy in the arena, PART_BROKEN when there is none, or -ENOMEM. */
int part_find_parameter(struct span header, const char *name, struct arena *arena,
                        const char **ret_value);
