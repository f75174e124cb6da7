/* Ids as Kestra makes them: a random UUID (version 4) in base62 with the alphabet 0-9A-Za-z, most
 * significant digit first, without padding. An id has up to 22 characters. */
#pragma once

enum { FRIENDLY_ID_SIZE = 23 };

void friendly_id_make(char out[FRIENDLY_ID_SIZE]);

/* Formats 16 bytes, as one big-endian number, in base62. */
void friendly_id_format(const unsigned char uuid[16], char out[FRIENDLY_ID_SIZE]);
