#include "util/buffer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int buffer_reserve(struct buffer *buffer, size_t size) {
    if (size < buffer->capacity)
        return 0;
    char *bytes = realloc(buffer->bytes, size + 1);
    if (!bytes)
        return -ENOMEM;
    buffer->bytes = bytes;
    buffer->capacity = size + 1;
    return 0;
}

int buffer_append(struct buffer *buffer, const char *bytes, size_t size, size_t limit) {
    if (buffer->size > limit || size > limit - buffer->size)
        return 1;
    size_t needed = buffer->size + size;
    if (needed >= buffer->capacity) {
        size_t doubled = buffer->capacity * 2;
        int r = buffer_reserve(buffer, doubled > needed && doubled <= limit ? doubled : needed);
        if (r < 0)
            return r;
    }
    memcpy(buffer->bytes + buffer->size, bytes, size);
    buffer->size = needed;
    buffer->bytes[needed] = '\0';
    return 0;
}

void buffer_deinit(struct buffer *buffer) {
    free(buffer->bytes);
    *buffer = (struct buffer){0};
}
