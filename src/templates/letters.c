#include "templates/letters.h"

#include <stdbool.h>
#include <string.h>

/* A range of lower case letters, and how far their upper case is away. In a range of pairs (0),
 * every second letter is upper case, and the next one its lower case. */
static const struct {
    unsigned first, last, distance;
} ranges[] = {
    {'a', 'z', 0x20},     {0xe0, 0xf6, 0x20},   {0xf8, 0xfe, 0x20},   {0x100, 0x12f, 0},
    {0x132, 0x137, 0},    {0x14a, 0x177, 0},    {0x3b1, 0x3c1, 0x20}, {0x3c3, 0x3c9, 0x20},
    {0x430, 0x44f, 0x20}, {0x450, 0x45f, 0x50}, {0x460, 0x481, 0},
};

static unsigned change_letter(unsigned letter, bool to_upper) {
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        unsigned distance = ranges[i].distance;
        unsigned other = to_upper ? letter : letter + distance;
        if (other < ranges[i].first || other > ranges[i].last)
            continue;
        if (distance == 0)
            return to_upper ? letter & ~1U : letter | 1U;
        return to_upper ? letter - distance : other;
    }
    return letter;
}

/* Decodes a character of one or two bytes; returns 0 for any other. */
static size_t decode(const unsigned char *at, size_t left, unsigned *ret_letter) {
    *ret_letter = at[0];
    if (at[0] < 0x80)
        return 1;
    if (left < 2 || (at[0] & 0xe0) != 0xc0 || (at[1] & 0xc0) != 0x80)
        return 0;
    *ret_letter = (at[0] & 0x1fU) << 6 | (at[1] & 0x3fU);
    return 2;
}

void letters_change(char *text, size_t size, enum letters_change change) {
    unsigned char *bytes = (unsigned char *)text;
    bool is_first = true;
    unsigned letter;
    for (size_t i = 0; i < size;) {
        size_t length = decode(bytes + i, size - i, &letter);
        bool is_title = change == LETTERS_TITLE || change == LETTERS_TITLE_ONLY;
        bool to_upper = change == LETTERS_UPPER || (change != LETTERS_LOWER && is_first);
        bool to_lower = change == LETTERS_LOWER || (change == LETTERS_TITLE_ONLY && !is_first);
        unsigned changed = to_upper || to_lower ? change_letter(letter, to_upper) : letter;
        if (length == 1 && changed < 0x80)
            bytes[i] = (unsigned char)changed;
        if (length == 2 && changed >= 0x80) {
            bytes[i] = (unsigned char)(0xc0 | changed >> 6);
            bytes[i + 1] = (unsigned char)(0x80 | (changed & 0x3f));
        }
        is_first = is_title && length == 1 && strchr(" \t\r\n", (int)letter);
        i += length > 0 ? length : 1;
    }
}
