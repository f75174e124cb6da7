/* UUIDs (RFC 9562) as bytes and as text. */
#pragma once

#include <stdbool.h>

enum { UUID_SIZE = 37 };

/* Makes a random UUID of version 4. */
void uuid_make_bytes(unsigned char out[16]);
void uuid_make(char out[UUID_SIZE]);

/* Formats random bytes, in which it sets the version and the variant. */
void uuid_format_random(unsigned char bytes[16], char out[UUID_SIZE]);

bool uuid_is_valid(const char *text);
