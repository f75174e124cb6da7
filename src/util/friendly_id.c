#include "util/friendly_id.h"

#include "util/uuid.h"

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
    uuid_make_bytes(uuid);
    friendly_id_format(uuid, out);
}
