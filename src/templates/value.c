#include "templates/value.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "json/json_number.h"
#include "util/java_double.h"
#include "util/text.h"

struct value value_of_bytes(const char *text, size_t size) {
    return (struct value){.kind = VALUE_TEXT, .text = text, .size = size};
}

struct value value_of_text(const char *text) {
    return text ? value_of_bytes(text, strlen(text)) : (struct value){0};
}

struct value value_of_boolean(bool is_true) {
    return (struct value){.kind = VALUE_BOOLEAN, .is_true = is_true};
}

struct value value_of_list(const struct value_item *items, size_t count) {
    return (struct value){.kind = VALUE_LIST, .items = items, .count = count};
}

/* Allocates from the room. */
static void *take(struct value_room *room, size_t size) {
    void *memory = arena_alloc(room->arena, size);
    room->lacks_memory |= !memory;
    return memory;
}

static struct value number_of(struct value_room *room, const char *text) {
    char *copy = take(room, strlen(text) + 1);
    struct value number = value_of_text(copy ? strcpy(copy, text) : NULL);
    number.kind = copy ? VALUE_NUMBER : VALUE_ABSENT;
    return number;
}

struct value value_of_integer(struct value_room *room, int64_t number) {
    char text[24];
    snprintf(text, sizeof(text), "%" PRId64, number);
    return number_of(room, text);
}

struct value value_of_double(struct value_room *room, double number) {
    char text[JAVA_DOUBLE_SIZE];
    java_double_format(number, text);
    return number_of(room, text);
}

/* A number without a text of its own is a whole one, see json_number_keep. */
struct value value_of_json(const cJSON *json, enum value_style style) {
    if (cJSON_IsString(json))
        return value_of_text(json->valuestring);
    if (cJSON_IsBool(json))
        return value_of_boolean(cJSON_IsTrue(json));
    if (!json || cJSON_IsNull(json))
        return (struct value){0};
    struct value value = {.kind = VALUE_JSON, .json = json, .style = style};
    if (cJSON_IsNumber(json)) {
        value.kind = VALUE_NUMBER;
        value.text = json->valuestring;
        value.size = json->valuestring ? strlen(json->valuestring) : 0;
    }
    return value;
}

bool value_is_list(const struct value *value) {
    return value->kind == VALUE_LIST || (value->kind == VALUE_JSON && cJSON_IsArray(value->json));
}

bool value_is_map(const struct value *value) {
    return value->kind == VALUE_MAP || value->kind == VALUE_FIELDS ||
           (value->kind == VALUE_JSON && cJSON_IsObject(value->json));
}

const char *value_number_text(const struct value *number, char buffer[VALUE_NUMBER_SIZE]) {
    return number->text ? number->text : json_number_text(number->json, buffer);
}

bool value_is_true(const struct value *value) {
    char buffer[VALUE_NUMBER_SIZE];
    switch (value->kind) {
    case VALUE_ABSENT:
        return false;
    case VALUE_BOOLEAN:
        return value->is_true;
    case VALUE_NUMBER: {
        const char *text = value_number_text(value, buffer);
        return json_decimal_compare(text, strlen(text), "0", 1) != 0;
    }
    case VALUE_TEXT:
    case VALUE_BASE64:
        return value->size > 0;
    case VALUE_LIST:
        return value->count > 0;
    case VALUE_JSON:
        return cJSON_IsObject(value->json) || value->json->child;
    case VALUE_MAP:
    case VALUE_FIELDS:
    case VALUE_DATE:
        return true;
    }
    return false;
}

struct value value_single(const struct value *value) {
    if (value->kind == VALUE_LIST && value->is_first)
        return value->count > 0 ? value->items[0].value : (struct value){0};
    return *value;
}

static bool is_name(const struct value *fields, const char *a, const char *b) {
    return fields->is_caseless ? text_is_same_name(a, b) : strcmp(a, b) == 0;
}

/* Collects the values of a name. */
static struct value find_fields(struct value_room *room, const struct value *fields,
                                const char *name) {
    size_t count = 0;
    if (!budget_spend(room->budget, fields->fields.count))
        return (struct value){0};
    for (size_t i = 0; i < fields->fields.count; i++)
        count += is_name(fields, fields->fields.items[i].name, name);
    struct value_item *items = count > 0 ? take(room, count * sizeof(*items)) : NULL;
    struct value list = value_of_list(items, 0);
    list.is_first = true;
    for (size_t i = 0; items && i < fields->fields.count; i++) {
        const struct name_value *field = &fields->fields.items[i];
        if (is_name(fields, field->name, name))
            items[list.count++].value = value_of_text(field->value);
    }
    return items ? list : (struct value){0};
}

/* Whether a field is the first of its name. */
static bool is_first_of_name(struct value_room *room, const struct value *fields, size_t index) {
    const struct name_value *items = fields->fields.items;
    for (size_t i = 0; i < index && budget_spend(room->budget, 1); i++)
        if (is_name(fields, items[i].name, items[index].name))
            return false;
    return true;
}

static bool next_fields(struct value_room *room, const struct value *fields,
                        struct value_cursor *cursor) {
    while (cursor->index < fields->fields.count && !is_first_of_name(room, fields, cursor->index))
        cursor->index++;
    if (cursor->index >= fields->fields.count)
        return false;
    cursor->name = fields->fields.items[cursor->index].name;
    cursor->value = find_fields(room, fields, cursor->name);
    cursor->index++;
    return !room->budget->exhausted;
}

bool value_next(struct value_room *room, const struct value *container,
                struct value_cursor *cursor) {
    if (!budget_spend(room->budget, 1))
        return false;
    if (container->kind == VALUE_FIELDS)
        return next_fields(room, container, cursor);
    if (container->kind == VALUE_JSON) {
        cursor->json = cursor->index++ == 0 ? container->json->child : cursor->json->next;
        if (!cursor->json)
            return false;
        cursor->name = cJSON_IsObject(container->json) ? cursor->json->string : NULL;
        cursor->value =
            value_of_json(cursor->json, container->style == STYLE_JAVA ? STYLE_JAVA : STYLE_PART);
        return true;
    }
    if (cursor->index >= container->count)
        return false;
    cursor->name = container->items[cursor->index].name;
    cursor->value = container->items[cursor->index].value;
    cursor->index++;
    return true;
}

size_t value_count(struct value_room *room, const struct value *container) {
    struct value_cursor cursor = {0};
    size_t count = 0;
    if (container->kind == VALUE_LIST || container->kind == VALUE_MAP)
        return container->count;
    while (value_next(room, container, &cursor))
        count++;
    return count;
}

static bool read_index(const char *name, size_t length, size_t *ret_index) {
    size_t index = 0;
    for (size_t i = 0; i < length; i++) {
        if (name[i] < '0' || name[i] > '9' || i > 8)
            return false;
        index = index * 10 + (size_t)(name[i] - '0');
    }
    *ret_index = index;
    return length > 0;
}

static bool is_word(const char *name, size_t length, const char *word) {
    return strlen(word) == length && memcmp(name, word, length) == 0;
}

static struct value find_item(struct value_room *room, const struct value *list, const char *name,
                              size_t length) {
    struct value_cursor cursor = {0};
    size_t index;
    bool is_last = list->is_first && is_word(name, length, "last");
    if (is_word(name, length, "size") || is_word(name, length, "length")) {
        return value_of_integer(room, (int64_t)value_count(room, list));
    }
    if (list->is_first && is_word(name, length, "first"))
        index = 0;
    else if (is_last)
        index = value_count(room, list) - 1;
    else if (!read_index(name, length, &index))
        return (struct value){0};
    if (list->kind == VALUE_LIST)
        return index < list->count ? list->items[index].value : (struct value){0};
    while (value_next(room, list, &cursor))
        if (cursor.index - 1 == index)
            return cursor.value;
    return (struct value){0};
}

static struct value find_member(struct value_room *room, const struct value *map,
                                const char *name) {
    struct value_cursor cursor = {0};
    struct value number = {0};
    if (map->kind == VALUE_FIELDS)
        number = find_fields(room, map, name);
    else
        while (value_next(room, map, &cursor))
            if (strcmp(cursor.name, name) == 0)
                return cursor.value;
    if (number.kind == VALUE_ABSENT && strcmp(name, "size") == 0)
        return value_of_integer(room, (int64_t)value_count(room, map));
    return number;
}

int64_t value_length(const char *text, size_t size) {
    int64_t length = 0;
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)text[i];
        length += (byte & 0xc0) != 0x80;
        length += byte >= 0xf0;
    }
    return length;
}

struct value value_find(struct value_room *room, const struct value *container, const char *name,
                        size_t length) {
    if (value_is_list(container))
        return find_item(room, container, name, length);
    if (value_is_map(container)) {
        char *copy = take(room, length + 1);
        return copy ? find_member(room, container, memcpy(copy, name, length)) : (struct value){0};
    }
    if (container->kind == VALUE_TEXT && is_word(name, length, "length"))
        return value_of_integer(room, value_length(container->text, container->size));
    return (struct value){0};
}
