#include "templates/value_print.h"

#include <errno.h>
#include <string.h>

#include "json/json_number.h"
#include "json/json_print.h"
#include "templates/instant.h"
#include "util/base64.h"
#include "util/fatal.h"

/* Lists can contain each other this deep; JSON is never deeper. */
enum { MAX_DEPTH = 100, BYTES_PER_STEP = 16 };

struct printer {
    struct value_room *room;
    struct buffer *out;
    int depth;
};

static int put(struct printer *printer, const char *text, size_t size) {
    if (!budget_spend(printer->room->budget, 1 + size / BYTES_PER_STEP))
        return 1;
    return buffer_append(printer->out, text, size, VALUE_MAX_OUTPUT);
}

static int put_text(struct printer *printer, const char *text) {
    return put(printer, text, strlen(text));
}

static int print_value(struct printer *printer, const struct value *value);

static int print_base64(struct printer *printer, const struct value *value) {
    if (!budget_spend(printer->room->budget, value->size / BYTES_PER_STEP))
        return 1;
    const char *text = base64_encode(value->text, value->size, printer->room->arena);
    return text ? put_text(printer, text) : FATAL(ENOMEM);
}

/* As Java writes its lists and maps. */
static int print_java(struct printer *printer, const struct value *container) {
    bool is_map = value_is_map(container);
    struct value_cursor cursor = {0};
    int r = put_text(printer, is_map ? "{" : "[");
    for (bool is_later = false; r == 0 && value_next(printer->room, container, &cursor);
         is_later = true) {
        if (is_later)
            r = put_text(printer, ", ");
        if (r == 0 && is_map)
            r = put_text(printer, cursor.name);
        if (r == 0 && is_map)
            r = put_text(printer, "=");
        if (r == 0)
            r = cursor.value.kind == VALUE_ABSENT ? put_text(printer, "null")
                                                  : print_value(printer, &cursor.value);
    }
    return r == 0 ? put_text(printer, is_map ? "}" : "]") : r;
}

static int print_container(struct printer *printer, const struct value *value) {
    if (printer->depth >= MAX_DEPTH)
        return 1;
    printer->depth++;
    int r;
    if (value->kind == VALUE_MAP && value->text)
        r = put(printer, value->text, value->size);
    else if (value->style == STYLE_ROOT && value_is_map(value))
        r = value_print_json(printer->room, value, printer->out);
    else if (value->style != STYLE_JAVA && value_is_list(value)) {
        char *text = json_print(value->json);
        r = text ? put_text(printer, text) : FATAL(ENOMEM);
        cJSON_free(text);
    } else
        r = print_java(printer, value);
    printer->depth--;
    return r;
}

static int print_value(struct printer *printer, const struct value *value) {
    char buffer[VALUE_NUMBER_SIZE];
    struct value single = value_single(value);
    switch (single.kind) {
    case VALUE_ABSENT:
        return 0;
    case VALUE_BOOLEAN:
        return put_text(printer, single.is_true ? "true" : "false");
    case VALUE_NUMBER:
        return put_text(printer, value_number_text(&single, buffer));
    case VALUE_TEXT:
        return put(printer, single.text, single.size);
    case VALUE_BASE64:
        return print_base64(printer, &single);
    case VALUE_LIST:
    case VALUE_MAP:
    case VALUE_FIELDS:
    case VALUE_JSON:
        return print_container(printer, &single);
    case VALUE_DATE: {
        char text[INSTANT_SIZE];
        instant_print(&single, text);
        return put_text(printer, text);
    }
    }
    return 0;
}

int value_print(struct value_room *room, const struct value *value, struct buffer *out) {
    struct printer printer = {.room = room, .out = out};
    int r = print_value(&printer, value);
    return room->lacks_memory ? FATAL(ENOMEM) : r > 0 || room->budget->exhausted ? 1 : r;
}

/* Prints by `print` into the arena. */
static int print_text(struct value_room *room, const struct value *value,
                      int (*print)(struct value_room *, const struct value *, struct buffer *),
                      const char **ret_text, size_t *ret_size) {
    struct buffer out = {0};
    int r = print(room, value, &out);
    char *text = r == 0 ? arena_copy(room->arena, out.bytes, out.size) : NULL;
    size_t size = out.size;
    buffer_deinit(&out);
    if (r != 0)
        return r;
    if (!text)
        return FATAL(ENOMEM);
    *ret_text = text;
    *ret_size = size;
    return 0;
}

int value_text(struct value_room *room, const struct value *value, const char **ret_text,
               size_t *ret_size) {
    struct value single = value_single(value);
    if (single.kind == VALUE_TEXT) {
        *ret_text = single.text;
        *ret_size = single.size;
        return 0;
    }
    return print_text(room, &single, value_print, ret_text, ret_size);
}

static int print_json(struct printer *printer, const struct value *value, int indentation);

static int print_string(struct printer *printer, const char *text) {
    const cJSON string = {.type = cJSON_String, .valuestring = (char *)(uintptr_t)text};
    char *printed = json_print(&string);
    int r = printed ? put_text(printer, printed) : FATAL(ENOMEM);
    cJSON_free(printed);
    return r;
}

static int print_line(struct printer *printer, int indentation) {
    int r = put_text(printer, "\n");
    for (int i = 0; r == 0 && i < indentation; i++)
        r = put_text(printer, "  ");
    return r;
}

/* Jackson gives each member a line of its own, and keeps the items of a list on one. */
static int print_json_container(struct printer *printer, const struct value *value,
                                int indentation) {
    bool is_map = value_is_map(value);
    struct value_cursor cursor = {0};
    bool is_later = false;
    int r = put_text(printer, is_map ? "{" : "[");
    for (; r == 0 && value_next(printer->room, value, &cursor); is_later = true) {
        if (is_later)
            r = put_text(printer, ",");
        if (r == 0)
            r = is_map ? print_line(printer, indentation + 1) : put_text(printer, " ");
        if (r == 0 && is_map)
            r = print_string(printer, cursor.name);
        if (r == 0 && is_map)
            r = put_text(printer, " : ");
        if (r == 0)
            r = print_json(printer, &cursor.value, is_map ? indentation + 1 : indentation);
    }
    if (r == 0)
        r = is_map && is_later ? print_line(printer, indentation) : put_text(printer, " ");
    return r == 0 ? put_text(printer, is_map ? "}" : "]") : r;
}

static int print_json(struct printer *printer, const struct value *value, int indentation) {
    bool is_single = value->is_first && value->count == 1;
    struct value single = is_single ? value_single(value) : *value;
    const char *text = "";
    size_t size = 0;
    if (single.kind == VALUE_ABSENT)
        return put_text(printer, "null");
    if (single.kind == VALUE_NUMBER || single.kind == VALUE_BOOLEAN)
        return print_value(printer, &single);
    if (value_is_list(&single) || value_is_map(&single)) {
        if (printer->depth >= MAX_DEPTH)
            return 1;
        printer->depth++;
        int r = print_json_container(printer, &single, indentation);
        printer->depth--;
        return r;
    }
    int r = value_text(printer->room, &single, &text, &size);
    return r == 0 ? print_string(printer, text) : r;
}

int value_print_json(struct value_room *room, const struct value *value, struct buffer *out) {
    struct printer printer = {.room = room, .out = out};
    int r = print_json(&printer, value, 0);
    return room->lacks_memory ? FATAL(ENOMEM) : r > 0 || room->budget->exhausted ? 1 : r;
}

int value_json_text(struct value_room *room, const struct value *value, const char **ret_text,
                    size_t *ret_size) {
    return print_text(room, value, value_print_json, ret_text, ret_size);
}

int value_equals(struct value_room *room, const struct value *a, const struct value *b,
                 bool *ret_is_equal) {
    struct value left = value_single(a);
    struct value right = value_single(b);
    const char *texts[2] = {NULL, NULL};
    size_t sizes[2] = {0, 0};
    bool are_texts = !value_is_list(&left) && !value_is_map(&left);
    if (left.kind != right.kind && (are_texts || (value_is_list(&left) != value_is_list(&right)) ||
                                    value_is_map(&left) != value_is_map(&right))) {
        *ret_is_equal = false;
        return 0;
    }
    int r = value_text(room, &left, &texts[0], &sizes[0]);
    if (r == 0)
        r = value_text(room, &right, &texts[1], &sizes[1]);
    if (r != 0)
        return r;
    *ret_is_equal = left.kind == VALUE_NUMBER
                        ? json_decimal_compare(texts[0], sizes[0], texts[1], sizes[1]) == 0
                        : sizes[0] == sizes[1] && memcmp(texts[0], texts[1], sizes[0]) == 0;
    return 0;
}
