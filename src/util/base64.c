#include "util/base64.h"

#include <errno.h>
#include <string.h>

#include <sodium.h>

#include "util/fatal.h"

int base64_decode(const char *text, struct arena *arena, char **ret_bytes, size_t *ret_size) {
    size_t length = strlen(text);
    size_t size = 0;
    char *bytes = arena_alloc(arena, length + 1);
    if (!bytes)
        return FATAL(ENOMEM);
    if (sodium_base642bin((unsigned char *)bytes, length, text, length, NULL, &size, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0)
        return 1;
    bytes[size] = '\0';
    *ret_bytes = bytes;
    *ret_size = size;
    return 0;
}

const char *base64_encode(const char *bytes, size_t size, struct arena *arena) {
    size_t room = size / 3 * 4 + 5;
    char *text = arena_alloc(arena, room);
    if (text)
        sodium_bin2base64(text, room, (const unsigned char *)bytes, size,
                          sodium_base64_VARIANT_ORIGINAL);
    return text;
}
