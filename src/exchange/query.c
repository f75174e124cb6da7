#include "exchange/query.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"
#include "util/fatal.h"
#include "util/text.h"

/* Decodes form encoding. Returns 0, >0 when the encoding is invalid, or -ENOMEM. */
static int decode(struct arena *arena, const char *text, size_t length, const char **ret_text) {
    char *copy = arena_copy(arena, text, length);
    if (!copy)
        return FATAL(ENOMEM);
    int r = text_form_decode(copy, length, copy);
    if (r == 0)
        *ret_text = copy;
    return r;
}

static cJSON *boolean_of(const char *text) {
    bool is_true = strcmp(text, "true") == 0;
    return is_true || strcmp(text, "false") == 0 ? cJSON_CreateBool(is_true)
                                                 : cJSON_CreateString(text);
}

/* Returns a number when the text is an integer. Otherwise it returns the text, which the validator
 * refuses. */
static cJSON *integer_of(const char *text) {
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    bool is_plain = *text == '-' || (*text >= '0' && *text <= '9');
    return is_plain && *end == '\0' && errno == 0 ? cJSON_CreateNumber((double)value)
                                                  : cJSON_CreateString(text);
}

static int add_items(cJSON *array, struct arena *arena, const char *text) {
    for (const char *comma;; text = comma + 1) {
        comma = strchrnul(text, ',');
        const char *copy = arena_copy(arena, text, (size_t)(comma - text));
        cJSON *item = copy ? cJSON_CreateString(copy) : NULL;
        if (!cJSON_AddItemToArray(array, item)) {
            cJSON_Delete(item);
            return FATAL(ENOMEM);
        }
        if (*comma == '\0')
            return 0;
    }
}

/* Adds the pair to the object of its parameter. The object may hold the same name several times. */
static int add_pair(cJSON *tree, const char *parameter, const char *name, const char *text) {
    cJSON *object = cJSON_GetObjectItemCaseSensitive(tree, parameter);
    if (!object)
        object = cJSON_AddObjectToObject(tree, parameter);
    cJSON *value = cJSON_CreateString(text);
    if (cJSON_AddItemToObject(object, name, value))
        return 0;
    cJSON_Delete(value);
    return FATAL(ENOMEM);
}

static int add_value(cJSON *tree, const struct field *field, struct arena *arena,
                     const char *text) {
    cJSON *value = cJSON_GetObjectItemCaseSensitive(tree, field->name);
    if (field->schema->type == SCHEMA_ARRAY) {
        if (!value)
            value = cJSON_AddArrayToObject(tree, field->name);
        return value ? add_items(value, arena, text) : FATAL(ENOMEM);
    }
    cJSON_Delete(cJSON_DetachItemViaPointer(tree, value));
    value = field->schema->type == SCHEMA_INTEGER   ? integer_of(text)
            : field->schema->type == SCHEMA_BOOLEAN ? boolean_of(text)
                                                    : cJSON_CreateString(text);
    if (cJSON_AddItemToObject(tree, field->name, value))
        return 0;
    cJSON_Delete(value);
    return FATAL(ENOMEM);
}

static int read_pair(const struct schema *schema, struct arena *arena, const char *pair,
                     size_t length, cJSON *tree) {
    const char *equals = memchr(pair, '=', length);
    size_t name_length = equals ? (size_t)(equals - pair) : length;
    const char *name;
    const char *value = "";
    int r = decode(arena, pair, name_length, &name);
    if (r == 0 && equals)
        r = decode(arena, equals + 1, length - name_length - 1, &value);
    if (r != 0)
        return r;
    for (size_t i = 0; i < schema->n_fields; i++) {
        const struct field *field = &schema->fields[i];
        size_t size = strlen(field->name);
        if (field->bind == BIND_PAIRS && strncmp(name, field->name, size) == 0 &&
            (name[size] == '[' || name[size] == '\0'))
            return add_pair(tree, field->name, name, value);
        if (strcmp(field->name, name) == 0)
            return add_value(tree, field, arena, value);
    }
    return 0;
}

static int add_fallbacks(const struct schema *schema, cJSON *tree) {
    for (size_t i = 0; i < schema->n_fields; i++) {
        const struct field *field = &schema->fields[i];
        if (field->schema->type == SCHEMA_INTEGER &&
            !cJSON_GetObjectItemCaseSensitive(tree, field->name) &&
            !cJSON_AddNumberToObject(tree, field->name, (double)field->schema->fallback))
            return FATAL(ENOMEM);
    }
    return 0;
}

int query_read(const struct schema *schema, const char *text, size_t length, struct arena *arena,
               cJSON **ret_tree) {
    CLEANUP(cleanup_json) cJSON *tree = cJSON_CreateObject();
    if (!tree)
        return FATAL(ENOMEM);
    const char *end = text + length;
    for (const char *at = text; at < end;) {
        const char *ampersand = memchr(at, '&', (size_t)(end - at));
        size_t pair_length = (size_t)((ampersand ? ampersand : end) - at);
        int r = read_pair(schema, arena, at, pair_length, tree);
        if (r != 0)
            return r;
        at += pair_length + 1;
    }
    int r = add_fallbacks(schema, tree);
    if (r == 0)
        *ret_tree = TAKE(tree);
    return r;
}
