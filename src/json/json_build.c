#include "json/json_build.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "json/json.h"
#include "json/json_print.h"
#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/timestamp.h"

/* ---- The text */

static bool grow(struct json_builder *builder, size_t size) {
    enum { FIRST = 1000 };
    struct buffer *text = &builder->text;
    size_t more = size > text->capacity ? size : text->capacity;
    if (more > MEMORY_SMALL && !memory_limit_allows(builder->memory, MEMORY_TO_WORK, more))
        builder->lacks_room = builder->failed = true;
    else if (buffer_reserve(text, size > FIRST ? size : FIRST, SIZE_MAX) != 0)
        builder->failed = true;
    return !builder->failed;
}

/* Makes room for so many more bytes. */
static inline bool reserve(struct json_builder *builder, size_t size) {
    return size < builder->text.capacity - builder->text.size || grow(builder, size);
}

static void put(struct json_builder *builder, const char *bytes, size_t size) {
    if (!reserve(builder, size))
        return;
    memcpy(builder->text.bytes + builder->text.size, bytes, size);
    builder->text.size += size;
}

/* Writes a text of this length, and `end` after it unless it is 0. */
static void put_string(struct json_builder *builder, const char *text, size_t length, char end) {
    if (!reserve(builder, length + sizeof("\"\":")))
        return;
    if (json_plain_length(text, length) < length) {
        builder->failed |= json_print_text(text, SIZE_MAX, &builder->text) != 0;
        put(builder, &end, end != '\0');
        return;
    }
    char *at = builder->text.bytes + builder->text.size;
    *at++ = '"';
    memcpy(at, text, length);
    at[length] = '"';
    at[length + 1] = end;
    builder->text.size += length + 2 + (end != '\0');
}

/* ---- What is open */

/* Closes containers until this many are open. Leaves room for a byte. */
static bool close_to(struct json_builder *builder, unsigned level) {
    if (!reserve(builder, builder->level - level + 1))
        return false;
    while (builder->level > level)
        builder->text.bytes[builder->text.size++] = builder->open[builder->level--].end;
    return true;
}

static bool is_open(const struct json_builder *builder, struct json_parent parent,
                    const char *name) {
    return parent.level > 0 && parent.level <= builder->level &&
           builder->open[parent.level].number == parent.number &&
           builder->open[parent.level].end == (name ? '}' : ']');
}

/* Writes what stands before a value. Returns false when the value must not be written. */
static bool begin_value(struct json_builder *builder, struct json_parent parent, const char *name) {
    if (builder->failed)
        return false;
    bool fits = is_open(builder, parent, name);
    assert(fits);
    builder->failed = !fits;
    if (!fits || !close_to(builder, parent.level))
        return false;
    char last = builder->text.bytes[builder->text.size - 1];
    if (last != '{' && last != '[') /* which no value ends with */
        builder->text.bytes[builder->text.size++] = ',';
    if (name)
        put_string(builder, name, strlen(name), ':');
    return !builder->failed;
}

static struct json_parent open_container(struct json_builder *builder, char start, char end) {
    bool fits = builder->level < JSON_BUILD_LEVELS;
    assert(fits);
    builder->failed |= !fits;
    if (builder->failed)
        return (struct json_parent){0};
    put(builder, &start, 1);
    builder->level++;
    builder->n_begun++;
    builder->open[builder->level].number = builder->n_begun;
    builder->open[builder->level].end = end;
    return (struct json_parent){builder->level, builder->n_begun};
}

static struct json_parent begin_container(struct json_builder *builder, char start, char end) {
    bool fits = builder->level == 0;
    assert(fits);
    builder->failed |= !fits;
    return open_container(builder, start, end);
}

struct json_parent json_begin_object(struct json_builder *builder) {
    return begin_container(builder, '{', '}');
}

struct json_parent json_begin_array(struct json_builder *builder) {
    return begin_container(builder, '[', ']');
}

int json_end(struct json_builder *builder) {
    if (!builder->failed && close_to(builder, 0)) {
        builder->text.bytes[builder->text.size] = '\0';
        return 0;
    }
    return builder->lacks_room ? FATAL(EDQUOT) : FATAL(ENOMEM);
}

void json_builder_deinit(struct json_builder *builder) {
    buffer_deinit(&builder->text);
}

/* ---- Values */

struct json_parent json_add_object(struct json_builder *builder, struct json_parent parent,
                                   const char *name) {
    return begin_value(builder, parent, name) ? open_container(builder, '{', '}')
                                              : (struct json_parent){0};
}

struct json_parent json_add_array(struct json_builder *builder, struct json_parent parent,
                                  const char *name) {
    return begin_value(builder, parent, name) ? open_container(builder, '[', ']')
                                              : (struct json_parent){0};
}

void json_add_text(struct json_builder *builder, struct json_parent parent, const char *name,
                   const char *text) {
    if (text && begin_value(builder, parent, name))
        put_string(builder, text, strlen(text), '\0');
}

void json_add_printed(struct json_builder *builder, struct json_parent parent, const char *name,
                      const char *json) {
    if (begin_value(builder, parent, name))
        put(builder, json, strlen(json));
}

void json_add_bool(struct json_builder *builder, struct json_parent parent, const char *name,
                   bool value) {
    json_add_printed(builder, parent, name, value ? "true" : "false");
}

void json_add_integer(struct json_builder *builder, struct json_parent parent, const char *name,
                      int64_t value) {
    char digits[24];
    char *start = digits + sizeof(digits) - 1;
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    *start = '\0';
    do
        *--start = (char)('0' + rest % 10);
    while ((rest /= 10) > 0);
    if (value < 0)
        *--start = '-';
    json_add_printed(builder, parent, name, start);
}

void json_add_number(struct json_builder *builder, struct json_parent parent, const char *name,
                     double value) {
    const cJSON number = {.type = cJSON_Number, .valuedouble = value};
    json_add_copy(builder, parent, name, &number);
}

void json_add_instant(struct json_builder *builder, struct json_parent parent, const char *name,
                      int64_t instant) {
    char text[TIMESTAMP_SIZE];
    timestamp_format_short(instant, text);
    json_add_text(builder, parent, name, text);
}

void json_add_copy(struct json_builder *builder, struct json_parent parent, const char *name,
                   const cJSON *value) {
    if (begin_value(builder, parent, name))
        builder->failed |= json_print_value(value, &builder->text) != 0;
}

void json_add_members(struct json_builder *builder, struct json_parent object, const cJSON *tree) {
    for (const cJSON *member = tree ? tree->child : NULL; member; member = member->next)
        json_add_copy(builder, object, member->string, member);
}

void json_add_members_of(struct json_builder *builder, struct json_parent object,
                         const char *text) {
    CLEANUP(cleanup_json) cJSON *tree = text ? json_parse_own(text) : NULL;
    builder->failed |= text && !cJSON_IsObject(tree);
    json_add_members(builder, object, tree);
}
