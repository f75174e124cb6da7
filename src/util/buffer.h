/* Bytes that arrive in pieces, never more than a limit. */
#pragma once

#include <stddef.h>

struct buffer {
    char *bytes; /* (owned) NULL while empty; one zero follows the last byte */
    size_t size;
    size_t capacity;
};

/* 0, or -ENOMEM; >0 when the bytes would pass `limit`, and the buffer is left as it was. */
int buffer_append(struct buffer *buffer, const char *bytes, size_t size, size_t limit);

void buffer_deinit(struct buffer *buffer);
