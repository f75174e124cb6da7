#include "util/friendly_id.h"

#include <string.h>

#include <sodium.h>

void friendly_id_format(const unsigned char uuid[16], char out[FRIENDLY_ID_SIZE]) {
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    unsigned __int128 number = 0;
    for (int i = 0; i < 16; i++)
        number = number << 8 | uuid[i];
    char reversed[FRIENDLY_ID_SIZE];
    int length = 0;
    do {
        reversed[length++] = digits[number % 62];
        number /= 62;
    } while (number > 0);
    for (int i = 0; i < length; i++)
        out[i] = reversed[length - 1 - i];
    out[length] = '\0';
}

void friendly_id_make(char out[FRIENDLY_ID_SIZE]) {
    unsigned char uuid[16];
    randombytes_buf(uuid, sizeof(uuid));
    uuid[6] = (unsigned char)((uuid[6] & 0x0f) | 0x40); /* version 4 */
    uuid[8] = (unsigned char)((uuid[8] & 0x3f) | 0x80); /* variant of RFC 9562 */
    friendly_id_format(uuid, out);
}
