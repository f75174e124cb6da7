#include "util/buffer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/fatal.h"

/* Apart from its callers, which seldom need it and so stay short. */
__attribute__((noinline)) static int grow(struct buffer *buffer, size_t needed, size_t limit) {
    size_t doubled = buffer->capacity < limit / 2 ? buffer->capacity * 2 : limit;
    size_t capacity = (buffer->capacity > 0 && doubled > needed ? doubled : needed) + 1;
    char *larger = realloc(buffer->bytes, capacity);
    if (!larger)
        return FATAL(ENOMEM);
    buffer->bytes = larger;
    buffer->capacity = capacity;
    return 0;
}

static inline int reserve(struct buffer *buffer, size_t size, size_t limit) {
    if (buffer->size > limit || size > limit - buffer->size)
        return 1;
    size_t needed = buffer->size + size;
    return needed < buffer->capacity ? 0 : grow(buffer, needed, limit);
}

int buffer_reserve(struct buffer *buffer, size_t size, size_t limit) {
    return reserve(buffer, size, limit);
}

int buffer_append(struct buffer *buffer, const char *bytes, size_t size, size_t limit) {
    int r = reserve(buffer, size, limit);
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
