#include "util/uuid.h"

#include <stdio.h>
#include <string.h>

#include <sodium.h>

static void mark_version(unsigned char bytes[16]) {
    bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40); /* version 4 */
    bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80); /* the variant */
}

void uuid_make_bytes(unsigned char out[16]) {
    randombytes_buf(out, 16);
    mark_version(out);
}

void uuid_format_random(unsigned char b[16], char out[UUID_SIZE]) {
    mark_version(b);
    snprintf(out, UUID_SIZE, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
             b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13],
             b[14], b[15]);
}

void uuid_make(char out[UUID_SIZE]) {
    unsigned char bytes[16];
    uuid_make_bytes(bytes);
    uuid_format_random(bytes, out);
}

bool uuid_is_valid(const char *text) {
    for (int i = 0; i < UUID_SIZE - 1; i++) {
        bool is_hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        if (text[i] == '\0' || !strchr(is_hyphen ? "-" : "0123456789abcdefABCDEF", text[i]))
            return false;
    }
    return text[UUID_SIZE - 1] == '\0';
}
