/* UUIDs as text (RFC 9562). */
#pragma once

#include <stdbool.h>

enum { UUID_SIZE = 37 };

/* A random one. */
void uuid_make(char out[UUID_SIZE]);
bool uuid_is_valid(const char *text);
