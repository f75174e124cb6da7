#include "json/json_print.h"

#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/json_number.h"
#include "util/buffer.h"

struct printer {
    struct buffer out;
    size_t limit;    /* of `out` */
    int indentation; /* of the next line, in levels; -1: there are no lines */
};

/* Most texts have a few bytes, for which a call would cost more than the copy. */
static int put(struct printer *printer, const char *bytes, size_t size) {
    struct buffer *out = &printer->out;
    if (size >= out->capacity - out->size || size > printer->limit - out->size)
        return buffer_append(out, bytes, size, printer->limit);
    memcpy(out->bytes + out->size, bytes, size);
    out->size += size;
    out->bytes[out->size] = '\0';
    return 0;
}

static int put_text(struct printer *printer, const char *text) {
    return put(printer, text, strlen(text));
}

static int put_line_end(struct printer *printer) {
    int r = printer->indentation < 0 ? 0 : put_text(printer, "\n");
    for (int i = 0; i < printer->indentation && r == 0; i++)
        r = put_text(printer, "  ");
    return r;
}

/* Whether one of eight bytes needs an escape. A byte below 0x80 gets that bit from the subtraction
 * when it was less. */
static bool has_special(uint64_t bytes) {
    const uint64_t ones = UINT64_MAX / UCHAR_MAX; /* each byte is 1 */
    uint64_t controls = bytes - ones * ' ';
    uint64_t quotes = (bytes ^ ones * '"') - ones;
    uint64_t backslashes = (bytes ^ ones * '\\') - ones;
    return (controls | quotes | backslashes) & ~bytes & ones << 7;
}

/* Whether one of these bytes, which are fewer than eight, needs an escape. */
static bool few_have_special(const char *text, size_t size) {
    uint32_t first;
    uint32_t last;
    if (size < sizeof(first)) {
        uint64_t blanks = UINT64_MAX / UCHAR_MAX * ' ';
        return size > 0 && has_special(blanks << 24 | (uint64_t)(unsigned char)text[0] << 16 |
                                       (uint64_t)(unsigned char)text[size / 2] << 8 |
                                       (unsigned char)text[size - 1]);
    }
    memcpy(&first, text, sizeof(first)); /* they may overlap */
    memcpy(&last, text + size - sizeof(last), sizeof(last));
    return has_special((uint64_t)last << 32 | first);
}

static bool have_special(const char *text, size_t size) {
    uint64_t bytes;
    if (size < sizeof(bytes))
        return few_have_special(text, size);
    const char *last = text + size - sizeof(bytes);
    for (; text < last; text += sizeof(bytes)) {
        memcpy(&bytes, text, sizeof(bytes));
        if (has_special(bytes))
            return true;
    }
    memcpy(&bytes, last, sizeof(bytes));
    return has_special(bytes);
}

size_t json_plain_length(const char *text, size_t length) {
    static const bool is_plain[UCHAR_MAX + 1] = {
        [' ' ... '!'] = true, ['#' ... '['] = true, [']' ... UCHAR_MAX] = true};
    if (!have_special(text, length))
        return length;
    size_t plain = 0;
    while (is_plain[(unsigned char)text[plain]])
        plain++;
    return plain;
}

static int put_escape(struct printer *printer, char c) {
    static const char letters[] = {
        ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n',  ['\r'] = 'r',
        ['\t'] = 't', ['"'] = '"',  ['\\'] = '\\',
    };
    char text[8] = {'\\', letters[(unsigned char)c]};
    if (!text[1])
        snprintf(text, sizeof(text), "\\u%04x", (unsigned)(unsigned char)c);
    return put_text(printer, text);
}

static int put_string(struct printer *printer, const char *text) {
    const char *end = text + strlen(text);
    int r = put(printer, "\"", 1);
    while (r == 0) {
        size_t length = json_plain_length(text, (size_t)(end - text));
        r = put(printer, text, length);
        text += length;
        if (text == end)
            break;
        r = r == 0 ? put_escape(printer, *text++) : r;
    }
    return r == 0 ? put(printer, "\"", 1) : r;
}

static int put_number(struct printer *printer, const cJSON *number) {
    char buffer[JSON_NUMBER_SIZE];
    if (!number->valuestring && !isfinite(number->valuedouble))
        return put_text(printer, "null");
    return put_text(printer, json_number_text(number, buffer));
}

static int put_value(struct printer *printer, const cJSON *value);

static int put_name(struct printer *printer, const char *name) {
    int r = put_string(printer, name);
    return r == 0 ? put_text(printer, printer->indentation < 0 ? ":" : ": ") : r;
}

static int put_container(struct printer *printer, const cJSON *container) {
    bool is_object = cJSON_IsObject(container);
    bool has_lines = printer->indentation >= 0 && container->child;
    int r = put_text(printer, is_object ? "{" : "[");
    printer->indentation += has_lines;
    for (const cJSON *child = container->child; child && r == 0; child = child->next) {
        r = put_line_end(printer);
        if (r == 0 && is_object)
            r = put_name(printer, child->string);
        r = r == 0 ? put_value(printer, child) : r;
        r = r == 0 && child->next ? put_text(printer, ",") : r;
    }
    printer->indentation -= has_lines;
    if (r == 0 && has_lines)
        r = put_line_end(printer);
    return r == 0 ? put_text(printer, is_object ? "}" : "]") : r;
}

static int put_value(struct printer *printer, const cJSON *value) {
    switch (value->type & 0xff) {
    case cJSON_False:
        return put_text(printer, "false");
    case cJSON_True:
        return put_text(printer, "true");
    case cJSON_Number:
        return put_number(printer, value);
    case cJSON_String:
        return put_string(printer, value->valuestring);
    case cJSON_Array:
    case cJSON_Object:
        return put_container(printer, value);
    default:
        return put_text(printer, "null");
    }
}

static char *print(const cJSON *tree, int indentation) {
    enum { FIRST = 256 };
    struct printer printer = {.out = {.bytes = malloc(FIRST), .capacity = FIRST},
                              .limit = SIZE_MAX,
                              .indentation = indentation};
    if (printer.out.bytes && put_value(&printer, tree) == 0)
        return printer.out.bytes;
    buffer_deinit(&printer.out);
    return NULL;
}

int json_print_text(const char *text, size_t limit, struct buffer *out) {
    struct printer printer = {.out = *out, .limit = limit};
    int r = put_string(&printer, text);
    *out = printer.out;
    return r;
}

int json_print_value(const cJSON *tree, struct buffer *out) {
    struct printer printer = {.out = *out, .limit = SIZE_MAX, .indentation = -1};
    int r = put_value(&printer, tree);
    *out = printer.out;
    return r;
}

char *json_print(const cJSON *tree) {
    return print(tree, -1);
}

char *json_print_lines(const cJSON *tree) {
    return print(tree, 0);
}
