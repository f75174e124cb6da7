#include "util/text.h"

#include <stdint.h>
#include <string.h>

/* Returns the length of the UTF-8 sequence at `p`, which has `left` bytes, or 0 when it is
 * malformed. */
static size_t sequence_length(const unsigned char *p, size_t left) {
    if (p[0] < 0x80)
        return 1;
    size_t length = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || length > left)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    bool overlong = (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xf0 && p[1] < 0x90);
    bool surrogate = p[0] == 0xed && p[1] > 0x9f;
    bool too_high = p[0] == 0xf4 && p[1] > 0x8f;
    return overlong || surrogate || too_high ? 0 : length;
}

bool text_is_utf8(const char *text, size_t length) {
    const unsigned char *p = (const unsigned char *)text;
    for (size_t i = 0; i < length;) {
        uint64_t eight;
        if (length - i >= sizeof(eight)) {
            memcpy(&eight, p + i, sizeof(eight));
            if ((eight & UINT64_C(0x8080808080808080)) == 0) { /* ASCII */
                i += sizeof(eight);
                continue;
            }
        }
        size_t step = sequence_length(p + i, length - i);
        if (step == 0)
            return false;
        i += step;
    }
    return true;
}

/* Returns the length of the white space character at `text`, or 0 when there is none. */
static size_t space_length(const char *text) {
    static const char *const wide[] = {
        "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81", "\xe2\x80\x82",
        "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86", "\xe2\x80\x87",
        "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8", "\xe2\x80\xa9",
        "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80", "\xef\xbb\xbf",
    };
    if ((unsigned char)*text < 0x80)
        return *text == ' ' || (*text >= '\t' && *text <= '\r');
    for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
        if (strncmp(text, wide[i], strlen(wide[i])) == 0)
            return strlen(wide[i]);
    return 0;
}

size_t text_cut(const char *text, size_t max) {
    size_t length = strnlen(text, max + 1);
    if (length <= max)
        return length;
    while (max > 0 && ((unsigned char)text[max] & 0xc0) == 0x80)
        max--;
    return max;
}

bool text_is_token(const char *text) {
    size_t length = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                 "!#$%&'*+-.^_`|~");
    return length > 0 && text[length] == '\0';
}

bool text_is_blank(const char *text) {
    for (size_t length; *text; text += length) {
        length = space_length(text);
        if (length == 0)
            return false;
    }
    return true;
}

static int hex_value(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

int text_percent_decode(const char *text, size_t length, char *out) {
    size_t size = 0;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (c == '%') {
            if (length - i < 3)
                return 1;
            int high = hex_value(text[i + 1]);
            int low = hex_value(text[i + 2]);
            if (high < 0 || low < 0)
                return 1;
            c = (char)(high * 16 + low);
            i += 2;
        }
        if (c == '\0')
            return 1;
        out[size++] = c;
    }
    out[size] = '\0';
    return text_is_utf8(out, size) ? 0 : 1;
}

int text_form_decode(const char *text, size_t length, char *out) {
    for (size_t i = 0; i < length; i++)
        out[i] = (char)(text[i] == '+' ? ' ' : text[i]);
    return text_percent_decode(out, length, out);
}

void text_repair(const char *text, size_t length, char *out) {
    for (size_t i = 0; i < length;) {
        size_t size = 1;
        while (size <= 4 && size <= length - i && !text_is_utf8(text + i, size))
            size++;
        bool is_whole = text[i] != '\0' && size <= 4 && size <= length - i;
        if (!is_whole)
            size = 1;
        out = mempcpy(out, is_whole ? text + i : "\xef\xbf\xbd", is_whole ? size : 3);
        i += size;
    }
    *out = '\0';
}

bool text_is_header_value(const char *text) {
    bool is_printable = true;
    for (const char *c = text; *c; c++)
        is_printable = is_printable && (unsigned char)*c >= ' ' && *c != '\x7f';
    return is_printable;
}
