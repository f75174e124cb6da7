#include "util/buffer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/fatal.h"

int buffer_reserve(struct buffer *buffer, size_t size, size_t limit) {
    if (buffer->size > limit || size > limit - buffer->size)
        return 1;
    size_t needed = buffer->size + size;
    if (needed < buffer->capacity)
        return 0;
    size_t doubled = buffer->capacity < limit / 2 ? buffer->capacity * 2 : limit;
    size_t capacity = (buffer->capacity > 0 && doubled > needed ? doubled : needed) + 1;
    char *larger = realloc(buffer->bytes, capacity);
    if (!larger)
        return FATAL(ENOMEM);
    buffer->bytes = larger;
    buffer->capacity = capacity;
    return 0;
}

int buffer_append(struct buffer *buffer, const char *bytes, size_t size, size_t limit) {
    int r = buffer_reserve(buffer, size, limit);
    if (r != 0)
        return r;
    if (size > 0) /* nothing may have no address */
        memcpy(buffer->bytes + buffer->size, bytes, size);
    buffer->size += size;
    buffer->bytes[buffer->size] = '\0';
    return 0;
}

void buffer_cut(struct buffer *buffer, size_t size) {
    if (buffer->size <= size)
        return;
    char *smaller = size > 0 ? realloc(buffer->bytes, size + 1) : NULL;
    if (size == 0)
        buffer_deinit(buffer);
    if (!smaller)
        return;
    smaller[size] = '\0';
    *buffer = (struct buffer){smaller, size, size + 1};
}

void buffer_deinit(struct buffer *buffer) {
    free(buffer->bytes);
    *buffer = (struct buffer){0};
}
