/* A byte buffer that grows up to a limit. */
#pragma once

#include <stddef.h>

struct buffer {
    char *bytes; /* (owned) NULL while empty; a zero follows the last byte */
    size_t size;
    size_t capacity;
};

/* Makes room for `size` more bytes and the zero. Returns as buffer_append. */
int buffer_reserve(struct buffer *buffer, size_t size, size_t limit);

/* Returns 0, -ENOMEM, or >0 when the bytes would exceed `limit`; the buffer is then unchanged. */
int buffer_append(struct buffer *buffer, const char *bytes, size_t size, size_t limit);

/* Keeps at most so many bytes, and frees what they do not need. */
void buffer_cut(struct buffer *buffer, size_t size);

void buffer_deinit(struct buffer *buffer);
