/* Base64 with padding (RFC 4648, section 4). */
#pragma once

#include <stddef.h>

#include "util/arena.h"

/* Returns 0, >0 when the text is not valid base64, or -ENOMEM. The result lies in the arena; a zero
 * follows its last byte. */
int base64_decode(const char *text, struct arena *arena, char **ret_bytes, size_t *ret_size);

/* Returns the text (in the arena), or NULL when memory is out. */
const char *base64_encode(const char *bytes, size_t size, struct arena *arena);
