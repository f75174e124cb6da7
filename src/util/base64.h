/* Base64 with padding (RFC 4648, 4). */
#pragma once

#include <stddef.h>

#include "util/arena.h"

/* 0; >0 when the text is no base64; -ENOMEM. A zero follows the last byte. */
int base64_decode(const char *text, struct arena *arena, char **ret_bytes, size_t *ret_size);

/* NULL when memory is out. */
const char *base64_encode(const char *bytes, size_t size, struct arena *arena);
