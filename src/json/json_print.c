#include "json/json_print.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/json_number.h"
#include "util/buffer.h"

static int put(struct buffer *out, const char *bytes, size_t size) {
    return buffer_append(out, bytes, size, SIZE_MAX);
}

static int put_text(struct buffer *out, const char *text) {
    return put(out, text, strlen(text));
}

/* Returns the length of the beginning that needs no escape. */
static size_t plain_length(const char *text) {
    size_t length = 0;
    while ((unsigned char)text[length] >= ' ' && text[length] != '"' && text[length] != '\\')
        length++;
    return length;
}

static int put_escape(struct buffer *out, char c) {
    static const char letters[] = {
        ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n',  ['\r'] = 'r',
        ['\t'] = 't', ['"'] = '"',  ['\\'] = '\\',
    };
    char text[8] = {'\\', letters[(unsigned char)c]};
    if (!text[1])
        snprintf(text, sizeof(text), "\\u%04x", (unsigned)(unsigned char)c);
    return put_text(out, text);
}

static int put_string(struct buffer *out, const char *text) {
    int r = put(out, "\"", 1);
    while (r == 0) {
        size_t length = plain_length(text);
        r = put(out, text, length);
        text += length;
        if (!*text)
            break;
        r = r == 0 ? put_escape(out, *text++) : r;
    }
    return r == 0 ? put(out, "\"", 1) : r;
}

static int put_number(struct buffer *out, const cJSON *number) {
    char buffer[JSON_NUMBER_SIZE];
    if (!number->valuestring && !isfinite(number->valuedouble))
        return put_text(out, "null");
    return put_text(out, json_number_text(number, buffer));
}

static int put_value(struct buffer *out, const cJSON *value);

static int put_children(struct buffer *out, const cJSON *container) {
    int r = 0;
    for (const cJSON *child = container->child; child && r == 0; child = child->next) {
        if (cJSON_IsObject(container)) {
            r = put_string(out, child->string);
            r = r == 0 ? put(out, ":", 1) : r;
        }
        r = r == 0 ? put_value(out, child) : r;
        r = r == 0 && child->next ? put(out, ",", 1) : r;
    }
    return r;
}

static int put_value(struct buffer *out, const cJSON *value) {
    int r;
    switch (value->type & 0xff) {
    case cJSON_False:
        return put_text(out, "false");
    case cJSON_True:
        return put_text(out, "true");
    case cJSON_Number:
        return put_number(out, value);
    case cJSON_String:
        return put_string(out, value->valuestring);
    case cJSON_Array:
        r = put(out, "[", 1);
        r = r == 0 ? put_children(out, value) : r;
        return r == 0 ? put(out, "]", 1) : r;
    case cJSON_Object:
        r = put(out, "{", 1);
        r = r == 0 ? put_children(out, value) : r;
        return r == 0 ? put(out, "}", 1) : r;
    default:
        return put_text(out, "null");
    }
}

char *json_print(const cJSON *tree) {
    struct buffer out = {0};
    if (put_value(&out, tree) == 0)
        return out.bytes;
    buffer_deinit(&out);
    return NULL;
}
